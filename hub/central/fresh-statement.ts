import { statusOfAnswer } from '../../schemas/message-answer.js'
import { boolArray, byteaArray, int4Array, jsonArray, jsonbArray, textArray, timestamptzArray, uuidArray } from './binary-arrays.js'
import { keyOf, keyWindowDays } from './claim-keys.js'
import type { CommitDocument, CommitPart } from './commit-item.js'
import { formatOf, hasParts, isTest, mappingVersionOf, type MessageToWrite } from './write-messages.js'

/** A message as it is stored where neither its key nor one of its documents is known. */
export interface FreshMessage extends MessageToWrite {
  readonly documents: readonly { readonly part: CommitPart, readonly document: CommitDocument }[]
}

/** A column of the rows that a statement is given, and how it goes there. */
interface Column<Row> {
  readonly name: string
  readonly type: string
  readonly of: (rows: readonly Row[]) => Buffer
}

type Text = string | null | undefined
const text = <Row>(name: string, of: (row: Row) => Text): Column<Row> => ({ name, type: 'text', of: (rows) => textArray(rows.map(of)) })
const uuid = <Row>(name: string, of: (row: Row) => string): Column<Row> => ({ name, type: 'uuid', of: (rows) => uuidArray(rows.map(of)) })
const int4 = <Row>(name: string, of: (row: Row) => number): Column<Row> => ({ name, type: 'int4', of: (rows) => int4Array(rows.map(of)) })
const bool = <Row>(name: string, of: (row: Row) => boolean): Column<Row> => ({ name, type: 'bool', of: (rows) => boolArray(rows.map(of)) })

const messageColumns: readonly Column<FreshMessage>[] = [
  uuid('id', ({ item }) => item.messageId), uuid('attempt', ({ item }) => item.attempt), text('channel', ({ item }) => item.channel), text('system', ({ item }) => item.system),
  text('sender', ({ item }) => item.sender), text('caller', ({ item }) => item.caller), text('idempotency_key', ({ item }) => item.idempotencyKey), text('key', ({ item }) => keyOf(item)),
  { name: 'received_at', type: 'timestamptz', of: (rows) => timestamptzArray(rows.map(({ item }) => item.receivedAt)) },
  text('content_type', ({ item }) => item.contentType), text('content_encoding', ({ item }) => item.contentEncoding),
  { name: 'raw', type: 'bytea', of: (rows) => byteaArray(rows.map(({ item }) => item.raw)) },
  text('raw_sha256', ({ item }) => item.rawSha256), text('outcome', ({ answer }) => answer.outcome), int4('status', ({ answer }) => statusOfAnswer(answer)),
  text('format', ({ item }) => formatOf(item)), text('mapping_version', ({ item }) => mappingVersionOf(item)), bool('test', ({ item }) => isTest(item)),
  { name: 'answer', type: 'json', of: (rows) => jsonArray(rows.map(({ answer }) => JSON.stringify(answer))) },
]

type FreshDocument = FreshMessage['documents'][number] & Pick<FreshMessage, 'item'>

const documentColumns: readonly Column<FreshDocument>[] = [
  uuid('id', ({ document }) => document.id), uuid('message_id', ({ item }) => item.messageId), int4('part', ({ part }) => part.ordinal),
  text('channel', ({ item }) => item.channel), text('system', ({ item }) => item.system), text('sender', ({ document }) => document.sender),
  text('kind', ({ document }) => document.kind), text('number', ({ document }) => document.number), text('issuer_key', ({ document }) => document.issuerKey),
  text('function', ({ document }) => document.function),
  // Rows of different length make no PostgreSQL array of arrays.
  text('thread_ids', ({ document }) => `{${document.threadIds.join(',')}}`),
  text('content_sha256', ({ document }) => document.contentSha256), text('format', ({ part }) => part.format ?? ''), text('mapping_version', ({ part }) => part.mappingVersion ?? ''),
  bool('test', ({ document }) => document.test), { name: 'body', type: 'jsonb', of: (rows) => jsonbArray(rows.map(({ document }) => document.body)) },
]

interface FreshReference {
  readonly reference: FreshDocument['document']['references'][number]
  readonly documentId: string
  readonly ordinal: number
}

const referenceColumns: readonly Column<FreshReference>[] = [
  uuid('document_id', ({ documentId }) => documentId), int4('ordinal', ({ ordinal }) => ordinal), text('from_line', ({ reference }) => reference.fromLine), text('kind', ({ reference }) => reference.kind),
  text('number', ({ reference }) => reference.number), text('issuer_key', ({ reference }) => reference.issuer), text('to_line', ({ reference }) => reference.toLine),
]

type FreshPart = FreshMessage['item']['parts'][number] & { readonly messageId: string, readonly outcome: string }

const partColumns: readonly Column<FreshPart>[] = [
  uuid('message_id', ({ messageId }) => messageId), int4('ordinal', ({ ordinal }) => ordinal), text('sender', ({ sender }) => sender), text('receiver', ({ receiver }) => receiver),
  text('control_number', ({ controlNumber }) => controlNumber), bool('test', ({ test }) => test), bool('ack_wanted', ({ ackWanted }) => ackWanted), text('outcome', ({ outcome }) => outcome),
  text('format', ({ format }) => format), text('mapping_version', ({ mappingVersion }) => mappingVersion),
]

interface SchemaUse {
  readonly messageId: string
  readonly part: number
  readonly name: string
  readonly version: string
}

const useColumns: readonly Column<SchemaUse>[] = [uuid('message_id', ({ messageId }) => messageId), int4('part', ({ part }) => part), text('name', ({ name }) => name), text('version', ({ version }) => version)]

interface Rows {
  readonly messages: readonly FreshMessage[]
  readonly documents: readonly FreshDocument[]
  readonly references: readonly FreshReference[]
  readonly parts: readonly FreshPart[]
  readonly uses: readonly SchemaUse[]
}

const rowsOf = (messages: readonly FreshMessage[]): Rows => {
  const documents = messages.flatMap(({ item, documents: own }) => own.map(({ part, document }) => ({ part, document, item })))
  return {
    messages, documents,
    references: documents.flatMap(({ document }) => document.references.map((reference, index) => ({ reference, documentId: document.id, ordinal: index + 1 }))),
    parts: messages.filter(hasParts).flatMap(({ item, answer }) => item.parts.map((part, index) => ({ ...part, messageId: item.messageId, outcome: answer.parts?.[index]?.outcome ?? answer.outcome }))),
    uses: messages.flatMap(({ item }) => item.parts.flatMap(({ ordinal, schemas = [] }) => schemas.map((schema) => ({ ...schema, part: ordinal, messageId: item.messageId })))),
  }
}

/** Rows of one kind among the parameters of a statement. */
interface Given {
  /** Columns, all or these, as a table of that name. */
  readonly as: (alias: string, ...names: readonly string[]) => string
  readonly names: string
}

const given = <Row>(columns: readonly Column<Row>[], from: number): Given => ({
  names: columns.map(({ name }) => name).join(', '),
  as: (alias, ...names) => {
    const chosen = columns.map(({ name, type }, index) => ({ name, parameter: `$${from + index}::${type}[]` })).filter(({ name }) => names.length === 0 || names.includes(name))
    return `unnest(${chosen.map(({ parameter }) => parameter).join(', ')}) with ordinality as ${alias} (${chosen.map(({ name }) => name).join(', ')}, place)`
  },
})

type Present = Readonly<Record<'documents' | 'references' | 'parts' | 'uses', boolean>>

/**
 * Takes the keys, raises the heads, writes the rows and enters the documents into the journal, which is the last of it that anyone waits for. A message whose key is taken, or
 * one of whose documents has a head, is left out and named in `left`; `base` is the number of the last entry before. A head that was raised by
 * another between the snapshot and here undoes it all.
 */
const textOf = (present: Present): string => {
  let next = 1
  const take = <Row>(columns: readonly Column<Row>[]): Given => {
    const taken = given(columns, next)
    next += columns.length
    return taken
  }
  const messages = take(messageColumns)
  const steps = [
    ...(present.documents ? [] : [claim(messages, '')]),
    `written as (
      insert into message (id, attempt, channel, system, sender, caller, idempotency_key, received_at, content_type, content_encoding, raw, raw_sha256, outcome, status, format, mapping_version, test, answer)
      select id, attempt, channel, system, sender, caller, idempotency_key, received_at, content_type, content_encoding, raw, raw_sha256, outcome, status, format, mapping_version, test, answer
      from ${messages.as('given')} where id in (select message_id from claimed) returning id)`,
  ]
  if (present.documents) {
    const documents = take(documentColumns)
    steps.unshift(
      `doc as materialized (select * from ${documents.as('given', 'id', 'message_id', 'sender', 'kind', 'number', 'content_sha256')})`,
      // By the index, whatever the planner thinks of a table that it has not looked at yet.
      `held as materialized (select doc.message_id from doc cross join lateral (
        select from document_head head where (head.sender, head.kind, head.number) = (doc.sender, doc.kind, doc.number) limit 1) head)`,
      claim(messages, 'where id not in (select message_id from held)'),
      `placed as (
        insert into document_head (sender, kind, number, document_id, revision, content_sha256, position)
        select sender, kind, number, id, 1, content_sha256, nextval('message_position') from doc where message_id in (select message_id from claimed)
        order by sender, kind, number
        on conflict (sender, kind, number) do nothing
        returning document_id, position)`,
    )
    steps.push(
      `documents as (
        insert into document (id, message_id, part, position, channel, system, sender, kind, number, issuer_key, revision, function, thread_ids, content_sha256, format, mapping_version, test, body)
        select id, message_id, part, placed.position, channel, system, sender, kind, number, issuer_key, 1, function, thread_ids::uuid[], content_sha256, format, mapping_version, test, body
        from ${documents.as('given')} join placed on document_id = id returning id)`,
      ...(present.references ? [insertGiven('referred', 'document_reference', take(referenceColumns), 'where document_id in (select document_id from placed)')] : []),
    )
    steps.push(
      // Once all else is written: what follows is done under the lock that puts commits in order.
      `head as (
        update journal_head set number = number + (select count(*) from documents)
        where (select count(*) from written) > 0 and (select count(*) from documents) > 0
        returning number - (select count(*) from documents) as base)`,
      `entered as (
        insert into journal (number, type, recorded_at, message_id, document_id)
        select head.base + row_number() over (order by given.place), 'document.accepted', clock_timestamp(), given.message_id, given.id
        from head, ${documents.as('given', 'id', 'message_id')} where given.id in (select document_id from placed))`,
    )
  }
  if (present.parts) steps.push(insertGiven('parted', 'part', take(partColumns), 'where message_id in (select message_id from claimed)'))
  if (present.uses) steps.push(insertGiven('used', 'schema_use', take(useColumns), 'where message_id in (select message_id from claimed)'))
  const left = `(select array_agg(id::text) from ${messages.as('given', 'id')} where id not in (select message_id from claimed)) as left`
  if (!present.documents) return `with ${steps.join(',\n')}\nselect null::bigint as base, ${left}`
  return `with ${steps.join(',\n')}
    select (select base from head) as base, ${left},
      case when (select count(*) from placed) < (select count(*) from doc where message_id in (select message_id from claimed)) then met_another_writer() end`
}

const claim = (messages: Given, where: string): string => `claimed as (
  insert into idempotency_key (channel, sender, key, content_sha256, message_id, expires_at)
  select channel, sender, key, raw_sha256, id, received_at + interval '${keyWindowDays} days'
  from ${messages.as('given', 'id', 'channel', 'sender', 'key', 'raw_sha256', 'received_at')} ${where}
  order by channel, sender, key
  on conflict (channel, sender, key) do nothing
  returning message_id)`

const insertGiven = (step: string, table: string, rows: Given, where: string): string => `${step} as (insert into ${table} (${rows.names}) select ${rows.names} from ${rows.as('given')} ${where})`

const encode = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly Buffer[] => columns.map(({ of }) => of(rows))

const texts = new Map<string, string>()

/** The statement that stores fresh messages, with its values. One text for each mixture of what messages have. */
export const freshStatement = (messages: readonly FreshMessage[]): { readonly text: string, readonly values: readonly Buffer[] } => {
  const { documents, references, parts, uses } = rowsOf(messages)
  const present = { documents: documents.length > 0, references: references.length > 0, parts: parts.length > 0, uses: uses.length > 0 }
  const mixture = Object.values(present).join()
  const text = texts.get(mixture) ?? textOf(present)
  texts.set(mixture, text)
  return {
    text,
    values: [
      ...encode(messageColumns, messages), ...(present.documents ? encode(documentColumns, documents) : []), ...(present.references ? encode(referenceColumns, references) : []),
      ...(present.parts ? encode(partColumns, parts) : []), ...(present.uses ? encode(useColumns, uses) : []),
    ],
  }
}

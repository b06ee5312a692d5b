import { statusOfAnswer, type MessageAnswer } from '../../schemas/message-answer.js'
import type { Tx } from '../ops/database.js'
import type { CommitItem } from './commit-item.js'

/** A message with what was answered, without the journal number. */
export interface MessageToWrite {
  readonly item: CommitItem
  readonly answer: MessageAnswer
}

export const formatOf = ({ parts }: CommitItem) => (parts.length === 1 ? parts[0]?.format : undefined)
export const mappingVersionOf = ({ parts }: CommitItem) => (parts.length === 1 ? parts[0]?.mappingVersion : undefined)
export const isTest = ({ parts }: CommitItem): boolean => parts.length > 0 && parts.every((part) => part.test)

/** From here on PostgreSQL does not try to compress the bytes of a message: it would take as long as all else. */
export const largeBytes = 1024 * 1024

/** Stores messages that are new, with their bytes, but those of `kept`, which stand as the piece of their id; one without a key of its own may be there already, when the reply to its COMMIT was lost. */
export const insertMessages = (tx: Tx, messages: readonly MessageToWrite[], kept: ReadonlySet<string> = new Set()): Promise<unknown> => {
  const small = messages.filter(({ item }) => item.raw.length < largeBytes && !kept.has(item.messageId))
  const others = messages.filter((message) => !small.includes(message))
  return Promise.all([...(small.length === 0 ? [] : [insertSmall(tx, small)]), ...others.map((message) => (kept.has(message.item.messageId) ? insertKept(tx, message) : insertLarge(tx, message)))])
}

/** The bytes of all go as one binary parameter: an array of them would go as text, twice as long. */
const insertSmall = (tx: Tx, messages: readonly MessageToWrite[]): Promise<unknown> => {
  const lengths = messages.map(({ item }) => item.raw.length)
  let end = 0
  const starts = lengths.map((length) => (end += length) - length + 1)
  return tx.query(insertStatement('substring($1::bytea from start for length)', 'null'), [Buffer.concat(messages.map(({ item }) => item.raw)), starts, lengths, ...columnsOf(messages)])
}

const insertLarge = (tx: Tx, message: MessageToWrite): Promise<unknown> =>
  tx.query(insertStatement("''", '$1::bytea'), [message.item.raw, [1], [message.item.raw.length], ...columnsOf([message])])

const insertKept = (tx: Tx, message: MessageToWrite): Promise<unknown> =>
  tx.query(insertStatement('$1::bytea', 'null', 'length'), [noBytes, [1], [message.item.raw.length], ...columnsOf([message])])
const noBytes = Buffer.alloc(0)

const insertStatement = (raw: string, largeRaw: string, rawLength = 'null'): string => `
    insert into message (id, attempt, channel, system, sender, caller, idempotency_key, received_at, content_type, content_encoding, raw, large_raw, raw_length, raw_sha256,
      outcome, status, format, mapping_version, test, answer)
    select id, attempt, channel, system, sender, caller, idempotency_key, received_at, content_type, content_encoding, ${raw}, ${largeRaw}, ${rawLength}, raw_sha256,
      outcome, status, format, mapping_version, test, answer
    from unnest($2::int[], $3::int[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::text[], $13::text[],
      $14::text[], $15::text[], $16::smallint[], $17::text[], $18::text[], $19::bool[], $20::json[])
      as given (start, length, id, attempt, channel, system, sender, caller, idempotency_key, received_at, content_type, content_encoding,
        raw_sha256, outcome, status, format, mapping_version, test, answer)
    on conflict (id) do nothing`

const columnsOf = (messages: readonly MessageToWrite[]): readonly unknown[] => {
  const items = messages.map(({ item }) => item)
  return [
    messages.map(({ answer }) => answer.messageId), items.map(({ attempt }) => attempt), items.map(({ channel }) => channel), items.map(({ system }) => system),
    items.map(({ sender }) => sender), items.map(({ caller }) => caller), items.map(({ idempotencyKey }) => idempotencyKey), items.map(({ receivedAt }) => receivedAt),
    items.map(({ contentType }) => contentType), items.map(({ contentEncoding }) => contentEncoding), items.map(({ rawSha256 }) => rawSha256),
    messages.map(({ answer }) => answer.outcome), messages.map(({ answer }) => statusOfAnswer(answer)), items.map(formatOf), items.map(mappingVersionOf), items.map(isTest),
    messages.map(({ answer }) => JSON.stringify(answer)),
  ]
}

/** Stores the new outcome of messages that were processed again, and what was said of their bytes this time: replay and lineage read them by it. */
export const updateMessages = (tx: Tx, messages: readonly MessageToWrite[]): Promise<unknown> =>
  tx.query(`
    update message
    set attempts = attempts + 1, attempt = given.attempt, outcome = given.outcome, status = given.status, format = given.format, mapping_version = given.mapping_version,
      test = given.test, answer = given.answer, content_type = given.content_type, content_encoding = given.content_encoding
    from unnest($1::uuid[], $2::uuid[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::bool[], $8::json[], $9::text[], $10::text[])
      as given (id, attempt, outcome, status, format, mapping_version, test, answer, content_type, content_encoding)
    where message.id = given.id`, [
    messages.map(({ answer }) => answer.messageId), messages.map(({ item }) => item.attempt), messages.map(({ answer }) => answer.outcome),
    messages.map(({ answer }) => statusOfAnswer(answer)), messages.map(({ item }) => formatOf(item)), messages.map(({ item }) => mappingVersionOf(item)),
    messages.map(({ item }) => isTest(item)), messages.map(({ answer }) => JSON.stringify(answer)), messages.map(({ item }) => item.contentType), messages.map(({ item }) => item.contentEncoding),
  ])

/** Counts an attempt that changed nothing about its message. */
export const countAttempts = (tx: Tx, messages: readonly MessageToWrite[]): Promise<unknown> =>
  tx.query('update message set attempts = attempts + 1 where id = any($1::uuid[])', [messages.map(({ answer }) => answer.messageId)])

/** Removes the parts of messages whose parts are about to be written again, and which schemas they were held against. */
export const deleteParts = (tx: Tx, messageIds: readonly string[]): Promise<unknown> =>
  tx.query('with uses as (delete from schema_use where message_id = any($1::uuid[])) delete from part where message_id = any($1::uuid[])', [messageIds])

/** Whether a part was held against a registered schema. */
export const usesSchemas = ({ item: { parts } }: MessageToWrite): boolean => parts.some(({ schemas }) => schemas !== undefined)

/** Stores which version of which schemas the parts of messages were held against. */
export const insertSchemaUses = (tx: Tx, messages: readonly MessageToWrite[]): Promise<unknown> => {
  const rows = messages.flatMap(({ item, answer }) => item.parts.flatMap(({ ordinal, schemas = [] }) => schemas.map((schema) => ({ ...schema, ordinal, messageId: answer.messageId }))))
  return tx.query('insert into schema_use (message_id, part, name, version) select * from unnest($1::uuid[], $2::int[], $3::text[], $4::text[])',
    [rows.map(({ messageId }) => messageId), rows.map(({ ordinal }) => ordinal), rows.map(({ name }) => name), rows.map(({ version }) => version)])
}

/** Whether there is more to say of the parts than the message says itself. */
export const hasParts = ({ item: { parts } }: MessageToWrite): boolean =>
  parts.length > 1 || parts.some(({ sender, receiver, controlNumber, ackWanted }) => ackWanted || sender !== undefined || receiver !== undefined || controlNumber !== undefined)

/** Stores the parts of messages that were envelopes. */
export const insertParts = (tx: Tx, messages: readonly MessageToWrite[]): Promise<unknown> => {
  const rows = messages.flatMap(({ item, answer }) => item.parts.map((part, index) => ({ ...part, messageId: answer.messageId, outcome: answer.parts?.[index]?.outcome ?? answer.outcome })))
  return tx.query(`
    insert into part (message_id, ordinal, sender, receiver, control_number, test, ack_wanted, outcome, format, mapping_version)
    select * from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::bool[], $7::bool[], $8::text[], $9::text[], $10::text[])`, [
    rows.map(({ messageId }) => messageId), rows.map(({ ordinal }) => ordinal), rows.map(({ sender }) => sender), rows.map(({ receiver }) => receiver),
    rows.map(({ controlNumber }) => controlNumber), rows.map(({ test }) => test), rows.map(({ ackWanted }) => ackWanted), rows.map(({ outcome }) => outcome),
    rows.map(({ format }) => format), rows.map(({ mappingVersion }) => mappingVersion),
  ])
}

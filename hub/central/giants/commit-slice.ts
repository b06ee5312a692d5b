import type { DocumentId, MessageId } from '../../../schemas/ids.js'
import type { AnsweredPart } from '../../../schemas/message-answer.js'
import type { Database, Tx } from '../../ops/database.js'
import type { CommitDocument, CommitPart } from '../commit-item.js'
import { answerParts } from '../compose-answer.js'
import type { Candidate } from '../document-heads.js'
import { placeDocuments, type Placement } from '../place-documents.js'
import { appendDocuments, insertDocuments, insertReferences, type DocumentToWrite } from '../write-documents.js'

/** What was cut out of a giant next, ready to be stored. */
export interface Slice {
  readonly messageId: MessageId
  readonly attempt: string
  readonly again: boolean
  readonly channel: string
  readonly system: string
  /** How many pieces were committed before. */
  readonly from: number
  /** The parts of each piece, in their order. */
  readonly pieces: readonly (readonly CommitPart[])[]
  /** Whether a document could be read in these pieces or before. */
  readonly taken: boolean
}

/** The last journal number that the slice caused, 0 where it caused none; undefined where the giant does not stand where the slice begins: nothing was written. */
export type CommittedSlice = { readonly last: number } | undefined

/** Stores a slice with all that it caused and moves the giant's position, in one transaction. Locks go in the order of commitBatch: message, heads, journal. */
export const commitSlice = (database: Database, slice: Slice): Promise<CommittedSlice> =>
  database.transactionEnding<CommittedSlice>(async (tx) => {
    if (!await movePosition(tx, slice)) return { last: Promise.resolve(undefined) }
    const parts = slice.pieces.flat()
    const candidates = await candidatesOf(tx, slice, parts)
    const placements = candidates.length === 0 ? new Map<DocumentId, Placement>() : await placeDocuments(tx, candidates)
    const documents = documentsOf(slice, parts, placements)
    const writes = [
      upsertParts(tx, slice.messageId, parts, answerParts(parts, placements)),
      ...(parts.every(({ schemas }) => schemas === undefined) ? [] : [insertFirstSchemaUses(tx, slice.messageId, parts)]),
      ...(documents.length === 0 ? [] : [insertDocuments(tx, documents)]),
      ...(documents.every(({ document }) => document.references.length === 0) ? [] : [insertReferences(tx, documents)]),
    ]
    const appended = documents.length === 0 ? Promise.resolve(0) : appendDocuments(tx, documents)
    return { last: Promise.all([appended, ...writes]).then(([first]) => ({ last: documents.length === 0 ? 0 : first + documents.length - 1 })) }
  })

const movePosition = async (tx: Tx, { messageId, attempt, from, pieces, taken }: Slice): Promise<boolean> =>
  (await tx.query(`
    update giant set pieces = pieces + $4, parts = parts + $5, taken = $6 where message_id = $1 and attempt = $2 and pieces = $3 and not finished returning 1 as moved`,
  [messageId, attempt, from, pieces.length, pieces.flat().length, taken])).length > 0

const nameOf = (of: { readonly sender: string, readonly kind: string, readonly number: string }): string => JSON.stringify([of.sender, of.kind, of.number])

/** A document that the message brought before keeps its place, and what is new in it has the message's: it never goes back behind a later message. */
const candidatesOf = async (tx: Tx, { messageId, again }: Slice, parts: readonly CommitPart[]): Promise<readonly Candidate[]> => {
  const documents = parts.flatMap((part) => part.documents)
  if (!again || documents.length === 0) return documents.map((document) => ({ document, position: undefined }))
  const own = new Map((await ownPositions(tx, messageId, parts)).map((row) => [nameOf(row), row.position]))
  // An earlier mapping may have cut a table otherwise, so that another part brought it.
  const elsewhere = documents.filter((document) => !own.has(nameOf(document)))
  if (elsewhere.length > 0) for (const row of await ownHeads(tx, messageId, elsewhere)) own.set(nameOf(row), row.position)
  const position = await messagePosition(tx, messageId)
  return documents.map((document) => ({ document, position: own.get(nameOf(document)) ?? position }))
}

const ownPositions = (tx: Tx, messageId: string, parts: readonly CommitPart[]) =>
  tx.query<{ sender: string, kind: string, number: string, position: number }>(`
    select sender, kind, number, max(position) as position from document where message_id = $1 and part between $2 and $3 group by sender, kind, number`,
  [messageId, parts[0]?.ordinal ?? 0, parts.at(-1)?.ordinal ?? 0])

const ownHeads = (tx: Tx, messageId: string, documents: readonly CommitDocument[]) =>
  tx.query<{ sender: string, kind: string, number: string, position: number }>(`
    select head.sender, head.kind, head.number, head.position from document_head head join unnest($2::text[], $3::text[], $4::text[]) as given (sender, kind, number) using (sender, kind, number)
    join document on document.id = head.document_id where document.message_id = $1`,
  [messageId, documents.map(({ sender }) => sender), documents.map(({ kind }) => kind), documents.map(({ number }) => number)])

const messagePosition = async (tx: Tx, messageId: string): Promise<number | undefined> =>
  (await tx.query<{ position: number }>('select position from message where id = $1', [messageId]))[0]?.position

const documentsOf = (slice: Slice, parts: readonly CommitPart[], placements: ReadonlyMap<DocumentId, Placement>): readonly DocumentToWrite[] =>
  parts.flatMap((part) => part.documents.flatMap((document) => {
    const placement = placements.get(document.id)
    return placement?.type === 'new' ? [{ messageId: slice.messageId, item: slice, part, document, placement }] : []
  }))

/** What was accepted stays so when the message is run again and brings nothing new. */
const upsertParts = (tx: Tx, messageId: string, parts: readonly CommitPart[], answers: readonly AnsweredPart[]): Promise<unknown> =>
  tx.query(`
    insert into part (message_id, ordinal, sender, receiver, control_number, test, ack_wanted, outcome, format, mapping_version, answer)
    select $1, given.* from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::bool[], $7::bool[], $8::text[], $9::text[], $10::text[], $11::json[]) given
    on conflict (message_id, ordinal) do update
    set sender = excluded.sender, receiver = excluded.receiver, control_number = excluded.control_number, test = excluded.test, ack_wanted = excluded.ack_wanted,
      outcome = excluded.outcome, format = excluded.format, mapping_version = excluded.mapping_version, answer = excluded.answer
    where not (part.outcome = 'accepted' and excluded.outcome = 'duplicate')`, [
    messageId, parts.map(({ ordinal }) => ordinal), parts.map(({ sender }) => sender), parts.map(({ receiver }) => receiver), parts.map(({ controlNumber }) => controlNumber),
    parts.map(({ test }) => test), parts.map(({ ackWanted }) => ackWanted), answers.map(({ outcome }) => outcome), parts.map(({ format }) => format),
    parts.map(({ mappingVersion }) => mappingVersion), answers.map((answer) => JSON.stringify(answer)),
  ])

/** Of a giant each version of a schema is named once, with the first part that was held against it. */
const insertFirstSchemaUses = (tx: Tx, messageId: string, parts: readonly CommitPart[]): Promise<unknown> => {
  const rows = parts.flatMap(({ ordinal, schemas = [] }) => schemas.map((schema) => ({ ...schema, ordinal })))
  return tx.query(`
    insert into schema_use (message_id, part, name, version)
    select $1, min(part), name, version from unnest($2::int[], $3::text[], $4::text[]) as given (part, name, version)
    where not exists (select from schema_use known where known.message_id = $1 and known.name = given.name and known.version = given.version)
    group by name, version`, [messageId, rows.map(({ ordinal }) => ordinal), rows.map(({ name }) => name), rows.map(({ version }) => version)])
}

import type { MessageId } from '../../schemas/ids.js'
import type { MessageAnswer, Outcome } from '../../schemas/message-answer.js'
import type { Tx } from '../ops/database.js'
import { withJournalSeq } from './compose-answer.js'
import { expandPiece } from './packed-piece.js'
import { readBlock } from './raw-blocks.js'

/** A giant is running until its last slice is committed. */
export type StoredOutcome = Outcome | 'running'

/** A stored message without its bytes. */
export interface StoredMessage {
  readonly messageId: MessageId
  readonly channel: string
  readonly system: string
  readonly sender: string
  readonly caller: string | null
  readonly idempotencyKey: string | null
  readonly receivedAt: string
  readonly contentType: string | null
  readonly contentEncoding: string | null
  readonly rawBytes: number
  readonly rawSha256: string
  readonly outcome: StoredOutcome
  /** Of the answer over HTTP; null while there is none. */
  readonly status: number | null
  readonly format: string | null
  readonly mappingVersion: string | null
  readonly test: boolean
  readonly attempts: number
  /** The registered schemas that its parts were held against when it was processed last; null where there were none. */
  readonly schemaSets: readonly { readonly part: number, readonly name: string, readonly version: string }[] | null
  /** Whether its bytes are kept in pieces and its documents were committed in slices. */
  readonly giant: boolean
  /** When its bytes were dropped (UTC), and by which rule of retention; null where they are kept. */
  readonly rawDropped: { readonly at: string, readonly rule: string } | null
  /** What somebody said becomes of it, where it could not be taken or not wholly. */
  readonly decision: MessageDecision | null
  /** Null while the message is running: what its parts come to is not known yet. */
  readonly answer: MessageAnswer | null
}

export interface MessageDecision {
  /** UTC. */
  readonly at: string
  /** The id of a key. */
  readonly by: string
  readonly reason: string
  readonly mendedBy: string | null
}

/** An instant within JSON, as it is written elsewhere. */
const utc = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

const columns = `
  message.id as "messageId", channel, system, sender, caller, idempotency_key as "idempotencyKey", received_at as "receivedAt", content_type as "contentType",
  content_encoding as "contentEncoding", coalesce(giant.bytes, message.raw_length, octet_length(coalesce(large_raw, raw))) as "rawBytes", raw_sha256 as "rawSha256", outcome, status, format, mapping_version as "mappingVersion", test, attempts,
  (select json_agg(json_build_object('part', held.part, 'name', held.name, 'version', held.version) order by held.part, held.name) from schema_use held where held.message_id = message.id) as "schemaSets",
  (select json_build_object('at', ${utc('dropped_at')}, 'rule', rule) from raw_block where raw_block.id = message.raw_block and dropped_at is not null) as "rawDropped",
  (select json_build_object('at', ${utc('decided_at')}, 'by', decided_by, 'reason', reason, 'mendedBy', mended_by) from message_decision where message_decision.message_id = message.id) as decision,
  giant.message_id is not null as giant, answer, (select max(number) from journal where message_id = message.id) as "journalSeq"`

const tables = 'message left join giant on giant.message_id = message.id'

type MessageRow = Omit<StoredMessage, 'answer'> & { readonly answer: MessageAnswer, readonly journalSeq: number | null }

const fromRow = ({ journalSeq, ...message }: MessageRow): StoredMessage =>
  (message.outcome === 'running' ? { ...message, status: null, answer: null } : { ...message, answer: withJournalSeq(message.answer, journalSeq ?? undefined) })

export const messageById = async (tx: Tx, id: string): Promise<StoredMessage | undefined> => {
  const [row] = await tx.query<MessageRow>(`select ${columns} from ${tables} where id = $1`, [id])
  return row === undefined ? undefined : fromRow(row)
}

/** The bytes of a message that are in no block: those that were kept early are the pieces of its id. */
export const looseRaw = `coalesce(large_raw, case when raw_block is null and raw_length is not null then (select string_agg(bytes, '' order by ordinal) from message_chunk where message_id = message.id) end, raw)`
/** How many bytes they are when they are expanded; null where they stand as they came. */
export const looseLength = `case when large_raw is null and raw_block is null and raw_length is not null then (select length from message_chunk where message_id = message.id and ordinal = 0) end`

/** The bytes of a message as they were received; undefined where there is no such message or they were dropped. */
export const rawOfMessage = async (tx: Tx, id: string): Promise<Buffer | undefined> => {
  const [row] = await tx.query<{ bytes: Buffer, length: number | null, block: number | null, start: number | null, rawLength: number | null }>(
    `select ${looseRaw} as bytes, ${looseLength} as length, raw_block as block, raw_start as start, raw_length as "rawLength" from message where id = $1`, [id])
  if (row === undefined) return undefined
  return row.block === null ? expandPiece(row) : readBlock(tx, { block: row.block, start: row.start ?? 0, length: row.rawLength ?? 0 })
}

/** Messages by their ids, the latest first; ids that are not stored are left out. */
export const messagesByIds = async (tx: Tx, ids: readonly string[]): Promise<readonly StoredMessage[]> =>
  (await tx.query<MessageRow>(`select ${columns} from ${tables} where id = any($1::uuid[]) order by id desc`, [ids])).map(fromRow)

/** The format and mapping version that read each part of a message, or one part of it, in their order, or the message itself where it has no parts; undefined where none did. */
export const mappingsOfMessage = async (tx: Tx, id: string, part?: number): Promise<readonly ({ readonly format: string, readonly version: string } | undefined)[]> => {
  const rows = await tx.query<{ format: string | null, version: string | null }>(`
    select case when part.ordinal is null then message.format else part.format end as format,
      case when part.ordinal is null then message.mapping_version else part.mapping_version end as version
    from message left join part on part.message_id = message.id
    where message.id = $1 and ($2::int is null or part.ordinal is null or part.ordinal = $2) order by part.ordinal`, [id, part ?? null])
  return rows.map(({ format, version }) => (format === null || version === null ? undefined : { format, version }))
}

import type { Database, Sent, SentStatement, Tx } from '../ops/database.js'
import { isWorthPacking, packPiece, type PackedPiece } from './packed-piece.js'

/** Of a statement. PostgreSQL takes memory anew for longer ones, which costs it as much as to store them. */
const sliceBytes = 1024 * 1024

/**
 * Keeps the bytes of a message before it is stored, as the pieces of one that is coming, for the process `owner`. Resolves once they have left this process, or, where
 * they are compressed first, at once: another thread compresses and PostgreSQL stores them while the message is read. They are taken over by the commit, or dropped, or go once
 * the process is gone.
 */
export const keepEarly = async (database: Database, messageId: string, owner: string, bytes: Uint8Array): Promise<Sent> => {
  const send = (piece: PackedPiece): Promise<Sent> => database.send(insertions(messageId, owner, piece))
  if (!isWorthPacking(bytes)) return send({ bytes, length: null })
  const answered = packPiece(bytes).then(send).then((sent) => sent.answered)
  answered.catch(() => undefined)
  return { answered }
}

/** What is compressed is one piece: only as a whole can it be expanded. */
const insertions = (messageId: string, owner: string, { bytes, length }: PackedPiece): readonly SentStatement[] => {
  const slices = length === null ? slicesOf(bytes) : [bytes]
  return slices.map((slice, ordinal) => (ordinal === 0 ?
    { text: 'with coming as (insert into giant_arrival (message_id, owner) values ($1, $2)) insert into message_chunk (message_id, ordinal, bytes, length) values ($1, 0, $3, $4)', values: [messageId, owner, slice, length] } :
    { text: 'insert into message_chunk (message_id, ordinal, bytes) values ($1, $2, $3)', values: [messageId, ordinal, slice] }))
}

const slicesOf = (bytes: Uint8Array): readonly Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / sliceBytes) }, (_, ordinal) => bytes.subarray(ordinal * sliceBytes, (ordinal + 1) * sliceBytes))

/** Of so many messages at a time: the others go on without, and leave the pool's connections to what is short. */
const mostUnderWay = 3

/** As keepEarly, for one process; rejects at once where enough are under way. */
export const makeKeepEarly = (database: Database, owner: string) => {
  let underWay = 0
  return async (messageId: string, bytes: Uint8Array): Promise<Sent> => {
    if (underWay >= mostUnderWay) throw new Error('Enough bytes are under way.')
    underWay++
    const leave = (): void => { underWay-- }
    try {
      const sent = await keepEarly(database, messageId, owner, bytes)
      sent.answered.then(leave, leave)
      return sent
    } catch (error) {
      leave()
      throw error
    }
  }
}

/** Gives those of the messages whose bytes came ahead, or in pieces, and are there still, in the transaction that stores or drops them for good. */
export const takeEarly = async (tx: Tx, messageIds: readonly string[]): Promise<ReadonlySet<string>> => {
  if (messageIds.length === 0) return nothing
  const rows = await tx.query<{ id: string }>('delete from giant_arrival where message_id = any($1::uuid[]) returning message_id as id', [messageIds])
  return new Set(rows.map(({ id }) => id))
}
const nothing: ReadonlySet<string> = new Set()

/** Drops the bytes of a message that was not stored; of one that was, which a lost reply may have hidden, they stay. */
export const dropEarly = (tx: Tx, messageId: string): Promise<unknown> => tx.query(
  'with gone as (delete from giant_arrival where message_id = $1 returning message_id) delete from message_chunk using gone where message_chunk.message_id = gone.message_id', [messageId])

/** Drops bytes that a transaction has taken, and does not need: of messages that were stored under an earlier id. */
export const dropTaken = (tx: Tx, messageIds: readonly string[]): Promise<unknown> => tx.query('delete from message_chunk where message_id = any($1::uuid[])', [messageIds])

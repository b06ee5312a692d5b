import type { Database, Tx } from '../../ops/database.js'
import { takeEarly } from '../early-bytes.js'
import { rawOfMessage } from '../messages.js'
import { expandPiece, isWorthPacking, packPiece } from '../packed-piece.js'
import { ownerIsGone } from '../processes.js'

/** Says that the bytes of a giant are coming, and which process takes them. */
export const beginArrival = (tx: Tx, messageId: string, owner: string): Promise<unknown> => tx.query('insert into giant_arrival (message_id, owner) values ($1, $2)', [messageId, owner])

/** All bytes have come. False where this process was taken for dead meanwhile and they were dropped. */
export const endArrival = async (tx: Tx, messageId: string): Promise<boolean> => (await takeEarly(tx, [messageId])).has(messageId)

/**
 * Keeps the piece of a giant's bytes that stands at `ordinal`, counted from 0, and needs them until it resolves. It is not on the disk when this resolves: it is when a later transaction's
 * COMMIT is, which openGiant's has to be before anybody is told of the giant.
 */
export const insertChunk = async (database: Database, messageId: string, ordinal: number, bytes: Uint8Array): Promise<unknown> => {
  const piece = isWorthPacking(bytes) ? await packPiece(bytes) : { bytes, length: null }
  return database.transactionEnding((tx) => {
    const later = tx.query('set local synchronous_commit = off')
    const inserted = tx.query('insert into message_chunk (message_id, ordinal, bytes, length) values ($1, $2, $3, $4)', [messageId, ordinal, piece.bytes, piece.length])
    return Promise.resolve({ last: Promise.all([later, inserted]) })
  })
}

export const dropChunks = (tx: Tx, messageId: string): Promise<unknown> => tx.query(
  'with ended as (delete from giant_arrival where message_id = $1) delete from message_chunk where message_id = $1', [messageId])

/** Removes what came of giants whose last bytes did not come before the process that took them was gone: nobody was told that they were taken. */
export const dropUnfinishedChunks = (tx: Tx): Promise<unknown> => tx.query(
  `with gone as (delete from giant_arrival where ${ownerIsGone('giant_arrival')} returning message_id)
   delete from message_chunk using gone where message_chunk.message_id = gone.message_id`)

const chunkAt = async (tx: Tx, messageId: string, ordinal: number): Promise<Uint8Array | undefined> => {
  // PostgreSQL sends bytes as hexadecimal text otherwise, which is half as long again and takes twice the time to be read.
  const [row] = await tx.query<{ base64: string, length: number | null }>('select encode(bytes, \'base64\') as base64, length from message_chunk where message_id = $1 and ordinal = $2', [messageId, ordinal])
  return row === undefined ? undefined : expandPiece({ bytes: Buffer.from(row.base64, 'base64'), length: row.length })
}

/** The bytes of a message as they were received, piece by piece, the next one fetched while one is used. */
export const chunksOfMessage = async function* (tx: Tx, messageId: string): AsyncGenerator<Uint8Array> {
  let next = chunkAt(tx, messageId, 0)
  let isInPieces = false
  for (let ordinal = 1; ; ordinal++) {
    const chunk = await next
    if (chunk === undefined) break
    next = chunkAt(tx, messageId, ordinal)
    // Whoever stops listening leaves it to fail unheard.
    next.catch(() => undefined)
    yield chunk
    isInPieces = true
  }
  if (isInPieces) return
  // A message that came as a small one before.
  const raw = await rawOfMessage(tx, messageId)
  if (raw !== undefined && raw.length > 0) yield raw
}

import type { Tx } from '../../ops/database.js'
import { rawOfMessage } from '../messages.js'

/** Keeps the piece of a giant's bytes that stands at `ordinal`, counted from 0. */
export const insertChunk = (tx: Tx, messageId: string, ordinal: number, bytes: Uint8Array): Promise<unknown> =>
  tx.query('insert into message_chunk (message_id, ordinal, bytes) values ($1, $2, $3)', [messageId, ordinal, bytes])

export const dropChunks = (tx: Tx, messageId: string): Promise<unknown> => tx.query('delete from message_chunk where message_id = $1', [messageId])

/** Removes what came of giants whose last bytes did not come before the hub ended: nobody was told that they were taken. */
export const dropUnfinishedChunks = (tx: Tx): Promise<unknown> => tx.query('delete from message_chunk where not exists (select from message where id = message_id)')

const chunkAt = async (tx: Tx, messageId: string, ordinal: number): Promise<Buffer | undefined> => {
  const [row] = await tx.query<{ bytes: Buffer }>('select bytes from message_chunk where message_id = $1 and ordinal = $2', [messageId, ordinal])
  return row?.bytes
}

/** The bytes of a message as they were received, piece by piece, the next one fetched while one is used. */
export const chunksOfMessage = async function* (tx: Tx, messageId: string): AsyncGenerator<Uint8Array> {
  let next = chunkAt(tx, messageId, 0)
  for (let ordinal = 1; ; ordinal++) {
    const chunk = await next
    if (chunk === undefined) break
    next = chunkAt(tx, messageId, ordinal)
    // Whoever stops listening leaves it to fail unheard.
    next.catch(() => undefined)
    yield chunk
  }
  // A message that came as a small one before.
  const raw = await rawOfMessage(tx, messageId)
  if (raw !== undefined && raw.length > 0) yield raw
}

import { createHash } from 'node:crypto'
import { fail, ok, type Result } from '../../../schemas/result.js'

export interface CollectDeps {
  readonly insertChunk: (messageId: string, ordinal: number, bytes: Uint8Array) => Promise<unknown>
}

export interface Collected {
  readonly bytes: number
  readonly sha256: string
}

const pieceBytes = 1024 * 1024

/**
 * Keeps the bytes of a giant in pieces of 1 MiB as they come, one being stored while the next one comes. Fails with too-large as soon as there are
 * more than `maxBytes`; rejects where the sender hangs up or the database does not store.
 */
export const collectBytes = async (deps: CollectDeps, messageId: string, body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Result<Collected>> => {
  const hash = createHash('sha256')
  // Two of them take turns: pieces that are made anew each time would be many times as much memory before they are collected.
  let [filling, stored] = [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)]
  let [filled, bytes, ordinal] = [0, 0, 0]
  let storing: Promise<unknown> = Promise.resolve()
  const flush = async (): Promise<void> => {
    const piece = filling.subarray(0, filled)
    hash.update(piece)
    await storing
    storing = deps.insertChunk(messageId, ordinal++, piece)
    // Awaited before the next one; until then it may fail unheard.
    storing.catch(() => undefined)
    ;[filling, stored, filled] = [stored, filling, 0]
  }
  for await (const part of body) {
    bytes += part.length
    if (bytes > maxBytes) return fail('too-large', 'body', `The message has more than ${maxBytes} bytes, which is what the channel takes.`)
    for (let start = 0; start < part.length;) {
      const piece = part.subarray(start, start + pieceBytes - filled)
      filling.set(piece, filled)
      filled += piece.length
      start += piece.length
      if (filled === pieceBytes) await flush()
    }
  }
  if (filled > 0) await flush()
  await storing
  return ok({ bytes, sha256: hash.digest('hex') })
}

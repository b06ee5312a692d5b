import type { Readable } from 'node:stream'

/** A body that was read whole, or one that is larger and is still coming. */
export type TakenBody = Buffer | AsyncIterable<Uint8Array>

/** How long nothing may come of a body, in ms. */
const idleMs = 60_000
/** Of the error with which the reading of a body ends whose sender is too slow. */
export const lateCode = 'late'
const lateError = (): Error => Object.assign(new Error(`Nothing came of the body for ${idleMs / 1000} s; send it again.`), { code: lateCode, statusCode: 408 })
/** Compressed, a body may be so many times smaller than what it holds. */
const compression = 16

/**
 * Reads a body of at most `above` bytes and gives it whole; of a larger one gives the stream as soon as that is seen, from its length or from what came.
 * A compressed body counts sixteenfold. Rejects where the sender hangs up or sends nothing for a minute.
 */
export const takeBody = (payload: Readable, headers: Readonly<Record<string, unknown>>, above: number): Promise<TakenBody> => {
  const isCoded = headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity'
  if (Number(headers['content-length'] ?? 0) > (isCoded ? above / compression : above)) return Promise.resolve(streamOf(payload, []))
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let bytes = 0
    let most = isCoded ? above / compression : above
    const idle = makeIdle(() => { onError(lateError()) })
    const leave = (): void => {
      idle.end()
      payload.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose)
    }
    const onData = (part: Buffer): void => {
      idle.again()
      if (bytes === 0 && part[0] === 0x1f && part[1] === 0x8b) most = above / compression
      parts.push(part)
      bytes += part.length
      if (bytes <= most) return
      payload.pause()
      leave()
      resolve(streamOf(payload, parts))
    }
    const onEnd = (): void => {
      leave()
      const [only] = parts
      resolve(parts.length === 1 && only !== undefined ? only : Buffer.concat(parts))
    }
    const onError = (error: Error): void => {
      leave()
      reject(error)
    }
    const onClose = (): void => { onError(new Error('The connection ended before the whole body had come.')) }
    payload.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose)
  })
}

const makeIdle = (onIdle: () => void) => {
  const arm = () => setTimeout(onIdle, idleMs)
  let timer = arm()
  return {
    again: () => { timer.refresh() },
    pause: () => { clearTimeout(timer) },
    resume: () => { timer = arm() },
    end: () => { clearTimeout(timer) },
  }
}

const streamOf = async function* (payload: Readable, held: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  yield* held
  const idle = makeIdle(() => { payload.destroy(lateError()) })
  try {
    // The answer still has to go out on the connection where this ends early.
    for await (const part of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<unknown>) {
      idle.pause()
      if (part instanceof Uint8Array) yield part
      idle.resume()
    }
  } finally {
    idle.end()
  }
}

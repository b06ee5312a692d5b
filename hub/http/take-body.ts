import type { Readable } from 'node:stream'
import { busyCode, fullWords, lateCode, lateWords, pace, refused } from './body-ends.js'

/** A body that was read whole, or one that is larger and is still coming. */
export type TakenBody = Buffer | AsyncIterable<Uint8Array>

const lateError = (): Error => Object.assign(new Error(lateWords), { code: lateCode, statusCode: 408 })
/** Compressed, a body may be so many times smaller than what it holds. */
const compression = 16

/**
 * Reads a body of at most `above` bytes and gives it whole; of a larger one gives the stream as soon as that is seen, from its length or from what came.
 * A compressed body counts sixteenfold. Rejects where the sender hangs up or is too slow, and where `grow` has no room for what came of a body that does not say how long it is.
 */
export const takeBody = (payload: Readable, headers: Readonly<Record<string, unknown>>, above: number, grow: (bytes: number) => boolean = () => true): Promise<TakenBody> => {
  const isCoded = headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity'
  if (Number(headers['content-length'] ?? 0) > (isCoded ? above / compression : above)) return Promise.resolve(streamOf(payload, []))
  const whole = arrivedBody(payload, headers, above)
  if (whole !== undefined) return Promise.resolve(whole)
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
      idle.came(part.length)
      if (bytes === 0 && part[0] === 0x1f && part[1] === 0x8b) most = above / compression
      parts.push(part)
      bytes += part.length
      if (bytes > most) {
        payload.pause()
        leave()
        resolve(streamOf(payload, parts))
      } else if (headers['content-length'] === undefined && !grow(part.length)) onError(refused(fullWords, busyCode, 503))
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

/** The body of most small messages came with their head: there is nothing to wait for. */
const arrivedBody = (payload: Readable, headers: Readonly<Record<string, unknown>>, above: number): Buffer | undefined => {
  const length = Number(headers['content-length'] ?? 0)
  if (length === 0 || payload.readableLength !== length || length > above / compression) return undefined
  const body: unknown = payload.read(length)
  return Buffer.isBuffer(body) ? body : undefined
}

const makeIdle = (onIdle: () => void) => {
  const arm = () => setTimeout(onIdle, pace.withinMs)
  let timer = arm()
  let stretch = 0
  return {
    came: (bytes: number) => {
      stretch += bytes
      if (stretch < pace.bytes) return
      stretch = 0
      timer.refresh()
    },
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

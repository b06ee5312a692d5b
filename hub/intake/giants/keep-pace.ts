import { fail, type Failure } from '../../../schemas/result.js'

/** What has to come of a body in a stretch of waiting for its sender. */
export interface Pace {
  readonly bytes: number
  readonly withinMs: number
}

/** A body that is read while it comes, and ends where it comes too slowly. */
export interface PacedBody {
  readonly bytes: AsyncIterable<Uint8Array>
  /** too-slow, once the reading has come to it. */
  readonly failure: () => Failure | undefined
}

/**
 * Ends a body whose sender is waited for longer than `pace.withinMs` until `pace.bytes` more of it have come. The time that its reader takes is not the
 * sender's and does not count.
 */
export const keepPace = (body: AsyncIterable<Uint8Array>, pace: Pace, nowMs: () => number): PacedBody => {
  let failure: Failure | undefined
  const paced = async function* (): AsyncGenerator<Uint8Array> {
    const iterator = body[Symbol.asyncIterator]()
    let [bytes, leftMs] = [0, pace.withinMs]
    try {
      for (;;) {
        const askedMs = nowMs()
        const next = await within(iterator.next(), leftMs)
        if (next === undefined) {
          failure = fail('too-slow', 'body', `In ${pace.withinMs / 1000} s less than ${pace.bytes} bytes of the message came; send it over a faster line, compressed, or in several.`)
          return
        }
        if (next.done === true) return
        bytes += next.value.length
        leftMs -= nowMs() - askedMs
        if (bytes >= pace.bytes) [bytes, leftMs] = [0, pace.withinMs]
        yield next.value
      }
    } finally {
      // Not awaited: it ends behind the next bytes, which a sender who is too slow may never send.
      iterator.return?.().catch(() => undefined)
    }
  }
  return { bytes: paced(), failure: () => failure }
}

/** Undefined where it takes longer; what becomes of it then is heard by nobody. */
const within = <T>(coming: Promise<T>, ms: number): Promise<T | undefined> => new Promise((resolve, reject) => {
  const timer = setTimeout(() => { resolve(undefined) }, ms)
  coming.then(resolve, reject).finally(() => { clearTimeout(timer) })
})

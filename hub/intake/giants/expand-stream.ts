import { pipeline, Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { ByteSource } from '../../../schemas/decode-stream.js'
import { fail, type Failure } from '../../../schemas/result.js'
import { codingsOf, expandsTooFar, isGzip, mostExpanded, mostInPiece } from '../decompress.js'

const decoders = { 'gzip': createGunzip, 'x-gzip': createGunzip, 'deflate': createInflate, 'br': createBrotliDecompress } as const

const isKnown = (coding: string): coding is keyof typeof decoders => Object.hasOwn(decoders, coding)

/** Bytes that are expanded while they are read. */
export interface Expansion {
  /** Ends early where there is a failure. */
  readonly bytes: ByteSource
  /** content-encoding-invalid or limit-exceeded, once the reading has come to it. */
  readonly failure: () => Failure | undefined
}

/** What is expanded: as often as one likes, each time from its beginning. */
interface Compressed {
  readonly source: ByteSource
  readonly contentEncoding: string | undefined
  /** How many come of the source. */
  readonly bytes: number
}

/**
 * Undoes content codings as decompress does, without holding the bytes, and within the same limits: none of them gives more than `maxBytes`, nor more than
 * 8 MB of less than a 200th of it.
 */
export const expandStream = ({ source, contentEncoding, bytes }: Compressed, maxBytes: number): Expansion => {
  const mostBytes = mostExpanded(bytes, maxBytes)
  let failure: Failure | undefined
  const limited = async function* (expanded: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let length = 0
    for await (const chunk of expanded) {
      const room = mostBytes - length
      length += chunk.length
      if (length > mostBytes) {
        // What there is room for is read first: it may be wrong before it is too long.
        yield chunk.subarray(0, room)
        failure ??= expandsTooFar(mostBytes, maxBytes)
        return
      }
      yield chunk
    }
  }
  const expanded = async function* (): AsyncGenerator<Uint8Array> {
    let layer = source()
    for (const coding of [...codingsOf(contentEncoding).toReversed(), 'gzip']) layer = limited(undo(layer, coding))
    try {
      for await (const chunk of layer) {
        if (failure !== undefined) return
        yield chunk
      }
    } catch (error) {
      if (!isZlibError(error)) throw error
      failure ??= fail('content-encoding-invalid', 'body', `The body does not decompress: ${error.message}.`)
    }
  }
  return { bytes: expanded, failure: () => failure }
}

const isZlibError = (error: unknown): error is Error => error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(Z_|ERR_BROTLI|ERR__ERROR|ERR_PADDING)/.test(error.code)

/** A gzip that is none stays as it is: some clients name a coding and send the plain bytes, or proxies undo it and keep the header. */
const undo = async function* (bytes: AsyncIterable<Uint8Array>, coding: string): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]()
  const first = await iterator.next()
  const whole = rest(first, iterator)
  if (!isKnown(coding) || (coding.endsWith('gzip') && !(first.done !== true && isGzip(first.value)))) yield* whole
  // A failure of the source or of the coding comes out where the result is read.
  else yield* pipeline(Readable.from(whole, { objectMode: false }), decoders[coding]({ chunkSize: mostInPiece }), () => undefined) as AsyncIterable<Uint8Array>
}

const rest = async function* (first: IteratorResult<Uint8Array>, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; next.done !== true; next = await iterator.next()) yield next.value
  } finally {
    await iterator.return?.()
  }
}

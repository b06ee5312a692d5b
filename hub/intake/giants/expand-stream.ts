import { pipeline, Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { ByteSource } from '../../../schemas/decode-stream.js'
import { fail, type Failure } from '../../../schemas/result.js'
import { codingsOf, isGzip } from '../decompress.js'

const decoders = { 'gzip': createGunzip, 'x-gzip': createGunzip, 'deflate': createInflate, 'br': createBrotliDecompress } as const

const isKnown = (coding: string): coding is keyof typeof decoders => Object.hasOwn(decoders, coding)

/** Bytes that are expanded while they are read. */
export interface Expansion {
  /** Ends early where there is a failure. */
  readonly bytes: ByteSource
  /** content-encoding-invalid or limit-exceeded, once the reading has come to it. */
  readonly failure: () => Failure | undefined
}

/** Undoes content codings as decompress does, without holding the bytes, and stops at `maxBytes` of them. */
export const expandStream = (source: ByteSource, contentEncoding: string | undefined, maxBytes: number): Expansion => {
  let failure: Failure | undefined
  const expanded = async function* (): AsyncGenerator<Uint8Array> {
    let bytes = source()
    for (const coding of codingsOf(contentEncoding).toReversed()) bytes = undo(bytes, coding)
    bytes = undo(bytes, 'gzip')
    let length = 0
    try {
      for await (const chunk of bytes) {
        length += chunk.length
        if (length > maxBytes) {
          failure = fail('limit-exceeded', 'body', `The body expands to more than ${maxBytes} bytes.`)
          return
        }
        yield chunk
      }
    } catch (error) {
      if (!isZlibError(error)) throw error
      failure = fail('content-encoding-invalid', 'body', `The body does not decompress: ${error.message}.`)
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
  else yield* pipeline(Readable.from(whole, { objectMode: false }), decoders[coding](), () => undefined) as AsyncIterable<Uint8Array>
}

const rest = async function* (first: IteratorResult<Uint8Array>, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; next.done !== true; next = await iterator.next()) yield next.value
  } finally {
    await iterator.return?.()
  }
}

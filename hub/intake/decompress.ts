import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { fail, ok, type Result } from '../../schemas/result.js'

const decoders = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) } as const

const isKnown = (coding: string): coding is keyof typeof decoders => Object.hasOwn(decoders, coding)

const codingsOf = (contentEncoding: string | undefined): readonly string[] =>
  (contentEncoding ?? '').toLowerCase().split(',').map((coding) => coding.trim()).filter((coding) => coding !== '' && coding !== 'identity')

/** The first content coding that the hub cannot undo. */
export const unknownCoding = (contentEncoding: string | undefined): string | undefined => codingsOf(contentEncoding).find((coding) => !isKnown(coding))

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/**
 * Undoes the content codings (RFC 9110, section 8.4), the last one first, and a gzip that nobody announced. Fails with content-encoding-invalid,
 * and with limit-exceeded rather than give more than `maxBytes`.
 */
export const decompress = async (bytes: Uint8Array, contentEncoding: string | undefined, maxBytes: number): Promise<Result<Uint8Array>> => {
  let expanded: Uint8Array = bytes
  for (const coding of codingsOf(contentEncoding).toReversed()) {
    // Some clients name a coding and send the plain bytes, or proxies undo it and keep the header.
    if (coding.endsWith('gzip') && !isGzip(expanded)) continue
    const step = await expand(expanded, coding, maxBytes)
    if (!step.ok) return step
    expanded = step.value
  }
  return isGzip(expanded) ? expand(expanded, 'gzip', maxBytes) : ok(expanded)
}

const expand = async (bytes: Uint8Array, coding: string, maxBytes: number): Promise<Result<Uint8Array>> => {
  if (!isKnown(coding)) return fail('content-encoding-invalid', 'Content-Encoding', `The content coding '${coding}' is not known.`)
  try {
    return ok(await decoders[coding](bytes, { maxOutputLength: Math.max(maxBytes, 1) }))
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    if (error.code === 'ERR_BUFFER_TOO_LARGE') return fail('limit-exceeded', 'body', `The body expands to more than ${maxBytes} bytes.`)
    return fail('content-encoding-invalid', 'body', `The body does not decompress as ${coding}: ${error.message}.`)
  }
}

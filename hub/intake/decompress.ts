import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'

const decoders = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) } as const

const isKnown = (coding: string): coding is keyof typeof decoders => Object.hasOwn(decoders, coding)

export const codingsOf = (contentEncoding: string | undefined): readonly string[] =>
  (contentEncoding ?? '').toLowerCase().split(',').map((coding) => coding.trim()).filter((coding) => coding !== '' && coding !== 'identity')

/** The first content coding that the hub cannot undo. */
export const unknownCoding = (contentEncoding: string | undefined): string | undefined => codingsOf(contentEncoding).find((coding) => !isKnown(coding))

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** gzip in gzip, as a tool that compresses what is compressed already makes it. */
const mostLayers = 8

/** XML and JSON compress to a tenth or a fiftieth; what expands further than this is empty, and may not fill the memory before it is refused. */
const mostExpansion = 200
const smallBytes = 8 * 1024 * 1024

/** What is expanded comes in pieces of so many bytes: in node's 16 kB, each of which goes to another thread and back, it takes ten times as long. Little needs little memory. */
export const mostInPiece = 256 * 1024
const pieceOf = (bytes: Uint8Array): number => Math.min(Math.max(bytes.length * 4, 16 * 1024), mostInPiece)

/** How many bytes may come of so many that are compressed, where `most` may come at all. */
export const mostExpanded = (bytes: number, most: number): number => Math.max(Math.min(most, Math.max(smallBytes, bytes * mostExpansion)), 1)

/**
 * Undoes the content codings (RFC 9110, section 8.4), the last one first, and then each gzip that nobody announced. Fails with
 * content-encoding-invalid, and with limit-exceeded rather than give more than `maxBytes`, or more than 8 MB of less than a 200th of it.
 */
export const decompress = async (bytes: Uint8Array, contentEncoding: string | undefined, maxBytes: number): Promise<Result<Uint8Array>> => {
  let expanded: Uint8Array = bytes
  const codings = bytes.length === 0 ? [] : codingsOf(contentEncoding).toReversed()
  for (let layer = 0; layer < codings.length || isGzip(expanded); layer++) {
    if (layer === mostLayers) return fail('limit-exceeded', 'body', `The body is compressed more than ${mostLayers} times over.`)
    const step = await expand(expanded, codings[layer] ?? 'gzip', maxBytes)
    if (!step.ok) return step
    expanded = step.value
  }
  return ok(expanded)
}

const expand = async (bytes: Uint8Array, coding: string, maxBytes: number): Promise<Result<Uint8Array>> => {
  if (!isKnown(coding)) return fail('content-encoding-invalid', 'Content-Encoding', `The content coding '${coding}' is not known.`)
  if (coding.endsWith('gzip') && !isGzip(bytes)) {
    return fail('content-encoding-invalid', 'Content-Encoding', `The Content-Encoding says ${coding}, but the body is not compressed so; compress it, or leave the header out.`)
  }
  const mostBytes = mostExpanded(bytes.length, maxBytes)
  try {
    return ok(await decoders[coding](bytes, { maxOutputLength: mostBytes, chunkSize: pieceOf(bytes) }))
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    if (error.code === 'ERR_BUFFER_TOO_LARGE') return expandsTooFar(mostBytes, maxBytes)
    return fail('content-encoding-invalid', 'body', `The body does not decompress as ${coding}: ${error.message}.`)
  }
}

/** That more came than `mostExpanded` says. */
export const expandsTooFar = (mostBytes: number, most: number): Failure =>
  fail('limit-exceeded', 'body', `The body expands to more than ${mostBytes} bytes${mostBytes < most ? `, ${mostExpansion} times what was sent` : ''}.`)

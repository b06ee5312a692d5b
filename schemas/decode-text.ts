import { TextDecoder } from 'node:util'
import { fail, ok, type Failure, type Result } from './result.js'

interface DecodedText {
  /** Without a byte order mark. */
  readonly text: string
  /** As the WHATWG Encoding Standard names it, in lower case. */
  readonly encoding: string
}

/**
 * Decodes a message. The encoding is, first of all, what the bytes themselves say: a byte order mark, or the zero byte that
 * stands beside the first character of UTF-16. Else it is the Content-Type's charset or the XML declaration's encoding, and
 * UTF-8 where neither is given. Where both are given and differ, the first of these that decodes the bytes is taken:
 * UTF-8 if one of them is UTF-8 (bytes in another encoding hardly ever happen to be UTF-8, and most others take any bytes),
 * the charset (RFC 7303, section 3.2), the declaration. JSON is UTF-8 by RFC 8259, so that a single-byte charset, which
 * old HTTP libraries add unasked, counts only where UTF-8 does not decode; GB18030, Big5 and the like are believed.
 * UTF-16 is not believed where the first two bytes are ASCII. ASCII is read as UTF-8, ISO-8859-1 as windows-1252, GBK as
 * GB18030: each the whole of which the other is a part.
 * Fails with encoding-unknown, and with encoding-invalid at the byte offset (from 0) of the sequence that doesn't decode.
 */
export const decodeText = (bytes: Uint8Array, contentType = ''): Result<DecodedText> => {
  const marked = markedEncoding(bytes)
  if (marked !== undefined) return decode(bytes.subarray(marked.markLength), marked.encoding, marked.markLength)
  const labels = labelsOf(bytes, contentType)
  let failure: Failure | undefined
  for (const label of labels) {
    const decoded = decode(bytes, label, 0)
    if (decoded.ok) return decoded
    if (failure === undefined || failure.code === 'encoding-unknown') failure = decoded
  }
  return failure ?? decode(bytes, 'utf-8', 0)
}

const markedEncoding = (bytes: Uint8Array): { readonly encoding: string; readonly markLength: number } | undefined => {
  const [first = 1, second = 1, third] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: 'utf-8', markLength: 3 }
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', markLength: 2 }
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', markLength: 2 }
  if (first === 0 && second !== 0) return { encoding: 'utf-16be', markLength: 0 }
  if (first !== 0 && second === 0) return { encoding: 'utf-16le', markLength: 0 }
  return undefined
}

/** The labels to try, in this order; none means UTF-8. */
const labelsOf = (bytes: Uint8Array, contentType: string): readonly string[] => {
  const ascii = (bytes[0] ?? 0x80) < 0x80 && (bytes[1] ?? 0) < 0x80
  const believed = (label: string | undefined): label is string => label !== undefined && !(ascii && label.startsWith('utf-16'))
  const charset = canonicalLabel(/;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1])
  if (/^[^;]*json/i.test(contentType)) {
    if (!believed(charset)) return []
    return manyByteEncodings.has(charset) || charset.startsWith('utf-16') ? [charset] : ['utf-8', charset]
  }
  const given = [charset, canonicalLabel(declaredEncoding(bytes))].filter(believed)
  return given.includes('utf-8') ? ['utf-8', ...given.filter((label) => label !== 'utf-8')] : given
}

const manyByteEncodings = new Set(['gb18030', 'big5', 'shift_jis', 'euc-jp', 'euc-kr', 'iso-2022-jp'])

/** An XML declaration stands within the first bytes and is ASCII in every encoding that is left once UTF-16 is ruled out. */
const declaredEncoding = (bytes: Uint8Array): string | undefined => {
  if (bytes[0] !== 0x3c || bytes[1] !== 0x3f) return undefined
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 200)).toString('latin1')
  return /^<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"'>]*)["']/.exec(head)?.[1]
}

const supersets = new Map([['utf-8', 'utf-8'], ['utf8', 'utf-8'], ['us-ascii', 'utf-8'], ['ascii', 'utf-8'], ['gbk', 'gb18030'], ['utf-16', 'utf-16le']])

const canonicalLabel = (label: string | undefined): string | undefined => {
  if (label === undefined) return undefined
  const lower = label.toLowerCase()
  const known = supersets.get(lower) ?? makeDecoder(lower)?.encoding ?? lower
  return supersets.get(known) ?? known
}

const makeDecoder = (label: string): TextDecoder | undefined => {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** `skipped` is how many bytes stand before these, for the offset of a failure. */
const decode = (bytes: Uint8Array, label: string, skipped: number): Result<DecodedText> => {
  if (label === 'utf-16le' || label === 'utf-16be') return decodeUtf16(bytes, label, skipped)
  const decoder = makeDecoder(label)
  if (decoder === undefined) return fail('encoding-unknown', 'encoding', `The encoding ${JSON.stringify(label.slice(0, 40))} is not known; send UTF-8.`)
  try {
    const text = decoder.decode(bytes)
    return ok({ text: label === 'windows-1252' && /[\u0080-\u009f]/.test(text) ? decodeWindows1252(bytes) : text, encoding: label })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return invalid(label, skipped + offsetOfInvalid(bytes, label))
  }
}

const invalid = (label: string, offset: number): Failure =>
  fail('encoding-invalid', `${offset}`, `The bytes from offset ${offset} are not ${label}; name the encoding that was used, or send UTF-8.`)

/** Node's decoder for UTF-16BE drops lone surrogates without a word (Node 20.20), so both orders are decoded here. */
const decodeUtf16 = (bytes: Uint8Array, label: 'utf-16le' | 'utf-16be', skipped: number): Result<DecodedText> => {
  const whole = bytes.length - (bytes.length % 2)
  const units = Buffer.from(bytes.subarray(0, whole))
  const text = (label === 'utf-16be' ? units.swap16() : units).toString('utf16le')
  const lone = text.search(/\p{Surrogate}/u)
  if (lone !== -1) return invalid(label, skipped + lone * 2)
  return whole < bytes.length ? invalid(label, skipped + whole) : ok({ text, encoding: label })
}

const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

/** Node's decoder for windows-1252 decodes ISO-8859-1 (Node 20.20), so that 0x80 comes out as U+0080 and not as the euro sign. */
const decodeWindows1252 = (bytes: Uint8Array): string => {
  const units = Buffer.alloc(bytes.length * 2)
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    units.writeUInt16LE(byte >= 0x80 && byte < 0xa0 ? windows1252.charCodeAt(byte - 0x80) : byte, at * 2)
  }
  return units.toString('utf16le')
}

const stepLength = 65_536
const longestSequence = 8

/** Decodes in steps until one fails, then that step again byte by byte; gives where the sequence that fails begins. */
const offsetOfInvalid = (bytes: Uint8Array, label: string): number => {
  // A sequence may have begun in the step before; none is longer than this.
  const start = Math.max(goodSteps(bytes, label) * stepLength - longestSequence, 0)
  const decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true })
  decoder.decode(bytes.subarray(0, start), { stream: true })
  let begun = start
  try {
    for (let offset = start; offset < bytes.length; offset++) {
      if (decoder.decode(bytes.subarray(offset, offset + 1), { stream: true }).length > 0) begun = offset + 1
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
  return begun
}

const goodSteps = (bytes: Uint8Array, label: string): number => {
  const decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true })
  for (let step = 0; ; step++) {
    const start = step * stepLength
    if (start >= bytes.length) return Math.max(step - 1, 0)
    try {
      decoder.decode(bytes.subarray(start, start + stepLength), { stream: true })
    } catch (error) {
      if (error instanceof TypeError) return step
      throw error
    }
  }
}

import { decodeBytes, encodingOfLabel } from './decode-bytes.js'
import { fail, type Failure } from './result.js'

/**
 * Decodes a message; docs/reading.md states the rule. A byte order mark decides first (RFC 7303, section 3.3), or the zero byte
 * beside the first character of UTF-16; else it is the Content-Type's charset or the XML declaration's encoding, and
 * UTF-8 where neither is given. Where both are given and differ, the first of these that decodes the bytes is taken:
 * UTF-8 if one of them is UTF-8 (bytes in another encoding hardly ever happen to be UTF-8, and most others take any bytes),
 * the charset, the declaration. JSON is UTF-8 by RFC 8259, so that a single-byte charset, which old HTTP libraries add
 * unasked, counts only where UTF-8 does not decode; GB18030, Big5 and the like are believed. Where no charset outranks a
 * declaration, it must be true of the bytes (XML 1.0, section 4.3.3), but for UTF-16 said over bytes that can only be UTF-8: so
 * do .NET's StringWriter and Java's string sources write, and nothing else can be meant.
 * Fails with encoding-unknown, and with encoding-invalid at the byte (`byte 41`, from 0) of the sequence that doesn't decode.
 */
export const decodeText = (bytes: Uint8Array, contentType = ''): ReturnType<typeof decodeBytes> => {
  const { encodings, markLength, contradiction } = encodingsOf(bytes, contentType)
  let failure: Failure | undefined
  for (const encoding of encodings) {
    const decoded = decodeBytes(bytes.subarray(markLength), encoding, markLength)
    const contradicted = decoded.ok ? contradiction(decoded.value.text) : undefined
    if (contradicted !== undefined) return contradicted
    if (decoded.ok) return decoded
    if (failure === undefined || failure.code === 'encoding-unknown') failure = decoded
  }
  if (failure === undefined) throw new Error('no encoding was tried')
  return failure
}

/** What the rule says of bytes of which `head` is the beginning: 200 bytes at least, or all there are. */
export interface EncodingsToTry {
  /** One at least, in this order. */
  readonly encodings: readonly string[]
  /** How many bytes are a byte order mark. */
  readonly markLength: number
  /** Why a text that begins so is none of the encoding that it was decoded in. */
  readonly contradiction: (text: string) => Failure | undefined
}

export const encodingsOf = (head: Uint8Array, contentType: string): EncodingsToTry => {
  const evident = evidentEncoding(head)
  const charset = charsetOf(contentType)
  if (evident !== undefined) {
    const { encoding, markLength } = evident
    return { encodings: [encoding], markLength, contradiction: (text) => (charset === undefined ? contradictionOf(text, encoding) : undefined) }
  }
  // What calls itself UTF-16 and begins as UTF-8 does can only be UTF-8.
  const encodings = encodingsToTry(head, contentType, charset).map((encoding) => (encoding.startsWith('utf-16') && startsAsAscii(head) ? 'utf-8' : encoding))
  return { encodings: encodings.length === 0 ? ['utf-8'] : encodings, markLength: 0, contradiction: () => undefined }
}

/** What the bytes themselves say, and how many of them are a byte order mark. */
interface Evident {
  readonly encoding: string
  readonly markLength: number
}

/** XML 1.0, appendix F. UTF-32 (told from UTF-16 by a second pair of zeros) and EBCDIC are not read; they are told so that the refusal can name them. */
const evidentEncoding = (bytes: Uint8Array): Evident | undefined => {
  const [first = 1, second = 1, third = 1, fourth = 1] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: 'utf-8', markLength: 3 }
  const zeros = [first, second, third, fourth].filter((byte) => byte === 0).length
  if (zeros === 3 || (zeros === 2 && ((first === 0xff && second === 0xfe) || (third === 0xfe && fourth === 0xff)))) return { encoding: 'utf-32', markLength: 0 }
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', markLength: 2 }
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', markLength: 2 }
  if (first === 0x4c && second === 0x6f && third === 0xa7 && fourth === 0x94) return { encoding: 'ebcdic', markLength: 0 }
  if (first === 0 && second !== 0) return { encoding: 'utf-16be', markLength: 0 }
  return first !== 0 && second === 0 ? { encoding: 'utf-16le', markLength: 0 } : undefined
}

const isSixteenBits = (label: string): boolean => encodingOfLabel(label).startsWith('utf-16')

const startsAsAscii = (bytes: Uint8Array): boolean => (bytes[0] ?? 0x80) < 0x80 && (bytes[1] ?? 0) < 0x80

/** A declaration that the bytes themselves belie. */
const contradictionOf = (text: string, encoding: string): Failure | undefined => {
  const declared = declaredEncoding(text)
  // A declaration of UTF-16 leaves the order of the bytes open.
  if (declared === undefined || encodingOfLabel(declared).slice(0, 6) === encoding.slice(0, 6) || (encoding === 'utf-8' && isSixteenBits(declared))) return undefined
  return fail('encoding-invalid', 'byte 0', `The XML declaration says ${JSON.stringify(declared.slice(0, 40))}, but the bytes are ${encoding}; correct the declaration, or send charset=${encoding} in the Content-Type.`)
}

/** In this order; none means UTF-8. */
const encodingsToTry = (bytes: Uint8Array, contentType: string, charset: string | undefined): readonly string[] => {
  if (/^[^;]*json/i.test(contentType)) {
    if (charset === undefined || (charset.startsWith('utf-16') && startsAsAscii(bytes))) return []
    return manyByteEncodings.has(charset) || charset.startsWith('utf-16') ? [charset] : ['utf-8', charset]
  }
  const declared = declaredEncoding(headOf(bytes))
  const given = [charset, declared === undefined ? undefined : encodingOfLabel(declared)].filter((encoding) => encoding !== undefined)
  return given.includes('utf-8') ? ['utf-8', ...given.filter((encoding) => encoding !== 'utf-8')] : given
}

const manyByteEncodings = new Set(['gb18030', 'big5', 'shift_jis', 'euc-jp', 'euc-kr', 'iso-2022-jp'])

const charsetOf = (contentType: string): string | undefined => {
  const label = /;\s*charset\s*=\s*["']?([^\s;"']+)/i.exec(contentType)?.[1]
  return label === undefined ? undefined : encodingOfLabel(label)
}

const headLength = 200

/** An XML declaration stands within the first bytes and is ASCII in every encoding that is left once UTF-16 is ruled out. */
const headOf = (bytes: Uint8Array): string =>
  bytes[0] === 0x3c && bytes[1] === 0x3f ? Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, headLength)).toString('latin1') : ''

const declaredEncoding = (text: string): string | undefined => /^<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"'>]*)["']/.exec(text)?.[1]

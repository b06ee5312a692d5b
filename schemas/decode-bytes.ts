import { isAscii, isUtf8, transcode } from 'node:buffer'
import { TextDecoder } from 'node:util'
import { fail, ok, type Failure, type Result } from './result.js'

interface DecodedText {
  /** Without a byte order mark. */
  readonly text: string
  /** As the WHATWG Encoding Standard names it, in lower case. */
  readonly encoding: string
}

/** ASCII is read as UTF-8, GBK as GB18030: each the whole of which the other is a part. The code pages have no names of their own in the Encoding Standard. */
const supersets = new Map([
  ['utf-8', 'utf-8'], ['utf8', 'utf-8'], ['us-ascii', 'utf-8'], ['ascii', 'utf-8'], ['utf-16', 'utf-16le'], ['ucs-2', 'utf-16le'], ['iso-10646-ucs-2', 'utf-16le'],
  ['gbk', 'gb18030'], ['cp936', 'gb18030'], ['euc-cn', 'gb18030'], ['cp950', 'big5'], ['ms950', 'big5'], ['cp932', 'shift_jis'], ['iso_8859-16', 'iso-8859-16'],
])

/** The name under which an encoding is decoded; a name that nobody knows comes back in lower case. */
export const encodingOfLabel = (label: string): string => {
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

/** What Node's decoders (ICU, Node 20.20) give for bytes that stand for nothing in the Encoding Standard, rather than fail. */
const standIns = new Map([
  ['big5', /[\u0080-\u009f\ue000-\uf8ff]/], ['euc-jp', /[\u0080-\u009f]/], ['euc-kr', /[\u0080-\u009f\ue000-\uf8ff]/], ['windows-874', /[\uf8c1-\uf8c8]/],
])

/** Two of ICU's code pages swap three control characters round. */
const swapped = new Map([['\u001a', '\u007f'], ['\u001c', '\u001a'], ['\u007f', '\u001c']])

/**
 * Decodes bytes in an encoding of encodingOfLabel. `skipped` is how many bytes of the message stand before these. Fails with
 * encoding-unknown, and with encoding-invalid at the byte (from 0) where the sequence that doesn't decode begins.
 */
export const decodeBytes = (bytes: Uint8Array, encoding: string, skipped: number): Result<DecodedText> => {
  if (encoding === 'utf-8' && isUtf8(bytes)) return ok({ text: textOfUtf8(bytes), encoding })
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return decodeUtf16(bytes, encoding, skipped)
  const table = highHalves.get(encoding)
  if (table !== undefined) return ok({ text: decodeSingleBytes(bytes, table), encoding })
  const decoder = makeDecoder(encoding)
  if (decoder === undefined) return unknownEncoding(encoding)
  const text = decoded(decoder, bytes, encoding, false)
  if (text === undefined) return invalidBytes(bytes, encoding, offsetOfInvalid(bytes, encoding), skipped)
  return ok({ text: unswapped(text, encoding), encoding })
}

/** Of bytes that are known to be UTF-8: several times as fast as a TextDecoder, which must be made anew for each text. */
const textOfUtf8 = (bytes: Uint8Array): string => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (isAscii(buffer)) return buffer.toString('latin1')
  return buffer.length >= transcoded.least && buffer.length <= transcoded.most ? transcodedText(buffer) : buffer.toString('utf8')
}

/** Shorter ones gain nothing, longer ones would be held three times. */
const transcoded = { least: 8000, most: 1024 * 1024 } as const

/** By way of UTF-16, which takes a third of the time. V8 reads a text of single bytes more quickly where its characters allow it. */
const transcodedText = (utf8: Buffer): string => {
  const wide = transcode(utf8, 'utf8', 'utf16le').toString('utf16le')
  const narrow = Buffer.from(wide, 'latin1').toString('latin1')
  return narrow === wide ? narrow : wide
}

const unswapped = (text: string, encoding: string): string =>
  (encoding === 'shift_jis' || encoding === 'ibm866' ? text.replace(/[\u001a\u001c\u007f]/g, (found) => swapped.get(found) ?? found) : text)

export const unknownEncoding = (encoding: string): Failure => fail('encoding-unknown', 'encoding', `The encoding ${JSON.stringify(encoding.slice(0, 40))} is not known; send UTF-8.`)

/** Decodes bytes that come in steps, as decodeBytes does all at once. */
export interface StepDecoder {
  /** Undefined where the bytes do not decode. What a step ends within comes with the next one. */
  readonly decode: (bytes: Uint8Array, last: boolean) => string | undefined
}

/** Undefined where the encoding is not known. */
export const makeStepDecoder = (encoding: string): StepDecoder | undefined => {
  if (encoding === 'utf-8') return makeUtf8Steps()
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return makeUtf16Steps(encoding)
  const table = highHalves.get(encoding)
  if (table !== undefined) return { decode: (bytes) => decodeSingleBytes(bytes, table) }
  const decoder = makeDecoder(encoding)
  if (decoder === undefined) return undefined
  return {
    decode: (bytes, last) => {
      const text = decoded(decoder, bytes, encoding, !last)
      return text === undefined ? undefined : unswapped(text, encoding)
    },
  }
}

const makeUtf8Steps = (): StepDecoder => {
  let carried: Uint8Array = new Uint8Array()
  return {
    decode: (bytes, last) => {
      const all = carried.length === 0 ? bytes : Buffer.concat([carried, bytes])
      const end = last ? all.length : all.length - begunLength(all)
      carried = Uint8Array.from(all.subarray(end))
      const whole = all.subarray(0, end)
      return isUtf8(whole) ? textOfUtf8(whole) : undefined
    },
  }
}

/** How many of the last bytes belong to a sequence of UTF-8 that does not end with them. */
const begunLength = (bytes: Uint8Array): number => {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const byte = bytes[bytes.length - length] ?? 0
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return length < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? length : 0
  }
  return 0
}

const makeUtf16Steps = (encoding: 'utf-16le' | 'utf-16be'): StepDecoder => {
  let carried: Uint8Array = new Uint8Array()
  return {
    decode: (bytes, last) => {
      const all = Buffer.concat([carried, bytes])
      const units = all.length - (all.length % 2)
      // The first half of a pair waits for the other one.
      const whole = !last && units >= 2 && ((all[encoding === 'utf-16le' ? units - 1 : units - 2] ?? 0) & 0xfc) === 0xd8 ? units - 2 : units
      carried = Uint8Array.from(all.subarray(whole))
      if (last && carried.length > 0) return undefined
      const text = decodeUtf16(all.subarray(0, whole), encoding, 0)
      return text.ok ? text.value.text : undefined
    },
  }
}

/** Undefined where the bytes do not decode. */
const decoded = (decoder: TextDecoder, bytes: Uint8Array, encoding: string, stream: boolean): string | undefined => {
  try {
    const text = decoder.decode(bytes, { stream })
    return standIns.get(encoding)?.test(text) === true ? undefined : text
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

const shownBytes = 4

/** That the bytes from `offset` on, of which `skipped` more stand before, do not decode. */
export const invalidBytes = (bytes: Uint8Array, encoding: string, offset: number, skipped: number): Failure => {
  const shown = Buffer.from(bytes.subarray(offset, offset + shownBytes)).toString('hex').replace(/..(?=.)/g, '$& ')
  return fail('encoding-invalid', `byte ${skipped + offset}`, `The bytes from byte ${skipped + offset} on (${shown}) are not ${encoding}; name the encoding that was used in the XML declaration or the charset of the Content-Type, or send UTF-8.`)
}

/** Node's decoder for UTF-16BE drops lone surrogates without a word (Node 20.20), so both orders are decoded here. */
const decodeUtf16 = (bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be', skipped: number): Result<DecodedText> => {
  const whole = bytes.length - (bytes.length % 2)
  const units = Buffer.from(bytes.subarray(0, whole))
  const text = (encoding === 'utf-16be' ? units.swap16() : units).toString('utf16le')
  const lone = text.search(/\p{Surrogate}/u)
  if (lone !== -1) return invalidBytes(bytes, encoding, lone * 2, skipped)
  return whole < bytes.length ? invalidBytes(bytes, encoding, whole, skipped) : ok({ text, encoding })
}

const latin1High = String.fromCharCode(...Array.from({ length: 96 }, (_, index) => 0xa0 + index))

/** What the bytes from 0x80 on stand for, and which of them stand for something else than in ISO-8859-1. */
interface HighHalf {
  readonly other: RegExp
  readonly characters: string
}

/**
 * What 0x80 to 0xFF stand for, where Node has no decoder or a wrong one: its windows-1252 decodes ISO-8859-1, so that 0x80 is
 * U+0080 and no euro sign, and loses 0xFF at the beginning.
 */
const highHalves = new Map<string, HighHalf>([
  ['windows-1252', { other: /[\u0080-\u009f]/, characters: `€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ${latin1High}` }],
  ['iso-8859-16', { other: /[\u00a0-\u00ff]/, characters: `${String.fromCharCode(...Array.from({ length: 32 }, (_, index) => 0x80 + index))}\u00a0ĄąŁ€„Š§š©Ș«Ź\u00adźŻ°±ČłŽ”¶·žčș»ŒœŸżÀÁÂĂÄĆÆÇÈÉÊËÌÍÎÏĐŃÒÓÔŐÖŚŰÙÚÛÜĘȚßàáâăäćæçèéêëìíîïđńòóôőöśűùúûüęțÿ` }],
])

/** Where no byte stands for another character than in ISO-8859-1, which is nearly always so, the bytes are the text: copied at once, and a byte a character from then on. */
const decodeSingleBytes = (bytes: Uint8Array, { other, characters }: HighHalf): string => {
  const plain = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  if (!other.test(plain)) return plain
  const units = Buffer.alloc(bytes.length * 2)
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    const code = byte < 0x80 ? byte : characters.charCodeAt(byte - 0x80)
    units[at * 2] = code & 0xff
    units[at * 2 + 1] = code >> 8
  }
  return units.toString('utf16le')
}

const stepLength = 65_536
export const longestSequence = 8

/** Decodes in steps until one fails, then that step again byte by byte; gives where the sequence that fails begins. */
const offsetOfInvalid = (bytes: Uint8Array, encoding: string): number => {
  // A sequence may have begun in the step before; none is longer than this.
  const start = Math.max(goodSteps(bytes, encoding) * stepLength - longestSequence, 0)
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  decoder.decode(bytes.subarray(0, start), { stream: true })
  let begun = start
  for (let offset = start; offset < bytes.length; offset++) {
    const text = decoded(decoder, bytes.subarray(offset, offset + 1), encoding, true)
    if (text === undefined) return begun
    if (text.length > 0) begun = offset + 1
  }
  return begun
}

const goodSteps = (bytes: Uint8Array, encoding: string): number => {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  for (let step = 0; ; step++) {
    const start = step * stepLength
    if (start >= bytes.length) return Math.max(step - 1, 0)
    if (decoded(decoder, bytes.subarray(start, start + stepLength), encoding, true) === undefined) return step
  }
}

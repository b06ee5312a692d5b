import { TextDecoder } from 'node:util'
import { encodingOfLabel } from './decode-bytes.js'
import { decodeText } from './decode-text.js'
import { fail, ok, type Result } from './result.js'

/** By encoding, the bytes of each character that is not of ASCII; made when something is first written in it. */
const tables = new Map<string, ReadonlyMap<string, readonly number[]>>()

/**
 * Text as bytes in an encoding that a description or a charset names: UTF-8, UTF-16 (with its mark), those of one byte a character, and those of two, with the four of GB18030. Fails with
 * encoding-unknown, and with value-invalid at line and column where a character has no place in it.
 */
export const encodeText = (text: string, label = 'utf-8'): Result<Uint8Array> => {
  const encoding = encodingOfLabel(label)
  if (encoding === 'utf-8') return ok(Buffer.from(text, 'utf8'))
  if (encoding === 'utf-16le') return ok(Buffer.from(`\ufeff${text}`, 'utf16le'))
  if (encoding === 'utf-16be') return ok(Buffer.from(`\ufeff${text}`, 'utf16le').swap16())
  const table = tables.get(encoding) ?? tableOf(encoding)
  if (table === undefined) return fail('encoding-unknown', 'encoding', `Nothing is written in the encoding ${JSON.stringify(label.slice(0, 40))}; UTF-8 holds every character.`)
  tables.set(encoding, table)
  return encodeBy(text, encoding, table)
}

const encodeBy = (text: string, encoding: string, table: ReadonlyMap<string, readonly number[]>): Result<Uint8Array> => {
  const bytes: number[] = []
  let line = 1
  let column = 1
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const found = code < 0x80 ? [code] : table.get(character) ?? (encoding === 'gb18030' ? beyondTable(code) : undefined)
    if (found === undefined) return fail('value-invalid', `${line}:${column}`, `${JSON.stringify(character)} cannot be written in ${encoding}; choose an encoding that has it, such as UTF-8.`)
    for (const byte of found) bytes.push(byte)
    column += character.length
    if (character === '\n') {
      line++
      column = 1
    }
  }
  return ok(Uint8Array.from(bytes))
}

const supplementary = 0x10000

/** GB18030's four bytes of the supplementary planes, which stand in their order. */
const beyondTable = (code: number): readonly number[] | undefined => (code < supplementary ? undefined : fourBytes(code - supplementary, 0x90))

const fourBytes = (pointer: number, lead: number): readonly number[] =>
  [lead + Math.floor(pointer / 12_600), 0x30 + Math.floor(pointer / 1260) % 10, 0x81 + Math.floor(pointer / 10) % 126, 0x30 + pointer % 10]

/** Where lead bytes are followed by another one. */
const twoBytes: readonly string[] = ['gb18030', 'big5', 'shift_jis', 'euc-kr', 'gbk']

/** Undefined where the encoding is not known, or goes by a state. */
const tableOf = (encoding: string): ReadonlyMap<string, readonly number[]> | undefined => {
  const table = new Map<string, readonly number[]>()
  const add = (bytes: readonly number[]): void => {
    const decoded = decodeText(Uint8Array.from(bytes), `text/plain; charset=${encoding}`)
    const text = decoded.ok && decoded.value.encoding === encoding ? decoded.value.text : ''
    if (Array.from(text).length === 1 && !table.has(text)) table.set(text, bytes)
  }
  for (let byte = 0x80; byte < 0x100; byte++) add([byte])
  if (twoBytes.includes(encoding)) addPairs(encoding, table)
  else if (table.size === 0) return undefined
  if (encoding === 'gb18030') addFours(table)
  return table
}

/** Line ends between them, so that one call decodes all pairs of a lead byte. */
const addPairs = (encoding: string, table: Map<string, readonly number[]>): void => {
  const decoder = new TextDecoder(encoding)
  for (let lead = 0x81; lead < 0xff; lead++) {
    const pairs: (readonly number[])[] = []
    for (let trail = 0x40; trail < 0xff; trail++) if (trail !== 0x7f) pairs.push([lead, trail])
    addDecoded(decoder, pairs, table)
  }
}

const pointersOfPlane = 39_420

const addFours = (table: Map<string, readonly number[]>): void => {
  const decoder = new TextDecoder('gb18030')
  addDecoded(decoder, Array.from({ length: pointersOfPlane }, (_, pointer) => fourBytes(pointer, 0x81)), table)
}

const addDecoded = (decoder: TextDecoder, sequences: readonly (readonly number[])[], table: Map<string, readonly number[]>): void => {
  const texts = decoder.decode(Uint8Array.from(sequences.flatMap((sequence) => [...sequence, 0x0a]))).split('\n')
  for (const [index, sequence] of sequences.entries()) {
    const text = texts[index] ?? ''
    const code = text.codePointAt(0) ?? 0xfffd
    const isPrivate = code >= 0xe000 && code <= 0xf8ff
    if (code !== 0xfffd && code >= 0x80 && !isPrivate && Array.from(text).length === 1 && !table.has(text)) table.set(text, sequence)
  }
}

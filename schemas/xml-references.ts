import { makeTextBuilder } from './text-builder.js'

/** Stops the reading at an offset in UTF-16 code units. */
type RefuseReference = (code: 'xml-not-well-formed', offset: number, detail: string) => never

const entities = new Map([['amp', 0x26], ['lt', 0x3c], ['gt', 0x3e], ['quot', 0x22], ['apos', 0x27]])
const longestEntity = 4

/**
 * Puts characters in the place of references: those to characters and the five that XML 1.0 predefines (section 4.6); any other
 * is refused where it stands. `offset` is where `raw` begins in the document.
 */
export const resolveReferences = (raw: string, offset: number, refuse: RefuseReference): string => {
  const resolved = makeTextBuilder()
  const cursor = { at: raw.indexOf('&') }
  let from = 0
  while (cursor.at !== -1) {
    resolved.piece(raw, from, cursor.at)
    resolved.character(readReference(raw, cursor, offset, refuse))
    from = cursor.at
    if (raw.charCodeAt(from) !== 0x26) cursor.at = raw.indexOf('&', from)
  }
  resolved.piece(raw, from, raw.length)
  return resolved.text()
}

/** Gives the code point that the reference at the cursor stands for, and leaves the cursor behind its ;. */
const readReference = (raw: string, cursor: { at: number }, offset: number, refuse: RefuseReference): number => {
  const { at } = cursor
  const code = raw.charCodeAt(at + 1) === 0x23 ? readNumber(raw, cursor) : readEntity(raw, cursor)
  if (code === undefined) return refuse('xml-not-well-formed', offset + at, 'An & begins no reference that is defined; write &amp; for the character itself.')
  return isCharacter(code) ? code : refuse('xml-not-well-formed', offset + at, 'A reference stands for a character that XML does not have.')
}

const readEntity = (raw: string, cursor: { at: number }): number | undefined => {
  const name = raw.slice(cursor.at + 1, cursor.at + longestEntity + 2)
  const end = name.indexOf(';')
  cursor.at += end + 2
  return end === -1 ? undefined : entities.get(name.slice(0, end))
}

const beyondUnicode = 0x110000

/** The number that the digits write, or one beyond Unicode for any that is larger; undefined where there are none, others, or no ; behind them. */
const readNumber = (raw: string, cursor: { at: number }): number | undefined => {
  const base = raw.charCodeAt(cursor.at + 2) === 0x78 ? 16 : 10
  const from = cursor.at + (base === 16 ? 3 : 2)
  let number = 0
  let at = from
  for (let code = raw.charCodeAt(at); code !== 0x3b; code = raw.charCodeAt(++at)) {
    const digit = code >= 0x30 && code <= 0x39 ? code - 0x30 : base === 16 && (code | 0x20) >= 0x61 && (code | 0x20) <= 0x66 ? (code | 0x20) - 0x57 : undefined
    if (digit === undefined) return undefined
    number = Math.min(number * base + digit, beyondUnicode)
  }
  cursor.at = at + 1
  return at > from ? number : undefined
}

/** XML 1.0, production 2. */
const isCharacter = (code: number): boolean =>
  code < 0x20 ? code === 0x09 || code === 0x0a || code === 0x0d : code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff)

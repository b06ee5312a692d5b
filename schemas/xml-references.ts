/** Stops the reading at an offset in UTF-16 code units. */
type RefuseReference = (code: 'xml-not-well-formed', offset: number, detail: string) => never

const entities = new Map([['amp', '&'], ['lt', '<'], ['gt', '>'], ['quot', '"'], ['apos', "'"]])

/**
 * Puts characters in the place of references: those to characters and the five that XML 1.0 predefines (section 4.6); any other
 * is refused where it stands. `offset` is where `raw` begins in the document.
 */
export const resolveReferences = (raw: string, offset: number, refuse: RefuseReference): string => {
  let resolved = ''
  let from = 0
  for (let at = raw.indexOf('&'); at !== -1; at = raw.indexOf('&', from)) {
    const end = raw.indexOf(';', at)
    resolved += raw.slice(from, at) + reference(end === -1 ? '' : raw.slice(at + 1, end), offset + at, refuse)
    from = end + 1
  }
  return resolved + raw.slice(from)
}

const reference = (name: string, offset: number, refuse: RefuseReference): string => {
  if (name.charCodeAt(0) === 0x23) {
    const hexadecimal = name.charCodeAt(1) === 0x78
    const code = numberOf(name, hexadecimal ? 2 : 1, hexadecimal ? 16 : 10)
    if (code !== undefined) return character(code, offset, refuse)
  }
  return entities.get(name) ?? refuse('xml-not-well-formed', offset, 'An & begins no reference that is defined; write &amp; for the character itself.')
}

const beyondUnicode = 0x110000

/** The number that digits from here to the end write, or one beyond Unicode for any that is larger; undefined where there are none or others. */
const numberOf = (digits: string, from: number, base: 10 | 16): number | undefined => {
  let number = 0
  for (let at = from; at < digits.length; at++) {
    const code = digits.charCodeAt(at)
    const digit = code >= 0x30 && code <= 0x39 ? code - 0x30 : base === 16 && (code | 0x20) >= 0x61 && (code | 0x20) <= 0x66 ? (code | 0x20) - 0x57 : undefined
    if (digit === undefined) return undefined
    number = Math.min(number * base + digit, beyondUnicode)
  }
  return digits.length > from ? number : undefined
}

/** XML 1.0, production 2. */
const character = (code: number, offset: number, refuse: RefuseReference): string => {
  const allowed = code < 0x20 ? code === 0x09 || code === 0x0a || code === 0x0d
    : code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff)
  return allowed ? String.fromCodePoint(code) : refuse('xml-not-well-formed', offset, 'A reference stands for a character that XML does not have.')
}

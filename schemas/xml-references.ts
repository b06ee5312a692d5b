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
  const entity = entities.get(name)
  if (entity !== undefined) return entity
  if (/^#[0-9]+$/.test(name)) return character(parseInt(name.slice(1), 10), offset, refuse)
  if (/^#x[0-9a-fA-F]+$/.test(name)) return character(parseInt(name.slice(2), 16), offset, refuse)
  return refuse('xml-not-well-formed', offset, 'An & begins no reference that is defined; write &amp; for the character itself.')
}

/** XML 1.0, production 2. */
const character = (code: number, offset: number, refuse: RefuseReference): string => {
  const allowed = code < 0x20 ? code === 0x09 || code === 0x0a || code === 0x0d
    : code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff)
  return allowed ? String.fromCodePoint(code) : refuse('xml-not-well-formed', offset, 'A reference stands for a character that XML does not have.')
}

import type { ErrorCode } from './error-registry.js'
import { isNcName } from './xml-names.js'
import { doctypeAt, xmlDeclarationEnd } from './xml-prolog.js'
import { firstWritten, passingName, writtenName, type WrittenName } from './written-names.js'
import { resolveReferences } from './xml-references.js'

/** Stops the reading; offsets are in UTF-16 code units. It doesn't return. */
export type RefuseXml = (code: ErrorCode, offset: number, detail: string) => never

export interface XmlEvents {
  /** A start tag at an offset; names as written, values normalised, references resolved. */
  readonly start: (name: string, attributes: readonly WrittenAttribute[], offset: number) => void
  readonly end: () => void
  /** Character data inside the root element, in as many pieces as comments, instructions and CDATA sections make of it. */
  readonly text: (text: string) => void
  readonly refuse: RefuseXml
}

export interface WrittenAttribute {
  readonly name: string
  readonly value: string
}

/** Where a string stands next, sought once for all that stands before it. */
interface Next {
  readonly sought: string
  /** Not before the place that was asked for last; the text's length where there is none. */
  at: number
}

interface Scan {
  readonly text: string
  readonly events: XmlEvents
  readonly attributes: number
  readonly open: WrittenName[]
  /** The element that ended last, unless another has begun since. */
  ended: WrittenName | undefined
  readonly markup: Next
  readonly reference: Next
  readonly sectionEnd: Next
  readonly lineFeed: Next
  readonly tab: Next
  at: number
  rootSeen: boolean
  doctypeSeen: boolean
}

/**
 * Goes through an XML 1.0 document whose line ends are line feeds and whose characters are all allowed ones, and reports
 * what stands there. It holds the document to the productions of XML 1.0 (fifth edition) that need no declarations; that
 * names are well-formed is left to whoever resolves them. `attributes` is how many an element may have.
 */
export const scanXml = (text: string, attributes: number, events: XmlEvents): void => {
  const scan: Scan = {
    text, events, attributes, open: [], ended: undefined, markup: next('<'), reference: next('&'), sectionEnd: next(']]>'), lineFeed: next('\n'), tab: next('\t'),
    at: 0, rootSeen: false, doctypeSeen: false,
  }
  readXmlDeclaration(scan)
  while (readText(scan)) readMarkup(scan)
  if (scan.open.length > 0) malformed(scan, `The element ${scan.open.at(-1)?.text ?? ''} does not end.`)
  if (!scan.rootSeen) malformed(scan, 'The document has no root element.')
}

const next = (sought: string): Next => ({ sought, at: -1 })

/** For places that only grow. */
const placeOf = (next: Next, text: string, from: number): number => {
  if (next.at < from) {
    const found = text.indexOf(next.sought, from)
    next.at = found === -1 ? text.length : found
  }
  return next.at
}

const malformed = (scan: Scan, detail: string, offset = scan.at): never => scan.events.refuse('xml-not-well-formed', offset, detail)

const readXmlDeclaration = (scan: Scan): void => {
  if (!/^<\?xml[ \t\n?]/.test(scan.text.slice(scan.at, scan.at + 6))) return
  scan.at = xmlDeclarationEnd(scan.text, scan.at) ?? malformed(scan, 'The XML declaration is not well-formed.')
}

/** Reads up to the next markup; false where the document ends instead. */
const readText = (scan: Scan): boolean => {
  const { text, at } = scan
  const end = placeOf(scan.markup, text, at)
  if (end > at) {
    if (scan.open.length > 0) scan.events.text(characterData(scan, at, end))
    else checkOutside(scan, end)
    scan.at = end
  }
  return end < text.length
}

const checkOutside = (scan: Scan, end: number): void => {
  skipSpace(scan)
  if (scan.at < end) malformed(scan, 'Text stands outside the root element.')
}

const characterData = (scan: Scan, from: number, to: number): string => {
  const { text } = scan
  if (placeOf(scan.sectionEnd, text, from) < to) malformed(scan, 'The characters ]]> stand in text.', scan.sectionEnd.at)
  const raw = text.slice(from, to)
  return placeOf(scan.reference, text, from) < to ? resolveReferences(raw, from, scan.events.refuse) : raw
}

const readMarkup = (scan: Scan): void => {
  switch (scan.text.charCodeAt(scan.at + 1)) {
    case 0x2f: readEndTag(scan); break
    case 0x21: readDeclaration(scan); break
    case 0x3f: readInstruction(scan); break
    default: readStartTag(scan)
  }
}

const skipSpace = (scan: Scan): void => {
  for (let code = scan.text.charCodeAt(scan.at); code === 0x20 || code === 0x0a || code === 0x09;) code = scan.text.charCodeAt(++scan.at)
}

/** White space, one of / > = < & " ' ? or, being no number, the end. */
const endsName = (code: number): boolean => !(code > 0x3f) && (!(code > 0x22) || (code >= 0x3c && code <= 0x3f) || code === 0x2f || code === 0x26 || code === 0x27)

/** Where a name ends that begins here. */
const nameEnd = (text: string, from: number): number => {
  let at = from
  while (!endsName(text.charCodeAt(at))) at++
  return at
}

const readStartTag = (scan: Scan): void => {
  const { text, at } = scan
  const name = tagName(scan)
  if (name.text === '') malformed(scan, 'A < is followed by no name; write &lt; for the character itself.')
  if (scan.open.length === 0 && scan.rootSeen) malformed(scan, 'The document has more than one root element.')
  scan.rootSeen = true
  scan.at = at + 1 + name.text.length
  const attributes = text.charCodeAt(scan.at) === 0x3e ? none : readAttributes(scan, name)
  scan.events.start(name.text, attributes, at)
  if (text.charCodeAt(scan.at) === 0x3e) {
    scan.open.push(name)
    scan.ended = undefined
    scan.at++
    return
  }
  if (text.charCodeAt(scan.at + 1) !== 0x3e) malformed(scan, 'A / in a start tag is not followed by >.')
  scan.at += 2
  scan.ended = name
  scan.events.end()
}

/** The one that followed last time on what stands before, or any other. */
const tagName = ({ text, at, open, ended }: Scan): WrittenName => {
  const before = ended ?? open[open.length - 1] ?? firstWritten
  const guess = ended === undefined ? before.inside : before.after
  if (guess !== undefined && isWrittenAt(guess, text, at + 1)) return guess
  const written = text.slice(at + 1, nameEnd(text, at + 1))
  const name = writtenName(written)
  if (name === undefined) return passingName(written)
  if (ended === undefined) before.inside = name
  else before.after = name
  return name
}

/** Whether exactly this name stands there. Of a text whose characters take two bytes, slicing and comparing takes a third of the time of `startsWith`. */
const isWrittenAt = (name: WrittenName, text: string, at: number): boolean => {
  const end = at + name.text.length
  return text.slice(at, end) === name.text && endsName(text.charCodeAt(end))
}

const none: readonly never[] = []

/** Reads attributes up to the > or / that ends the tag. */
const readAttributes = (scan: Scan, element: WrittenName): readonly WrittenAttribute[] => {
  let found: WrittenAttribute[] | undefined
  let last: WrittenName | undefined
  for (;;) {
    const before = scan.at
    skipSpace(scan)
    const code = scan.text.charCodeAt(scan.at)
    if (code === 0x3e || code === 0x2f) return found ?? none
    if (Number.isNaN(code)) malformed(scan, 'A start tag does not end.')
    if (scan.at === before) malformed(scan, 'White space is missing in a start tag.')
    if (found?.length === scan.attributes) scan.events.refuse('limit-exceeded', scan.at, `An element has more than ${scan.attributes} attributes.`)
    const name = attributeName(scan, element, last)
    const attribute = readAttribute(scan, name.text)
    if (found === undefined) found = [attribute]
    else found.push(attribute)
    last = name
  }
}

/** The one that followed last time, or any other. */
const attributeName = ({ text, at }: Scan, element: WrittenName, before: WrittenName | undefined): WrittenName => {
  const guess = before === undefined ? element.attribute : before.after
  if (guess !== undefined && isWrittenAt(guess, text, at)) return guess
  const written = text.slice(at, nameEnd(text, at))
  const name = writtenName(written)
  if (name === undefined) return passingName(written)
  if (before === undefined) element.attribute = name
  else before.after = name
  return name
}

const readAttribute = (scan: Scan, name: string): WrittenAttribute => {
  const { text } = scan
  if (name === '') malformed(scan, 'A start tag holds a character that begins no attribute.')
  scan.at += name.length
  skipSpace(scan)
  if (text[scan.at] !== '=') malformed(scan, `The attribute ${name} has no value.`)
  scan.at++
  skipSpace(scan)
  const quote = text[scan.at]
  if (quote !== '"' && quote !== "'") return malformed(scan, `The value of the attribute ${name} is not in quotes.`)
  const from = scan.at + 1
  const to = text.indexOf(quote, from)
  if (to === -1) malformed(scan, `The value of the attribute ${name} does not end.`)
  scan.at = to + 1
  return { name, value: attributeValue(scan, from, to) }
}

/** XML 1.0, section 3.3.3: white space as written becomes spaces, white space from references stays. */
const attributeValue = (scan: Scan, from: number, to: number): string => {
  const { text } = scan
  if (placeOf(scan.markup, text, from) < to) malformed(scan, 'A < stands in the value of an attribute; write &lt;.', scan.markup.at)
  const raw = text.slice(from, to)
  const spaced = placeOf(scan.lineFeed, text, from) < to || placeOf(scan.tab, text, from) < to ? raw.replace(/[\n\t]/g, ' ') : raw
  return placeOf(scan.reference, text, from) < to ? resolveReferences(spaced, from, scan.events.refuse) : spaced
}

const readEndTag = (scan: Scan): void => {
  const { text, at } = scan
  const open = scan.open.pop()
  const end = at + 2 + (open?.text.length ?? 0)
  if (open === undefined || text.slice(at + 2, end) !== open.text) return misplacedEnd(scan, at, open)
  scan.at = end
  if (text.charCodeAt(end) !== 0x3e) {
    if (!endsName(text.charCodeAt(end))) misplacedEnd(scan, at, open)
    skipSpace(scan)
    if (text.charCodeAt(scan.at) !== 0x3e) malformed(scan, `The end tag of ${open.text} does not end.`)
  }
  scan.at++
  scan.ended = open
  scan.events.end()
}

const misplacedEnd = (scan: Scan, at: number, open: WrittenName | undefined): never => {
  const name = scan.text.slice(at + 2, nameEnd(scan.text, at + 2))
  return malformed(scan, open === undefined ? `The end tag of ${name} ends no element.` : `The end tag of ${name} stands where ${open.text} is open.`, at)
}

const readDeclaration = (scan: Scan): void => {
  const { text, at } = scan
  if (text.startsWith('<!--', at)) {
    const end = text.indexOf('--', at + 4)
    if (end === -1) malformed(scan, 'A comment does not end.')
    if (text[end + 2] !== '>') malformed(scan, 'Two hyphens stand in a comment.', end)
    scan.at = end + 3
  } else if (text.startsWith('<![CDATA[', at)) {
    const end = text.indexOf(']]>', at + 9)
    if (scan.open.length === 0) malformed(scan, 'A CDATA section stands outside the root element.')
    if (end === -1) malformed(scan, 'A CDATA section does not end.')
    if (end > at + 9) scan.events.text(text.slice(at + 9, end))
    scan.at = end + 3
  } else if (text.startsWith('<!DOCTYPE', at)) {
    readDoctype(scan)
  } else {
    malformed(scan, 'A <! begins neither a comment nor a CDATA section nor a document type declaration.')
  }
}

const readDoctype = (scan: Scan): void => {
  if (scan.rootSeen || scan.doctypeSeen) malformed(scan, 'A document type declaration stands in the wrong place.')
  const { end, internalSubset } = doctypeAt(scan.text, scan.at) ?? malformed(scan, 'The document type declaration is not well-formed.')
  if (internalSubset) {
    scan.events.refuse('xml-forbidden', scan.at, 'The document type declaration declares entities, elements or attributes; send the document without them.')
  }
  scan.doctypeSeen = true
  scan.at = end
}

const readInstruction = (scan: Scan): void => {
  const { text, at } = scan
  const end = text.indexOf('?>', at + 2)
  if (end === -1) malformed(scan, 'A processing instruction does not end.')
  const target = text.slice(at + 2, nameEnd(text, at + 2))
  if (!isNcName(target)) malformed(scan, 'A processing instruction has no well-formed target.')
  if (target.toLowerCase() === 'xml') malformed(scan, 'An XML declaration stands elsewhere than at the start of the document.')
  const after = at + 2 + target.length
  if (after !== end && !/[ \t\n]/.test(text.charAt(after))) malformed(scan, 'A processing instruction has no white space after its target.')
  scan.at = end + 2
}

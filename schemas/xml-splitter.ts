import type { ErrorCode } from './error-registry.js'
import { fail, ok, type Failure, type Result } from './result.js'
import { longestPiece, type Piece, type Splitter } from './splitter.js'
import { makeTextPlaces } from './text-places.js'
import { readXml, type XmlContext } from './xml-reader.js'
import { scanXml } from './xml-scanner.js'
import type { Node } from './node.js'

/** A child of the root element with the declarations that hold where it stands. */
export interface XmlPiece extends Piece {
  readonly context: XmlContext
}

export interface XmlSplitterOptions {
  /** Told the root element, without its content, once its start tag is read. */
  readonly onRoot: (root: Node) => void
  readonly longestPiece?: number
}

const mostDepth = 200
const mostAttributes = 256

interface Tokens {
  /** What was not gone through to its end yet, from the start of the piece or token that it begins with. */
  buffer: string
  /** Where the next token begins. */
  at: number
  /** Up to where lines were counted. */
  counted: number
  readonly open: OpenElements
  pieceStart: number
  piecePlace: { readonly line: number, readonly column: number }
  /** Of the piece, what of it the buffer no longer holds. */
  dropped: number
  rootEnded: boolean
  doctypeSeen: boolean
  namespaces: XmlContext['namespaces']
  failure: Failure | undefined
  cuts: Result<XmlPiece>[]
  ended: boolean
}

/**
 * The names of the elements that are open, where they stand in the buffer: most are compared once and never needed as texts of their own. Names whose place
 * the buffer no longer holds are kept as texts.
 */
interface OpenElements {
  depth: number
  readonly starts: number[]
  readonly lengths: number[]
  readonly names: (string | undefined)[]
}

/**
 * Cuts the children out of the root element of an XML document whose line ends are line feeds already. Tags are followed as closely as it takes to
 * know where a child ends, and what stands outside the children is held to XML 1.0; each child is to be read with readXml, in its context, which
 * checks all of it. Fails with xml-not-well-formed, xml-forbidden and limit-exceeded at line and column of the whole document.
 */
export const makeXmlSplitter = ({ onRoot, longestPiece: longest = longestPiece }: XmlSplitterOptions): Splitter<XmlPiece> => {
  const tokens: Tokens = {
    buffer: '', at: 0, counted: 0, open: { depth: 0, starts: [], lengths: [], names: [] }, pieceStart: -1, piecePlace: { line: 1, column: 1 }, dropped: 0, rootEnded: false, doctypeSeen: false, namespaces: [], failure: undefined, cuts: [], ended: false,
  }
  const places = makeTextPlaces()
  const placeOf = (offset: number): { readonly line: number, readonly column: number } => {
    if (offset > tokens.counted) {
      places.pass(tokens.buffer, tokens.counted, offset)
      tokens.counted = offset
    }
    return places.here()
  }
  const isBroken = (): boolean => tokens.failure !== undefined
  const refuse = (offset: number, detail: string, code: ErrorCode = 'xml-not-well-formed'): false => {
    const { line, column } = placeOf(offset)
    tokens.failure ??= fail(code, `${line}:${column}`, detail)
    return false
  }
  const cut = (end: number): void => {
    const { pieceStart, piecePlace, buffer, namespaces } = tokens
    tokens.cuts.push(tokens.dropped > 0 || end - pieceStart > longest
      ? fail('limit-exceeded', `${piecePlace.line}:${piecePlace.column}`, `The document is longer than ${longest} characters.`)
      : ok({ text: buffer.slice(pieceStart, end), ...piecePlace, context: { namespaces, ...piecePlace } }))
    tokens.pieceStart = -1
    tokens.dropped = 0
  }
  const scanner = makeScanner(tokens, { refuse, cut, placeOf, onRoot })
  const drop = (): void => {
    placeOf(tokens.at)
    let keep = tokens.pieceStart === -1 ? tokens.at : tokens.pieceStart
    if (tokens.at - keep > longest) {
      tokens.dropped += tokens.at - keep
      tokens.pieceStart = keep = tokens.at
    }
    keepNames(tokens, keep)
    tokens.buffer = tokens.buffer.slice(keep)
    tokens.at -= keep
    tokens.counted -= keep
    if (tokens.pieceStart !== -1) tokens.pieceStart = 0
    if (tokens.buffer.length - tokens.at > longest) refuse(tokens.at, `A tag, comment or section is longer than ${longest} characters.`, 'limit-exceeded')
  }
  const step = (text: string): readonly Result<XmlPiece>[] => {
    if (isBroken()) return []
    // Joined, for a text that + makes of two is looked through at every character.
    tokens.buffer = tokens.buffer === '' ? text : [tokens.buffer, text].join('')
    tokens.cuts = []
    while (scanner.next());
    if (!isBroken()) drop()
    return tokens.cuts
  }
  return {
    push: step,
    end: () => {
      tokens.ended = true
      const last = step('')
      if (!isBroken()) scanner.finish()
      return last
    },
    failure: () => tokens.failure,
  }
}

/** What stands before `keep` is about to leave the buffer. */
const keepNames = ({ buffer, open: { depth, starts, lengths, names } }: Tokens, keep: number): void => {
  for (let index = 0; index < depth; index++) {
    const start = starts[index] ?? 0
    if (names[index] === undefined && start < keep) names[index] = buffer.slice(start, start + (lengths[index] ?? 0))
    starts[index] = start - keep
  }
}

const nameAt = ({ buffer, open: { starts, lengths, names } }: Tokens, index: number): string => {
  const start = starts[index] ?? 0
  return names[index] ?? buffer.slice(start, start + (lengths[index] ?? 0))
}

/** Whether the name of an open element stands at an offset. */
const isNameAt = ({ buffer, open: { starts, lengths, names } }: Tokens, index: number, offset: number): boolean => {
  const name = names[index]
  if (name !== undefined) return buffer.startsWith(name, offset)
  const [start, length] = [starts[index] ?? 0, lengths[index] ?? 0]
  for (let at = 0; at < length; at++) if (buffer.charCodeAt(start + at) !== buffer.charCodeAt(offset + at)) return false
  return true
}

interface ScannerDeps {
  readonly refuse: (offset: number, detail: string, code?: ErrorCode) => false
  readonly cut: (end: number) => void
  readonly placeOf: (offset: number) => { readonly line: number, readonly column: number }
  readonly onRoot: (root: Node) => void
}

const isSpaceCode = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d

/** Where a name ends: before white space, / or >. What it is made of is checked when its element is read. */
const nameEnd = (text: string, from: number, to: number): number => {
  let at = from
  for (; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x3e || code === 0x2f || isSpaceCode(code)) break
  }
  return at
}

const makeScanner = (tokens: Tokens, { refuse, cut, placeOf, onRoot }: ScannerDeps) => {
  /** The token is not all there: false, and a failure where no more is to come. */
  const unfinished = (what: string): false => (tokens.ended ? refuse(tokens.at, `${what} does not end.`) : false)

  /** Outside of pieces nothing but white space may stand between the markup. */
  const isBlank = (from: number, to: number): boolean => {
    for (let at = from; at < to; at++) {
      if (!isSpaceCode(tokens.buffer.charCodeAt(at))) return refuse(at, tokens.open.depth === 0 ? 'Text stands outside the root element.' : 'Text stands between the documents of the root element.')
    }
    return true
  }
  const declaration = (at: number): boolean => {
    const { buffer, open } = tokens
    if (buffer.startsWith('<!--', at)) {
      const end = buffer.indexOf('--', at + 4)
      if (end === -1 || end + 2 >= buffer.length) return unfinished('A comment')
      if (buffer.charCodeAt(end + 2) !== 0x3e) return refuse(end, 'Two hyphens stand in a comment.')
      return outside(at, end + 3)
    }
    if (buffer.startsWith('<![CDATA[', at)) {
      if (open.depth < 2) return refuse(at, 'A CDATA section stands outside the documents.')
      const end = buffer.indexOf(']]>', at + 9)
      if (end === -1) return unfinished('A CDATA section')
      tokens.at = end + 3
      return true
    }
    if (buffer.length - at < 9 && !tokens.ended) return false
    return buffer.startsWith('<!DOCTYPE', at) && open.depth === 0 && !tokens.rootEnded ? doctype(at)
      : refuse(at, 'A <! begins neither a comment nor a CDATA section nor a document type declaration in its place.')
  }
  const doctype = (at: number): boolean => {
    const { buffer } = tokens
    if (tokens.doctypeSeen) return refuse(at, 'A document type declaration stands in the wrong place.')
    const bracket = buffer.indexOf('[', at)
    const end = tagEnd(at)
    if (end === -1 && bracket === -1) return unfinished('The document type declaration')
    tokens.doctypeSeen = true
    if (bracket !== -1 && (end === -1 || bracket < end)) return outside(at, bracket + 1)
    return outside(at, end + 1)
  }
  const instruction = (at: number): boolean => {
    const end = tokens.buffer.indexOf('?>', at + 2)
    return end === -1 ? unfinished('A processing instruction') : outside(at, end + 2)
  }
  /** Checks a construct that belongs to no piece by reading it before an empty element, and steps behind it. */
  const outside = (from: number, to: number): boolean => {
    if (tokens.open.depth < 2) {
      const place = placeOf(from)
      const text = tokens.buffer.slice(from, to)
      if (place.line * place.column > 1 && /^<\?xml[\s?]/.test(text)) return refuse(from, 'An XML declaration stands elsewhere than at the start of the document.')
      const read = readXml(`${text}<x/>`, {}, { nodes: 0 }, { namespaces: [], ...place })
      if (!read.ok) {
        tokens.failure ??= read
        return false
      }
    }
    tokens.at = to
    return true
  }
  /** The > of the tag from an offset in it on, past quoted values; -1 where it is not there yet. */
  const tagEnd = (from: number): number => {
    const { buffer } = tokens
    for (let index = from; index < buffer.length; index++) {
      const code = buffer.charCodeAt(index)
      if (code === 0x3e) return index
      if (code === 0x22 || code === 0x27) {
        index = buffer.indexOf(code === 0x22 ? '"' : "'", index + 1)
        if (index === -1) return -1
      }
    }
    return -1
  }
  const startTag = (at: number): boolean => {
    const { buffer, open } = tokens
    const behindName = nameEnd(buffer, at + 1, buffer.length)
    const end = buffer.charCodeAt(behindName) === 0x3e ? behindName : tagEnd(behindName)
    if (end === -1) return unfinished('A start tag')
    if (behindName === at + 1) return refuse(at, 'A < is followed by no name; write &lt; for the character itself.')
    const empty = buffer.charCodeAt(end - 1) === 0x2f
    if (open.depth === 0 && !startRoot(at, end, empty)) return false
    if (open.depth === 1) {
      tokens.pieceStart = at
      tokens.piecePlace = placeOf(at)
    }
    tokens.at = end + 1
    if (empty) {
      if (open.depth === 1) cut(end + 1)
      return true
    }
    if (open.depth === mostDepth) return refuse(at, `Elements are nested more than ${mostDepth} levels deep.`, 'limit-exceeded')
    open.starts[open.depth] = at + 1
    open.lengths[open.depth] = behindName - at - 1
    open.names[open.depth++] = undefined
    return true
  }
  const startRoot = (at: number, end: number, empty: boolean): boolean => {
    if (tokens.rootEnded) return refuse(at, 'The document has more than one root element.')
    const text = empty ? tokens.buffer.slice(at, end + 1) : `${tokens.buffer.slice(at, end)}/>`
    const root = readXml(text, {}, { nodes: 0 }, { namespaces: [], ...placeOf(at) })
    if (!root.ok) {
      tokens.failure ??= root
      return false
    }
    tokens.namespaces = declarationsOf(text)
    tokens.rootEnded = empty
    onRoot(root.value)
    return true
  }
  const endTag = (at: number): boolean => {
    const { buffer, open } = tokens
    const index = open.depth - 1
    const behind = at + 2 + (open.lengths[index] ?? 0)
    const end = index >= 0 && buffer.charCodeAt(behind) === 0x3e ? behind : buffer.indexOf('>', at)
    if (end === -1) return unfinished('An end tag')
    if (index < 0 || !isNameAt(tokens, index, at + 2) || !isBlankTail(behind, end)) {
      const name = buffer.slice(at + 2, Math.min(end, at + 202)).trim()
      return refuse(at, index < 0 ? `The end tag ${name} ends no element.` : `The end tag ${name} stands where ${nameAt(tokens, index).slice(0, 200)} is open.`)
    }
    tokens.at = end + 1
    open.depth = index
    if (index === 1) cut(end + 1)
    if (index === 0) tokens.rootEnded = true
    return true
  }
  const isBlankTail = (from: number, to: number): boolean => {
    for (let at = from; at < to; at++) if (!isSpaceCode(tokens.buffer.charCodeAt(at))) return false
    return true
  }
  return {
    /** Goes past one token; false where it is not all there or there is a failure. */
    next: (): boolean => {
      const { buffer, at } = tokens
      const found = buffer.indexOf('<', at)
      const markup = found === -1 ? buffer.length : found
      if (tokens.open.depth < 2 && !isBlank(at, markup)) return false
      tokens.at = markup
      if (found === -1) return false
      if (markup + 1 >= buffer.length) return unfinished('A tag')
      switch (buffer.charCodeAt(markup + 1)) {
        case 0x2f: return endTag(markup)
        case 0x21: return declaration(markup)
        case 0x3f: return instruction(markup)
        default: return startTag(markup)
      }
    },
    finish: (): void => {
      const { depth } = tokens.open
      if (depth > 0) refuse(tokens.at, `The element ${nameAt(tokens, depth - 1)} does not end.`)
      else if (!tokens.rootEnded) refuse(tokens.at, 'The document has no root element.')
    },
  }
}

/** The namespaces that a start tag, known to be well-formed, declares. */
const declarationsOf = (text: string): XmlContext['namespaces'] => {
  const declared: (readonly [string, string])[] = []
  scanXml(text, mostAttributes, {
    start: (_name, attributes) => {
      for (const { name, value } of attributes) {
        if (name === 'xmlns') declared.push(['', value])
        else if (name.startsWith('xmlns:')) declared.push([name.slice(6), value])
      }
    },
    end: () => undefined,
    text: () => undefined,
    refuse: (_code, _offset, detail) => { throw new Error(detail) },
  })
  return declared
}

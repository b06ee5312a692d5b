import { fail, ok, type Failure, type Result } from './result.js'
import { longestPiece, type Piece, type Splitter } from './splitter.js'
import { makeTextPlaces } from './text-places.js'

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d

/** What is looked for at the root: its [, an element or the ] of an empty array, an element behind a comma, a comma or the ], nothing more. */
type Expected = 'array' | 'first' | 'element' | 'comma' | 'nothing'

interface Tokens {
  buffer: string
  at: number
  counted: number
  expected: Expected
  /** Where the element began that is being gone through; -1 between elements. */
  start: number
  place: { readonly line: number, readonly column: number }
  depth: number
  inString: boolean
  dropped: boolean
  failure: Failure | undefined
}

/**
 * Cuts the elements out of a JSON array at the root. Brackets and strings are followed as closely as it takes to know where an element ends; each is
 * to be read with readJson at its place, which checks all of it. Fails with json-not-well-formed at line and column.
 */
export const makeJsonArraySplitter = (longest = longestPiece): Splitter => {
  const tokens: Tokens = { buffer: '', at: 0, counted: 0, expected: 'array', start: -1, place: { line: 1, column: 1 }, depth: 0, inString: false, dropped: false, failure: undefined }
  const places = makeTextPlaces()
  let cuts: Result<Piece>[] = []
  const placeOf = (offset: number): { readonly line: number, readonly column: number } => {
    places.pass(tokens.buffer, tokens.counted, offset)
    tokens.counted = offset
    return places.here()
  }
  const isBroken = (): boolean => tokens.failure !== undefined
  const refuse = (detail: string): false => {
    const { line, column } = placeOf(tokens.at)
    tokens.failure ??= fail('json-not-well-formed', `${line}:${column}`, detail)
    return false
  }
  const cut = (): void => {
    const { start, at, place, buffer } = tokens
    cuts.push(tokens.dropped || at - start > longest ? fail('limit-exceeded', `${place.line}:${place.column}`, `The document is longer than ${longest} characters.`) : ok({ text: buffer.slice(start, at), ...place }))
    tokens.start = -1
    tokens.dropped = false
    tokens.expected = 'comma'
  }
  const between = (): boolean => {
    const { buffer } = tokens
    while (tokens.at < buffer.length && isSpace(buffer.charCodeAt(tokens.at))) tokens.at++
    if (tokens.at >= buffer.length) return false
    const found = buffer.charAt(tokens.at)
    switch (tokens.expected) {
      case 'array': if (found !== '[') return refuse('Expected an array.'); tokens.expected = 'first'; break
      case 'comma':
        if (found !== ',' && found !== ']') return refuse(`Expected a comma or ], found ${JSON.stringify(found)}.`)
        tokens.expected = found === ',' ? 'element' : 'nothing'
        break
      case 'nothing': return refuse(`Expected the end of the text, found ${JSON.stringify(found)}.`)
      case 'first': case 'element':
        if (found === ']' && tokens.expected === 'first') {
          tokens.expected = 'nothing'
          break
        }
        if (/[\]},:]/.test(found)) return refuse(`Expected a value, found ${JSON.stringify(found)}.`)
        tokens.place = placeOf(tokens.at)
        tokens.start = tokens.at
        return true
      default: tokens.expected satisfies never
    }
    tokens.at++
    return true
  }
  return {
    push: (text) => {
      if (isBroken()) return []
      tokens.buffer += text
      cuts = []
      while (tokens.start === -1 ? between() : goThrough(tokens, cut));
      if (!isBroken()) drop(tokens, placeOf, longest)
      return cuts
    },
    end: () => {
      if (!isBroken() && tokens.expected !== 'nothing') refuse('The array does not end.')
      return []
    },
    failure: () => tokens.failure,
  }
}

/** Goes through the element up to its end or to that of the buffer, for which it gives false. */
const goThrough = (tokens: Tokens, cut: () => void): boolean => {
  const { buffer } = tokens
  for (; tokens.at < buffer.length; tokens.at++) {
    const code = buffer.charCodeAt(tokens.at)
    if (tokens.inString) {
      if (code === 0x5c) {
        if (tokens.at + 1 >= buffer.length) return false
        tokens.at++
      } else if (code === 0x22) {
        tokens.inString = false
      }
    } else if (code === 0x22) {
      tokens.inString = true
    } else if (code === 0x7b || code === 0x5b) {
      tokens.depth++
    } else if (tokens.depth > 0) {
      if (code === 0x7d || code === 0x5d) tokens.depth--
    } else if (code === 0x2c || code === 0x5d || code === 0x7d) {
      cut()
      return true
    }
  }
  return false
}

const drop = (tokens: Tokens, placeOf: (offset: number) => unknown, longest: number): void => {
  placeOf(tokens.at)
  if (tokens.start !== -1 && tokens.at - tokens.start > longest) {
    tokens.dropped = true
    tokens.start = tokens.at
  }
  const keep = tokens.start === -1 ? tokens.at : tokens.start
  tokens.buffer = tokens.buffer.slice(keep)
  tokens.at -= keep
  tokens.counted -= keep
  if (tokens.start !== -1) tokens.start = 0
}

/** Cuts a text of one JSON document a line into its lines that are not blank. Never fails as a whole. */
export const makeLineSplitter = (longest = longestPiece): Splitter => {
  let buffer = ''
  let searched = 0
  let line = 1
  let dropped = false
  const take = (text: string): readonly Result<Piece>[] => {
    const place = { line: line++, column: 1 }
    const tooLong = dropped || text.length > longest
    dropped = false
    if (tooLong) return [fail('limit-exceeded', `${place.line}:1`, `The document is longer than ${longest} characters.`)]
    return text.trim() === '' ? [] : [ok({ text, ...place })]
  }
  return {
    push: (text) => {
      buffer += text
      const cuts: Result<Piece>[] = []
      let start = 0
      for (let end = buffer.indexOf('\n', searched); end !== -1; end = buffer.indexOf('\n', start)) {
        cuts.push(...take(buffer.slice(start, end)))
        start = end + 1
      }
      buffer = buffer.slice(start)
      if (buffer.length > longest) {
        dropped = true
        buffer = ''
      }
      searched = buffer.length
      return cuts
    },
    end: () => (buffer === '' && !dropped ? [] : take(buffer)),
    failure: () => undefined,
  }
}

import { linesIn, passedBy, passFill } from './lines-in.js'
import { mostNodes, tooManyNodes, type NodeCount } from './node.js'
import { fail, type Failure } from './result.js'
import type { SegmentSeparators } from './segment-separators.js'
import { withoutMarks } from './without-marks.js'

/** A component of an element, or an element that has but one. */
export interface SegmentText {
  readonly text: string
  /** 1-based, in UTF-16 code units. */
  readonly line: number
  readonly column: number
}

/** One segment: its elements, of each its repetitions, of each its components. */
export interface Segment {
  readonly tag: string
  readonly line: number
  readonly column: number
  readonly elements: readonly SegmentElement[]
}

export type SegmentElement = readonly (readonly SegmentText[])[]

/** Where reading is. */
export interface SegmentCursor {
  readonly text: string
  at: number
  line: number
  lineStart: number
}

export const placeOf = ({ line, lineStart }: SegmentCursor, at: number): string => `${line}:${at - lineStart + 1}`

/** The line and column of an offset behind the cursor. */
export const placeAt = (cursor: SegmentCursor, at: number): string => {
  const probe = { ...cursor }
  passTo(probe, at)
  return placeOf(probe, at)
}

/** Moves the cursor to an offset, over whatever stands there. */
export const passTo = (cursor: SegmentCursor, at: number): void => {
  const { text } = cursor
  for (let index = cursor.at; index < at; index++) {
    const code = text.charCodeAt(index)
    if (code === lineFeed || (code === carriageReturn && text.charCodeAt(index + 1) !== lineFeed)) {
      cursor.line++
      cursor.lineStart = index + 1
    }
  }
  cursor.at = at
}

/** Passes over what may stand between segments: line ends, spaces, and the end-of-file mark of old systems. */
export const skipBetween = (cursor: SegmentCursor): void => {
  const { text } = cursor
  for (; cursor.at < text.length; cursor.at++) {
    const code = text.charCodeAt(cursor.at)
    if (code === lineFeed || (code === carriageReturn && text.charCodeAt(cursor.at + 1) !== lineFeed)) {
      cursor.line++
      cursor.lineStart = cursor.at + 1
    } else if (code > 0x20 && code !== 0xfeff) return
  }
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** Two or three capital letters or digits, a letter first. */
const isTag = (text: string, from: number, to: number): boolean => {
  if (to - from < 2 || to - from > 3 || !isCapital(text.charCodeAt(from))) return false
  for (let at = from + 1; at < to; at++) if (!isCapital(text.charCodeAt(at)) && !isDigit(text.charCodeAt(at))) return false
  return true
}

const isCapital = (code: number): boolean => code >= 0x41 && code <= 0x5a
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** Of one segment; a longer one is no segment but a text without ends. */
const mostElements = 20_000

/**
 * Reads the segment at the cursor, which stands at its first letter, and passes over what is behind it. Line ends within a segment are data. Fails with segments-not-well-formed, where it
 * does not end, has no tag or ends in a release character, or limit-exceeded, where it has too much, each at line and column.
 */
export const readSegment = (cursor: SegmentCursor, separators: SegmentSeparators, count: NodeCount): Segment | Failure => {
  const { text } = cursor
  const start = cursor.at
  const line = cursor.line
  const column = start - cursor.lineStart + 1
  const element = separators.element.charCodeAt(0)
  const end = separators.segment.charCodeAt(0)
  let tagEnd = start
  while (tagEnd < text.length && tagEnd - start < 4 && text.charCodeAt(tagEnd) !== element && text.charCodeAt(tagEnd) !== end) tagEnd++
  if (!isTag(text, start, tagEnd)) return fail('segments-not-well-formed', `${line}:${column}`, `${JSON.stringify(text.slice(start, start + 12))} stands where a segment begins; a segment begins with two or three capital letters or digits.`)
  const tag = text.slice(start, tagEnd)
  cursor.at = tagEnd
  count.nodes += nodesOfSegment
  if (count.nodes > (count.most ?? mostNodes)) return tooMany(count, line, column)
  const elements: SegmentElement[] = []
  while (cursor.at < text.length && text.charCodeAt(cursor.at) === element) {
    cursor.at++
    const read = readElement(cursor, separators, count)
    if ('code' in read) return read
    elements.push(read)
    if (elements.length > mostElements) return fail('limit-exceeded', `${line}:${column}`, `The segment ${tag} has more than ${mostElements} elements.`)
  }
  if (cursor.at >= text.length) return fail('segments-not-well-formed', `${line}:${column}`, `The segment ${tag} that begins here does not end: ${JSON.stringify(separators.segment)} is missing.`)
  if (end === lineFeed) {
    cursor.line++
    cursor.lineStart = cursor.at + 1
  }
  cursor.at++
  skipBetween(cursor)
  // A list that was pushed to has room for more.
  return { tag, line, column, elements: elements.length === 0 ? none : elements.slice() }
}

/** A segment may begin a group and a line of the canonical document too, and then costs as much as three of its elements. */
const nodesOfSegment = 3

const none: readonly never[] = []

const tooMany = ({ most = mostNodes }: NodeCount, line: number, column: number): Failure => fail('limit-exceeded', `${line}:${column}`, tooManyNodes(most, 'segments, elements and components'))

/** Up to the next element or the end of the segment. */
const readElement = (cursor: SegmentCursor, separators: SegmentSeparators, count: NodeCount): SegmentElement | Failure => {
  const { text } = cursor
  const repetition = separators.repetition.charCodeAt(0)
  const component = separators.component.charCodeAt(0)
  let repetitions: SegmentText[][] | undefined
  let components: SegmentText[] | undefined
  for (;;) {
    const read = readComponent(cursor, separators)
    if ('code' in read) return read
    if (++count.nodes > (count.most ?? mostNodes)) return tooMany(count, read.line, read.column)
    if (components === undefined) components = [read]
    else if (components.push(read) > mostElements) return tooManyComponents(read)
    const next = text.charCodeAt(cursor.at)
    if (next === component) cursor.at++
    else {
      if (repetitions === undefined) repetitions = [components]
      else if (repetitions.push(components) > mostElements) return tooManyComponents(read)
      if (next !== repetition) return repetitions
      components = undefined
      cursor.at++
    }
  }
}

const tooManyComponents = ({ line, column }: SegmentText): Failure => fail('limit-exceeded', `${line}:${column}`, `An element has more than ${mostElements} components.`)

interface Meanings {
  /** What a character means within a segment, by its code; 0 for data. */
  readonly byCode: Uint8Array
  /** Data, what is released and line ends, as much as there is. */
  readonly data: RegExp
}

const meaning = { divides: 1, releases: 2, endsLine: 3 } as const
const fewCodes = 256

/** Made once for each interchange. */
const meanings = new WeakMap<SegmentSeparators, Meanings>()

const meaningsOf = (separators: SegmentSeparators): Meanings => {
  const known = meanings.get(separators)
  if (known !== undefined) return known
  const { segment, element, component, repetition, release } = separators
  const codes = [segment, element, component, repetition].map((one) => one.charCodeAt(0))
  const made = new Uint8Array(codes.some((code) => code >= fewCodes) || release.charCodeAt(0) >= fewCodes ? 65_536 : fewCodes)
  made[lineFeed] = meaning.endsLine
  made[carriageReturn] = meaning.endsLine
  for (const code of codes) if (!Number.isNaN(code)) made[code] = meaning.divides
  if (release !== '') made[release.charCodeAt(0)] = meaning.releases
  const unitsOf = (marks: readonly number[]): string => marks.filter((code) => !Number.isNaN(code)).map((code) => `\\u${code.toString(16).padStart(4, '0')}`).join('')
  const released = release === '' ? '' : `|${unitsOf([release.charCodeAt(0)])}[^]`
  const both = { byCode: made, data: new RegExp(`(?:[^${unitsOf([...codes, release.charCodeAt(0)])}]+${released})${passFill}`, 'y') }
  meanings.set(separators, both)
  return both
}

/** Of one component, in UTF-16 code units: the longest that a standard knows has 512 characters, but for binary data, which segments of text cannot hold. */
const mostData = 1_000_000

/** Longer data is passed over by an expression, a third of the time for each character. */
const shortData = 64

/** Up to what divides; the cursor stays on it. */
const readComponent = (cursor: SegmentCursor, separators: SegmentSeparators): SegmentText | Failure => {
  const { text, line, at: from } = cursor
  const { length } = text
  const { byCode, data } = meaningsOf(separators)
  const { release } = separators
  const { length: known } = byCode
  const column = from - cursor.lineStart + 1
  let released = false
  let lines = 0
  let { lineStart } = cursor
  let at = from
  for (let near = from + shortData; at < length; at++) {
    if (at >= near) {
      const end = passedBy(data, text, at, from + mostData)
      if (end - from > mostData) return fail('limit-exceeded', `${line}:${column}`, `An element has more than ${mostData} characters.`)
      const passed = linesIn(text, at, end)
      if (passed !== undefined) {
        lines += passed.ends
        lineStart = passed.lastStart
      }
      released ||= release !== '' && text.slice(at, end).includes(release)
      at = end
      near = Infinity
      if (at >= length) break
    }
    let code = text.charCodeAt(at)
    const found = code < known ? byCode[code] : 0
    if (found === 0) continue
    if (found === meaning.divides) break
    if (found === meaning.releases) {
      if (at + 1 >= length) return fail('segments-not-well-formed', `${line + lines}:${at - lineStart + 1}`, `The release character ${separators.release} is the last one: nothing stands behind it.`)
      released = true
      code = text.charCodeAt(++at)
    }
    if (code === lineFeed || (code === carriageReturn && text.charCodeAt(at + 1) !== lineFeed)) {
      lines++
      lineStart = at + 1
    }
  }
  cursor.at = at
  cursor.line += lines
  cursor.lineStart = lineStart
  const raw = text.slice(from, at)
  return { text: released ? withoutMarks(raw, release.charCodeAt(0)) : raw, line, column }
}

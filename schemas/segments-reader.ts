import { mostNodes, type NodeCount } from './node.js'
import { fail, type Failure } from './result.js'
import type { SegmentSeparators } from './segment-separators.js'

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
const tagForm = /^[A-Z][A-Z0-9]{1,2}$/

/** Of one segment; a longer one is no segment but a text without ends. */
const mostElements = 20_000

/**
 * Reads the segment at the cursor, which stands at its first letter, and passes over what is behind it. Line ends within a segment are data. Fails with segments-not-well-formed, where it
 * does not end, has no tag or ends in a release character, or limit-exceeded, each at line and column.
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
  const tag = text.slice(start, tagEnd)
  if (!tagForm.test(tag)) return fail('segments-not-well-formed', `${line}:${column}`, `${JSON.stringify(text.slice(start, start + 12))} stands where a segment begins; a segment begins with two or three capital letters or digits.`)
  cursor.at = tagEnd
  if (++count.nodes > mostNodes) return tooMany(line, column)
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
  return { tag, line, column, elements }
}

const tooMany = (line: number, column: number): Failure => fail('limit-exceeded', `${line}:${column}`, `There are more than ${mostNodes} segments, elements and components; send them in several messages.`)

/** Up to the next element or the end of the segment. */
const readElement = (cursor: SegmentCursor, separators: SegmentSeparators, count: NodeCount): SegmentElement | Failure => {
  const { text } = cursor
  const repetition = separators.repetition.charCodeAt(0)
  const component = separators.component.charCodeAt(0)
  const repetitions: SegmentText[][] = []
  let components: SegmentText[] = []
  for (;;) {
    const read = readComponent(cursor, separators)
    if ('code' in read) return read
    if (++count.nodes > mostNodes) return tooMany(read.line, read.column)
    components.push(read)
    if (components.length > mostElements || repetitions.length > mostElements) return fail('limit-exceeded', `${read.line}:${read.column}`, `An element has more than ${mostElements} components.`)
    const next = text.charCodeAt(cursor.at)
    if (next === component) cursor.at++
    else {
      repetitions.push(components)
      if (next !== repetition) return repetitions
      components = []
      cursor.at++
    }
  }
}

/** NaN where there is none, which no character is. */
const readComponent = (cursor: SegmentCursor, separators: SegmentSeparators): SegmentText | Failure => {
  const { text } = cursor
  const end = separators.segment.charCodeAt(0)
  const element = separators.element.charCodeAt(0)
  const component = separators.component.charCodeAt(0)
  const repetition = separators.repetition.charCodeAt(0)
  const release = separators.release.charCodeAt(0)
  const { line } = cursor
  const column = cursor.at - cursor.lineStart + 1
  const from = cursor.at
  let released = false
  for (; cursor.at < text.length; cursor.at++) {
    const code = text.charCodeAt(cursor.at)
    if (code === end || code === element || code === component || code === repetition) break
    if (code === release) {
      if (cursor.at + 1 >= text.length) return fail('segments-not-well-formed', placeOf(cursor, cursor.at), `The release character ${separators.release} is the last one: nothing stands behind it.`)
      released = true
      cursor.at++
    }
    const here = text.charCodeAt(cursor.at)
    if (here === lineFeed || (here === carriageReturn && text.charCodeAt(cursor.at + 1) !== lineFeed)) {
      cursor.line++
      cursor.lineStart = cursor.at + 1
    }
  }
  const raw = text.slice(from, cursor.at)
  return { text: released ? withoutReleases(raw, release) : raw, line, column }
}

/** In one pass over its units: of 4 million pieces put together each would be a string. */
const withoutReleases = (text: string, release: number): string => {
  const units = Buffer.from(text, 'utf16le')
  let to = 0
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) === release) at++
    to = units.writeUInt16LE(text.charCodeAt(at), to)
  }
  return units.toString('utf16le', 0, to)
}

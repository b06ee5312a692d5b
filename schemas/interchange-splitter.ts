import { messageOf, missingTrailer, outsideMessage, services, standsAlone, trailerProblem, type InterchangeMessage, type OpenInterchange } from './interchange-reader.js'
import { fail, ok, type Failure, type Result } from './result.js'
import { interchangeStart, longestStart, type SegmentSeparators } from './segment-separators.js'
import { passTo, placeAt, readSegment, skipBetween, type Segment, type SegmentCursor } from './segments-reader.js'
import { longestPiece } from './splitter.js'

/** One message of an interchange as it stands there, with the envelope that it stands in. */
export interface MessageCut {
  /** From UNH or ST to the end of UNT or SE; what is missing of it says its reading. */
  readonly text: string
  readonly line: number
  readonly column: number
  readonly within: OpenInterchange
}

export interface InterchangeSplitter {
  /** Takes the next step, in which no pair of a carriage return and a line feed is divided; gives the messages that it completes, and what is wrong between them in its place. */
  readonly push: (text: string) => readonly Result<MessageCut>[]
  readonly end: () => readonly Result<MessageCut>[]
  /** Why nothing more can be cut out: what was given before stands. */
  readonly failure: () => Failure | undefined
}

/** Where the message began that is being gone through. */
interface OpenMessage {
  from: number
  readonly line: number
  readonly column: number
  dropped: boolean
}

interface Counted {
  readonly opening: Segment
  messages: number
}

interface State extends SegmentCursor {
  text: string
  /** How far the segment at the cursor was gone through without finding its end. */
  scanned: number
  separators: SegmentSeparators | undefined
  within: OpenInterchange | undefined
  message: OpenMessage | undefined
  /** A segment outside of messages was told of, and those behind it are no news. */
  stray: boolean
  messages: number
  groups: number
  group: Counted | undefined
  failure: Failure | undefined
}

/**
 * Cuts interchanges of EDIFACT and X12, one behind the other, into their messages. What is wrong with an envelope (a count, a reference, a trailer that is missing) is given in its place, behind the messages that it holds: these
 * were given before. Fails with segments-not-well-formed where an interchange does not begin or a segment does not end, at line and column.
 */
export const makeInterchangeSplitter = (longest = longestPiece): InterchangeSplitter => {
  const state: State = {
    text: '', at: 0, line: 1, lineStart: 0, scanned: 0, separators: undefined, within: undefined, message: undefined, stray: false, messages: 0, groups: 0, group: undefined, failure: undefined,
  }
  let cuts: Result<MessageCut>[] = []
  const found = (failure: Failure | undefined): void => { if (failure !== undefined) cuts.push(failure) }
  const closeMessage = (to: number): void => {
    const { message, within } = state
    if (message === undefined || within === undefined) return
    if (!message.dropped) cuts.push(ok({ text: state.text.slice(message.from, to), line: message.line, column: message.column, within }))
    state.message = undefined
  }
  /** Takes the segment at the cursor, which ends at an offset, its end included. */
  const takeSegment = (tag: string, end: number): void => {
    const { within, separators } = state
    if (within === undefined || separators === undefined) return
    const service = services[within.family]
    const read = (): Segment | undefined => {
      const segment = readSegment({ ...state }, separators, { nodes: 0 })
      if (!('code' in segment)) return segment
      found(segment)
      return undefined
    }
    if (tag === service.message.open) {
      closeMessage(state.at)
      state.message = { from: state.at, line: state.line, column: state.at - state.lineStart + 1, dropped: false }
      state.messages++
      state.stray = false
    } else if (tag === service.message.close && state.message !== undefined) {
      closeMessage(end)
    } else if (tag === service.group.open || tag === service.group.close) {
      closeMessage(state.at)
      const segment = read()
      if (segment !== undefined) takeGroup(state, segment, found)
    } else if (tag === service.interchange.close) {
      closeMessage(state.at)
      const segment = read()
      if (segment !== undefined) found(endOfInterchange(state, segment))
      ;[state.within, state.separators] = [undefined, undefined]
    } else if (state.message === undefined && within.group === undefined && standsAlone(within.family, tag)) {
      cuts.push(ok({ text: state.text.slice(state.at, end), line: state.line, column: state.at - state.lineStart + 1, within }))
    } else if (state.message === undefined && !state.stray) {
      state.stray = true
      const segment = read()
      if (segment !== undefined) found(outsideMessage(service, segment))
    }
  }
  const begin = (isLast: boolean): boolean => {
    if (!isLast && state.text.length - state.at < longestStart) return false
    const start = interchangeStart(state.text, state.at, (at) => placeAt(state, at))
    if (!start.ok) {
      state.failure = start
      return false
    }
    passTo(state, start.value.at)
    const { family, separators } = start.value
    // ISA names the separators as its own data.
    const opening = readSegment(state, family === 'x12' ? { ...separators, component: '', repetition: '' } : separators, { nodes: 0 })
    if ('code' in opening) {
      state.failure = opening
      return false
    }
    Object.assign(state, { separators, within: { family, separators, interchange: opening, group: undefined }, messages: 0, groups: 0, group: undefined, stray: false, scanned: state.at } satisfies Partial<State>)
    return true
  }
  const go = (isLast: boolean): void => {
    for (;;) {
      skipBetween(state)
      if (state.at >= state.text.length || state.failure !== undefined) return
      if (state.separators === undefined) {
        if (!begin(isLast)) return
        continue
      }
      if (state.within !== undefined && startsAnother(state, state.within)) {
        closeMessage(state.at)
        found(missingTrailer(state.within.interchange, services[state.within.family].interchange.close))
        ;[state.within, state.separators] = [undefined, undefined]
        continue
      }
      const end = segmentEnd(state, state.separators)
      if (end === -1) return
      takeSegment(tagAt(state, state.separators), end)
      passTo(state, end)
      state.scanned = end
    }
  }
  const drop = (): void => {
    const { message } = state
    if (message !== undefined && !message.dropped && state.at - message.from > longest) {
      cuts.push(fail('limit-exceeded', `${message.line}:${message.column}`, `The message has more than ${longest} characters.`))
      message.dropped = true
    }
    if (state.text.length - state.at > longest) state.failure ??= fail('segments-not-well-formed', `${state.line}:${state.at - state.lineStart + 1}`, `The segment that begins here does not end within ${longest} characters.`)
    const keep = message === undefined || message.dropped ? state.at : message.from
    state.text = state.text.slice(keep)
    state.at -= keep
    state.lineStart -= keep
    state.scanned -= keep
    if (message !== undefined) message.from -= keep
  }
  return {
    push: (text) => {
      cuts = []
      if (state.failure !== undefined) return cuts
      state.text += text
      go(false)
      drop()
      return cuts
    },
    end: () => {
      cuts = []
      if (state.failure !== undefined) return cuts
      go(true)
      const isCutOff = state.message !== undefined
      closeMessage(state.text.length)
      if (state.within === undefined) return cuts
      const service = services[state.within.family]
      state.failure = !isCutOff && state.at < state.text.length ? cutOff(state) : missingTrailer(state.within.interchange, service.interchange.close)
      return cuts
    },
    failure: () => state.failure,
  }
}

const cutOff = ({ line, at, lineStart }: State): Failure => fail('segments-not-well-formed', `${line}:${at - lineStart + 1}`, 'The segment that begins here does not end.')

const tagAt = ({ text, at }: State, { element, segment }: SegmentSeparators): string => {
  for (let end = at + 2; end <= at + 3; end++) if (text[end] === element || text[end] === segment) return text.slice(at, end)
  return ''
}

/** Within one that has not ended: its messages would be taken for those of the other. */
const startsAnother = ({ text, at }: State, { family, separators }: OpenInterchange): boolean =>
  text.startsWith(services[family].interchange.open + separators.element, at) || (family === 'edifact' && text.startsWith('UNA', at) && /^\s{0,10}UNB/.test(text.slice(at + 9, at + 22)))

/** Behind what ends the segment at the cursor; -1 where that has not come. */
const segmentEnd = (state: State, { segment, release }: SegmentSeparators): number => {
  const { text } = state
  const [end, released] = [segment.charCodeAt(0), release.charCodeAt(0)]
  let index = Math.max(state.scanned, state.at)
  for (; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === end) return index + 1
    if (code === released) index++
  }
  // What a release character at the end makes data of comes with the next step.
  state.scanned = index
  return -1
}

const takeGroup = (state: State, segment: Segment, found: (failure: Failure | undefined) => void): void => {
  const { within, group } = state
  if (within === undefined) return
  const { group: pair } = services[within.family]
  state.stray = false
  if (segment.tag === pair.open) {
    if (group !== undefined) found(missingTrailer(group.opening, pair.close))
    state.group = { opening: segment, messages: state.messages }
    state.groups++
    state.within = { ...within, group: segment }
    return
  }
  if (group === undefined) found(fail('envelope-invalid', `${segment.line}:${segment.column}`, `${segment.tag} stands here without its ${pair.open}.`))
  else found(trailerProblem(group.opening, segment, pair, [state.messages - group.messages], 'messages'))
  state.group = undefined
  state.within = { ...within, group: undefined }
}

const endOfInterchange = ({ within, group, groups, messages }: State, trailer: Segment): Failure | undefined => {
  if (within === undefined) return undefined
  const service = services[within.family]
  if (group !== undefined) return missingTrailer(group.opening, service.group.close)
  return trailerProblem(within.interchange, trailer, service.interchange, groups > 0 ? [groups] : [messages], groups > 0 ? 'groups' : 'messages')
}

/** Reads a message that was cut out, at its place, or the first `most` of its segments. Fails with segments-not-well-formed and limit-exceeded as readInterchanges does. */
export const readMessageCut = ({ text, line, column, within }: MessageCut, most = Infinity, mostNodes?: number): Result<InterchangeMessage> => {
  const cursor: SegmentCursor = { text, at: 0, line, lineStart: 1 - column }
  const count = { nodes: 0, most: mostNodes }
  const segments: Segment[] = []
  while (cursor.at < text.length && segments.length < most) {
    const segment = readSegment(cursor, within.separators, count)
    if ('code' in segment) return segment
    segments.push(segment)
  }
  const last = segments.at(-1)
  return ok(messageOf(within, segments, last?.tag === services[within.family].message.close ? last : undefined))
}

import { mostParts, type NodeCount } from './node.js'
import { fail, ok, type Failure, type Result } from './result.js'
import { interchangeStart, type InterchangeStart, type SegmentFamily, type SegmentSeparators } from './segment-separators.js'
import { passTo, placeAt, readSegment, skipBetween, type Segment, type SegmentCursor } from './segments-reader.js'

/** One message of an interchange: UNH to UNT, ST to SE, or a TA1, which stands alone. */
export interface InterchangeMessage {
  readonly family: SegmentFamily
  /** Of the interchange that it stands in. */
  readonly point: '.' | ','
  /** UNB or ISA. */
  readonly interchange: Segment
  /** UNG or GS, where there is one. */
  readonly group: Segment | undefined
  readonly segments: readonly Segment[]
  /** What it is of: `ORDERS`, `850`. */
  readonly type: string
  /** Why it is not whole: its trailer is missing, or counts otherwise or names another one. */
  readonly failure: Failure | undefined
}

/** What a message stands in, as far as it was read. */
export interface OpenInterchange {
  readonly family: SegmentFamily
  readonly separators: SegmentSeparators
  /** UNB or ISA. */
  readonly interchange: Segment
  /** UNG or GS, where there is one. */
  readonly group: Segment | undefined
}

/** An opening segment with its trailer: where the one has its reference, and the other has the count and the reference (from 0). */
export interface ServicePair {
  readonly open: string
  readonly close: string
  readonly reference: number
}

/** The service segments of a standard: UN/EDIFACT part 1 (ISO 9735-1), ASC X12.5 and X12.6. */
interface Service {
  readonly interchange: ServicePair
  readonly group: ServicePair
  readonly message: ServicePair
  readonly typeOf: (opening: Segment) => string
}

/** X12's word on another interchange: a segment that is no part of any group, and is counted nowhere (X12.5). */
const interchangeAcknowledgement = 'TA1'

/** Whether a segment outside of groups and messages stands there by right. */
export const standsAlone = (family: SegmentFamily, tag: string): boolean => family === 'x12' && tag === interchangeAcknowledgement

/** What says how something was received: never acknowledged itself (ISO 9735-4; X12.20). */
const acknowledgementTypes: ReadonlySet<string> = new Set(['CONTRL', '997', '999', interchangeAcknowledgement])

export const isAcknowledgement = ({ type }: Pick<InterchangeMessage, 'type'>): boolean => acknowledgementTypes.has(type)

/** Whether the envelope asks for an acknowledgement: UNB's data element 0031, ISA14. */
export const wishesAcknowledgement = (family: SegmentFamily, interchange: Segment): boolean => elementText(interchange, family === 'edifact' ? 8 : 13) === '1'

/** How an interchange begins. */
export interface InterchangeBeginning {
  readonly family: SegmentFamily
  /** UNB or ISA. */
  readonly segment: Segment
  /** Of its first message, as far as that is there; '' where it is not. */
  readonly type: string
}

/** How a text begins that is one interchange or several, though perhaps not a whole one; undefined where it does not begin so. */
export const beginningOf = (text: string): InterchangeBeginning | undefined => {
  const cursor: SegmentCursor = { text, at: 0, line: 1, lineStart: 0 }
  skipBetween(cursor)
  const start = interchangeStart(text, cursor.at, () => '1:1')
  if (!start.ok) return undefined
  const { family, separators, at } = start.value
  passTo(cursor, at)
  const segment = readSegment(cursor, family === 'x12' ? { ...separators, component: '', repetition: '' } : separators, { nodes: 0 })
  if ('code' in segment) return undefined
  const { group, message, typeOf } = services[family]
  for (;;) {
    const next = cursor.at < text.length ? readSegment(cursor, separators, { nodes: 0 }) : undefined
    if (next === undefined || 'code' in next) return { family, segment, type: '' }
    if (next.tag !== group.open) return { family, segment, type: next.tag === message.open ? typeOf(next) : next.tag }
  }
}

/** The first component of an element. */
export const elementText = (segment: Segment | undefined, index: number, component = 0): string => segment?.elements[index]?.[0]?.[component]?.text.trim() ?? ''

export const services: Readonly<Record<SegmentFamily, Service>> = {
  edifact: { interchange: { open: 'UNB', close: 'UNZ', reference: 4 }, group: { open: 'UNG', close: 'UNE', reference: 4 }, message: { open: 'UNH', close: 'UNT', reference: 0 }, typeOf: (unh) => elementText(unh, 1) },
  x12: { interchange: { open: 'ISA', close: 'IEA', reference: 12 }, group: { open: 'GS', close: 'GE', reference: 5 }, message: { open: 'ST', close: 'SE', reference: 1 }, typeOf: (st) => elementText(st, 0) },
}

/**
 * Reads the interchanges of a text, one behind the other, into their messages. A message that is not whole carries its failure (envelope-invalid); an interchange that is not, in which
 * nobody knows what is missing, fails the text with it. Fails with segments-not-well-formed and limit-exceeded as `readSegment` does, and message-empty, at line and column.
 */
export const readInterchanges = (text: string, count: NodeCount = { nodes: 0 }): Result<readonly InterchangeMessage[]> => {
  const cursor: SegmentCursor = { text, at: 0, line: 1, lineStart: 0 }
  const messages: InterchangeMessage[] = []
  skipBetween(cursor)
  do {
    const start = interchangeStart(text, cursor.at, (at) => placeAt(cursor, at))
    if (!start.ok) return start
    passTo(cursor, start.value.at)
    const failure = readInterchange(cursor, start.value, count, messages)
    if (failure !== undefined) return failure
  } while (cursor.at < text.length)
  return messages.length === 0 ? fail('message-empty', '1:1', 'The interchange holds no message.') : ok(messages)
}

/** What an interchange is read into. */
interface Reading {
  readonly service: Service
  readonly start: InterchangeStart
  readonly opening: Segment
  readonly messages: InterchangeMessage[]
  group: Segment | undefined
  /** The index of the first message of the group among all. */
  groupFrom: number
  groups: number
  message: Segment[] | undefined
}

const readInterchange = (cursor: SegmentCursor, start: InterchangeStart, count: NodeCount, messages: InterchangeMessage[]): Failure | undefined => {
  const service = services[start.family]
  const from = messages.length
  // ISA names the separators as its own data.
  const opening = readSegment(cursor, start.family === 'x12' ? { ...start.separators, component: '', repetition: '' } : start.separators, count)
  if ('code' in opening) return opening
  const reading: Reading = { service, start, opening, messages, group: undefined, groupFrom: from, groups: 0, message: undefined }
  while (cursor.at < cursor.text.length) {
    const segment = readSegment(cursor, start.separators, count)
    if ('code' in segment) return segment
    if (segment.tag !== service.interchange.close) {
      const failure = takeSegment(reading, segment) ?? tooMany(messages, segment)
      if (failure !== undefined) return failure
      continue
    }
    closeMessage(reading, undefined)
    if (reading.group !== undefined) return missingTrailer(reading.group, service.group.close)
    const messagesOfIt = messages.slice(from).filter(({ type }) => type !== interchangeAcknowledgement).length
    return trailerProblem(opening, segment, service.interchange, reading.groups > 0 ? [reading.groups] : [messagesOfIt], reading.groups > 0 ? 'groups' : 'messages')
  }
  return missingTrailer(opening, service.interchange.close)
}

const at = ({ line, column }: Segment): string => `${line}:${column}`

const tooMany = ({ length }: readonly InterchangeMessage[], segment: Segment): Failure | undefined =>
  (length > mostParts ? fail('limit-exceeded', at(segment), `There are more than ${mostParts} messages; send them in several interchanges.`) : undefined)

/** A segment has no trailer. */
export const missingTrailer = (opening: Segment, close: string): Failure => fail('envelope-invalid', at(opening), `The ${opening.tag} that begins here has no ${close}: something of it is missing.`)

export const outsideMessage = ({ message }: Service, segment: Segment): Failure => fail('envelope-invalid', at(segment), `${segment.tag} stands outside of a message; before it ${message.open} is missing.`)

/** Fails where a segment stands outside of messages. */
const takeSegment = (reading: Reading, segment: Segment): Failure | undefined => {
  const { service, message } = reading
  switch (segment.tag) {
    case service.message.open:
      closeMessage(reading, undefined)
      reading.message = [segment]
      return undefined
    case service.message.close:
      if (message === undefined) return fail('envelope-invalid', at(segment), `${segment.tag} stands here without its ${service.message.open}.`)
      message.push(segment)
      closeMessage(reading, segment)
      return undefined
    case service.group.open:
      closeMessage(reading, undefined)
      if (reading.group !== undefined) return missingTrailer(reading.group, service.group.close)
      reading.group = segment
      reading.groupFrom = reading.messages.length
      reading.groups++
      return undefined
    case service.group.close: return closeGroup(reading, segment)
    default:
      if (message === undefined && reading.group === undefined && standsAlone(reading.start.family, segment.tag)) {
        reading.messages.push(messageOf({ ...reading.start, interchange: reading.opening, group: undefined }, [segment], undefined))
        return undefined
      }
      if (message === undefined) return outsideMessage(service, segment)
      message.push(segment)
      return undefined
  }
}

const closeMessage = (reading: Reading, trailer: Segment | undefined): void => {
  const { start: { family, separators }, opening: interchange, group, message: segments, messages } = reading
  if (segments === undefined) return
  messages.push(messageOf({ family, separators, interchange, group }, segments, trailer))
  reading.message = undefined
}

/** A message of these segments, the first of which opens it; `trailer` is its last one, where that closes it. */
export const messageOf = ({ family, separators: { point }, interchange, group }: OpenInterchange, segments: readonly Segment[], trailer: Segment | undefined): InterchangeMessage => {
  const service = services[family]
  const [opening] = segments
  if (opening === undefined) throw new Error('a message has no segments')
  if (standsAlone(family, opening.tag)) return { family, point, interchange, group, segments, type: opening.tag, failure: undefined }
  const failure = trailer === undefined ? missingTrailer(opening, service.message.close) : trailerProblem(opening, trailer, service.message, [segments.length], 'segments')
  return { family, point, interchange, group, segments, type: service.typeOf(opening), failure }
}

/** A group that is not whole fails its messages alone. */
const closeGroup = (reading: Reading, trailer: Segment): Failure | undefined => {
  const { service, group, groupFrom, messages } = reading
  closeMessage(reading, undefined)
  if (group === undefined) return fail('envelope-invalid', at(trailer), `${trailer.tag} stands here without its ${service.group.open}.`)
  const failure = trailerProblem(group, trailer, service.group, [messages.length - groupFrom], 'messages')
  if (failure !== undefined) for (let index = groupFrom; index < messages.length; index++) messages.splice(index, 1, ...messages.slice(index, index + 1).map((message) => ({ ...message, failure: message.failure ?? failure })))
  reading.group = undefined
  return undefined
}

/** Numbers of X12 may come padded or not. */
const plain = (reference: string): string => reference.replace(/^0+(?=\d)/, '')

/** Whether a trailer counts what there is of one of these and names what its opening segment named; fails with envelope-invalid at the trailer. */
export const trailerProblem = (opening: Segment, trailer: Segment, { reference }: ServicePair, counts: readonly number[], of: string): Failure | undefined => {
  const stated = elementText(trailer, 0)
  if (!/^\d{1,10}$/.test(stated) || !counts.includes(Number(stated))) return fail('envelope-invalid', at(trailer), `${trailer.tag} counts ${JSON.stringify(stated.slice(0, 40))} ${of}; there are ${counts.join(' or ')}: something is missing or was added.`)
  const [first, second] = [elementText(opening, reference), elementText(trailer, 1)]
  return plain(first) === plain(second) ? undefined : fail('envelope-invalid', at(trailer), `${trailer.tag} ends ${JSON.stringify(second.slice(0, 40))}, but ${opening.tag} began ${JSON.stringify(first.slice(0, 40))}.`)
}

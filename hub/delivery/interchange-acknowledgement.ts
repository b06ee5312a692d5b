import type { Identifier } from '../../schemas/canonical/common.js'
import type { TradeDocument } from '../../schemas/canonical/trade-document.js'
import type { ErrorCode } from '../../schemas/error-registry.js'
import { elementText, isAcknowledgement, services, wishesAcknowledgement } from '../../schemas/interchange-reader.js'
import type { SegmentFamily } from '../../schemas/segment-separators.js'
import type { Segment } from '../../schemas/segments-reader.js'
import { syntaxErrorOf, type RefusalReason } from './refusal-reasons.js'

/** A message of an interchange, and what became of it. */
export interface ReceivedMessage {
  readonly type: string
  /** UNH or ST. */
  readonly opening: Segment | undefined
  /** GS, the same for all of a group. */
  readonly group: Segment | undefined
  readonly isTaken: boolean
  /** Why it was refused; none where it was taken. */
  readonly reasons: readonly RefusalReason[]
}

/** One interchange as it was received. */
export interface ReceivedInterchange {
  readonly family: SegmentFamily
  readonly interchange: Segment
  readonly messages: readonly ReceivedMessage[]
  /** How many were taken and are not named, by their group: what is not named was taken as what it stands in was. */
  readonly unnamed?: ReadonlyMap<Segment | undefined, number>
  /** Why it could not be read as a whole. */
  readonly unreadable: ErrorCode | undefined
}

interface Saying {
  /** Whether the channel is acknowledged whatever its envelopes ask for. */
  readonly always: boolean
  /** ISO 8601, a day. */
  readonly on: string
  /** The number of each document, from 0. */
  readonly numberOf: (index: number) => string
}

/**
 * What is said to the sender of an interchange: a CONTRL for one of EDIFACT; of X12 a TA1 where ISA14 asks for it, and a 997 for each group where that was agreed. What acknowledges is never
 * acknowledged (ISO 9735-4; X12.20). None where nothing is to be said.
 */
export const acknowledgementsOf = (received: ReceivedInterchange, { always, on, numberOf }: Saying): readonly TradeDocument[] => {
  const { family, interchange, unreadable, unnamed = nothing } = received
  const messages = received.messages.filter((message) => !isAcknowledgement(message))
  if (messages.length === 0 && unnamed.size === 0 && unreadable === undefined) return []
  const wished = wishesAcknowledgement(family, interchange)
  const said = family === 'edifact'
    ? always || wished ? [ofInterchange(interchange, unreadable === undefined ? messages : [], unreadable)] : []
    : [...(wished || (always && unreadable !== undefined) ? [ofEnvelope(interchange, unreadable)] : []), ...(always ? ofGroups(messages, unnamed) : [])]
  return said.map((document, index) => ({ kind: 'application-response', number: numberOf(index), function: 'original', issuedOn: on, parties: sidesOf(family, interchange), ...document }))
}

const nothing: ReadonlyMap<undefined, number> = new Map()

type Extension = NonNullable<TradeDocument['extensions']>[number]

type Said = Pick<TradeDocument, 'type' | 'references' | 'response' | 'lines' | 'extensions'>

/** CONTRL: the interchange, and each message in it. */
const ofInterchange = (unb: Segment, messages: readonly ReceivedMessage[], unreadable: ErrorCode | undefined): Said => {
  const mailboxes = [['UCI/S002/0004', 1, 0], ['UCI/S002/0007', 1, 1], ['UCI/S003/0010', 2, 0], ['UCI/S003/0007', 2, 1]] as const
  const types = ['0052', '0054', '0051', '0057'] as const
  return {
    type: 'message-level',
    references: [{ kind: 'other', type: 'interchange', number: elementText(unb, services.edifact.interchange.reference) }],
    response: unreadable === undefined ? { code: 'accepted' } : { code: 'rejected', reasons: [{ code: syntaxErrorOf(unreadable) }] },
    lines: messages.map(({ type, opening, reasons, isTaken }, index) => ({
      number: String(index + 1), regards: type, references: [{ kind: 'other', type: 'message', number: elementText(opening, 0) }],
      response: isTaken ? { code: 'accepted' } : { code: 'rejected', reasons: [...reasons] },
    })),
    extensions: [
      ...mailboxes.flatMap(([path, element, component]) => extension('edifact', path, elementText(unb, element, component))),
      ...messages.flatMap(({ opening: unh }, index) => types.flatMap((name, at) => extension('edifact', `message[${index + 1}]/UCM/S009/${name}`, elementText(unh, 1, at + 1)))),
    ],
  }
}

/** TA1: the envelope alone. */
const ofEnvelope = (isa: Segment, unreadable: ErrorCode | undefined): Said => ({
  type: 'interchange-level',
  references: [{ kind: 'other', type: 'interchange', number: elementText(isa, services.x12.interchange.reference) }],
  response: { code: unreadable === undefined ? 'accepted' : 'rejected', reasons: [{ code: unreadable === undefined ? '000' : unreadable === 'envelope-invalid' ? '022' : '024' }] },
  lines: [],
  extensions: [...extension('x12', 'TA1/TA102', elementText(isa, 8)), ...extension('x12', 'TA1/TA103', elementText(isa, 9))],
})

/** A 997 for each group. */
const ofGroups = (messages: readonly ReceivedMessage[], unnamed: NonNullable<ReceivedInterchange['unnamed']>): readonly Said[] => {
  const groups = [...new Set([...unnamed.keys(), ...messages.map(({ group }) => group)])].flatMap((group) => group ?? [])
  return groups.map((gs): Said => {
    const sets = messages.filter(({ group }) => group === gs)
    const more = unnamed.get(gs) ?? 0
    const [all, taken] = [sets.length + more, sets.filter(({ isTaken }) => isTaken).length + more]
    return {
      type: 'message-level',
      references: [{ kind: 'other', type: 'group', number: elementText(gs, services.x12.group.reference) }],
      response: { code: taken === all ? 'accepted' : taken === 0 ? 'rejected' : 'changed' },
      lines: sets.map(({ type, opening, reasons, isTaken }, index) => ({
        number: String(index + 1), regards: type, references: [{ kind: 'other', type: 'message', number: elementText(opening, services.x12.message.reference) }],
        response: isTaken ? { code: 'accepted' } : { code: 'rejected', reasons: [...reasons] },
      })),
      extensions: [
        ...extension('x12', 'AK1/AK101', elementText(gs, 0)), ...extension('x12', 'AK9/AK902', String(all)), ...extension('x12', 'AK9/AK903', String(all)), ...extension('x12', 'AK9/AK904', String(taken)),
      ],
    }
  })
}

const extension = (format: string, path: string, value: string): readonly Extension[] => (value === '' ? [] : [{ format, path, value }])

/** Who was spoken to speaks, and the other way round. */
const sidesOf = (family: SegmentFamily, interchange: Segment): NonNullable<TradeDocument['parties']> => {
  const mailbox = (value: string, scheme: string): { readonly identifiers?: Identifier[] } => (value === '' ? {} : { identifiers: [{ ...(scheme === '' ? {} : { scheme }), value }] })
  return family === 'edifact'
    ? { sender: mailbox(elementText(interchange, 2), elementText(interchange, 2, 1)), receiver: mailbox(elementText(interchange, 1), elementText(interchange, 1, 1)) }
    : { sender: mailbox(elementText(interchange, 7), elementText(interchange, 6)), receiver: mailbox(elementText(interchange, 5), elementText(interchange, 4)) }
}

import { elementText, isAcknowledgement, readInterchanges, wishesAcknowledgement, type InterchangeMessage } from '../../../schemas/interchange-reader.js'
import { makeInterchangeSplitter, readMessageCut, type MessageCut } from '../../../schemas/interchange-splitter.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import { isInterchange, type SegmentFamily } from '../../../schemas/segment-separators.js'
import type { TextBinding, TextCutter, TextHead, TextPart, TextPiece } from '../text-binding.js'
import type { Description, SegmentSettings } from './description.js'
import { planOf, type GroupPlan } from './segment-plan.js'
import { segmentTree } from './segment-tree.js'
import { writeInterchange } from './write-interchange.js'

/**
 * Between interchanges of UN/EDIFACT or X12 and the trees of their messages, which are named after their type and have the language as their namespace. Each tree holds the interchange's
 * and the group's own segments before those of the message, for a map may read and write them.
 */
export const makeSegmentsBinding = (language: string, description: Description, settings: SegmentSettings): TextBinding => {
  const plans = new Map<string, GroupPlan>([...description.documents.values()].map((document) => [document.name, planOf(description, document, settings.family)]))
  const partOf = (message: InterchangeMessage): TextPart => ({ head: headOf(message), root: rootOf(language, settings, plans, message) })
  return {
    syntax: 'segments',
    claims: isInterchange,
    encodingOf: (bytes) => encodingSaid(bytes) ?? settings.encoding,
    read: (text, count) => {
      const messages = readInterchanges(text, count)
      return messages.ok ? ok(messages.value.map(partOf)) : messages
    },
    cutting: () => ok({ survey: undefined, cutter: () => messageCutter(settings.family, partOf) }),
    write: (roots) => writeInterchange(settings, plans, roots),
  }
}

/** What is wrong between the messages is a piece of its own. */
const messageCutter = (family: SegmentFamily, partOf: (message: InterchangeMessage) => TextPart): TextCutter => {
  const splitter = makeInterchangeSplitter()
  const pieceOf = (cut: Result<MessageCut>): TextPiece => (cut.ok ? { length: cut.value.text.length, read: (mostNodes) => read(cut.value, mostNodes) } : { length: 0, read: () => cut })
  const read = (cut: MessageCut, mostNodes: number | undefined): Result<readonly TextPart[]> => {
    // What is of the other standard is known by its first segment.
    const message = readMessageCut(cut, cut.within.family === family ? Infinity : 1, mostNodes)
    return message.ok ? ok([partOf(message.value)]) : message
  }
  return { push: (text) => splitter.push(text).map(pieceOf), end: () => splitter.end().map(pieceOf), failure: splitter.failure }
}

/** The character repertoires of ISO 9735, by the first component of UNB's syntax identifier; UNOA and UNOB are of ASCII. */
const repertoires: Readonly<Record<string, string>> = {
  UNOC: 'iso-8859-1', UNOD: 'iso-8859-2', UNOE: 'iso-8859-5', UNOF: 'iso-8859-7', UNOG: 'iso-8859-3', UNOH: 'iso-8859-4', UNOI: 'iso-8859-6', UNOJ: 'iso-8859-8', UNOK: 'iso-8859-9', UNOW: 'utf-8', UNOY: 'utf-8',
}

const headBytes = 60

const encodingSaid = (bytes: Uint8Array): string | undefined => {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, headBytes)).toString('latin1')
  return repertoires[/UNB[^A-Za-z0-9](UNO[A-Z])/.exec(head)?.[1] ?? '']
}

const rootOf = (language: string, { family }: SegmentSettings, plans: ReadonlyMap<string, GroupPlan>, message: InterchangeMessage): TextPart['root'] => {
  const { segments, type, failure, interchange, group, point } = message
  const plan = message.family === family ? plans.get(type) : undefined
  const place = `${segments[0]?.line ?? 1}:${segments[0]?.column ?? 1}`
  if (plan === undefined) return fail('format-unknown', place, `A message of the type ${JSON.stringify(type.slice(0, 20))} is none that is taken here; ${[...plans.keys()].join(', ')} ${plans.size === 1 ? 'is' : 'are'}.`)
  return failure ?? ok(segmentTree(language, plan, [interchange, ...group === undefined ? [] : [group], ...segments], point))
}

const said = (text: string): string | undefined => (text === '' ? undefined : text)

const headOf = (message: InterchangeMessage): TextHead => {
  const { family, interchange, group, segments: [opening], type } = message
  const ackWanted = !isAcknowledgement(message) && wishesAcknowledgement(family, interchange)
  if (family === 'edifact') {
    return {
      sender: said(elementText(interchange, 1)), receiver: said(elementText(interchange, 2)), controlNumber: said([elementText(interchange, 4), elementText(group, 4), elementText(opening, 0)].filter((one) => one !== '').join('/')),
      test: elementText(interchange, 10) === '1', ackWanted,
    }
  }
  return {
    sender: said(elementText(interchange, 5)), receiver: said(elementText(interchange, 7)), controlNumber: said([elementText(interchange, 12), elementText(group, 5), type === 'TA1' ? '' : elementText(opening, 1)].filter((one) => one !== '').join('/')),
    test: elementText(interchange, 14) === 'T', ackWanted,
  }
}

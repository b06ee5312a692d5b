import type { Translator } from '../../mappings/engine/translator.js'
import { uuidOf } from '../../schemas/ids.js'
import { beginningOf, elementText, isAcknowledgement, readInterchanges, services, type InterchangeMessage } from '../../schemas/interchange-reader.js'
import type { AnsweredPart, MessageAnswer } from '../../schemas/message-answer.js'
import { fail, ok } from '../../schemas/result.js'
import { isInterchange } from '../../schemas/segment-separators.js'
import { acknowledgementsDue, acknowledgementsMade } from '../central/deliveries/acknowledgements-due.js'
import { putDeliveries, type NewDelivery } from '../central/deliveries/put-deliveries.js'
import { messageById, rawOfMessage, type StoredMessage } from '../central/messages.js'
import type { Endpoint } from '../delivery/endpoint.js'
import { acknowledgementsOf, type ReceivedInterchange, type ReceivedMessage } from '../delivery/interchange-acknowledgement.js'
import { refusalReasons } from '../delivery/refusal-reasons.js'
import type { Channel } from '../intake/channel.js'
import { bareHead, type PartHead } from '../intake/envelopes/envelope.js'
import { readMessage, type Bytes, type ReadWholeTexts } from '../intake/read-message.js'
import type { Database, Tx } from '../ops/database.js'

export interface AcknowledgeDeps {
  readonly central: Database
  readonly translator: Pick<Translator, 'textsOf'>
  readonly channels: ReadonlyMap<string, Channel>
  readonly endpoints: ReadonlyMap<string, Endpoint>
}

const most = 20

/** Makes the acknowledgements of interchanges that are due, but for those of giants, each once, and gives how many deliveries that were. */
export const acknowledgeInterchanges = async (deps: AcknowledgeDeps): Promise<number> => {
  let made = 0
  for (let last = most; last === most;) {
    last = await deps.central.transaction(async (tx) => {
      const ids = await acknowledgementsDue(tx, { limit: most, giants: false })
      const deliveries: NewDelivery[] = []
      for (const id of ids) deliveries.push(...await acknowledgementsFor(deps, tx, id))
      made += await putDeliveries(tx, deliveries)
      await acknowledgementsMade(tx, ids)
      return ids.length
    })
  }
  return made
}

const acknowledgementsFor = async (deps: AcknowledgeDeps, tx: Tx, messageId: string): Promise<readonly NewDelivery[]> => {
  const message = await messageById(tx, messageId)
  const channel = deps.channels.get(message?.channel ?? '')
  if (message?.answer == null || channel === undefined) return []
  const raw = await rawOfMessage(tx, messageId)
  if (raw === undefined) return []
  const received = await interchangesOf({ bytes: raw, contentType: message.contentType ?? '', contentEncoding: message.contentEncoding ?? undefined }, channel, deps.translator, message.answer)
  return received.flatMap((one, index) => deliveriesFor(deps, message, channel, one, index))
}

/** Of several endpoints of the system that take its interchanges the first of the settings: what is acknowledged twice is acknowledged wrongly. */
export const deliveriesFor = ({ endpoints }: AcknowledgeDeps, { messageId, system, receivedAt, test }: StoredMessage, { acknowledge }: Channel, received: ReceivedInterchange, index: number): readonly NewDelivery[] => {
  const endpoint = [...endpoints.values()].find((one) => one.system === system && one.acknowledge !== 'never' && one.interchanges?.family === received.family)
  if (endpoint === undefined) return []
  const source = `acknowledge:${endpoint.id}/${messageId}`
  const idOf = (at: number): string => uuidOf(`delivery ${JSON.stringify([source, index, at])}`)
  const reference = elementText(received.interchange, services[received.family].interchange.reference)
  return acknowledgementsOf(received, { always: acknowledge === 'always', on: receivedAt.slice(0, 10), numberOf: idOf }).map((ownDocument, at): NewDelivery => ({
    id: idOf(at), endpoint: endpoint.id, key: `interchange:${reference}@${system}`, source, cause: index * mostOfInterchange + at + 1, messageId, documentId: undefined, ownDocument,
    kind: ownDocument.kind, number: ownDocument.number, issuerKey: undefined, test, expectReceivedMs: undefined, expectUnderstoodMs: undefined, expectAnsweredMs: undefined,
  }))
}

/** More groups than that an interchange of a message that is held whole does not have. */
const mostOfInterchange = 1_000_000

/** The interchanges of a message with what became of each message in them, as it was answered: parts are numbered as they are read. */
const interchangesOf = async (message: Bytes, channel: Channel, translator: AcknowledgeDeps['translator'], answer: MessageAnswer): Promise<readonly ReceivedInterchange[]> => {
  const seen = new Map<PartHead, InterchangeMessage>()
  const failed: ReceivedInterchange[] = []
  const texts: ReadWholeTexts = {
    claims: isInterchange,
    encodingOf: (bytes) => translator.textsOf(channel.languages)?.encodingOf(bytes),
    read: (text, _limits, count) => {
      const messages = readInterchanges(text, count)
      if (!messages.ok) {
        const first = beginningOf(text)
        if (first !== undefined && !isAcknowledgement(first)) failed.push({ family: first.family, interchange: first.segment, messages: [], unreadable: messages.code })
        return messages
      }
      return ok(messages.value.map((one) => {
        const head = { ...bareHead }
        seen.set(head, one)
        return { head, root: fail('format-unknown', '1:1', 'Only its envelope is looked at.') }
      }))
    },
  }
  const outcomes = outcomesOf(answer)
  const read = await readMessage(message, channel, texts)
  const parts = (read.ok ? read.value : []).flatMap(({ head }, index) => {
    const found = seen.get(head)
    return found === undefined ? [] : [{ interchange: found.interchange, family: found.family, message: receivedMessage(found, outcomes(index + 1)) }]
  })
  const opened = [...new Map(parts.map(({ interchange, family }) => [interchange, family]))]
  return [...opened.map(([interchange, family]): ReceivedInterchange => ({ family, interchange, messages: parts.filter((part) => part.interchange === interchange).map(({ message: one }) => one), unreadable: undefined })), ...failed]
}

/** What was not looked at, for nothing before it could be taken, is refused like that and for no reason in its own segments. */
const outcomesOf = ({ outcome, errors, parts }: MessageAnswer): ((ordinal: number) => PartOutcome) => {
  if (parts === undefined) return () => ({ outcome, errors })
  const byOrdinal = new Map(parts.map((part) => [part.part, part]))
  const unseen: PartOutcome = { outcome, errors: parts.at(-1)?.errors.map((issue) => ({ ...issue, at: '' })) ?? errors }
  return (ordinal) => byOrdinal.get(ordinal) ?? unseen
}

type PartOutcome = Pick<AnsweredPart, 'outcome' | 'errors'>

/** What became of a message, with where it is in error. */
export const receivedMessage = (message: InterchangeMessage, { outcome, errors }: PartOutcome): ReceivedMessage => {
  const isTaken = outcome !== 'rejected'
  return { type: message.type, opening: message.segments[0], group: message.group, isTaken, reasons: isTaken ? [] : refusalReasons(message, errors.filter(({ severity }) => severity !== 'warning')) }
}

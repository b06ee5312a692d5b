import type { ErrorCode } from '../../schemas/error-registry.js'
import { isAcknowledgement, type InterchangeMessage } from '../../schemas/interchange-reader.js'
import { readMessageCut, type MessageCut } from '../../schemas/interchange-splitter.js'
import type { AnsweredPart, Outcome } from '../../schemas/message-answer.js'
import type { Result } from '../../schemas/result.js'
import type { Segment } from '../../schemas/segments-reader.js'
import { acknowledgementsDue, acknowledgementsMade } from '../central/deliveries/acknowledgements-due.js'
import { putDeliveries } from '../central/deliveries/put-deliveries.js'
import { chunksOfMessage } from '../central/giants/chunks.js'
import { answersOfParts, countParts } from '../central/giants/giant-parts.js'
import { giantById, type GiantRow } from '../central/giants/giant-rows.js'
import { messageById } from '../central/messages.js'
import type { ReceivedInterchange, ReceivedMessage } from '../delivery/interchange-acknowledgement.js'
import type { Channel } from '../intake/channel.js'
import { interchangeCuts } from '../intake/giants/interchange-cuts.js'
import { takeTurns } from '../intake/giants/take-turns.js'
import { elapsedMs } from '../ops/elapsed-ms.js'
import type { Tx } from '../ops/database.js'
import { deliveriesFor, receivedMessage, type AcknowledgeDeps } from './acknowledge-interchanges.js'

interface AcknowledgeGiantsDeps extends AcknowledgeDeps {
  readonly isStopped: () => boolean
}

/** Of the messages of one giant; with more of them those alone are named that were refused, and with more of these none: the whole is refused then. */
const mostNamed = 9_999
const page = 500

/** Makes the acknowledgements of giants of interchanges that are due, one giant in a transaction, and gives how many deliveries that were. One that is broken off by the end of the process is made by whoever comes next. */
export const acknowledgeGiants = async (deps: AcknowledgeGiantsDeps): Promise<number> => {
  let made = 0
  for (let isDue = true; isDue && !deps.isStopped();) {
    isDue = await deps.central.transaction(async (tx) => {
      const [id] = await acknowledgementsDue(tx, { limit: 1, giants: true })
      if (id === undefined) return false
      const message = await messageById(tx, id)
      const [giant, channel] = [await giantById(tx, id), deps.channels.get(message?.channel ?? '')]
      const received = message === undefined || giant === undefined || channel === undefined ? [] : await receivedGiant(deps, tx, giant, channel)
      if (received === undefined) return false
      if (message !== undefined && channel !== undefined) made += await putDeliveries(tx, received.flatMap((one, index) => deliveriesFor(deps, message, channel, one, index)))
      await acknowledgementsMade(tx, [id])
      return true
    })
  }
  return made
}

/** The interchanges of a giant with what became of their messages, which the database says part by part: nothing of the giant is held but what is said of it. Undefined where it was broken off. */
const receivedGiant = async (deps: AcknowledgeGiantsDeps, tx: Tx, giant: GiantRow, channel: Channel): Promise<readonly ReceivedInterchange[] | undefined> => {
  const { messageId, bytes, parts, contentType, contentEncoding } = giant
  const counts = await countParts(tx, messageId)
  const isTooMuch = counts.rejected > mostNamed
  const answers = answersInOrder(tx, messageId, isTooMuch ? [] : parts > mostNamed ? ['rejected'] : ['accepted', 'duplicate', 'partial', 'rejected'])
  const gathering = gather()
  const encodingOf = (first: Uint8Array): string | undefined => deps.translator.textsOf(channel.languages)?.encodingOf(first)
  const turns = takeTurns(elapsedMs)
  let next = await answers.next()
  let ordinal = 0
  const source = () => chunksOfMessage(tx, messageId)
  for await (const cuts of interchangeCuts(channel, { source, bytes, contentType: contentType ?? '', contentEncoding: contentEncoding ?? undefined }, encodingOf)) {
    for (const cut of cuts) {
      // Of a giant of which nothing could be taken the rest was not looked at.
      if (ordinal++ === parts) return gathering.end('limit-exceeded', isTooMuch)
      const answered = next.done !== true && next.value.part === ordinal ? next.value : undefined
      if (answered !== undefined) next = await answers.next()
      gathering.add(cut, answered)
      if (!turns.isOver()) continue
      if (deps.isStopped()) return undefined
      await turns.next()
    }
  }
  return gathering.end(isTooMuch ? 'limit-exceeded' : undefined, isTooMuch)
}

/** What was said of parts of these outcomes, page by page. */
const answersInOrder = async function* (tx: Tx, messageId: string, outcomes: readonly Outcome[]): AsyncGenerator<AnsweredPart> {
  for (let after = 0; outcomes.length > 0;) {
    const found = await answersOfParts(tx, messageId, { outcomes, after, limit: page })
    yield* found
    if (found.length < page) return
    after = found.at(-1)?.part ?? after
  }
}

/** An interchange while its messages are gone through. */
interface Opened extends Pick<ReceivedInterchange, 'family' | 'interchange'> {
  readonly messages: ReceivedMessage[]
  readonly unnamed: Map<Segment | undefined, number>
  unreadable: ErrorCode | undefined
}

/** Puts what was cut out together again as interchanges. What is kept of it is copied: a text that was cut out of a larger one keeps all of that. */
const gather = () => {
  const opened: Opened[] = []
  let [within, group, copiedGroup]: [Segment | undefined, Segment | undefined, Segment | undefined] = [undefined, undefined, undefined]
  /** An interchange that does not come whole is refused whole; what was taken of it before is a duplicate when it comes again. */
  const refuse = (code: ErrorCode): void => {
    const last = opened.at(-1)
    if (last !== undefined) last.unreadable ??= code
  }
  const open = ({ family, interchange, group: its }: InterchangeMessage): Opened => {
    if (its !== group) [group, copiedGroup] = [its, structuredClone(its)]
    const last = opened.at(-1)
    if (last !== undefined && interchange === within) return last
    within = interchange
    const fresh: Opened = { family, interchange: structuredClone(interchange), messages: [], unnamed: new Map(), unreadable: undefined }
    opened.push(fresh)
    return fresh
  }
  const take = (message: InterchangeMessage, answered: AnsweredPart | undefined): void => {
    const { messages, unnamed } = open(message)
    if (isAcknowledgement(message)) return
    if (answered === undefined) unnamed.set(copiedGroup, (unnamed.get(copiedGroup) ?? 0) + 1)
    else messages.push({ ...structuredClone({ ...receivedMessage(message, answered), group: undefined }), group: copiedGroup })
  }
  return {
    add: (cut: Result<MessageCut>, answered: AnsweredPart | undefined): void => {
      const message = cut.ok ? readAsFarAsNeeded(cut.value, answered?.outcome === 'rejected') : cut
      if (message.ok) take(message.value, answered)
      else refuse(message.code)
    },
    /** The last one is refused for this reason, where there is one; all of them, and nothing of them named, where there is too much to be said. */
    end: (code: ErrorCode | undefined, isTooMuch: boolean): readonly ReceivedInterchange[] => {
      if (code !== undefined) refuse(code)
      return isTooMuch ? opened.map((one) => ({ ...one, messages: [], unnamed: new Map(), unreadable: one.unreadable ?? code })) : opened
    },
  }
}

/** All of a message in which a place is in error, of others their opening alone. */
const readAsFarAsNeeded = (cut: MessageCut, isRefused: boolean): Result<InterchangeMessage> => {
  const whole = isRefused ? readMessageCut(cut) : undefined
  return whole?.ok === true ? whole : readMessageCut(cut, 1)
}

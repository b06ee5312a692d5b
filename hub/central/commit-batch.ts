import type { DocumentId, MessageId } from '../../schemas/ids.js'
import type { Database, Ending, Tx } from '../ops/database.js'
import { claimKeys, contentSha256Of, countRepeats, holdersOfKeys, keyOf, type HeldKey } from './claim-keys.js'
import type { CommitItem, Committed } from './commit-item.js'
import { answerRepeat, answerReusedKey, composeAnswer, withJournalSeq } from './compose-answer.js'
import type { Candidate } from './document-heads.js'
import { dropTaken, takeEarly } from './early-bytes.js'
import { earlierMessages, lockMessages, type EarlierMessage } from './earlier-messages.js'
import { placeDocuments, type Placement } from './place-documents.js'
import { appendDocuments, insertDocuments, insertReferences, type DocumentToWrite } from './write-documents.js'
import { insertAttachments, insertMessageAttachments } from './attachments.js'
import { countAttempts, deleteParts, hasParts, insertMessages, insertParts, insertSchemaUses, updateMessages, usesSchemas, type MessageToWrite } from './write-messages.js'

/** How an item stands to what is stored already. */
type Standing =
  | { readonly type: 'fresh' }
  | { readonly type: 'again', readonly earlier: EarlierMessage }
  | { readonly type: 'repeated', readonly earlier: EarlierMessage }
  | { readonly type: 'reused', readonly holder: string }

interface Standed {
  readonly item: CommitItem
  readonly standing: Standing
}

/**
 * Stores messages with all that they caused, in one transaction, and gives what each is answered, in their order. No two may have one key.
 * Rows are locked in one order throughout (keys, messages, document heads, the journal's head, each sorted), so that batches cannot deadlock.
 */
export const commitBatch = (database: Database, items: readonly CommitItem[]): Promise<readonly Committed[]> =>
  database.transactionEnding(async (tx) => {
    const standed = await findStandings(tx, items)
    const kept = await takeEarly(tx, items.flatMap(({ isKept, messageId }) => (isKept === true ? [messageId] : [])))
    const placements = await placeDocuments(tx, standed.flatMap(candidatesOf))
    return writeAll(tx, { standed, placements, kept })
  })

const findStandings = async (tx: Tx, items: readonly CommitItem[]): Promise<readonly Standed[]> => {
  const sent = items.filter((item) => !item.replay)
  const claimed = sent.length === 0 ? new Set<string>() : await claimKeys(tx, sent)
  const others = items.filter((item) => !claimed.has(item.messageId))
  if (others.length === 0) return items.map((item) => ({ item, standing: { type: 'fresh' } }))
  const held = new Map((await holdersOfKeys(tx, others)).map((row) => [nameOf(row), row]))
  const ids = others.map((item) => (item.replay ? item.messageId : holderOf(held, item).messageId))
  await lockMessages(tx, ids)
  const earlier = new Map((await earlierMessages(tx, ids)).map((message) => [message.messageId as string, message]))
  return items.map((item) => ({ item, standing: claimed.has(item.messageId) ? { type: 'fresh' } : standingOf(item, held, earlier) }))
}

const nameOf = ({ channel, sender, key }: Pick<HeldKey, 'channel' | 'sender' | 'key'>): string => JSON.stringify([channel, sender, key])

const holderOf = (held: ReadonlyMap<string, HeldKey>, item: CommitItem): HeldKey => {
  const holder = held.get(nameOf({ ...item, key: keyOf(item) }))
  if (holder === undefined) throw new Error(`The key of the message ${item.messageId} could neither be taken nor found.`)
  return holder
}

const standingOf = (item: CommitItem, held: ReadonlyMap<string, HeldKey>, messages: ReadonlyMap<string, EarlierMessage>): Standing => {
  const holder = item.replay ? undefined : holderOf(held, item)
  if (holder !== undefined && holder.contentSha256 !== contentSha256Of(item)) return { type: 'reused', holder: holder.messageId }
  const earlier = messages.get(holder?.messageId ?? item.messageId)
  if (earlier === undefined) throw new Error(`The message ${holder?.messageId ?? item.messageId} is not stored.`)
  const done = earlier.outcome === 'accepted' || earlier.outcome === 'duplicate' || earlier.outcome === 'running'
  // The same attempt once more: its COMMIT took place and the reply was lost.
  return earlier.attempt === item.attempt || (done && !item.replay) ? { type: 'repeated', earlier } : { type: 'again', earlier }
}

const candidatesOf = ({ item, standing }: Standed): readonly Candidate[] => {
  if (standing.type === 'repeated' || standing.type === 'reused') return []
  const placeOf = ({ documents, position }: EarlierMessage, document: { readonly sender: string, readonly kind: string, readonly number: string }): number =>
    documents.find((own) => own.sender === document.sender && own.kind === document.kind && own.number === document.number)?.position ?? position
  return item.parts.flatMap((part) => part.documents.map((document) => ({
    document, position: standing.type === 'again' ? placeOf(standing.earlier, document) : undefined,
  })))
}

interface Processed extends MessageToWrite {
  readonly standing: Standing
  readonly documents: readonly DocumentToWrite[]
}

const process = ({ item, standing }: Standed, placements: ReadonlyMap<DocumentId, Placement>): Processed => {
  const messageId: MessageId = standing.type === 'again' || standing.type === 'repeated' ? standing.earlier.messageId : item.messageId
  if (standing.type === 'repeated') return { item, standing, answer: repeatedAnswer(item, standing.earlier), documents: [] }
  if (standing.type === 'reused') return { item: { ...item, parts: [] }, standing, answer: answerReusedKey(item, messageId, standing.holder), documents: [] }
  const documents = item.parts.flatMap((part) => part.documents.flatMap((document) => {
    const placement = placements.get(document.id)
    return placement?.type === 'new' ? [{ messageId, item, part, document, placement }] : []
  }))
  return { item, standing, answer: composeAnswer(item, messageId, placements), documents }
}

const repeatedAnswer = (item: CommitItem, { answer, attempt }: EarlierMessage) =>
  attempt === item.attempt ? answer : answerRepeat(answer)

/** What was accepted stays so, unless running it again brought something new. */
const changesMessage = ({ standing, answer }: Processed): boolean =>
  standing.type === 'again' && (standing.earlier.outcome === 'rejected' || standing.earlier.outcome === 'partial' || answer.outcome === 'accepted')

interface Settled {
  readonly standed: readonly Standed[]
  readonly placements: ReadonlyMap<DocumentId, Placement>
  /** Messages whose bytes were kept early. */
  readonly kept: ReadonlySet<string>
}

const writeAll = (tx: Tx, { standed, placements, kept }: Settled): Ending<readonly Committed[]> => {
  const all = standed.map((one) => process(one, placements))
  const documents = all.flatMap((one) => one.documents)
  const fresh = all.filter(({ standing }) => standing.type === 'fresh' || standing.type === 'reused')
  const again = all.filter(changesMessage)
  const idle = all.filter((one) => one.standing.type === 'again' && !changesMessage(one))
  const repeated = all.filter(({ item, standing }) => standing.type === 'repeated' && standing.earlier.attempt !== item.attempt)
  const parts = [...fresh, ...again].filter(hasParts)
  const attached = [...fresh, ...again].flatMap(({ item, answer }) => (item.attachments ?? []).map((attachment, index) => ({ messageId: answer.messageId, ordinal: index + 1, attachment })))
  const held = [...fresh, ...again].filter(usesSchemas)
  const useless = all.flatMap(({ item, answer }) => (kept.has(item.messageId) && answer.messageId !== item.messageId ? [item.messageId] : []))
  const writes = [
    ...(fresh.length === 0 ? [] : [insertMessages(tx, fresh, kept)]),
    ...(again.length === 0 ? [] : [updateMessages(tx, again), deleteParts(tx, again.map(({ answer }) => answer.messageId))]),
    ...(idle.length === 0 ? [] : [countAttempts(tx, idle)]),
    ...(parts.length === 0 ? [] : [insertParts(tx, parts)]),
    ...(attached.length === 0 ? [] : [insertAttachments(tx, attached), insertMessageAttachments(tx, attached)]),
    ...(held.length === 0 ? [] : [insertSchemaUses(tx, held)]),
    ...(useless.length === 0 ? [] : [dropTaken(tx, useless)]),
    ...(repeated.length === 0 ? [] : [countRepeats(tx, repeated.map(({ item }) => item))]),
    ...(documents.length === 0 ? [] : [insertDocuments(tx, documents)]),
    ...(documents.every(({ document }) => document.references.length === 0) ? [] : [insertReferences(tx, documents)]),
  ]
  const appended = documents.length === 0 ? Promise.resolve(0) : appendDocuments(tx, documents)
  return { last: Promise.all([appended, ...writes]).then(([first]) => numberAnswers(all, first)) }
}

const numberAnswers = (all: readonly Processed[], firstNumber: number): readonly Committed[] => {
  let next = firstNumber
  return all.map(({ answer, standing, documents }) => {
    const earlier = standing.type === 'again' || standing.type === 'repeated' ? standing.earlier : undefined
    const own = documents.length === 0 ? undefined : { first: next, last: next + documents.length - 1 }
    next += documents.length
    const entries = own ?? (earlier?.first == null || earlier.last == null ? undefined : { first: earlier.first, last: earlier.last })
    return { answer: withJournalSeq(answer, entries?.last), entries }
  })
}

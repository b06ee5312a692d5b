import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import { isDigestOf } from '../../schemas/disposition-notification.js'
import type { Follower } from '../../schemas/follower.js'
import { uuidOf, type DocumentId, type JournalNumber } from '../../schemas/ids.js'
import type { DocumentAccepted, JournalEntry } from '../../schemas/journal-entry.js'
import type { SegmentFamily } from '../../schemas/segment-separators.js'
import { issuerKeyOf } from '../../schemas/source-key.js'
import type { NewDelivery } from '../central/deliveries/put-deliveries.js'
import type { AnsweredDelivery } from '../central/deliveries/answer-deliveries.js'
import type { Tx } from '../ops/database.js'
import { acknowledgementOf, isAcknowledged } from './acknowledgement.js'
import { answersOf, isToldOf, meantBy, numbersOf, type Answer, type Answerable } from './answers.js'
import { businessKeyOf } from './business-key.js'
import { readDuration } from './duration.js'
import type { Endpoint } from './endpoint.js'
import { isWanted, mayBeWanted } from './is-wanted.js'
import type { Subscription } from './wish.js'

/** The store, and what is known outside of it. Each function runs in the transaction that it is given. */
export interface DeliveryFollowerDeps {
  readonly endpoints: ReadonlyMap<string, Pick<Endpoint, 'id' | 'system' | 'acknowledge' | 'interchanges'>>
  readonly transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
  readonly takePosition: () => Promise<number>
  readonly isOwner: (epoch: number) => Promise<boolean>
  readonly readPosition: () => Promise<JournalNumber>
  readonly lockPosition: (tx: Tx) => Promise<JournalNumber>
  readonly movePosition: (tx: Tx, after: JournalNumber, to: JournalNumber, epoch: number) => Promise<boolean>
  readonly liveSubscriptions: (tx: Tx) => Promise<readonly Subscription[]>
  readonly laggingSubscription: (tx: Tx, position: JournalNumber) => Promise<Subscription | undefined>
  readonly moveSubscription: (tx: Tx, id: string, reached: JournalNumber | null) => Promise<unknown>
  readonly entriesAfter: (tx: Tx, after: JournalNumber, limit: number) => Promise<readonly JournalEntry[]>
  readonly documents: (tx: Tx, ids: readonly DocumentId[]) => Promise<ReadonlyMap<DocumentId, CanonicalDocument>>
  /** Which of these messages' documents came in an envelope that asks for an acknowledgement. */
  readonly acknowledgementWished: (tx: Tx, documentIds: readonly DocumentId[]) => Promise<ReadonlySet<DocumentId>>
  /** The standard of the interchanges that these documents came in, of those that came in one: their interchange is acknowledged as a whole, and not each document. */
  readonly cameInInterchanges: (tx: Tx, documentIds: readonly DocumentId[]) => Promise<ReadonlyMap<DocumentId, SegmentFamily>>
  readonly putDeliveries: (tx: Tx, deliveries: readonly NewDelivery[]) => Promise<number>
  readonly answerable: (tx: Tx, numbers: readonly string[]) => Promise<readonly Answerable[]>
  readonly markAnswered: (tx: Tx, answered: AnsweredDelivery) => Promise<void>
  /** The bytes that a delivery left with; undefined where they are not kept any more. */
  readonly sentBytes: (tx: Tx, id: string) => Promise<Uint8Array | undefined>
  /** Told of what a partner says of an interchange or of what was sent, and whether it is one of ours. */
  readonly noteAcknowledgement: (tx: Tx, said: { readonly system: string, readonly number: string, readonly isSending: boolean, readonly documentId: string, readonly isKnown: boolean }) => Promise<void>
  /** The source keys of golden parties, once the customer database has passed these entries. Rejects where that takes too long. */
  readonly keysOfParties: (partyIds: readonly string[], upTo: { readonly first: JournalNumber, readonly last: JournalNumber }) => Promise<ReadonlyMap<string, ReadonlySet<string>>>
  /** Told when there is something new to send. */
  readonly onPut: () => void
}

export interface DeliveryFollower extends Follower {
  /** Brings subscriptions that lag behind the follower up to it. Resolves when none does. */
  readonly catchUp: () => Promise<void>
}

/** More at once would hold the follower for too long. */
const catchUpEntries = 250

/** Makes deliveries of what subscriptions and partners want of the journal, once it is asked for its position in the place of whoever did so before, and finds the answers to deliveries in it. Its effect stands in the central database. */
export const makeDeliveryFollower = (deps: DeliveryFollowerDeps): DeliveryFollower => {
  let claimed: Promise<number> | undefined
  const epoch = (): Promise<number> => (claimed ??= deps.takePosition().catch((error: unknown) => {
    claimed = undefined
    throw error
  }))

  const follow = async (tx: Tx, entries: readonly JournalEntry[]): Promise<number> => {
    const accepted = entries.flatMap((entry) => (entry.type === 'document.accepted' ? [entry] : []))
    if (accepted.length === 0) return 0
    const subscribed = await deliveriesOf(deps, tx, await deps.liveSubscriptions(tx), accepted)
    const put = await deps.putDeliveries(tx, [...subscribed, ...await acknowledgements(deps, tx, accepted)])
    await takeAnswers(deps, tx, accepted)
    return put
  }

  /** One step of one subscription; false where none lags. */
  const catchUpOne = (): Promise<boolean> => deps.transaction(async (tx) => {
    const position = await deps.lockPosition(tx)
    const subscription = await deps.laggingSubscription(tx, position)
    if (subscription?.reached == null) return false
    const read = await deps.entriesAfter(tx, subscription.reached, Math.min(catchUpEntries, position - subscription.reached))
    const entries = read.flatMap((entry) => (entry.type === 'document.accepted' ? [entry] : []))
    const put = await deps.putDeliveries(tx, await deliveriesOf(deps, tx, [subscription], entries))
    const last = read.at(-1)?.number ?? position
    await deps.moveSubscription(tx, subscription.id, last >= position ? null : last)
    if (put > 0) deps.onPut()
    return true
  })

  return {
    name: 'deliveries',
    position: async () => {
      await epoch()
      return deps.readPosition()
    },
    isOwned: async () => deps.isOwner(await epoch()),
    apply: async (after, entries) => {
      const last = entries.at(-1)
      if (last === undefined) return true
      const mine = await epoch()
      const put = await deps.transaction(async (tx) => (await deps.movePosition(tx, after, last.number, mine) ? follow(tx, entries) : undefined))
      if (put !== undefined && put > 0) deps.onPut()
      return put !== undefined
    },
    catchUp: async () => {
      while (await catchUpOne());
    },
  }
}

/** What subscriptions want of entries, in the order of the journal. */
const deliveriesOf = async (deps: DeliveryFollowerDeps, tx: Tx, subscriptions: readonly Subscription[], entries: readonly DocumentAccepted[]): Promise<readonly NewDelivery[]> => {
  const systemOf = (endpoint: string): string | undefined => deps.endpoints.get(endpoint)?.system
  const candidates = entries.flatMap((entry) => subscriptions.filter(({ wish }) => mayBeWanted(wish, entry, systemOf(wish.endpoint))).map((subscription) => ({ entry, subscription })))
  const [first, last] = [candidates[0]?.entry.number, candidates.at(-1)?.entry.number]
  if (first === undefined || last === undefined) return []
  const replaced = await deps.documents(tx, candidates.flatMap(({ entry, subscription }) => (subscription.wish.changed === undefined ? [] : entry.replaces ?? [])))
  const partyIds = [...new Set(candidates.flatMap(({ subscription }) => subscription.wish.parties?.flatMap(({ id }) => id ?? []) ?? []))]
  const keys = partyIds.length === 0 ? new Map<string, ReadonlySet<string>>() : await deps.keysOfParties(partyIds, { first, last })
  const nobody: ReadonlySet<string> = new Set()
  return candidates
    .filter(({ entry, subscription }) => isWanted(subscription.wish, entry, { keysOf: (id) => keys.get(id) ?? nobody, replaced: entry.replaces === undefined ? undefined : replaced.get(entry.replaces) }))
    .map(({ entry, subscription: { id, wish } }) => deliveryOf(entry, id, wish))
}

const deliveryOf = (entry: DocumentAccepted, source: string, { endpoint, expect }: Subscription['wish']): NewDelivery => {
  const { system, document, documentId, messageId, number, test } = entry
  return {
    id: deliveryId(source, entry), endpoint, key: businessKeyOf(system, document), source, cause: number, messageId, documentId, ownDocument: undefined,
    kind: document.kind, number: document.number, issuerKey: issuerKeyOf(system, document), test,
    expectReceivedMs: readDuration(expect?.received ?? ''), expectUnderstoodMs: readDuration(expect?.understood ?? ''), expectAnsweredMs: readDuration(expect?.answered ?? ''),
  }
}

/** Follows from what caused it: whoever makes it, and however often, it is the same. The document's id keeps journals apart that number their entries alike. */
const deliveryId = (source: string, { number, documentId }: DocumentAccepted): string => uuidOf(`delivery ${JSON.stringify([source, number, documentId])}`)

const acknowledgements = async (deps: DeliveryFollowerDeps, tx: Tx, entries: readonly DocumentAccepted[]): Promise<readonly NewDelivery[]> => {
  const endpoints = [...deps.endpoints.values()].filter(({ acknowledge, system }) => acknowledge !== 'never' && system !== undefined)
  const known = entries.filter(({ system }) => endpoints.some((endpoint) => endpoint.system === system))
  if (known.length === 0) return []
  const ids = known.map(({ documentId }) => documentId)
  const [wished, interchanges] = [await deps.acknowledgementWished(tx, ids), await deps.cameInInterchanges(tx, ids)]
  const isOfInterchange = ({ system, documentId }: DocumentAccepted): boolean => {
    const family = interchanges.get(documentId)
    return family !== undefined && endpoints.some((endpoint) => endpoint.system === system && endpoint.interchanges?.family === family)
  }
  return known.filter((entry) => !isOfInterchange(entry)).flatMap((entry) => endpoints.filter((endpoint) => isAcknowledged(entry, endpoint, wished.has(entry.documentId))).map((endpoint): NewDelivery => {
    const source = `acknowledge:${endpoint.id}`
    const id = deliveryId(source, entry)
    return {
      id, endpoint: endpoint.id, key: businessKeyOf(entry.system, entry.document), source, cause: entry.number, messageId: entry.messageId, documentId: entry.documentId,
      ownDocument: acknowledgementOf(entry, id), kind: 'application-response', number: id, issuerKey: undefined, test: entry.test, expectReceivedMs: undefined, expectUnderstoodMs: undefined, expectAnsweredMs: undefined,
    }
  }))
}

const takeAnswers = async (deps: DeliveryFollowerDeps, tx: Tx, entries: readonly DocumentAccepted[]): Promise<void> => {
  const answers = entries.flatMap(answersOf)
  if (answers.length === 0) return
  const deliveries = await deps.answerable(tx, [...new Set(answers.flatMap(numbersOf))])
  const said = new Map<string, AnsweredDelivery>()
  for (const answer of answers) {
    const { recordedAt, documentId, system } = answer.entry
    const meant = meantBy(deliveries, answer, (endpoint) => deps.endpoints.get(endpoint)?.system)
    for (const { id } of meant) {
      const before = said.get(`${documentId} ${id}`)
      said.set(`${documentId} ${id}`, joined(before, { id, at: recordedAt, documentId, stage: answer.stage, ...await verdictOf(deps, tx, id, answer) }))
    }
    if (isToldOf(answer)) await deps.noteAcknowledgement(tx, { system, number: answer.number, isSending: answer.about === 'sending', documentId, isKnown: meant.length > 0 })
  }
  for (const answered of said.values()) await deps.markAnswered(tx, answered)
}

const stages = ['received', 'understood', 'answered'] as const

/** What one document says of a delivery in several places is one answer. */
const joined = (before: AnsweredDelivery | undefined, then: AnsweredDelivery): AnsweredDelivery => (before === undefined ? then : {
  ...then, stage: stages.findLast((stage) => stage === before.stage || stage === then.stage) ?? then.stage, rejected: before.rejected || then.rejected, reasons: [...new Set([...before.reasons, ...then.reasons])],
})

/** A yes to other bytes than those that left is none. */
const verdictOf = async (deps: DeliveryFollowerDeps, tx: Tx, id: string, { rejected, reasons, digest }: Answer): Promise<Pick<AnsweredDelivery, 'rejected' | 'reasons'>> => {
  const bytes = digest === undefined || rejected ? undefined : await deps.sentBytes(tx, id)
  return digest === undefined || bytes === undefined || isDigestOf(bytes, digest) !== false
    ? { rejected, reasons }
    : { rejected: true, reasons: [...reasons, `The digest of the receipt (Received-Content-MIC, ${digest.algorithm}) is not that of what was sent: it came to the partner altered.`] }
}

import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import { uuidOf, type DocumentId, type JournalNumber } from '../../schemas/ids.js'
import type { DocumentAccepted } from '../../schemas/journal-entry.js'
import type { SegmentFamily } from '../../schemas/segment-separators.js'
import { issuerKeyOf } from '../../schemas/source-key.js'
import type { NewDelivery } from '../central/deliveries/put-deliveries.js'
import type { Tx } from '../ops/database.js'
import { makeFold } from '../parking/refused-data.js'
import { acknowledgementOf, isAcknowledged } from './acknowledgement.js'
import { businessKeyOf } from './business-key.js'
import { readDuration } from './duration.js'
import type { Endpoint } from './endpoint.js'
import { isWanted, mayBeWanted } from './is-wanted.js'
import type { Subscription } from './wish.js'

export interface DeliverDeps {
  readonly endpoints: ReadonlyMap<string, Pick<Endpoint, 'id' | 'system' | 'acknowledge' | 'interchanges'>>
  readonly documents: (tx: Tx, ids: readonly DocumentId[]) => Promise<ReadonlyMap<DocumentId, CanonicalDocument>>
  /** Which of these messages' documents came in an envelope that asks for an acknowledgement. */
  readonly acknowledgementWished: (tx: Tx, documentIds: readonly DocumentId[]) => Promise<ReadonlySet<DocumentId>>
  /** The standard of the interchanges that these documents came in, of those that came in one: their interchange is acknowledged as a whole, and not each document. */
  readonly cameInInterchanges: (tx: Tx, documentIds: readonly DocumentId[]) => Promise<ReadonlyMap<DocumentId, SegmentFamily>>
  /** The source keys of golden parties, once the customer database has passed these entries. Rejects where that takes too long. */
  readonly keysOfParties: (partyIds: readonly string[], upTo: { readonly first: JournalNumber, readonly last: JournalNumber }) => Promise<ReadonlyMap<string, ReadonlySet<string>>>
}

/** What subscriptions want of entries, in the order of the journal. */
export const deliveriesOf = async (deps: DeliverDeps, tx: Tx, subscriptionsOf: (entry: DocumentAccepted) => readonly Subscription[], entries: readonly DocumentAccepted[]): Promise<readonly NewDelivery[]> => {
  const systemOf = (endpoint: string): string | undefined => deps.endpoints.get(endpoint)?.system
  const candidates = makeFold(() => entries.flatMap((entry) => subscriptionsOf(entry).filter(({ wish }) => mayBeWanted(wish, entry, systemOf(wish.endpoint))).map((subscription) => ({ entry, subscription }))))
  const [first, last] = [candidates[0]?.entry.number, candidates.at(-1)?.entry.number]
  if (first === undefined || last === undefined) return []
  const replaced = await deps.documents(tx, candidates.flatMap(({ entry, subscription }) => (subscription.wish.changed === undefined ? [] : entry.replaces ?? [])))
  const partyIds = [...new Set(candidates.flatMap(({ subscription }) => subscription.wish.parties?.flatMap(({ id }) => id ?? []) ?? []))]
  const keys = partyIds.length === 0 ? new Map<string, ReadonlySet<string>>() : await keysOfParties(deps, partyIds, { first, last })
  const nobody: ReadonlySet<string> = new Set()
  return makeFold(() => candidates
    .filter(({ entry, subscription }) => isWanted(subscription.wish, entry, { keysOf: (id) => keys.get(id) ?? nobody, replaced: entry.replaces === undefined ? undefined : replaced.get(entry.replaces) }))
    .map(({ entry, subscription: { id, wish } }) => deliveryOf(entry, id, wish)))
}

/** Whatever keeps the customer database from answering is no fault of the entries, and passes. */
const keysOfParties: (deps: DeliverDeps, ...asked: Parameters<DeliverDeps['keysOfParties']>) => ReturnType<DeliverDeps['keysOfParties']> = (deps, ...asked) =>
  deps.keysOfParties(...asked).catch((error: unknown) => { throw new Error(error instanceof Error ? error.message : String(error), { cause: error }) })

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

/** What is said to partners who want to hear that their documents were taken. */
export const acknowledgements = async (deps: DeliverDeps, tx: Tx, entries: readonly DocumentAccepted[]): Promise<readonly NewDelivery[]> => {
  const endpoints = [...deps.endpoints.values()].filter(({ acknowledge, system }) => acknowledge !== 'never' && system !== undefined)
  const known = entries.filter(({ system }) => endpoints.some((endpoint) => endpoint.system === system))
  if (known.length === 0) return []
  const ids = known.map(({ documentId }) => documentId)
  const [wished, interchanges] = [await deps.acknowledgementWished(tx, ids), await deps.cameInInterchanges(tx, ids)]
  const isOfInterchange = ({ system, documentId }: DocumentAccepted): boolean => {
    const family = interchanges.get(documentId)
    return family !== undefined && endpoints.some((endpoint) => endpoint.system === system && endpoint.interchanges?.family === family)
  }
  return makeFold(() => known.filter((entry) => !isOfInterchange(entry)).flatMap((entry) => endpoints.filter((endpoint) => isAcknowledged(entry, endpoint, wished.has(entry.documentId))).map((endpoint): NewDelivery => {
    const source = `acknowledge:${endpoint.id}`
    const id = deliveryId(source, entry)
    return {
      id, endpoint: endpoint.id, key: businessKeyOf(entry.system, entry.document), source, cause: entry.number, messageId: entry.messageId, documentId: entry.documentId,
      ownDocument: acknowledgementOf(entry, id), kind: 'application-response', number: id, issuerKey: undefined, test: entry.test, expectReceivedMs: undefined, expectUnderstoodMs: undefined, expectAnsweredMs: undefined,
    }
  })))
}

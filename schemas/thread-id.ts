import { uuidOf, type SourceKey, type ThreadId } from './ids.js'
import { isTradeDocument, type CanonicalDocument } from './canonical/canonical-document.js'
import type { ReferenceKind, TradeDocument } from './canonical/trade-document.js'
import { issuerKeyOf, keyedReferencesOf } from './source-key.js'

/** What a thread hangs on: an order, or where no order is known the document that stands for it. */
export interface ThreadAnchor {
  readonly issuer: SourceKey | undefined
  readonly kind: ReferenceKind
  readonly number: string
}

/** Through which references a document finds its thread when it names no order. */
export const threadKinds: ReadonlySet<ReferenceKind> = new Set<ReferenceKind>([
  'order-response', 'order-change', 'despatch', 'receipt', 'invoice', 'credit-note', 'quotation-request', 'quotation', 'application-response', 'remittance',
])

/** What is no part of a transaction, whatever it refers to: a list of items, an account, a state of stock, an expectation. */
export const standsAlone = (kind: ReferenceKind): boolean => aloneKinds.has(kind)
const aloneKinds: ReadonlySet<ReferenceKind> = new Set<ReferenceKind>(['statement', 'catalogue', 'inventory-report', 'forecast'])

/** An answer belongs to what it answers, be that a catalogue. */
const findsThreadThrough = (document: TradeDocument, kind: ReferenceKind): boolean =>
  threadKinds.has(kind) || (document.kind === 'application-response' && aloneKinds.has(kind))

/**
 * The threads that a document belongs to as far as it says so itself: an order, and what stands alone, its own; every other document those of the orders it refers
 * to on head or lines, else of the other documents of the transaction, else its own. Joined threads redirect later, as that of a quotation does to its order's.
 */
export const threadAnchorsOf = (system: string, document: CanonicalDocument): readonly ThreadAnchor[] => {
  if (!isTradeDocument(document)) return []
  const own: ThreadAnchor = { issuer: issuerKeyOf(system, document), kind: document.kind, number: document.number }
  if (document.kind === 'order' || standsAlone(document.kind)) return [own]
  const references = keyedReferencesOf(system, document).filter(({ counterpart }) => !counterpart)
  const orders = references.filter((reference) => reference.kind === 'order')
  const found = orders.length > 0 ? orders : references.filter(({ kind }) => findsThreadThrough(document, kind))
  if (found.length === 0) return [own]
  const byId = new Map(found.map(({ issuer, kind, number }) => [threadIdOf(system, { issuer, kind, number }), { issuer, kind, number }]))
  return [...byId.values()]
}

/** The provisional id of a thread: the same on every hub and whatever order documents come in. */
export const threadIdOf = (system: string, anchor: ThreadAnchor): ThreadId =>
  uuidOf(`thread ${JSON.stringify([anchor.issuer ?? system, anchor.kind, anchor.number])}`) as ThreadId

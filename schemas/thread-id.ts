import { uuidOf, type SourceKey, type ThreadId } from './ids.js'
import { isTradeDocument, type CanonicalDocument } from './canonical/canonical-document.js'
import type { ReferenceKind } from './canonical/trade-document.js'
import { issuerKeyOf, keyedReferencesOf } from './source-key.js'

/** What a thread hangs on: an order, or where no order is known the document that stands for it. */
export interface ThreadAnchor {
  readonly issuer: SourceKey | undefined
  readonly kind: ReferenceKind
  readonly number: string
}

/** Through which references a document finds its thread when it names no order. */
const threadKinds: readonly ReferenceKind[] = ['order-response', 'order-change', 'despatch', 'receipt', 'invoice', 'credit-note']

/**
 * The threads that a document belongs to as far as it says so itself: an order its own; every other document those of the orders it refers
 * to on head or lines, else of the other documents of the transaction, else its own. Joined threads redirect later.
 */
export const threadAnchorsOf = (system: string, document: CanonicalDocument): readonly ThreadAnchor[] => {
  if (!isTradeDocument(document)) return []
  const own: ThreadAnchor = { issuer: issuerKeyOf(system, document), kind: document.kind, number: document.number }
  if (document.kind === 'order') return [own]
  const references = keyedReferencesOf(system, document).filter(({ counterpart }) => !counterpart)
  const orders = references.filter((reference) => reference.kind === 'order')
  const found = orders.length > 0 ? orders : references.filter((reference) => threadKinds.includes(reference.kind))
  if (found.length === 0) return [own]
  const byId = new Map(found.map(({ issuer, kind, number }) => [threadIdOf(system, { issuer, kind, number }), { issuer, kind, number }]))
  return [...byId.values()]
}

/** The provisional id of a thread: the same on every hub and whatever order documents come in. */
export const threadIdOf = (system: string, anchor: ThreadAnchor): ThreadId =>
  uuidOf(`thread ${JSON.stringify([anchor.issuer ?? system, anchor.kind, anchor.number])}`) as ThreadId

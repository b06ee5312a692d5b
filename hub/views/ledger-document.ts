import type { TradeDocument, TradeKind } from '../../schemas/canonical/trade-document.js'
import type { DocumentId } from '../../schemas/ids.js'

/** Where a reference leads, seen from one thread; `aside` is what has no part in threads (contracts, what is not here). */
export type ReferenceTarget =
  | { readonly to: 'this-order' | 'other-order' | 'other-thread' | 'aside' }
  | { readonly to: 'document', readonly id: DocumentId }

export interface LedgerReference {
  readonly fromLine: string | null
  readonly toLine: string | null
  readonly target: ReferenceTarget
}

/** A document that counts in a thread: current, no test, no copy, no cancelled one but the order itself, and sent once. */
export interface LedgerDocument {
  readonly id: DocumentId
  readonly system: string
  readonly document: TradeDocument
  readonly references: readonly LedgerReference[]
}

const foldOrder: readonly TradeKind[] = ['order', 'order-change', 'order-response', 'despatch', 'receipt', 'invoice', 'credit-note']

const foldKey = ({ document, system, id }: LedgerDocument): string =>
  [String(foldOrder.indexOf(document.kind)), document.issuedOn, document.issueTime?.time ?? '', document.version?.padStart(20, '0') ?? '', document.number, system, id].join('\n')

/** In the order in which business does things, whatever order they came in. */
export const inFoldOrder = (documents: readonly LedgerDocument[]): readonly LedgerDocument[] =>
  [...documents].sort((a, b) => (foldKey(a) < foldKey(b) ? -1 : 1))

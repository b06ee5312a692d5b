import type { Line, TradeDocument, TradeKind } from '../../schemas/canonical/trade-document.js'
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
  /** Its lines, and behind them their sub-lines, whose amounts are within those of the lines. */
  readonly lines: readonly Line[]
  readonly references: readonly LedgerReference[]
  /** It names no order itself, and is referred to by documents of several. */
  readonly shared: boolean
}

const subLinesOf = (line: Line): readonly Line[] => (line.subLines ?? []).flatMap((sub) => [sub, ...subLinesOf(sub)])

/** Lines first, so that an item is looked for among them first. A sub-line that is numbered like another line of the document is named with its line: `2/1`. */
export const ledgerLines = ({ lines }: TradeDocument): readonly Line[] => {
  const taken = new Set(lines.map(({ number }) => number))
  const subLines = lines.flatMap((line) => subLinesOf(line).map((sub) => {
    const number = taken.has(sub.number) ? `${line.number}/${sub.number}` : sub.number
    taken.add(number)
    return number === sub.number ? sub : { ...sub, number }
  }))
  return [...lines, ...subLines]
}

const foldOrder: readonly TradeKind[] = ['order', 'order-change', 'order-response', 'despatch', 'receipt', 'invoice', 'credit-note']

/** What a quotation offers, an answer says or a payment settles is no event of an order line. */
export const isOfLedger = ({ kind }: TradeDocument): boolean => foldOrder.includes(kind)

const foldKey = ({ document, system, id }: LedgerDocument): string =>
  [String(foldOrder.indexOf(document.kind)), document.issuedOn, document.issueTime?.time ?? '', document.version?.padStart(20, '0') ?? '', document.number, system, id].join('\n')

/** In the order in which business does things, whatever order they came in. */
export const inFoldOrder = (documents: readonly LedgerDocument[]): readonly LedgerDocument[] =>
  [...documents].sort((a, b) => (foldKey(a) < foldKey(b) ? -1 : 1))

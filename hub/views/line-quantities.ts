import type { Line, TradeDocument } from '../../schemas/canonical/trade-document.js'
import type { LedgerDocument } from './ledger-document.js'
import { atMost, less, none, plus, quantitiesOf, type Quantities } from './quantities.js'

/** A line of a document that belongs to a ledger row. */
export interface RowLine {
  readonly from: LedgerDocument
  readonly line: Line
}

export const measures = ['ordered', 'confirmed', 'backordered', 'cancelled', 'despatched', 'received', 'rejected', 'returned', 'invoiced', 'credited'] as const
export type Measure = (typeof measures)[number]

type Part = 'quantity' | 'backordered' | 'cancelled' | 'rejected' | 'returned'

const summed = (lines: readonly RowLine[], part: Part): Quantities => lines.map(({ line }) => quantitiesOf(line[part])).reduce(plus, none)

const ofKind = (lines: readonly RowLine[], ...kinds: readonly TradeDocument['kind'][]): readonly RowLine[] => lines.filter(({ from }) => kinds.includes(from.document.kind))

/** The lines of the last document among them; lines come in fold order. */
const ofLast = (lines: readonly RowLine[]): readonly RowLine[] => lines.filter(({ from }) => from.id === lines.at(-1)?.from.id)

interface Ordered {
  readonly ordered: Quantities
  readonly cancelled: Quantities
}

/** A change states a line anew; a deleted or cancelled line stays ordered and counts as cancelled. */
const changed = (before: Ordered, { from, line }: RowLine): Ordered => {
  const stated = quantitiesOf(line.quantity)
  const cancelled = plus(before.cancelled, quantitiesOf(line.cancelled))
  if (line.action === 'none') return before
  if (line.action === 'delete') return { ...before, cancelled: before.ordered }
  if (from.document.function === 'cancel') return { ...before, cancelled: plus(cancelled, line.quantity === undefined && line.cancelled === undefined ? before.ordered : stated) }
  return { ordered: line.quantity === undefined ? before.ordered : stated, cancelled }
}

const orderedOf = (lines: readonly RowLine[]): Ordered => {
  const orders = ofKind(lines, 'order')
  const ordered = summed(orders, 'quantity')
  const cancelled = orders.some(({ from }) => from.document.function === 'cancel') ? ordered : summed(orders, 'cancelled')
  return ofKind(lines, 'order-change').reduce(changed, { ordered, cancelled })
}

const answersAll = (document: TradeDocument): boolean => document.kind === 'order-response' && document.lines.length === 0 && document.response !== undefined && document.response.code !== 'acknowledged'

/** What the seller's last answer promises: its lines, or the whole order where it has none. */
const confirmedOf = (lines: readonly RowLine[], all: readonly LedgerDocument[], ordered: Quantities): Quantities => {
  const answers = all.filter(({ id, document }) => answersAll(document) || ofKind(lines, 'order-response').some(({ from }) => from.id === id))
  const last = answers.at(-1)
  if (last === undefined) return none
  if (answersAll(last.document)) return last.document.response?.code === 'rejected' ? none : ordered
  const promised = lines.filter(({ from, line }) => from.id === last.id && (line.status === undefined || line.status === 'accepted' || line.status === 'changed'))
  return promised.map(({ line }) => (line.quantity === undefined && line.status === 'accepted' ? ordered : quantitiesOf(line.quantity))).reduce(plus, none)
}

/** Backordered as last stated by the seller, who may state it as a line's status. */
const backorderedOf = (lines: readonly RowLine[]): Quantities => {
  const last = ofLast(lines.filter(({ line }) => line.backordered !== undefined || line.status === 'backordered'))
  return last.map(({ line }) => quantitiesOf(line.backordered ?? line.quantity)).reduce(plus, none)
}

/**
 * What became of one order line. `lines` are all lines of the thread that belong to it and `all` the thread's documents, both in fold order.
 * An order that is cancelled as a whole is cancelled as far as it was not despatched.
 */
export const lineQuantities = (lines: readonly RowLine[], all: readonly LedgerDocument[]): Readonly<Record<Measure, Quantities>> => {
  const { ordered, cancelled: changedAway } = orderedOf(lines)
  const despatched = summed(ofKind(lines, 'despatch'), 'quantity')
  const wholeCancelled = all.some(({ document }) => document.kind === 'order-change' && document.function === 'cancel' && document.lines.length === 0)
  const bySeller = plus(summed(ofLast(ofKind(lines, 'order-response')), 'cancelled'), summed(ofKind(lines, 'despatch'), 'cancelled'))
  const cancelled = wholeCancelled ? less(ordered, despatched) : atMost(plus(changedAway, bySeller), ordered)
  const receipts = ofKind(lines, 'receipt')
  return {
    ordered, cancelled, despatched,
    confirmed: confirmedOf(lines, all, ordered),
    backordered: atMost(backorderedOf(ofKind(lines, 'order-response', 'despatch')), less(less(ordered, cancelled), despatched)),
    received: summed(receipts, 'quantity'),
    rejected: summed(receipts, 'rejected'),
    returned: summed(receipts, 'returned'),
    invoiced: summed(ofKind(lines, 'invoice'), 'quantity'),
    credited: summed(ofKind(lines, 'credit-note'), 'quantity'),
  }
}

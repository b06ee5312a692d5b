import type { Line } from '../../schemas/canonical/trade-document.js'
import type { DocumentId } from '../../schemas/ids.js'
import { inFoldOrder, type LedgerDocument } from './ledger-document.js'
import { makeLedgerRows, type LedgerRow } from './ledger-rows.js'
import { lineQuantities, measures, type Measure, type RowLine } from './line-quantities.js'
import { makeLineShare } from './line-share.js'
import { listed, type UnitQuantity } from './quantities.js'
import { threadAmounts, type ThreadAmounts } from './thread-amounts.js'

export interface LedgerItem {
  readonly gtin?: string
  readonly sellersNumber?: string
  readonly buyersNumber?: string
  readonly makersNumber?: string
  readonly name?: string
}

/** One order line and what became of it, by unit. `line` is the order's number of it, where any document says so. */
export type LedgerLine = { readonly line?: string, readonly item: LedgerItem } & Readonly<Record<Measure, readonly UnitQuantity[]>>

/** A line of a document of several orders that does not say whose it is; it counts nowhere. */
export interface UnassignedLine {
  readonly documentId: DocumentId
  readonly line: string
}

export interface ThreadLedger {
  readonly lines: readonly LedgerLine[]
  readonly amounts: readonly ThreadAmounts[]
  readonly unassigned: readonly UnassignedLine[]
}

const itemOf = ({ item }: LedgerRow): LedgerItem => {
  const name = item?.names?.[0]?.value
  return {
    ...(item?.gtin === undefined ? {} : { gtin: item.gtin }),
    ...(item?.sellersNumber === undefined ? {} : { sellersNumber: item.sellersNumber }),
    ...(item?.buyersNumber === undefined ? {} : { buyersNumber: item.buyersNumber }),
    ...(item?.makersNumber === undefined ? {} : { makersNumber: item.makersNumber }),
    ...(name === undefined ? {} : { name }),
  }
}

const statesNet = ({ amount, price, quantity }: Line): boolean => amount !== undefined || (price !== undefined && quantity !== undefined)

/** Sub-lines have no part in amounts: theirs are within those of their lines. */
const isTop = ({ from, line }: RowLine): boolean => from.document.lines.includes(line)

/** Order lines as their changes left them, so that amounts follow. */
const restated = (all: readonly RowLine[]): readonly Line[] => {
  const lines = all.filter(isTop)
  const stated = lines.filter(({ from, line }) => from.document.kind === 'order-change' && from.document.function !== 'cancel' && statesNet(line) && line.action !== 'delete')
  const last = stated.at(-1)
  return last === undefined ? lines.filter(({ from }) => from.document.kind === 'order').map(({ line }) => line) : [last.line]
}

/**
 * What was ordered, confirmed, despatched and so on, line by line, and the amounts: a fold over the documents that count in one thread, in any
 * order. Where the order is not among them its lines are drawn from what the others say.
 */
export const threadLedger = (unordered: readonly LedgerDocument[]): ThreadLedger => {
  const documents = inFoldOrder(unordered)
  const byId = new Map(documents.map((each) => [each.id, each]))
  const shareOf = makeLineShare(byId)
  const rows = makeLedgerRows(byId)
  const shares = documents.flatMap((from) => from.lines.map((line) => ({ from, line, share: shareOf(from, line) })))
  const here = shares.filter(({ share }) => share === 'here').map(({ from, line }) => ({ from, line, place: rows.rowOf(from, line).place }))
  const linesOf = (row: LedgerRow): readonly RowLine[] => here.filter(({ place }) => place === row.place)

  const lines = rows.all().map((row): LedgerLine => {
    const quantities = lineQuantities(linesOf(row), documents)
    const listedByMeasure = Object.fromEntries(measures.map((measure) => [measure, listed(quantities[measure])])) as Record<Measure, readonly UnitQuantity[]>
    return { ...(row.number === undefined ? {} : { line: row.number }), item: itemOf(row), ...listedByMeasure }
  })
  const isChanged = documents.some(({ document }) => document.kind === 'order-change' && document.function !== 'cancel' && document.lines.length > 0)
  const counted = documents.map((from) => ({
    from, lines: from.document.kind === 'order' && isChanged ? rows.all().flatMap((row) => restated(linesOf(row))) : here.filter((each) => each.from.id === from.id && isTop(each)).map(({ line }) => line),
  }))
  return {
    lines,
    amounts: threadAmounts(counted, isChanged),
    unassigned: shares.filter(({ share }) => share === 'unclear').map(({ from, line }) => ({ documentId: from.id, line: line.number })),
  }
}

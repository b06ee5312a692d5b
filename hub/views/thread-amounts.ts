import type { Amount } from '../../schemas/canonical/common.js'
import type { Line, TradeDocument } from '../../schemas/canonical/trade-document.js'
import { addDecimals, subtractDecimals, zero, type Decimal } from '../../schemas/decimal.js'
import { lineNet } from '../../schemas/line-net.js'
import type { LedgerDocument } from './ledger-document.js'

/** Net of tax, in one currency. `open` is what was invoiced and not credited. */
export interface ThreadAmounts {
  readonly currency: string
  readonly ordered: Decimal
  readonly invoiced: Decimal
  readonly credited: Decimal
  readonly open: Decimal
}

/** What a document and its lines in this thread come to; the document's own total where all its lines are here. */
export interface CountedLines {
  readonly from: LedgerDocument
  readonly lines: readonly Line[]
}

interface Posting {
  readonly measure: 'ordered' | 'invoiced' | 'credited'
  readonly currency: string
  readonly value: Decimal
}

const measureOf = ({ kind }: TradeDocument): Posting['measure'] | undefined => {
  switch (kind) {
    case 'order': return 'ordered'
    case 'invoice': return 'invoiced'
    case 'credit-note': return 'credited'
    case 'order-response':
    case 'order-change':
    case 'despatch':
    case 'receipt':
    case 'quotation-request':
    case 'quotation':
    case 'application-response':
    case 'remittance':
    case 'statement':
    case 'catalogue':
    case 'inventory-report':
    case 'forecast': return undefined
    default: return kind satisfies never
  }
}

/** A line whose price gives no amount has no part in the amounts. */
const netOf = (line: Line): readonly Amount[] => {
  const net = lineNet(line, line.number)
  return net.ok && net.value !== undefined ? [net.value] : []
}

const postings = ({ from: { document }, lines }: CountedLines, isChanged: boolean): readonly Posting[] => {
  const measure = measureOf(document)
  if (measure === undefined) return []
  const total = document.totals?.taxExclusive
  const amounts = lines.length === document.lines.length && total !== undefined && !isChanged ? [total] : lines.flatMap(netOf)
  return amounts.map(({ value, currency }) => ({ measure, currency, value }))
}

const sumOf = (all: readonly Posting[], measure: Posting['measure'], currency: string): Decimal =>
  all.filter((each) => each.measure === measure && each.currency === currency).map(({ value }) => value).reduce(addDecimals, zero)

/** The amounts of a thread by currency. An order whose lines were changed afterwards (`isChanged`) counts by its lines and no longer by its own total. */
export const threadAmounts = (counted: readonly CountedLines[], isChanged: boolean): readonly ThreadAmounts[] => {
  const all = counted.flatMap((each) => postings(each, isChanged && each.from.document.kind === 'order'))
  return [...new Set(all.map(({ currency }) => currency))].sort().map((currency) => {
    const invoiced = sumOf(all, 'invoiced', currency)
    const credited = sumOf(all, 'credited', currency)
    return { currency, ordered: sumOf(all, 'ordered', currency), invoiced, credited, open: subtractDecimals(invoiced, credited) }
  })
}

import type { Item } from '../../schemas/canonical/common.js'
import type { Line } from '../../schemas/canonical/trade-document.js'
import type { DocumentId } from '../../schemas/ids.js'
import type { LedgerDocument } from './ledger-document.js'

/** One line of the order, or what stands for it where the order is not here. */
export interface LedgerRow {
  readonly place: number
  readonly number: string | undefined
  readonly item: Item | undefined
}

const identities = ['gtin', 'sellersNumber', 'buyersNumber', 'makersNumber'] as const

const sameItem = (a: Item | undefined, b: Item | undefined): boolean => {
  const shared = identities.find((identity) => a?.[identity] !== undefined && b?.[identity] !== undefined)
  return shared !== undefined && a?.[shared] === b?.[shared]
}

const mayBeSameItem = (a: Item | undefined, b: Item | undefined): boolean =>
  sameItem(a, b) || identities.every((identity) => a?.[identity] === undefined || b?.[identity] === undefined)

const speaksOfOrderLines: ReadonlySet<string> = new Set(['order', 'order-change', 'order-response'])

const namesOrderLines = ({ references }: LedgerDocument): boolean => references.some(({ target }) => target.to === 'this-order' || target.to === 'other-order')

/** References lead at most this deep; a circle of references ends here too. */
const deepest = 6

/** The rows of a ledger, found or begun for the lines of its documents: by the order line referred to, else through another document's line, else by the item. */
export const makeLedgerRows = (documents: ReadonlyMap<DocumentId, LedgerDocument>) => {
  const rows: LedgerRow[] = []

  const begin = (number: string | undefined, item: Item | undefined): LedgerRow => {
    const row = { place: rows.length, number, item }
    rows.push(row)
    return row
  }
  const keep = (row: LedgerRow): LedgerRow => {
    rows[row.place] = row
    return row
  }
  const numbered = (number: string, item: Item | undefined): LedgerRow => {
    const found = rows.find((row) => row.number === number)
    if (found !== undefined) return found.item === undefined ? keep({ ...found, item }) : found
    const unnumbered = rows.find((row) => row.number === undefined && sameItem(row.item, item))
    return unnumbered === undefined ? begin(number, item) : keep({ ...unnumbered, number })
  }

  /** The row that the line's own references lead to. */
  const referredTo = (from: LedgerDocument, line: Line, depth: number): LedgerRow | undefined => {
    const references = from.references.filter(({ fromLine, toLine }) => fromLine === line.number && toLine !== null)
    const order = references.find(({ target }) => target.to === 'this-order')
    if (order !== undefined && order.toLine !== null) return numbered(order.toLine, line.item)
    for (const { target, toLine } of depth > deepest ? [] : references) {
      const other = target.to === 'document' ? documents.get(target.id) : undefined
      const otherLine = other?.lines.find(({ number }) => number === toLine)
      if (other !== undefined && otherLine !== undefined) return rowOf(other, otherLine, depth + 1)
    }
    return undefined
  }

  /** The order line that another document names together with this one: a receipt of despatch line 3 for order line 1. */
  const namedTogether = (from: LedgerDocument, line: Line): LedgerRow | undefined => {
    for (const { references } of documents.values()) {
      const together = references.find(({ target, toLine, fromLine }) => target.to === 'document' && target.id === from.id && toLine === line.number && fromLine !== null)
      const order = together === undefined ? undefined : references.find(({ target, fromLine, toLine }) => target.to === 'this-order' && fromLine === together.fromLine && toLine !== null)
      if (order !== undefined && order.toLine !== null) return numbered(order.toLine, line.item)
    }
    return undefined
  }

  const rowOf = (from: LedgerDocument, line: Line, depth = 0): LedgerRow => {
    const { kind } = from.document
    if (kind === 'order') return numbered(line.number, line.item)
    const referred = referredTo(from, line, depth) ?? (namesOrderLines(from) ? undefined : namedTogether(from, line))
    if (referred !== undefined) return referred
    const sameNumber = speaksOfOrderLines.has(kind) ? rows.find((row) => row.number === line.number && mayBeSameItem(row.item, line.item)) : undefined
    const found = sameNumber ?? rows.find((row) => sameItem(row.item, line.item))
    return found ?? begin(speaksOfOrderLines.has(kind) ? line.number : undefined, line.item)
  }

  return { rowOf: (from: LedgerDocument, line: Line): LedgerRow => rowOf(from, line), all: (): readonly LedgerRow[] => rows }
}

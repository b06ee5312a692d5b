import type { Line } from '../../schemas/canonical/trade-document.js'
import type { DocumentId } from '../../schemas/ids.js'
import type { LedgerDocument, LedgerReference } from './ledger-document.js'

/** Whether a line of a document that may belong to many threads belongs to this one. */
export type Share = 'here' | 'elsewhere' | 'unclear'

/** References lead at most this deep: invoice, receipt, despatch, order; a circle of references ends here too. */
const deepest = 6

const isOrder = ({ target }: LedgerReference): boolean => target.to === 'this-order' || target.to === 'other-order'
const isOther = ({ target }: LedgerReference): boolean => target.to === 'document' || target.to === 'other-thread'

export const makeLineShare = (documents: ReadonlyMap<DocumentId, LedgerDocument>) => {
  const ofOrders = (references: readonly LedgerReference[]): Share => {
    const here = references.filter(({ target }) => target.to === 'this-order').length
    return here === references.length ? 'here' : here === 0 ? 'elsewhere' : 'unclear'
  }

  const ofDocument = (reference: LedgerReference, depth: number): Share => {
    const found = reference.target.to === 'document' ? documents.get(reference.target.id) : undefined
    if (found === undefined) return 'elsewhere'
    const line = found.lines.find(({ number }) => number === reference.toLine)
    if (line !== undefined) return shareOf(found, line, depth + 1)
    const orders = found.references.filter(isOrder)
    return orders.length === 0 ? 'here' : ofOrders(orders)
  }

  const ofDocuments = (references: readonly LedgerReference[], depth: number): Share => {
    const shares = new Set(references.map((reference) => ofDocument(reference, depth)))
    return shares.size === 1 ? [...shares][0] ?? 'here' : 'unclear'
  }

  /** A line of a document that several orders share, and that names none of them, is whose the lines are that refer to it. */
  const ofReferring = (to: LedgerDocument, line: Line, depth: number): Share => {
    const shares = new Set([...documents.values()].flatMap((from) => from.references.filter(({ target, toLine }) => target.to === 'document' && target.id === to.id && toLine === line.number)
      .flatMap(({ fromLine }) => from.lines.filter(({ number }) => number === fromLine).map((each) => shareOf(from, each, depth + 1)))))
    return shares.size === 1 ? [...shares][0] ?? 'unclear' : 'unclear'
  }

  const shareOf = (from: LedgerDocument, line: Line, depth = 0): Share => {
    if (from.document.kind === 'order' || depth > deepest) return 'here'
    const ofLine = from.references.filter(({ fromLine }) => fromLine === line.number)
    const lineOrders = ofLine.filter(isOrder)
    if (lineOrders.length > 0) return lineOrders.some(({ target }) => target.to === 'this-order') ? 'here' : 'elsewhere'
    const lineDocuments = ofLine.filter(isOther)
    if (lineDocuments.length > 0) return ofDocuments(lineDocuments, depth)
    const head = from.references.filter(({ fromLine }) => fromLine === null)
    const headOrders = head.filter(isOrder)
    if (headOrders.length > 0) return ofOrders(headOrders)
    const headDocuments = head.filter(isOther)
    if (headDocuments.length > 0) return ofDocuments(headDocuments, depth)
    if (from.references.some(({ target }) => target.to === 'other-order' || target.to === 'other-thread')) return 'unclear'
    return from.shared ? ofReferring(from, line, depth) : 'here'
  }

  return (from: LedgerDocument, line: Line): Share => shareOf(from, line)
}

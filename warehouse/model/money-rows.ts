import type { TradeDocument } from '../../schemas/canonical/trade-document.js'
import { negateDecimal, zero, type Decimal } from '../../schemas/decimal.js'
import { lineNet } from '../../schemas/line-net.js'
import { ok, type Result } from '../../schemas/result.js'
import type { FactRow } from './cube.js'
import { firstParty } from './dimensions/party.js'
import { productMember } from './dimensions/product.js'

/** ISO 4217: no currency. */
const noCurrency = 'XXX'

/**
 * The net amounts of a document as rows with the columns customer, supplier, product, date, currency, unit, amount and quantity: one a line, and one for each
 * allowance and charge of the head, so that their sum is the document's total without tax. Sub-lines are within their line's amount.
 * The customer is the buyer, else who is billed; the supplier the seller, else who is paid. `sign` -1 turns amounts and quantities round.
 */
export const moneyRows = (system: string, document: TradeDocument, sign: 1 | -1): Result<readonly FactRow[]> => {
  const { parties, currency = noCurrency } = document
  const customer = firstParty(system, parties ?? {}, ['buyer', 'billTo'])
  const supplier = firstParty(system, parties ?? {}, ['seller', 'payee'])
  const head = { customer, supplier, date: document.issuedOn }
  const signed = (value: Decimal): Decimal => (sign === 1 ? value : negateDecimal(value))
  const rows: FactRow[] = []
  for (const [index, line] of document.lines.entries()) {
    const net = lineNet(line, `lines[${index}]`)
    if (!net.ok) return net
    const { value: amount, currency: own } = net.value ?? { value: zero, currency }
    const product = productMember(line.item, { system, seller: supplier?.key, buyer: customer?.key })
    const quantity = line.quantity === undefined ? zero : signed(line.quantity.value)
    const unit = line.quantity === undefined ? undefined : line.quantity.unit ?? line.quantity.unitAsSent ?? ''
    rows.push({ line: line.number, columns: { ...head, product, currency: own, unit, amount: signed(amount), quantity } })
  }
  for (const { type, amount } of document.allowancesCharges ?? []) {
    const value = type === 'charge' ? amount.value : negateDecimal(amount.value)
    rows.push({ line: undefined, columns: { ...head, currency: amount.currency, amount: signed(value), quantity: zero } })
  }
  return ok(rows)
}

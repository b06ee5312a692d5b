import type { Line, TradeDocument } from '../../schemas/canonical/trade-document.js'
import { addDecimals, compareDecimals, divideDecimals, multiplyDecimals, negateDecimal, roundDecimal, subtractDecimals, zero, type Decimal } from '../../schemas/decimal.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { Amount } from '../../schemas/canonical/common.js'
import { figureDigits, type FactRow } from './cube.js'
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
    const net = lineNet(line, currency, `lines[${index}]`)
    if (!net.ok) return net
    const product = productMember(line.item, { system, seller: supplier?.key, buyer: customer?.key })
    const quantity = line.quantity === undefined ? zero : signed(line.quantity.value)
    const unit = line.quantity === undefined ? undefined : line.quantity.unit ?? line.quantity.unitAsSent ?? ''
    rows.push({ line: line.number, columns: { ...head, product, currency: net.value.currency, unit, amount: signed(net.value.value), quantity } })
  }
  for (const { type, amount } of document.allowancesCharges ?? []) {
    const value = type === 'charge' ? amount.value : negateDecimal(amount.value)
    rows.push({ line: undefined, columns: { ...head, currency: amount.currency, amount: signed(value), quantity: zero } })
  }
  return ok(rows)
}

/** As stated; else quantity × price ÷ base quantity, less allowances, plus charges, rounded to the figure's places as commerce rounds. */
const lineNet = (line: Line, currency: string, at: string): Result<Amount> => {
  if (line.amount !== undefined) return ok(line.amount)
  const price = line.price
  const changes = line.allowancesCharges ?? []
  const own = price?.amount.currency ?? changes[0]?.amount.currency ?? currency
  if (changes.some((change) => change.amount.currency !== own)) return fail('value-invalid', at, 'The line has no amount, and price, allowances and charges are of several currencies.')
  const gross = price === undefined ? ok(zero) : grossOf(line.quantity?.value ?? zero, price.amount.value, price.baseQuantity?.value, at)
  if (!gross.ok) return gross
  const net = changes.reduce((sum, { type, amount }) => (type === 'charge' ? addDecimals : subtractDecimals)(sum, amount.value), gross.value)
  return ok({ value: roundDecimal(net, figureDigits.fraction), currency: own })
}

const grossOf = (quantity: Decimal, price: Decimal, base: Decimal | undefined, at: string): Result<Decimal> => {
  const product = multiplyDecimals(quantity, price)
  if (base === undefined) return ok(product)
  if (compareDecimals(base, zero) === 0) return fail('value-invalid', `${at}.price.baseQuantity`, 'A price for a quantity of zero gives no amount.')
  return ok(divideDecimals(product, base, figureDigits.fraction))
}

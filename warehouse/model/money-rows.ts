import { allowanceAmount } from '../../schemas/allowance-amount.js'
import type { Amount } from '../../schemas/canonical/common.js'
import type { TradeDocument } from '../../schemas/canonical/trade-document.js'
import { negateDecimal, sumDecimals, zero, type Decimal } from '../../schemas/decimal.js'
import { lineNet } from '../../schemas/line-net.js'
import { fail, ok, type Result } from '../../schemas/result.js'
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
  const date = document.issuedOn
  const signed = (value: Decimal): Decimal => (sign === 1 ? value : negateDecimal(value))
  const lines: { readonly row: FactRow, readonly net: Amount }[] = []
  for (const [index, line] of document.lines.entries()) {
    const net = lineNet(line, `lines[${index}]`)
    if (!net.ok) return net
    const amount = net.value ?? { value: zero, currency }
    const product = productMember(line.item, { system, seller: supplier?.key, buyer: customer?.key })
    const quantity = line.quantity === undefined ? zero : signed(line.quantity.value)
    const unit = line.quantity === undefined ? undefined : line.quantity.unit ?? line.quantity.unitAsSent ?? ''
    lines.push({ net: amount, row: { line: line.number, columns: { customer, supplier, date, product, currency: amount.currency, unit, amount: signed(amount.value), quantity } } })
  }
  const changes = headChanges(document, lines.map(({ net }) => net))
  if (!changes.ok) return changes
  return ok([...lines.map(({ row }) => row), ...changes.value.map((amount): FactRow => ({ line: undefined, columns: { customer, supplier, date, currency: amount.currency, amount: signed(amount.value), quantity: zero } }))])
}

/** The charges of the head as they are, its allowances as negative amounts. Fails with value-invalid where one is a percentage of lines of several currencies. */
const headChanges = ({ allowancesCharges, totals }: TradeDocument, nets: readonly Amount[]): Result<readonly Amount[]> => {
  const [first] = nets
  const isOne = first !== undefined && nets.every(({ currency }) => currency === first.currency)
  const whole = totals?.lines ?? (isOne ? { value: sumDecimals(nets.map(({ value }) => value)), currency: first.currency } : undefined)
  const changes: Amount[] = []
  for (const [index, change] of (allowancesCharges ?? []).entries()) {
    const amount = allowanceAmount(change, whole)
    if (amount === undefined) return fail('value-invalid', `allowancesCharges[${index}]`, 'The percentage is one of lines of several currencies.')
    changes.push(change.type === 'charge' ? amount : { ...amount, value: negateDecimal(amount.value) })
  }
  return ok(changes)
}

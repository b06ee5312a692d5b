import { allowanceAmount } from '../../schemas/allowance-amount.js'
import type { Amount } from '../../schemas/canonical/common.js'
import type { TradeDocument } from '../../schemas/canonical/trade-document.js'
import { lineNet } from '../../schemas/line-net.js'
import { addDecimals, subtractDecimals, sumDecimals, zero, type Decimal } from '../../schemas/decimal.js'

const inCurrency = (currency: string, amounts: readonly (Amount | undefined)[]): Decimal =>
  sumDecimals(amounts.flatMap((amount) => (amount?.currency === currency ? [amount.value] : [])))

const currencyOf = (document: TradeDocument): string | undefined =>
  document.currency ?? document.totals?.payable?.currency ?? document.lines.map(({ amount, price }) => (amount ?? price?.amount)?.currency).find((currency) => currency !== undefined)

/** Undefined where a line's price gives no amount. */
const linesTotal = (document: TradeDocument, currency: string): Decimal | undefined => {
  if (document.totals?.lines !== undefined) return document.totals.lines.value
  const nets: (Amount | undefined)[] = []
  for (const line of document.lines) {
    const net = lineNet(line, line.number)
    if (!net.ok) return undefined
    nets.push(net.value)
  }
  return inCurrency(currency, nets)
}

const withTax = (document: TradeDocument, currency: string): Decimal | undefined => {
  const { totals } = document
  if (totals?.taxInclusive !== undefined) return totals.taxInclusive.value
  const tax = totals?.tax?.value ?? inCurrency(currency, (document.taxTotals ?? []).map(({ amount }) => amount))
  if (totals?.taxExclusive !== undefined) return addDecimals(totals.taxExclusive.value, tax)
  const lines = linesTotal(document, currency)
  if (lines === undefined) return undefined
  const whole = { value: lines, currency }
  const sumOf = (type: 'allowance' | 'charge') => inCurrency(currency, (document.allowancesCharges ?? []).filter((each) => each.type === type).map((each) => allowanceAmount(each, whole)))
  return subtractDecimals(sumDecimals([lines, sumOf('charge'), tax]), sumOf('allowance'))
}

/** What has a price to be paid; the value of stock and the prices of a catalogue are none. */
const priced: readonly TradeDocument['kind'][] = ['quotation', 'order', 'order-change', 'order-response', 'despatch', 'receipt', 'invoice', 'credit-note']

/**
 * What is to be paid for a document, prepayments off: as it says itself, else its total with tax less what was prepaid, else from its lines.
 * Undefined when it names no currency, its lines give no amount, or its kind is none that is paid for.
 */
export const payableOf = (document: TradeDocument): Amount | undefined => {
  if (!priced.includes(document.kind)) return undefined
  if (document.totals?.payable !== undefined) return document.totals.payable
  const currency = currencyOf(document)
  if (currency === undefined) return undefined
  const total = withTax(document, currency)
  return total === undefined ? undefined : { value: subtractDecimals(total, document.totals?.prepaid?.value ?? zero), currency }
}

const [firstDay, lastDay] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T00:00:00Z')]

/** Undefined outside of the years 1 to 9999, in which alone all databases know days. */
const dayAfter = (date: string, days: number): string | undefined => {
  const day = Date.parse(`${date}T00:00:00Z`) + days * 86_400_000
  return day >= firstDay && day <= lastDay ? new Date(day).toISOString().slice(0, 10) : undefined
}

/** The business date by which to pay: named on head or terms, else counted from the issue date. */
export const dueOnOf = (document: TradeDocument): string | undefined => {
  const named = document.dueOn ?? document.paymentTerms?.find(({ dueOn }) => dueOn !== undefined)?.dueOn
  const days = document.paymentTerms?.find((terms) => terms.days !== undefined)?.days
  return named ?? (days === undefined ? undefined : dayAfter(document.issuedOn, Number(days)))
}

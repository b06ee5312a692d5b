import type { Amount } from '../../schemas/canonical/common.js'
import type { TradeDocument } from '../../schemas/canonical/trade-document.js'
import { addDecimals, subtractDecimals, sumDecimals, zero, type Decimal } from '../../schemas/decimal.js'

const inCurrency = (currency: string, amounts: readonly (Amount | undefined)[]): Decimal =>
  sumDecimals(amounts.flatMap((amount) => (amount?.currency === currency ? [amount.value] : [])))

const currencyOf = (document: TradeDocument): string | undefined =>
  document.currency ?? document.totals?.payable?.currency ?? document.lines.find((line) => line.amount !== undefined)?.amount?.currency

const withTax = (document: TradeDocument, currency: string): Decimal => {
  const { totals } = document
  if (totals?.taxInclusive !== undefined) return totals.taxInclusive.value
  const tax = totals?.tax?.value ?? inCurrency(currency, (document.taxTotals ?? []).map(({ amount }) => amount))
  if (totals?.taxExclusive !== undefined) return addDecimals(totals.taxExclusive.value, tax)
  const lines = totals?.lines?.value ?? inCurrency(currency, document.lines.map(({ amount }) => amount))
  const sumOf = (type: 'allowance' | 'charge') => inCurrency(currency, (document.allowancesCharges ?? []).filter((each) => each.type === type).map(({ amount }) => amount))
  return subtractDecimals(sumDecimals([lines, sumOf('charge'), tax]), sumOf('allowance'))
}

/**
 * What is to be paid for a document, prepayments off: as it says itself, else its total with tax less what was prepaid, else from its lines.
 * Undefined when it names no currency.
 */
export const payableOf = (document: TradeDocument): Amount | undefined => {
  if (document.totals?.payable !== undefined) return document.totals.payable
  const currency = currencyOf(document)
  if (currency === undefined) return undefined
  return { value: subtractDecimals(withTax(document, currency), document.totals?.prepaid?.value ?? zero), currency }
}

const dayAfter = (date: string, days: number): string => new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)

/** The business date by which to pay: named on head or terms, else counted from the issue date. */
export const dueOnOf = (document: TradeDocument): string | undefined => {
  const named = document.dueOn ?? document.paymentTerms?.find(({ dueOn }) => dueOn !== undefined)?.dueOn
  const days = document.paymentTerms?.find((terms) => terms.days !== undefined)?.days
  return named ?? (days === undefined ? undefined : dayAfter(document.issuedOn, Number(days)))
}

import { allowanceAmount } from './allowance-amount.js'
import type { Amount } from './canonical/common.js'
import { isTradeDocument, type CanonicalDocument } from './canonical/canonical-document.js'
import type { Line, TradeDocument } from './canonical/trade-document.js'
import { addDecimals, compareDecimals, divideDecimals, multiplyDecimals, subtractDecimals, sumDecimals, zero, type Decimal } from './decimal.js'
import type { Issue } from './message-answer.js'

/** Currencies that are counted without a smaller coin. */
const wholeCurrencies = new Set(['CLP', 'ISK', 'JPY', 'KRW', 'PYG', 'UGX', 'VND', 'XAF', 'XOF', 'XPF'])

const one = '1' as Decimal

/** One step of rounding: the smallest coin of the currency. */
const toleranceOf = (currency: string): Decimal => wholeCurrencies.has(currency) ? one : '0.01' as Decimal

/**
 * Adds a document up: each line's amount is quantity × price / base quantity less allowances plus charges; the totals follow from lines, head
 * allowances and charges, tax, prepaid and rounding. What differs by more than the smallest coin of the currency is a total-mismatch, as a warning;
 * what the document does not state, or states in several currencies, is not checked.
 */
export const checkTotals = (document: CanonicalDocument): readonly Issue[] =>
  isTradeDocument(document) ? [...document.lines.flatMap((line, index) => checkLine(line, `lines[${index}]`)), ...checkHead(document)] : []

const mismatch = (at: string, stated: Amount, expected: Decimal, how: string): readonly Issue[] => {
  if (stated.value === expected) return []
  const difference = subtractDecimals(stated.value, expected)
  const size = compareDecimals(difference, zero) < 0 ? subtractDecimals(zero, difference) : difference
  if (compareDecimals(size, toleranceOf(stated.currency)) <= 0) return []
  return [{ code: 'total-mismatch', at, detail: `${at} is ${stated.value} ${stated.currency}, but ${how} makes ${expected}.`, severity: 'warning' }]
}

/** Charges less allowances, percentages being of `whole`; undefined where one has another currency. */
const adjustment = (all: TradeDocument['allowancesCharges'], whole: Amount): Decimal | undefined => {
  let sum = zero
  for (const change of all ?? []) {
    const amount = allowanceAmount(change, whole)
    if (amount?.currency !== whole.currency) return undefined
    sum = change.type === 'charge' ? addDecimals(sum, amount.value) : subtractDecimals(sum, amount.value)
  }
  return sum
}

const checkLine = ({ quantity, price, amount, allowancesCharges }: Line, at: string): readonly Issue[] => {
  if (quantity === undefined || price === undefined || amount === undefined || price.amount.currency !== amount.currency) return []
  const base = price.baseQuantity
  const sameUnit = base?.unit === undefined || quantity.unit === undefined || base.unit === quantity.unit
  if (!sameUnit || (base !== undefined && compareDecimals(base.value, zero) === 0)) return []
  const gross = divideDecimals(multiplyDecimals(quantity.value, price.amount.value), base?.value ?? one, 6)
  const changed = adjustment(allowancesCharges, { value: gross, currency: amount.currency })
  if (changed === undefined) return []
  const how = `${quantity.value} × ${price.amount.value}${base === undefined ? '' : ` / ${base.value}`}${changed === zero ? '' : ' with its allowances and charges'}`
  return mismatch(`${at}.amount`, amount, addDecimals(gross, changed), how)
}

const checkHead = (document: TradeDocument): readonly Issue[] => {
  const { totals, lines } = document
  // A change or a response states the whole order's totals and may name only the lines that differ.
  if (totals === undefined || document.kind === 'order-change' || document.kind === 'order-response') return []
  const amounts = lines.flatMap(({ amount }) => amount ?? [])
  const issues: Issue[] = []
  if (totals.lines !== undefined && lines.length > 0 && amounts.length === lines.length && amounts.every(({ currency }) => currency === totals.lines?.currency)) {
    issues.push(...mismatch('totals.lines', totals.lines, sumDecimals(amounts.map(({ value }) => value)), 'the sum of the lines'))
  }
  return [...issues, ...checkTaxExclusive(document), ...checkTaxInclusive(document), ...checkPayable(document)]
}

const checkTaxExclusive = ({ totals, allowancesCharges }: TradeDocument): readonly Issue[] => {
  const { taxExclusive, lines } = totals ?? {}
  if (taxExclusive === undefined || lines === undefined || lines.currency !== taxExclusive.currency) return []
  const changed = adjustment(allowancesCharges, lines)
  return changed === undefined ? [] : mismatch('totals.taxExclusive', taxExclusive, addDecimals(lines.value, changed), 'the lines with the document\'s allowances and charges')
}

/** The tax in a currency; documents without a tax total state none. */
const taxIn = ({ taxTotals }: TradeDocument, currency: string): Decimal | undefined =>
  taxTotals === undefined ? zero : taxTotals.find(({ amount }) => amount.currency === currency)?.amount.value

const checkTaxInclusive = (document: TradeDocument): readonly Issue[] => {
  const { taxExclusive, taxInclusive } = document.totals ?? {}
  const tax = taxInclusive === undefined ? undefined : taxIn(document, taxInclusive.currency)
  if (taxExclusive === undefined || taxInclusive === undefined || tax === undefined || taxExclusive.currency !== taxInclusive.currency) return []
  return mismatch('totals.taxInclusive', taxInclusive, addDecimals(taxExclusive.value, tax), 'the amount without tax plus the tax')
}

const checkPayable = (document: TradeDocument): readonly Issue[] => {
  const { taxExclusive, taxInclusive, prepaid, rounding, payable } = document.totals ?? {}
  const from = taxInclusive ?? taxExclusive
  if (payable === undefined || from === undefined) return []
  const tax = taxInclusive === undefined ? taxIn(document, payable.currency) : zero
  if (tax === undefined || [from, prepaid, rounding].some((amount) => amount !== undefined && amount.currency !== payable.currency)) return []
  const expected = addDecimals(subtractDecimals(addDecimals(from.value, tax), prepaid?.value ?? zero), rounding?.value ?? zero)
  return mismatch('totals.payable', payable, expected, 'the amount with tax less what is prepaid')
}

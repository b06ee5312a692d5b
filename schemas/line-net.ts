import { allowanceAmount, netPlaces } from './allowance-amount.js'
import type { Amount } from './canonical/common.js'
import type { Line } from './canonical/trade-document.js'
import { addDecimals, compareDecimals, divideDecimals, multiplyDecimals, roundDecimal, subtractDecimals, zero, type Decimal } from './decimal.js'
import { fail, ok, type Result } from './result.js'

/**
 * What a line comes to without tax. As stated; else quantity × price ÷ base quantity, less allowances, plus charges, rounded as commerce rounds.
 * Undefined for a line that states none of it. Fails with `value-invalid` where price, allowances and charges give no one amount.
 */
export const lineNet = (line: Line, at: string): Result<Amount | undefined> => {
  if (line.amount !== undefined) return ok(line.amount)
  const price = line.price
  const changes = line.allowancesCharges ?? []
  const currency = price?.amount.currency ?? changes.flatMap((change) => allowanceAmount(change, undefined) ?? [])[0]?.currency
  if (currency === undefined) return ok(undefined)
  const gross = price === undefined ? ok(zero) : grossOf(line.quantity?.value ?? zero, price.amount.value, price.baseQuantity?.value, at)
  if (!gross.ok) return gross
  let net = gross.value
  for (const change of changes) {
    const amount = allowanceAmount(change, { value: gross.value, currency })
    if (amount?.currency !== currency) return fail('value-invalid', at, 'The line has no amount, and price, allowances and charges are of several currencies.')
    net = (change.type === 'charge' ? addDecimals : subtractDecimals)(net, amount.value)
  }
  return ok({ value: roundDecimal(net, netPlaces), currency })
}

const grossOf = (quantity: Decimal, price: Decimal, base: Decimal | undefined, at: string): Result<Decimal> => {
  const product = multiplyDecimals(quantity, price)
  if (base === undefined) return ok(product)
  if (compareDecimals(base, zero) === 0) return fail('value-invalid', `${at}.price.baseQuantity`, 'A price for a quantity of zero gives no amount.')
  return ok(divideDecimals(product, base, netPlaces))
}

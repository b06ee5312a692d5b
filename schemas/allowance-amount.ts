import type { AllowanceCharge, Amount } from './canonical/common.js'
import { divideDecimals, multiplyDecimals, type Decimal } from './decimal.js'

/** Digits after the point to which an amount is computed that no document states. */
export const netPlaces = 10

const hundred = '100' as Decimal

/**
 * What an allowance or a charge comes to, unsigned: as stated; else its percentage of its own base, or of `whole` where it names none, to ten places, since
 * only the totals that it goes into are rounded. Undefined where there is nothing that the percentage could be of. Never stored: a document keeps what it stated.
 */
export const allowanceAmount = ({ amount, base, percent }: AllowanceCharge, whole: Amount | undefined): Amount | undefined => {
  if (amount !== undefined) return amount
  const of = base ?? whole
  return percent === undefined || of === undefined ? undefined : { value: divideDecimals(multiplyDecimals(of.value, percent), hundred, netPlaces), currency: of.currency }
}

import type { Quantity } from '../../schemas/canonical/common.js'
import { addDecimals, compareDecimals, subtractDecimals, zero, type Decimal } from '../../schemas/decimal.js'

/** Amounts of things by unit; units are never converted into one another. */
export type Quantities = ReadonlyMap<string, Decimal>

export interface UnitQuantity {
  readonly value: Decimal
  readonly unit?: string
}

export const none: Quantities = new Map()

export const quantitiesOf = (quantity: Quantity | undefined): Quantities =>
  (quantity === undefined ? none : new Map([[quantity.unit ?? quantity.unitAsSent ?? '', quantity.value]]))

const combined = (a: Quantities, b: Quantities, combine: (a: Decimal, b: Decimal) => Decimal): Quantities =>
  new Map([...new Set([...a.keys(), ...b.keys()])].map((unit) => [unit, combine(a.get(unit) ?? zero, b.get(unit) ?? zero)]))

export const plus = (a: Quantities, b: Quantities): Quantities => combined(a, b, addDecimals)

/** Never below zero. */
export const less = (a: Quantities, b: Quantities): Quantities =>
  combined(a, b, (left, right) => (compareDecimals(left, right) < 0 ? zero : subtractDecimals(left, right)))

/** No more than `limit` of each unit that the limit knows. */
export const atMost = (a: Quantities, limit: Quantities): Quantities =>
  new Map([...a].map(([unit, value]) => {
    const most = limit.get(unit)
    return [unit, most !== undefined && compareDecimals(value, most) > 0 ? most : value]
  }))

/** By unit, without those of which there is nothing. */
export const listed = (quantities: Quantities): readonly UnitQuantity[] =>
  [...quantities].filter(([, value]) => value !== zero).sort(([a], [b]) => (a < b ? -1 : 1)).map(([unit, value]) => (unit === '' ? { value } : { value, unit }))

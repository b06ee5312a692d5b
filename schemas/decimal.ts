import { fail, ok, type Result } from './result.js'

declare const brand: unique symbol

/** A decimal number as text in its one canonical spelling: `-12.5`, never `-12.50`, `+1`, `.5`, `1e3` or `-0`. Never a float. */
export type Decimal = string & { readonly [brand]: 'Decimal' }

export const decimalPattern = '^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\\.[0-9]*[1-9])$'

/** Digits on both sides of the point that a decimal may have; more is refused rather than rounded. */
const maxDigits = 200

const written = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/

/**
 * Reads a decimal as partners write it (sign before, leading zeros, exponent) and gives its canonical spelling.
 * Fails with `value-invalid` when it is no decimal or has more than 200 digits.
 */
export const parseDecimal = (text: string, at = ''): Result<Decimal> => {
  const match = written.exec(text.trim())
  const whole = match?.[2] ?? ''
  const fraction = match?.[3] ?? ''
  if (match === null || whole.length + fraction.length === 0) return fail('value-invalid', at, `'${text.slice(0, 60)}' is not a decimal number; write it like 1234.5.`)
  const exponent = Number(match[4] ?? '0')
  if (whole.length + fraction.length + Math.abs(exponent) > maxDigits) return fail('value-invalid', at, `The number has more than ${maxDigits} digits.`)
  return ok(fromScaled(BigInt(`${match[1] === '-' ? '-' : ''}${whole}${fraction}`), fraction.length - exponent))
}

/** `unscaled` × 10^-`scale`, in canonical spelling. */
const fromScaled = (unscaled: bigint, scale: number): Decimal => {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale)) as Decimal
  const negative = unscaled < 0n
  const digits = String(negative ? -unscaled : unscaled).padStart(scale + 1, '0')
  const fraction = digits.slice(-scale).replace(/0+$/, '')
  const whole = digits.slice(0, -scale)
  const text = fraction === '' ? whole : `${whole}.${fraction}`
  return (negative && text !== '0' ? `-${text}` : text) as Decimal
}

interface Scaled {
  readonly unscaled: bigint
  readonly scale: number
}

const toScaled = (decimal: Decimal): Scaled => {
  const point = decimal.indexOf('.')
  return point < 0
    ? { unscaled: BigInt(decimal), scale: 0 }
    : { unscaled: BigInt(decimal.slice(0, point) + decimal.slice(point + 1)), scale: decimal.length - point - 1 }
}

const aligned = (a: Decimal, b: Decimal): readonly [bigint, bigint, number] => {
  const left = toScaled(a)
  const right = toScaled(b)
  const scale = Math.max(left.scale, right.scale)
  return [left.unscaled * 10n ** BigInt(scale - left.scale), right.unscaled * 10n ** BigInt(scale - right.scale), scale]
}

export const zero = '0' as Decimal

export const addDecimals = (a: Decimal, b: Decimal): Decimal => {
  const [left, right, scale] = aligned(a, b)
  return fromScaled(left + right, scale)
}

export const subtractDecimals = (a: Decimal, b: Decimal): Decimal => {
  const [left, right, scale] = aligned(a, b)
  return fromScaled(left - right, scale)
}

export const multiplyDecimals = (a: Decimal, b: Decimal): Decimal => {
  const left = toScaled(a)
  const right = toScaled(b)
  return fromScaled(left.unscaled * right.unscaled, left.scale + right.scale)
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export const compareDecimals = (a: Decimal, b: Decimal): number => {
  const [left, right] = aligned(a, b)
  return left < right ? -1 : left > right ? 1 : 0
}

export const negateDecimal = (a: Decimal): Decimal => subtractDecimals(zero, a)

export const sumDecimals = (all: readonly Decimal[]): Decimal => all.reduce(addDecimals, zero)

/** `a / b` rounded half away from zero to `places` digits after the point. `b` must not be zero. */
export const divideDecimals = (a: Decimal, b: Decimal, places: number): Decimal => {
  const [left, right] = aligned(a, b)
  const shifted = left * 10n ** BigInt(places + 1)
  return roundDecimal(fromScaled(shifted / right, places + 1), places)
}

/** Rounded half away from zero to `places` digits after the point, as commerce rounds amounts. */
export const roundDecimal = (a: Decimal, places: number): Decimal => {
  const { unscaled, scale } = toScaled(a)
  if (scale <= places) return a
  const unit = 10n ** BigInt(scale - places)
  const half = unscaled < 0n ? -unit / 2n : unit / 2n
  return fromScaled((unscaled + half) / unit, places)
}

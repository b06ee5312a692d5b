import { fail, ok, type Result } from './result.js'

declare const brand: unique symbol

/** A decimal number as text in its one canonical spelling: `-12.5`, never `-12.50`, `+1`, `.5`, `1e3` or `-0`. Never a float. */
export type Decimal = string & { readonly [brand]: 'Decimal' }

export const decimalPattern = '^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\\.[0-9]*[1-9])$'

/** Digits on both sides of the point that a decimal may have; more is refused rather than rounded. */
const maxDigits = 200

/** As nearly all are written: only zeros at the end may be too many. */
const plain = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/

const written = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/

/**
 * Reads a decimal as partners write it (sign before, leading zeros, exponent) and gives its canonical spelling.
 * Fails with `value-invalid` when it is no decimal or has more than 200 digits.
 */
export const parseDecimal = (text: string, at = ''): Result<Decimal> => {
  if (text.length <= maxDigits && plain.test(text)) {
    const canonical = withoutEndingZeros(text)
    return ok((canonical === '-0' ? zero : canonical) as Decimal)
  }
  const match = written.exec(text.trim())
  const whole = match?.[2] ?? ''
  const fraction = match?.[3] ?? ''
  if (match === null || whole.length + fraction.length === 0) return fail('value-invalid', at, `'${text.slice(0, 60)}' is not a decimal number; write it like 1234.5.`)
  const exponent = Number(match[4] ?? '0')
  if (whole.length + fraction.length + Math.abs(exponent) > maxDigits) return fail('value-invalid', at, `The number has more than ${maxDigits} digits.`)
  return ok(fromScaled(BigInt(`${match[1] === '-' ? '-' : ''}${whole}${fraction}`), fraction.length - exponent))
}

/** Without zeros at the end of the fraction, and without the point where nothing is left behind it. */
const withoutEndingZeros = (text: string): string => {
  if (!text.includes('.')) return text
  let end = text.length
  while (text.charCodeAt(end - 1) === 0x30) end--
  return text.slice(0, text.charCodeAt(end - 1) === 0x2e ? end - 1 : end)
}

/** `unscaled` × 10^-`scale`, in canonical spelling. */
const fromScaled = (unscaled: bigint, scale: number): Decimal => {
  if (scale <= 0) return String(shifted(unscaled, -scale)) as Decimal
  const negative = unscaled < 0n
  const digits = String(negative ? -unscaled : unscaled).padStart(scale + 1, '0')
  const text = withoutEndingZeros(`${digits.slice(0, -scale)}.${digits.slice(-scale)}`)
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

const shifted = (unscaled: bigint, places: number): bigint => (places === 0 ? unscaled : unscaled * 10n ** BigInt(places))

const aligned = (a: Decimal, b: Decimal): readonly [bigint, bigint, number] => {
  const left = toScaled(a)
  const right = toScaled(b)
  const scale = Math.max(left.scale, right.scale)
  return [shifted(left.unscaled, scale - left.scale), shifted(right.unscaled, scale - right.scale), scale]
}

export const zero = '0' as Decimal
const one = '1' as Decimal

export const addDecimals = (a: Decimal, b: Decimal): Decimal => {
  if (a === zero) return b
  if (b === zero) return a
  const [left, right, scale] = aligned(a, b)
  return fromScaled(left + right, scale)
}

export const subtractDecimals = (a: Decimal, b: Decimal): Decimal => {
  if (b === zero) return a
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
  if (a === b) return 0
  const [left, right] = aligned(a, b)
  return left < right ? -1 : left > right ? 1 : 0
}

export const negateDecimal = (a: Decimal): Decimal => subtractDecimals(zero, a)

export const sumDecimals = (all: readonly Decimal[]): Decimal => all.reduce(addDecimals, zero)

/** `a / b` rounded half away from zero to `places` digits after the point. `b` must not be zero. */
export const divideDecimals = (a: Decimal, b: Decimal, places: number): Decimal => {
  if (b === one) return roundDecimal(a, places)
  const [left, right] = aligned(a, b)
  return roundDecimal(fromScaled(shifted(left, places + 1) / right, places + 1), places)
}

/** Rounded half away from zero to `places` digits after the point, as commerce rounds amounts. */
export const roundDecimal = (a: Decimal, places: number): Decimal => {
  const { unscaled, scale } = toScaled(a)
  if (scale <= places) return a
  const unit = 10n ** BigInt(scale - places)
  const half = unscaled < 0n ? -unit / 2n : unit / 2n
  return fromScaled((unscaled + half) / unit, places)
}

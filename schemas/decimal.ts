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
const fromScaled = (unscaled: number | bigint, scale: number): Decimal => {
  if (scale <= 0) return String(scale === 0 ? unscaled : shifted(BigInt(unscaled), -scale)) as Decimal
  const negative = unscaled < 0
  const digits = String(negative ? -unscaled : unscaled).padStart(scale + 1, '0')
  const text = withoutEndingZeros(`${digits.slice(0, -scale)}.${digits.slice(-scale)}`)
  return (negative && text !== '0' ? `-${text}` : text) as Decimal
}

/** `unscaled` × 10^-`scale`. A number while it is one that a float has exactly, as nearly all are: what is computed of it is then many times as fast. */
interface Scaled {
  readonly unscaled: number | bigint
  readonly scale: number
}

/** With a sign and a point: every one of fewer characters is below 2^53. */
const fewDigits = 16

const toScaled = (decimal: Decimal): Scaled => {
  const point = decimal.indexOf('.')
  const digits = point < 0 ? decimal : decimal.slice(0, point) + decimal.slice(point + 1)
  return { unscaled: digits.length < fewDigits ? Number(digits) : BigInt(digits), scale: point < 0 ? 0 : decimal.length - point - 1 }
}

const shifted = (unscaled: bigint, places: number): bigint => (places === 0 ? unscaled : unscaled * 10n ** BigInt(places))

const exactly = (number: number): number | undefined => (Number.isSafeInteger(number) ? number : undefined)

const powersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15]

/** With the scale `to`, where a number can say it: a product that is too large for a float to be exact is rounded to one that is no safe integer either. */
const raised = ({ unscaled, scale }: Scaled, to: number): number | undefined => {
  const power = powersOfTen[to - scale]
  return typeof unscaled === 'number' && power !== undefined ? exactly(unscaled * power) : undefined
}

const aligned = (a: Scaled, b: Scaled): readonly [bigint, bigint, number] => {
  const scale = Math.max(a.scale, b.scale)
  return [shifted(BigInt(a.unscaled), scale - a.scale), shifted(BigInt(b.unscaled), scale - b.scale), scale]
}

export const zero = '0' as Decimal
const one = '1' as Decimal

export const addDecimals = (a: Decimal, b: Decimal): Decimal => {
  if (a === zero) return b
  if (b === zero) return a
  const [left, right] = [toScaled(a), toScaled(b)]
  const sum = sumOf(left, right, 1)
  if (sum !== undefined) return sum
  const [most, least, scale] = aligned(left, right)
  return fromScaled(most + least, scale)
}

export const subtractDecimals = (a: Decimal, b: Decimal): Decimal => {
  if (b === zero) return a
  const [left, right] = [toScaled(a), toScaled(b)]
  const difference = sumOf(left, right, -1)
  if (difference !== undefined) return difference
  const [most, least, scale] = aligned(left, right)
  return fromScaled(most - least, scale)
}

/** `a` + `sign` × `b` where numbers can say it. */
const sumOf = (a: Scaled, b: Scaled, sign: 1 | -1): Decimal | undefined => {
  const scale = Math.max(a.scale, b.scale)
  const [left, right] = [raised(a, scale), raised(b, scale)]
  const sum = left === undefined || right === undefined ? undefined : exactly(left + sign * right)
  return sum === undefined ? undefined : fromScaled(sum, scale)
}

export const multiplyDecimals = (a: Decimal, b: Decimal): Decimal => {
  const [left, right] = [toScaled(a), toScaled(b)]
  const product = typeof left.unscaled === 'number' && typeof right.unscaled === 'number' ? exactly(left.unscaled * right.unscaled) : undefined
  return fromScaled(product ?? BigInt(left.unscaled) * BigInt(right.unscaled), left.scale + right.scale)
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export const compareDecimals = (a: Decimal, b: Decimal): number => {
  if (a === b) return 0
  const [left, right] = [toScaled(a), toScaled(b)]
  const scale = Math.max(left.scale, right.scale)
  const [first, second] = [raised(left, scale), raised(right, scale)]
  if (first !== undefined && second !== undefined) return first < second ? -1 : first > second ? 1 : 0
  const [most, least] = aligned(left, right)
  return most < least ? -1 : most > least ? 1 : 0
}

export const negateDecimal = (a: Decimal): Decimal => subtractDecimals(zero, a)

export const sumDecimals = (all: readonly Decimal[]): Decimal => all.reduce(addDecimals, zero)

/** `a / b` rounded half away from zero to `places` digits after the point. `b` must not be zero. */
export const divideDecimals = (a: Decimal, b: Decimal, places: number): Decimal => {
  if (b === one) return roundDecimal(a, places)
  const [left, right] = aligned(toScaled(a), toScaled(b))
  return roundDecimal(fromScaled(shifted(left, places + 1) / right, places + 1), places)
}

/** Rounded half away from zero to `places` digits after the point, as commerce rounds amounts. */
export const roundDecimal = (a: Decimal, places: number): Decimal => {
  const { unscaled: given, scale } = toScaled(a)
  if (scale <= places) return a
  const unscaled = BigInt(given)
  const unit = 10n ** BigInt(scale - places)
  const half = unscaled < 0n ? -unit / 2n : unit / 2n
  return fromScaled((unscaled + half) / unit, places)
}

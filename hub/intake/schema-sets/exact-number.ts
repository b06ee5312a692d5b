/** A JSON number taken apart: `digits` × 10^`exponent`; 0 has the exponent 0. */
interface ExactNumber {
  readonly digits: bigint
  readonly exponent: bigint
}

const written = /^(-?\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/

const exactOf = (text: string): ExactNumber => {
  const [, whole = '0', fraction = '', exponent = '0'] = written.exec(text) ?? []
  const trimmed = `${whole}${fraction}`.replace(/0+$/, '')
  const digits = BigInt(trimmed === '' || trimmed === '-' ? '0' : trimmed)
  const dropped = whole.length + fraction.length - trimmed.length
  return digits === 0n ? { digits, exponent: 0n } : { digits, exponent: BigInt(exponent) - BigInt(fraction.length) + BigInt(dropped) }
}

const lengthOf = (digits: bigint): bigint => BigInt(digits.toString().length - (digits < 0n ? 1 : 0))

/** Below 0 where a < b, 0 where they are equal, above 0 where a > b, whatever their length and exponent. */
export const compareNumbers = (a: string, b: string): number => {
  const [left, right] = [exactOf(a), exactOf(b)]
  const sign = signOf(left.digits) - signOf(right.digits)
  if (sign !== 0 || left.digits === 0n) return sign
  const magnitude = left.exponent + lengthOf(left.digits) - right.exponent - lengthOf(right.digits)
  if (magnitude !== 0n) return (magnitude > 0n ? 1 : -1) * signOf(left.digits)
  const least = left.exponent < right.exponent ? left.exponent : right.exponent
  // Of equal magnitude, so the exponents differ by no more than the texts are long.
  return signOf(left.digits * 10n ** (left.exponent - least) - right.digits * 10n ** (right.exponent - least))
}

const signOf = (value: bigint): number => (value > 0n ? 1 : value < 0n ? -1 : 0)

/** Whether a number is a whole multiple of another, which is above 0. */
export const isMultipleOf = (text: string, of: string): boolean => {
  const [value, divisor] = [exactOf(text), exactOf(of)]
  if (value.digits === 0n) return true
  const shift = value.exponent - divisor.exponent
  if (shift >= 0n) return (value.digits * powerOfTen(shift, divisor.digits)) % divisor.digits === 0n
  // The value has no zeros at its end, so only a divisor of as few digits can go into it.
  return -shift <= lengthOf(value.digits) && value.digits % (divisor.digits * 10n ** -shift) === 0n
}

/** 10^exponent modulo a number, in as many steps as the exponent has bits. */
const powerOfTen = (exponent: bigint, modulo: bigint): bigint => {
  let result = 1n % modulo
  for (let base = 10n % modulo, rest = exponent; rest > 0n; rest >>= 1n, base = base * base % modulo) if ((rest & 1n) === 1n) result = result * base % modulo
  return result
}

/** Whether a JSON number is a whole one: 1.0 and 1e2 are. */
export const isWhole = (text: string): boolean => exactOf(text).exponent >= 0n

/** Whether a JavaScript number says all that the text does. */
export const fitsFloat = (text: string): boolean => {
  if (/^[^eE]{1,15}$/.test(text)) return true
  const value = Number(text)
  return Number.isFinite(value) && compareNumbers(text, String(value).replace('e+', 'e')) === 0
}

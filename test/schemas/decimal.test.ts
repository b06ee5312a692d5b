import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDecimals, compareDecimals, decimalPattern, divideDecimals, multiplyDecimals, parseDecimal, roundDecimal, subtractDecimals, type Decimal } from '../../schemas/decimal.js'

const read = (text: string): Decimal => {
  const parsed = parseDecimal(text)
  if (!parsed.ok) throw new Error(parsed.detail)
  return parsed.value
}
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
const property = <T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void): void => {
  console.log(`seed ${seed}`)
  fc.assert(fc.property(arbitrary, check), { seed, numRuns: 2000 })
}
/** Also what a float has exactly, and what it has just not. */
const unscaled = fc.oneof(...[30n, 17n, 15n, 4n].map((digits) => fc.bigInt({ min: -(10n ** digits), max: 10n ** digits })))
const scaled = fc.tuple(unscaled, fc.integer({ min: 0, max: 12 }))
const decimal = scaled.map(([unscaled, scale]) => {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  return { unscaled, scale, text: `${unscaled < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}${scale === 0 ? '' : `.${digits.slice(-scale)}`}` }
})

describe('decimals', () => {
  it.each([
    ['100.00', '100'], ['-0', '0'], ['-0.00', '0'], ['+1.50', '1.5'], ['.5', '0.5'], ['5.', '5'], ['007', '7'], ['1e3', '1000'], ['1.5E-3', '0.0015'],
    ['12345678901234567890', '12345678901234567890'], ['-0.10', '-0.1'], [' 12.5 ', '12.5'],
  ])('spells %s as %s', (sent, canonical) => { expect(read(sent)).toBe(canonical) })

  it.each(['', '.', '-', '1,5', '0x1F', 'NaN', 'Infinity', '1e', '1e99999', '1 000', '--1', '１２'])('refuses %j', (sent) => {
    expect(parseDecimal(sent)).toMatchObject({ ok: false, code: 'value-invalid' })
  })

  it('have one spelling, which reads as itself', () => {
    property(decimal, ({ text }) => {
      const canonical = read(text)
      expect(canonical).toMatch(new RegExp(decimalPattern))
      expect(read(canonical)).toBe(canonical)
    })
  })

  it('add, subtract and multiply exactly', () => {
    property(fc.tuple(decimal, decimal), ([a, b]) => {
      const scale = 24
      const unscaledOf = (value: Decimal): bigint => {
        const [whole = '0', fraction = ''] = value.replace('-', '').split('.')
        return BigInt(whole + fraction.padEnd(scale, '0')) * (value.startsWith('-') ? -1n : 1n)
      }
      const [left, right] = [a.unscaled * 10n ** BigInt(scale - a.scale), b.unscaled * 10n ** BigInt(scale - b.scale)]
      expect(unscaledOf(addDecimals(read(a.text), read(b.text)))).toBe(left + right)
      expect(unscaledOf(subtractDecimals(read(a.text), read(b.text)))).toBe(left - right)
      expect(unscaledOf(multiplyDecimals(read(a.text), read(b.text)))).toBe(a.unscaled * b.unscaled * 10n ** BigInt(scale - a.scale - b.scale))
      expect(Math.sign(compareDecimals(read(a.text), read(b.text)))).toBe(left < right ? -1 : left > right ? 1 : 0)
    })
  })

  it.each([['2.345', 2, '2.35'], ['-2.345', 2, '-2.35'], ['2.344', 2, '2.34'], ['0.005', 2, '0.01'], ['-0.004', 2, '0'], ['10', 2, '10']])('round %s to %i places as %s', (value, places, rounded) => {
    expect(roundDecimal(read(value), places)).toBe(rounded)
  })

  it('divide with the rounding of commerce', () => {
    expect(divideDecimals(read('10'), read('3'), 4)).toBe('3.3333')
    expect(divideDecimals(read('-2'), read('3'), 2)).toBe('-0.67')
    expect(divideDecimals(read('1'), read('8'), 2)).toBe('0.13')
  })
})

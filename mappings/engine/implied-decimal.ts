import { parseDecimal } from '../../schemas/decimal.js'
import { textConverter, type Converter } from './converter.js'

/** The most decimals that may be implied. */
const most = 9

const digits = /^([+-]?)(\d{1,190})([+-]?)$/

/** A decimal without its point, as the last `places` digits are behind it: `1234` is 12.34 with two. */
const impliedDecimal = (places: number, kind: 'string' | 'number'): Converter => textConverter((text, report) => {
  const [, before = '', number = '', behind = ''] = digits.exec(text) ?? []
  if (number === '' || (before !== '' && behind !== '')) {
    return report('value-invalid', `'${text.slice(0, 40)}' is not a number without a decimal point; with ${places} implied decimals 12 is written ${asDigits('12', places)}.`)
  }
  const padded = number.padStart(places + 1, '0')
  const decimal = parseDecimal(`${before}${behind}${padded.slice(0, padded.length - places)}.${padded.slice(padded.length - places)}`)
  return decimal.ok ? decimal.value : report('value-invalid', decimal.detail)
}, (value, refuse) => {
  const decimal = parseDecimal(value)
  const decimals = decimal.ok ? (decimal.value.split('.')[1] ?? '').length : 0
  if (decimal.ok && decimals <= places) return asDigits(decimal.value, places)
  refuse(decimal.ok ? `${decimal.value} has ${decimals} decimals, and the field takes ${places}; nothing is rounded.` : decimal.detail)
  return undefined
}, kind)

const asDigits = (decimal: string, places: number): string => {
  const [whole = '', fraction = ''] = decimal.split('.')
  return `${whole}${fraction.padEnd(places, '0')}`.replace(/^(-?)0+(?=\d)/, '$1')
}

/** The converters `decimal-implied-0` to `-9`, and `number-implied-…` for numbers of JSON. */
export const impliedDecimals: Readonly<Record<string, Converter>> = Object.fromEntries(Array.from({ length: most + 1 }, (_, places) => [
  [`decimal-implied-${places}`, impliedDecimal(places, 'string')] as const, [`number-implied-${places}`, impliedDecimal(places, 'number')] as const,
]).flat())

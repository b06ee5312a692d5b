import type { Dimension } from '../dimension.js'

const letterA = 65

/** Three letters in two bytes, in the order of the alphabet. */
const packed = (code: string): number | undefined =>
  /^[A-Z]{3}$/.test(code) ? Array.from(code).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - letterA, 0) : undefined

const unpacked = (key: string | number): string => {
  const number = Number(key)
  return String.fromCharCode(...[Math.floor(number / 676), Math.floor(number / 26) % 26, number % 26].map((digit) => digit + letterA))
}

/** ISO 4217 codes; `XXX`, no currency, where a document names none. */
export const currency: Dimension = {
  name: 'currency',
  title: 'Currency',
  type: 'usmallint',
  levels: { '': { title: 'Currency, ISO 4217', group: (at) => at, key: (at) => at, example: 'EUR', parse: packed, write: unpacked } },
  hierarchies: [],
  store: packed,
}

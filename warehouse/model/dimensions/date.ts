import type { Dimension, Level } from '../dimension.js'

const isDay = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8))]
  return day >= 1 && day <= (month === 2 && isLeap(year) ? 29 : daysOfMonth[month - 1] ?? 0)
}

const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

const level = (title: string, sql: (at: string) => string, example: string, parse: Level['parse'], write: Level['write']): Level =>
  ({ title, group: sql, key: sql, example, parse, write })

const padded = (value: number, width: number): string => String(value).padStart(width, '0')

/** `2026-11` and `2026-Q4` as whole numbers: the year times 100, and the month or quarter. */
const parted = (pattern: RegExp) => (text: string): number | undefined => {
  const [, year, part] = pattern.exec(text) ?? []
  return part === undefined ? undefined : Number(year) * 100 + Number(part)
}

/** Business dates: days without a zone. Years, quarters and months are those of the calendar. */
export const date: Dimension = {
  name: 'date',
  title: 'Date',
  type: 'date',
  levels: {
    year: level('Year', (at) => `cast(year(${at}) as smallint)`, '2026', (text) => (/^\d{4}$/.test(text) ? Number(text) : undefined), (key) => padded(Number(key), 4)),
    quarter: level('Quarter', (at) => `cast(year(${at}) * 100 + quarter(${at}) as integer)`, '2026-Q4', parted(/^(\d{4})-Q([1-4])$/),
      (key) => `${padded(Math.floor(Number(key) / 100), 4)}-Q${Number(key) % 100}`),
    month: level('Month', (at) => `cast(year(${at}) * 100 + month(${at}) as integer)`, '2026-11', parted(/^(\d{4})-(0[1-9]|1[0-2])$/),
      (key) => `${padded(Math.floor(Number(key) / 100), 4)}-${padded(Number(key) % 100, 2)}`),
    day: level('Day', (at) => `cast(year(${at}) * 10000 + month(${at}) * 100 + day(${at}) as integer)`, '2026-11-30',
      (text) => (isDay(text) ? Number(text.replaceAll('-', '')) : undefined),
      (key) => padded(Number(key), 8).replace(/(....)(..)(..)/, '$1-$2-$3')),
  },
  hierarchies: [['year', 'quarter', 'month', 'day']],
  store: (text) => (isDay(text) ? text : undefined),
}

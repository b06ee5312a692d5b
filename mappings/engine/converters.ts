import { isBusinessDate } from '../../schemas/business-date.js'
import { parseDecimal } from '../../schemas/decimal.js'
import { textConverter, type Converter, type Report } from './converter.js'

const readDecimal = (text: string, report: Report): unknown => {
  const decimal = parseDecimal(text)
  return decimal.ok ? decimal.value : report('value-invalid', decimal.detail)
}

const zone = /^(?:Z|[+-]\d{2}:\d{2})?$/

/** A business date is the day as the paper says it: a zone that stands behind it is dropped and shifts nothing. */
const readDate = (text: string, report: Report): unknown => {
  const date = text.slice(0, 10)
  if (isBusinessDate(date) && zone.test(text.slice(10))) return date
  return report('value-invalid', `'${text.slice(0, 40)}' is not a date; write it like 2026-03-31.`)
}

/** A date whose parts stand as `pattern` has them, and how it is written. */
const dateOf = (pattern: RegExp, form: string): Converter => textConverter((text, report) => {
  const { y = '', m = '', d = '' } = pattern.exec(text)?.groups ?? {}
  const date = `${y}-${m}-${d}`
  return isBusinessDate(date) ? date : report('value-invalid', `'${text.slice(0, 40)}' is not a date; write it like ${writtenAs(form, '2026-03-31')}.`)
}, (value) => writtenAs(form, value))

const writtenAs = (form: string, date: string): string => form.replace('yyyy', date.slice(0, 4)).replace('mm', date.slice(5, 7)).replace('dd', date.slice(8, 10))

/** No number has more with all its points. */
const mostCharacters = 300

/** Points between thousands, a comma before the decimals. */
const readComma = (text: string, report: Report): unknown =>
  text.length <= mostCharacters && /^[+-]?\d[\d.]*(?:,\d*)?$/.test(text) ? readDecimal(text.replaceAll('.', '').replace(',', '.'), report) : report('value-invalid', `'${text.slice(0, 40)}' is not a decimal number; write it like 1234,5.`)

const timeText = /^(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?)(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?$/

const time: Converter = {
  takes: {},
  read: (text, _node, report) => {
    const match = timeText.exec(text)
    if (match === null) return report('value-invalid', `'${text.slice(0, 40)}' is not a time of day; write it like 13:05:00.`)
    return match[3] === undefined ? { time: match[1] } : { time: match[1], offset: match[3] }
  },
  write: (value) => {
    if (typeof value !== 'object' || value === null || !('time' in value) || typeof value.time !== 'string') return undefined
    return { text: value.time + ('offset' in value && typeof value.offset === 'string' ? value.offset : '') }
  },
}

/** An instant as two fields, the day as written and the time with its offset: nothing is shifted. A day alone is one too. */
const instant: Converter = {
  takes: {},
  read: (text, node, report, said) => {
    const date = readDate(text.slice(0, 10), report)
    if (date === undefined || text.length <= 10) return date === undefined ? undefined : [date]
    // A zone behind a day says nothing of a time.
    if (!/^[T ]/.test(text.slice(10))) return zone.test(text.slice(10)) ? [date] : report('value-invalid', `'${text.slice(0, 40)}' is not an instant; write it like 2026-03-31T13:05:00+08:00.`)
    const read = time.read(withColon(text.slice(11)), node, report, said)
    return read === undefined ? undefined : [date, read]
  },
  write: (value, refuse, said) => {
    const pair: readonly unknown[] = Array.isArray(value) ? value : []
    const [date, of] = pair
    const written = of === undefined ? undefined : time.write(of, refuse, said)?.text
    return typeof date === 'string' ? { text: written === undefined ? date : `${date}T${written}` } : undefined
  },
}

/** ISO 8601's basic offset, `+0800`, as its extended one. */
const withColon = (text: string): string => text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')

/** From here on an expression takes a third of the time. */
const longText = 1000

/** Whether white space inside is single blanks alone; the expression is asked where the letters do not answer already. */
const isOneLine = (text: string): boolean => {
  if (text.length > longText) return !/\s\s|[\n\t\r]/.test(text)
  let blank = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x20 && !blank) blank = true
    else if ((code > 0x20 && code < 0xa0) || (code > 0x3000 && code < 0xfeff)) blank = false
    else return !/\s\s|[\n\t\r]/.test(text)
  }
  return true
}

const isCurrency = (text: string): boolean => text.length === 3 && isCapital(text, 0) && isCapital(text, 1) && isCapital(text, 2)

const isCapital = (text: string, index: number): boolean => {
  const code = text.charCodeAt(index)
  return code >= 0x41 && code <= 0x5a
}

const countryCode = /^[A-Za-z]{2}$/

/** The converters that every format has. */
export const converters: Readonly<Record<string, Converter>> = {
  /** One line of text: white space inside counts as one space. */
  'text': textConverter((text) => isOneLine(text) ? text : text.replace(/\s+/g, ' ')),
  /** Text as it stands. */
  'lines': textConverter((text) => text),
  'decimal': textConverter(readDecimal),
  /** A decimal that the format writes as a number. */
  'number': textConverter(readDecimal, undefined, 'number'),
  'date': textConverter(readDate),
  'date-yyyymmdd': dateOf(/^(?<y>\d{4})(?<m>\d\d)(?<d>\d\d)$/, 'yyyymmdd'),
  'date-dd.mm.yyyy': dateOf(/^(?<d>\d\d)\.(?<m>\d\d)\.(?<y>\d{4})$/, 'dd.mm.yyyy'),
  'date-yyyy/mm/dd': dateOf(/^(?<y>\d{4})\/(?<m>\d\d)\/(?<d>\d\d)$/, 'yyyy/mm/dd'),
  'decimal-comma': textConverter(readComma, (value) => value.replace('.', ',')),
  'time': time,
  'instant': instant,
  'currency': textConverter((text, report) => isCurrency(text) ? text : report('value-invalid', `'${text.slice(0, 40)}' is not a currency code; write it like EUR.`)),
  /** ISO 3166-1 alpha-2; other spellings of a country stay with the extensions. */
  'country': textConverter((text) => countryCode.test(text) ? text.toUpperCase() : undefined),
}

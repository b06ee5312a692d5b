import { isBusinessDate } from '../../../schemas/business-date.js'
import type { ValueType } from './description.js'
import { linearPattern } from './linear-pattern.js'

/** What is wrong with a text, and by which rule; undefined where nothing is. */
export interface ValueProblem {
  readonly rule: 'type' | 'codes'
  readonly detail: string
  readonly fix: { readonly en: string, readonly zh: string }
}

export type CheckValue = (text: string) => ValueProblem | undefined

const shown = (text: string): string => `'${text.length > 40 ? `${text.slice(0, 40)}…` : text}'`

/** Compiles a type to a check of texts, white space around them gone unless the type is `text`. What is wrong with a secret is said without it. */
export const compileValue = (type: ValueType): CheckValue => {
  const check = compileChecks(type)
  if (!type.secret) return check
  return (text) => {
    const problem = check(text)
    return problem === undefined ? undefined : hidden(problem)
  }
}

/** Stands wherever a secret would be shown. */
export const stars = '***'

/** Of a secret neither its value nor its length is said: only what it has to be. */
export const hidden = (problem: ValueProblem): ValueProblem => ({ ...problem, detail: `${stars} is not what has to stand here. ${problem.fix.en}` })

const compileChecks = (type: ValueType): CheckValue => {
  const { empty } = type
  if (empty !== undefined) {
    const check = compileChecks({ ...type, empty: undefined })
    return (text) => (empty.has(text) ? undefined : check(text))
  }
  const checks = [checkOfKind(type), checkOfLength(type), checkOfPattern(type), checkOfCodes(type)].filter((check) => check !== undefined)
  const [first, second] = checks
  if (first === undefined) return () => undefined
  if (second === undefined) return first
  return (text) => {
    for (const check of checks) {
      const problem = check(text)
      if (problem !== undefined) return problem
    }
    return undefined
  }
}

const byExample = (is: (text: string) => boolean, en: string, zh: string, example: string): CheckValue => (text) =>
  is(text) ? undefined : { rule: 'type', detail: `${shown(text)} is not ${en}; write it like ${example}.`, fix: { en: `Write ${en} like ${example}.`, zh: `请填写${zh}，例如 ${example}。` } }

const zone = /^(?:Z|[+-]\d{2}:\d{2})?$/
const decimalText = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/
const trailingText = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)|(?:\d+(?:\.\d*)?|\.\d+) ?-)$/
const commaText = /^[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d*)?$/
const integerText = /^[+-]?\d+$/
const clockText = /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?$/
const base64Text = /^[A-Za-z0-9+/\s]*={0,2}\s*$/

const isDecimal = ({ trailingSign, point }: ValueType): ((text: string) => boolean) => {
  const form = point === ',' ? commaText : trailingSign ? trailingText : decimalText
  return (text) => form.test(text)
}

const isDate = (text: string): boolean => isBusinessDate(text.slice(0, 10)) && (text.length === 10 || zone.test(text.slice(10)))

const checkOfKind = (type: ValueType): CheckValue | undefined => {
  switch (type.is) {
    case 'text': case 'token': case 'code': return undefined
    case 'decimal': return byExample(isDecimal(type), 'a decimal number', '十进制数', `1234${type.point}5`)
    case 'integer': return byExample((text) => integerText.test(text), 'a whole number', '整数', '12')
    case 'boolean': return byExample((text) => text === 'true' || text === 'false' || text === '1' || text === '0', 'true or false', '布尔值', 'true')
    case 'date': return type.layout === undefined ? byExample(isDate, 'a date', '日期', '2026-03-31') : byExample(laidOut(type.layout), 'a date', '日期', exampleOf(type.layout))
    case 'time': return type.layout === undefined ? byExample((text) => clockText.test(text), 'a time of day', '时间', '13:05:00') : byExample(laidOut(type.layout), 'a time of day', '时间', exampleOf(type.layout))
    case 'instant': return type.layout === undefined
      ? byExample((text) => text.charAt(10) === 'T' && isBusinessDate(text.slice(0, 10)) && clockText.test(text.slice(11)), 'a date and time', '日期时间', '2026-03-31T13:05:00Z')
      : byExample(laidOut(type.layout), 'a date and time', '日期时间', exampleOf(type.layout))
    case 'binary': return byExample((text) => base64Text.test(text), 'base64', 'Base64 数据', 'aGVsbG8=')
    default: return type.is satisfies never
  }
}

const letters: Readonly<Record<string, string>> = { Y: '2026', M: '03', D: '31', H: '13', m: '05', s: '09' }

/** `YYYYMMDD` ▸ `20260331` */
export const exampleOf = (layout: string): string => layout.replaceAll(/YYYY|YY|MM|DD|HH|mm|ss/g, (part) => (part === 'YY' ? '26' : letters[part.charAt(0)] ?? part))

const ranges: Readonly<Record<string, string>> = { YYYY: '(?<year>\\d{4})', YY: '(?<year>\\d{2})', MM: '(?<month>0[1-9]|1[0-2])', DD: '(?<day>0[1-9]|[12]\\d|3[01])', HH: '(?:[01]\\d|2[0-4])', mm: '[0-5]\\d', ss: '[0-5]\\d' }

const laidOut = (layout: string): (text: string) => boolean => {
  const pattern = new RegExp(`^${layout.split(/(YYYY|YY|MM|DD|HH|mm|ss)/).map((part) => ranges[part] ?? part.replaceAll(/[^A-Za-z0-9]/g, '\\$&')).join('')}$`)
  return (text) => {
    const match = pattern.exec(text)
    if (match === null) return false
    const { year, month, day } = match.groups ?? {}
    return year === undefined || month === undefined || day === undefined || isBusinessDate(`${year.length === 2 ? `20${year}` : year}-${month}-${day}`)
  }
}

const checkOfLength = ({ is, min, max, decimals, point: before }: ValueType): CheckValue | undefined => {
  if (min === undefined && max === undefined && decimals === undefined) return undefined
  const numeric = is === 'decimal' || is === 'integer'
  const unit = numeric ? 'digits' : 'characters'
  const unitZh = numeric ? '位数字' : '个字符'
  return (text) => {
    const length = numeric ? digitsIn(text) : text.length
    const point = text.indexOf(before)
    if (max !== undefined && length > max && (numeric || isLonger(text, max))) return { rule: 'type', detail: `${shown(text)} has ${length} ${unit}; at most ${max} may stand.`, fix: { en: `Shorten it to ${max} ${unit}.`, zh: `请缩短到 ${max} ${unitZh}。` } }
    if (min !== undefined && length < min) return { rule: 'type', detail: `${shown(text)} has ${length} ${unit}; at least ${min} have to stand.`, fix: { en: `Write at least ${min} ${unit}.`, zh: `请填写至少 ${min} ${unitZh}。` } }
    if (decimals !== undefined && point >= 0 && text.length - point - 1 > decimals) return { rule: 'type', detail: `${shown(text)} has ${text.length - point - 1} digits after the point; at most ${decimals} may stand.`, fix: { en: `Round it to ${decimals} digits after the point.`, zh: `请四舍五入到 ${decimals} 位小数。` } }
    return undefined
  }
}

const digitsIn = (text: string): number => {
  let digits = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 0x30 && code <= 0x39) digits++
  }
  return digits
}

/** In characters as people count them: one beyond Unicode's first plane takes two code units. */
const isLonger = (text: string, most: number): boolean => text.length > 2 * most || Array.from(text).length > most

const checkOfPattern = ({ pattern, example }: ValueType): CheckValue | undefined => {
  if (pattern === undefined) return undefined
  const compiled = linearPattern(pattern)
  if (!compiled.ok) throw new Error(compiled.detail)
  const like = example === undefined ? `of the form ${pattern}` : `like ${example}`
  return (text) => compiled.value.test(text) ? undefined : { rule: 'type', detail: `${shown(text)} does not have its form; write it ${like}.`, fix: { en: `Write it ${like}.`, zh: example === undefined ? `请按照格式 ${pattern} 填写。` : `请按照 ${example} 的格式填写。` } }
}

const mostCodes = 12

const checkOfCodes = ({ codes, otherCodes }: ValueType): CheckValue | undefined => {
  if (codes === undefined || otherCodes) return undefined
  const all = [...codes.keys()]
  const list = all.length > mostCodes ? `${all.slice(0, mostCodes).join(', ')}, …` : all.join(', ')
  return (text) => codes.has(text) ? undefined : { rule: 'codes', detail: `${shown(text)} is not one of the codes ${list}.`, fix: { en: `Use one of ${list}.`, zh: `请使用以下代码之一：${list}。` } }
}

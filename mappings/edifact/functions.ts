import { isBusinessDate } from '../../schemas/business-date.js'
import type { Node } from '../../schemas/node.js'
import { textConverter, type Converter, type MapFunctions, type Report, type Written } from '../engine/converter.js'

const textsOf = (node: Node, name: string): readonly string[] => node.children.filter((child) => child.name === name).map(({ text }) => text)

const child = (name: string, text: string) => ({ name, namespace: '', written: { text } })

/** The formats of 2379 that say a day: 102 CCYYMMDD, 101 YYMMDD, each with the time behind it as 203 and 204, or 201 and 202. */
const forms: Readonly<Record<string, RegExp>> = {
  '102': /^(?<y>\d{4})(?<m>\d\d)(?<d>\d\d)$/, '101': /^(?<y>\d\d)(?<m>\d\d)(?<d>\d\d)$/,
  '203': /^(?<y>\d{4})(?<m>\d\d)(?<d>\d\d)(?<time>\d{4})$/, '204': /^(?<y>\d{4})(?<m>\d\d)(?<d>\d\d)(?<time>\d{6})$/,
  '201': /^(?<y>\d\d)(?<m>\d\d)(?<d>\d\d)(?<time>\d{4})$/, '202': /^(?<y>\d\d)(?<m>\d\d)(?<d>\d\d)(?<time>\d{6})$/,
}

/** Of other formats, as weeks and periods are, nothing is made: they stay with the extensions. */
const readInstant = (node: Node, report: Report): readonly unknown[] | undefined => {
  const [text = ''] = textsOf(node, '2380').map((one) => one.trim())
  const [form = '102'] = textsOf(node, '2379').map((one) => one.trim())
  const pattern = forms[form]
  if (pattern === undefined || text === '') return undefined
  const { y = '', m = '', d = '', time } = pattern.exec(text)?.groups ?? {}
  const date = `${y.length === 2 ? `20${y}` : y}-${m}-${d}`
  const clock = time === undefined ? undefined : `${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4) || '00'}`
  if (!isBusinessDate(date) || (clock !== undefined && !/^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(clock))) {
    report('value-invalid', `'${text.slice(0, 40)}' is not a date in the format ${form}; write it like 20260331 in the format 102.`)
    return undefined
  }
  return clock === undefined ? [date] : [date, { time: clock }]
}

const written = (date: unknown, time: unknown): Written | undefined => {
  if (typeof date !== 'string') return undefined
  const clock = typeof time === 'object' && time !== null && 'time' in time && typeof time.time === 'string' ? time.time.slice(0, 8).replaceAll(':', '') : ''
  return { children: [child('2380', date.replaceAll('-', '') + clock), child('2379', clock === '' ? '102' : '204')] }
}

/** A day with its time, where one is said, in C507: 2380 in the format that 2379 names. */
const edifactInstant: Converter = {
  takes: {},
  takesChildren: ['2380', '2379'],
  read: (_text, node, report) => readInstant(node, report),
  write: (value) => {
    const pair: readonly unknown[] = Array.isArray(value) ? value : []
    return written(pair[0], pair[1])
  },
}

/** The day alone. */
const edifactDate: Converter = { takes: {}, takesChildren: ['2380', '2379'], read: (_text, node, report) => readInstant(node, report)?.[0], write: (value) => written(value, undefined) }

/** What is divided into pieces because each may only have so many characters. */
const pieces = (text: string, length: number, most: number): readonly string[] | undefined => {
  const found = Array.from({ length: Math.ceil(text.length / length) }, (_, index) => text.slice(index * length, (index + 1) * length))
  return found.length <= most ? found : undefined
}

/** Texts of 7008 are one description, cut where a place ends. */
const described: Converter = {
  takes: {},
  takesChildren: ['7008'],
  read: (_text, node) => {
    const texts = textsOf(node, '7008')
    return texts.length === 0 ? undefined : texts.reduce((all, text, index) => (index > 0 && (texts[index - 1]?.length ?? 0) < 35 ? `${all} ${text}` : all + text), '')
  },
  write: (value, refuse) => {
    if (typeof value !== 'string') return undefined
    const found = pieces(value, 35, 2)
    if (found === undefined) refuse(`'${value.slice(0, 40)}…' has ${value.length} characters; the description of an item has a place for 70.`)
    return found === undefined ? undefined : { children: found.map((text) => child('7008', text)) }
  },
}

/** Each 4440 is a line of its own; an empty one in between is lost, for places are counted from the first. */
const textLines: Converter = {
  takes: {},
  takesChildren: ['4440'],
  read: (_text, node) => {
    const texts = textsOf(node, '4440')
    return texts.length === 0 ? undefined : texts.join('\n')
  },
  write: (value, refuse) => {
    if (typeof value !== 'string') return undefined
    const lines = value.split('\n').filter((line) => line.trim() !== '').flatMap((line) => pieces(line, 70, 5) ?? [line])
    if (lines.length > 5 || lines.some((line) => line.length > 70)) refuse(`'${value.slice(0, 40)}…' does not fit into five lines of 70 characters.`)
    return { children: lines.map((text) => child('4440', text)) }
  },
}

/** The first two of up to four lines of a street; further ones belong to the second. */
const streets: Converter = {
  takes: {},
  takesChildren: ['3042'],
  read: (_text, node) => {
    const [first, ...others] = textsOf(node, '3042')
    return first === undefined ? undefined : others.length === 0 ? [first] : [first, others.join('\n')]
  },
  write: (value) => {
    const lines: readonly unknown[] = Array.isArray(value) ? value : []
    const texts = lines.flatMap((line) => (typeof line === 'string' ? line.split('\n') : []))
    return texts.length === 0 ? undefined : { children: texts.map((text) => child('3042', text)) }
  },
}

const shortDate = textConverter((text) => text, (value) => value.replaceAll('-', '').slice(2))

const language = textConverter((text) => (/^[A-Za-z]{2}$/.test(text) ? text.toLowerCase() : undefined), (value) => value.slice(0, 2).toUpperCase())

const leaf = (name: string, text: string): Node => ({ name, namespace: '', attributes: [], children: [], text, kind: 'string', line: 0, column: 0 })

const tree = (name: string, children: readonly Node[]): Node => ({ ...leaf(name, ''), kind: 'object', children })

/** What has to stand in segments whose meaning a map does not have: who speaks in codes of whom, and that the summary begins. */
const completed: Readonly<Record<string, readonly (readonly [name: string, text: string])[]>> = { FTX: [['4451', 'AAI']], PIA: [['4347', '1']], IMD: [['7077', 'F']], S002: [['0007', '14']], S003: [['0007', '14']], S004: [['0019', '0000']] }

const complete = (node: Node): Node => {
  const missing = (completed[node.name] ?? []).filter(([name]) => !node.children.some((one) => one.name === name)).map(([name, text]) => leaf(name, text))
  const own = node.name === 'C504' && node.children.length > 0 && !node.children.some(({ name }) => name === '6343') ? [leaf('6343', '9')] : []
  return node.children.length === 0 ? node : { ...node, children: [...missing, ...node.children.map(complete), ...own] }
}

/** The segments that only say how a message is built, and what they need beside what the document says. */
const service = (root: Node): Node => {
  const whole = complete(root)
  const from = whole.children.findIndex(({ name }) => ['MOA', 'CNT', 'UNT'].includes(name))
  const place = from < 0 ? whole.children.length : from
  const has = whole.children.some(({ name }) => name === 'UNS')
  return has ? whole : { ...whole, children: [...whole.children.slice(0, place), tree('UNS', [leaf('0081', 'S')]), ...whole.children.slice(place)] }
}

export const functions = {
  converters: { 'edifact-instant': edifactInstant, 'edifact-date': edifactDate, 'described': described, 'text-lines': textLines, 'streets': streets, 'date-yymmdd': shortDate, 'language': language },
  finish: { service },
} satisfies MapFunctions

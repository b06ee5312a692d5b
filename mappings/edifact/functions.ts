import { isBusinessDate } from '../../schemas/business-date.js'
import type { Node } from '../../schemas/node.js'
import { textConverter, type After, type Converter, type MapFunctions, type Report, type Written } from '../engine/converter.js'

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

const memberOf = (node: Node, path: readonly string[]): string => path.reduce<Node | undefined>((at, name) => at?.children.find((one) => one.name === name), node)?.text.trim() ?? ''

/** YYMMDD, or as of syntax version 4 CCYYMMDD. */
const interchangeDate = (text: string): string | undefined => {
  const { y = '', m = '', d = '' } = /^(?<y>\d\d(?:\d\d)?)(?<m>\d\d)(?<d>\d\d)$/.exec(text)?.groups ?? {}
  const date = `${y.length === 2 ? `20${y}` : y}-${m}-${d}`
  return isBusinessDate(date) ? date : undefined
}

/** Data element 0007: whose numbers name the mailbox; others stay as they are. */
const mailboxSchemes: Readonly<Record<string, string>> = { '14': 'gln', '1': 'duns' }

const readMailbox = (root: Node, segment: string, name: string): readonly object[] | undefined => {
  const [value, code] = [memberOf(root, ['UNB', segment, name]), memberOf(root, ['UNB', segment, '0007'])]
  return value === '' ? undefined : [{ ...(code === '' ? {} : { scheme: mailboxSchemes[code] ?? code }), value }]
}

const mailbox = (segment: string, name: string, identifiers: unknown) => {
  const given: readonly unknown[] = Array.isArray(identifiers) ? identifiers : []
  const [first] = given
  if (typeof first !== 'object' || first === null || !('value' in first) || typeof first.value !== 'string') return []
  const scheme = 'scheme' in first && typeof first.scheme === 'string' ? first.scheme : undefined
  const code = scheme === undefined ? undefined : Object.entries(mailboxSchemes).find(([, known]) => known === scheme)?.[0] ?? scheme
  return [{ name: segment, namespace: '', written: { children: [child(name, first.value), ...(code === undefined ? [] : [child('0007', code)])] } }]
}

/** Reference, day, sender and recipient of an interchange, for documents that are about interchanges. */
const interchangeHead: Converter = {
  takes: {},
  takesChildren: ['UNB'],
  read: (_text, root) => {
    const reference = memberOf(root, ['UNB', '0020'])
    return [reference === '' ? undefined : reference, interchangeDate(memberOf(root, ['UNB', 'S004', '0017'])), readMailbox(root, 'S002', '0004'), readMailbox(root, 'S003', '0010')]
  },
  write: (value) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : []
    const [number, date, sender, receiver] = values
    const day = typeof date === 'string' ? [{ name: 'S004', namespace: '', written: { children: [child('0017', date.replaceAll('-', '').slice(2))] } }] : []
    const children = [...mailbox('S002', '0004', sender), ...mailbox('S003', '0010', receiver), ...day, ...(typeof number === 'string' ? [child('0020', number)] : [])]
    return { children: [{ name: 'UNB', namespace: '', written: { children } }] }
  },
}

/** Data element 0085. */
const syntaxErrors: Readonly<Record<string, string>> = {
  '2': 'The version or level of the syntax is not supported.', '7': 'The recipient of the interchange is another one.', '12': 'A value is invalid.', '13': 'Something is missing.',
  '14': 'A value is not supported in its place.', '15': 'Something is not supported in its place.', '16': 'There are too many constituents.', '17': 'There is no agreement.',
  '18': 'There is an error that is not specified.', '19': 'The decimal notation is invalid.', '20': 'A character cannot be a service character.', '21': 'A character is invalid.',
  '22': 'A service character is invalid.', '23': 'The sender of the interchange is not known.', '24': 'It is too old.', '25': 'Tests are not supported.', '26': 'It is here already.',
  '27': 'The security function is not supported.', '28': 'References do not match.', '29': 'A count does not match.', '30': 'Groups and messages are mixed.',
  '31': 'There are several types of messages in one group.', '32': 'A level is empty.', '33': 'Something stands outside of messages and groups.', '34': 'A nesting indicator is not allowed.',
  '35': 'A segment or a data element repeats too often.', '36': 'A group of segments repeats too often.', '37': 'Characters are of the wrong type.',
  '38': 'A digit before the decimal mark is missing.', '39': 'A data element is too long.', '40': 'A data element is too short.', '41': 'The network failed for good.',
  '42': 'The network failed for now.', '43': 'The recipient of the interchange is not known.', '45': 'A separator stands at an end.', '46': 'The character set is not supported.',
  '47': 'A part of the envelope is not supported.', '48': 'A condition between data elements is not kept.',
}

/** The code of an error with its meaning; the code alone is written. */
const syntaxError: Converter = { takes: {}, read: (text) => [text, syntaxErrors[text]], write: (value) => ({ text: String(Array.isArray(value) ? value[0] : value), kind: 'string' }) }

const partsOfPlace = ['0098', '0104', '0136'] as const

/** UCD: the place of a data element in its segment, as `3.1` (the tag counts as the first; behind the point the component), and what is wrong with it. */
const erroneousElement: Converter = {
  takes: {},
  takesChildren: ['S011', '0085'],
  read: (_text, node) => {
    const place = partsOfPlace.map((name) => memberOf(node, ['S011', name])).join('.').replace(/\.+$/, '')
    const code = memberOf(node, ['0085'])
    const said = [...(place === '' ? [] : [place]), ...(code === '' ? [] : [syntaxErrors[code] ?? code])]
    return said.length === 0 ? undefined : said.map((value) => ({ value }))
  },
  write: (value) => {
    const given: readonly unknown[] = Array.isArray(value) ? value : []
    const said = given.flatMap((one) => (typeof one === 'object' && one !== null && 'value' in one && typeof one.value === 'string' ? [one.value] : []))
    const place = said.find((one) => /^[\d.]+$/.test(one) && said.length > 1)
    const meaning = said.at(-1)
    const code = Object.entries(syntaxErrors).find(([, text]) => text === meaning)?.[0] ?? meaning
    const parts = (place?.split('.') ?? []).flatMap((text, index) => (text === '' ? [] : [child(partsOfPlace[index] ?? '0136', text)]))
    return { children: [...(code === undefined ? [] : [child('0085', code)]), ...(parts.length === 0 ? [] : [{ name: 'S011', namespace: '', written: { children: parts } }])] }
  },
}

/** Data elements 4343 and 1225, as far as they answer: 1225 also says which of several messages one is. */
const answers: Readonly<Record<string, string>> = { AP: 'accepted', RE: 'rejected', AB: 'acknowledged', AC: 'changed', 29: 'accepted', 27: 'rejected' }
const answered = textConverter((text) => answers[text], (value) => Object.entries(answers).find(([code, meaning]) => /^[A-Z]/.test(code) && meaning === value)?.[0])

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

/** CONTRL belongs to the syntax and not to a directory. */
const ofSyntax = (unh: Node): Node => ({ ...unh, children: unh.children.map((one) => (one.name === 'S009' ? { ...one, children: one.children.map((each) => (each.name === '0054' ? { ...each, text: '3' } : each)) } : one)) })

/** The segments that only say how a message is built, and what they need beside what the document says. */
const service = (root: Node): Node => {
  if (root.name === 'APERAK') return complete(root)
  if (root.name === 'CONTRL') return { ...complete(root), children: complete(root).children.map((child) => (child.name === 'UNH' ? ofSyntax(child) : child)) }
  const whole = complete(root)
  const from = whole.children.findIndex(({ name }) => ['MOA', 'CNT', 'UNT'].includes(name))
  const place = from < 0 ? whole.children.length : from
  const has = whole.children.some(({ name }) => name === 'UNS')
  return has ? whole : { ...whole, children: [...whole.children.slice(0, place), tree('UNS', [leaf('0081', 'S')]), ...whole.children.slice(place)] }
}

/** What an APERAK comes to that does not say it by a word of its own: errors refuse, and so does the code of an error message (1001, 313). */
const verdict: After = (item, node) => {
  const response = typeof item['response'] === 'object' && item['response'] !== null ? item['response'] : {}
  if ('code' in response) return
  const refused = 'reasons' in response || memberOf(node, ['BGM', 'C002', '1001']) === '313'
  item['response'] = { ...response, code: refused ? 'rejected' : 'accepted' }
}

export const functions = {
  after: { verdict },
  converters: { 'edifact-instant': edifactInstant, 'edifact-date': edifactDate, 'described': described, 'text-lines': textLines, 'streets': streets, 'date-yymmdd': shortDate, 'interchange-head': interchangeHead, 'syntax-error': syntaxError, 'erroneous-element': erroneousElement, answered, 'language': language },
  finish: { service },
} satisfies MapFunctions

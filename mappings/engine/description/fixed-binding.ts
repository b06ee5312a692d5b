import { textLines, type TextLine } from '../../../schemas/fixed-reader.js'
import { mostNodes, mostParts, tooManyNodes, type Node, type NodeCount } from '../../../schemas/node.js'
import { fail, ok, type Failure, type Result } from '../../../schemas/result.js'
import type { TextBinding, TextPart } from '../text-binding.js'
import { leafOf, membersAt, membersByName, type MembersByName } from './csv-tables.js'
import type { Description, FixedField, FixedRecord, FixedSettings, Member } from './description.js'
import { recordCutter } from './record-cutter.js'
import { writeRecords } from './write-records.js'

/**
 * Between lines of records whose fields stand at fixed columns and the trees of their documents. Of a language of XML they are the very trees of its XML form; else they are named after
 * their document and have the language as their namespace. Reading fails with records-not-well-formed, message-empty or limit-exceeded at line and column.
 */
export const makeFixedBinding = (language: string, description: Description, fixed: FixedSettings): TextBinding => {
  const documents = [...description.documents.values()]
  const first = new Set(documents.flatMap((document) => firstRecord(description, fixed, document)))
  const recordOf = recordFinder(fixed)
  const membersIn = membersByName(description)
  const readFrom = (text: string, from: number, count: NodeCount): Result<readonly TextPart[]> => {
    const reading: Reading = { language, description, fixed, first, recordOf, membersIn, count, found: [], excess: undefined }
    for (const line of textLines(text, from)) {
      const failure = readLine(reading, line)
      if (failure !== undefined) return failure
    }
    const parts = reading.found.map((lines): TextPart => ({ head: undefined, root: rootOf(reading, lines) }))
    if (reading.excess !== undefined) return reading.excess
    return parts.length === 0 ? fail('message-empty', '1:1', 'The file has no records.') : ok(parts)
  }
  return {
    syntax: 'fixed',
    encodingOf: () => fixed.encoding,
    claims: (text) => {
      for (const { text: line } of textLines(text.slice(0, 10_000))) return first.has(recordOf(line)?.name ?? '')
      return false
    },
    read: (text, count = { nodes: 0 }) => readFrom(text, 1, count),
    cutting: () => ok({ survey: undefined, cutter: () => recordCutter((line) => first.has(recordOf(line)?.name ?? ''), readFrom) }),
    write: (roots) => writeRecords(fixed, roots),
  }
}

/** What holds the records of a document. */
const holderOf = (description: Description, { inside }: FixedSettings, document: Member): Member | undefined =>
  (inside === undefined ? document : membersAt(description, document).find(({ name }) => name === inside))

const firstRecord = (description: Description, fixed: FixedSettings, document: Member): readonly string[] => {
  const holder = holderOf(description, fixed, document)
  return holder === undefined ? [] : membersAt(description, holder).slice(0, 1).map(({ name }) => name)
}

/** A line with the record that it is, where it is a known one. */
interface Line extends TextLine {
  readonly record: FixedRecord | undefined
}

/** A record that may hold further ones, while those behind it are read. */
interface Open {
  readonly member: Member
  readonly children: Node[]
}

interface Reading {
  readonly language: string
  readonly description: Description
  readonly fixed: FixedSettings
  readonly first: ReadonlySet<string>
  readonly recordOf: (line: string) => FixedRecord | undefined
  readonly membersIn: MembersByName
  readonly count: NodeCount
  /** The lines of each document. */
  readonly found: Line[][]
  /** Set where there are more records and fields than there may be: what is behind them is not read. */
  excess: Failure | undefined
}

/** Finds the record that a line is: by the longest of the texts that it may begin with. */
const recordFinder = ({ records, typeFrom }: FixedSettings): Reading['recordOf'] => {
  const byLength = new Map<number, Map<string, FixedRecord>>()
  for (const record of records.values()) {
    for (const said of record.says) {
      const known = byLength.get(said.length) ?? new Map<string, FixedRecord>()
      byLength.set(said.length, known)
      if (!known.has(said)) known.set(said, record)
    }
  }
  const longestFirst = [...byLength].filter(([length]) => length > 0).sort(([a], [b]) => b - a)
  return (line) => {
    for (const [length, known] of longestFirst) {
      const record = known.get(line.slice(typeFrom - 1, typeFrom - 1 + length))
      if (record !== undefined) return record
    }
    return undefined
  }
}

/** More characters than that are no record. */
const longestRecord = 200_000

const readLine = (reading: Reading, line: TextLine): Failure | undefined => {
  const { found, fixed, first, recordOf } = reading
  if (line.text.length > longestRecord) return fail('limit-exceeded', `${line.line}:1`, `The record has more than ${longestRecord} characters.`)
  countNodes(reading, line, nodesOfRecord)
  if (reading.excess !== undefined) return reading.excess
  const record = recordOf(line.text)
  if (record !== undefined && first.has(record.name) && found.push([]) > mostParts) return fail('limit-exceeded', `${line.line}:1`, `There are more than ${mostParts} documents in the file; send them in several messages.`)
  const lines = found.at(-1)
  if (lines === undefined) return fail('records-not-well-formed', `${line.line}:${fixed.typeFrom}`, `The first record says ${JSON.stringify(line.text.slice(fixed.typeFrom - 1, fixed.typeFrom + 19).trim())}; a document begins with ${[...first].join(' or ')}.`)
  lines.push({ text: line.text, line: line.line, record })
  return undefined
}

/** A record may begin a line of the canonical document too, and then costs as much as two of its fields. */
const nodesOfRecord = 2

/** Records, and of their fields those that say something. */
const countNodes = (reading: Reading, { line }: TextLine, more: number): void => {
  const { count } = reading
  const { most = mostNodes } = count
  count.nodes += more
  if (count.nodes > most) reading.excess ??= fail('limit-exceeded', `${line}:1`, tooManyNodes(most, 'records and fields'))
}

const rootOf = (reading: Reading, lines: readonly Line[]): Result<Node> => {
  const { language, description, fixed } = reading
  const isXml = description.syntax === 'xml'
  const kind = isXml ? 'element' : 'object'
  const said = documentName(fixed, lines)
  const place = { line: lines[0]?.line ?? 1, column: 1 }
  const documents = [...description.documents.values()]
  const document = documents.find(({ name }) => name === said) ?? documents.find(({ name }) => said !== undefined && stem(name) === stem(said)) ?? (said === undefined ? ofFirst(reading, documents, lines) : undefined)
  const holder = document === undefined ? undefined : holderOf(description, fixed, document)
  if (document === undefined || holder === undefined) return fail('format-unknown', `${place.line}:1`, `A document of the type ${JSON.stringify(said ?? '')} is none that is described; ${documents.map(({ name }) => name).join(', ')} are.`)
  const children: Node[] = []
  const open: Open[] = [{ member: holder, children }]
  for (const line of lines) {
    if (reading.excess !== undefined) return reading.excess
    addRecord(reading, open, line, kind)
  }
  const node = (name: string, inside: readonly Node[], namespace: string): Node => ({ name, namespace, attributes: [], children: inside, text: '', kind, ...place })
  const root = fixed.inside === undefined ? children : [node(fixed.inside, children, holder.namespace)]
  return ok(node(said ?? document.name, root, isXml ? document.namespace : language))
}

/** `ORDERS05` and `ORDERS03` are versions of one. */
const stem = (name: string): string => name.replace(/\d+$/, '')

const ofFirst = ({ description, fixed }: Reading, documents: readonly Member[], lines: readonly Line[]): Member | undefined => documents.find((document) => firstRecord(description, fixed, document)[0] === lines[0]?.record?.name)

const documentName = ({ document: path }: FixedSettings, lines: readonly Line[]): string | undefined => {
  const [record, field] = path ?? []
  const line = lines.find((one) => one.record?.name === record)
  const place = line?.record?.fields.find(({ name }) => name === field)
  const text = line === undefined || place === undefined ? '' : textAt(line.text, place)
  return path === undefined || text === '' ? undefined : text
}

/** Without what fills it up, on the side where that stands. */
const textAt = (line: string, { from, width, align, pad }: FixedField): string => {
  const text = line.slice(from - 1, from - 1 + width)
  let [start, end] = [0, text.length]
  if (align === 'right') while (start < end - (pad === '0' ? 1 : 0) && (text.charAt(start) === pad || text.charAt(start) === ' ')) start++
  while (end > start && (text.charAt(end - 1) === ' ' || (align === 'left' && pad !== ' ' && text.charAt(end - 1) === pad))) end--
  return text.slice(start, end)
}

/** A record belongs to the nearest one above that may hold it; what nobody knows, or nothing may hold, stays with the document. */
const addRecord = (reading: Reading, open: Open[], line: Line, kind: 'element' | 'object'): void => {
  const { membersIn } = reading
  const { record } = line
  const memberIn = (one: Open | undefined): Member | undefined => (one === undefined || record === undefined ? undefined : membersIn(one.member).get(record.name))
  while (open.length > 1 && memberIn(open.at(-1)) === undefined) open.pop()
  const above = open.at(-1)
  const member = memberIn(above)
  const children: Node[] = record === undefined ? [fieldOf('record', line.text.trim(), line.line, 1, kind)] : fieldsOf(record, line, kind)
  countNodes(reading, line, children.length)
  const listed = kind === 'object' && (member === undefined || member.max > 1)
  const [name, namespace] = [record?.name ?? stepOf(line.text), member?.namespace ?? '']
  above?.children.push(listed
    ? { name, namespace, attributes: none, children, text: '', kind, listed, line: line.line, column: 1 }
    : { name, namespace, attributes: none, children, text: '', kind, line: line.line, column: 1 })
  if (member !== undefined) open.push({ member, children })
}

const stepOf = (line: string): string => {
  const word = /^[^\s]{0,40}/.exec(line)?.[0] ?? ''
  return /^[\p{L}_][\p{L}\p{M}\p{N}_.-]*$/u.test(word) ? word : 'unknown'
}

const none: readonly never[] = []

const fieldOf = (name: string, text: string, line: number, column: number, kind: 'element' | 'object'): Node =>
  (kind === 'object' ? leafOf(name, { text, line, column }) : { name, namespace: '', attributes: none, children: none, text, kind, line, column })

/** What stands behind the last field is kept under a name of its own. */
const fieldsOf = ({ fields, width }: FixedRecord, { text, line }: Line, kind: 'element' | 'object'): Node[] => {
  const leaves: Node[] = []
  for (const field of fields) {
    // Most records end before their last fields.
    if (field.of !== undefined || field.from > text.length) continue
    const said = textAt(text, field)
    if (said !== '') leaves.push(fieldOf(field.name, said, line, field.from, kind))
  }
  const rest = text.length > width ? text.slice(width).trim() : ''
  if (rest !== '') leaves.push(fieldOf(`column_${width + 1}`, rest, line, width + 1, kind))
  return leaves
}

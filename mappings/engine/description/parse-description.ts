import { fail, ok, type Result } from '../../../schemas/result.js'
import { xmlNamespace } from '../../../schemas/xml-names.js'
import { entryOf, textOf, type Located } from '../located-yaml.js'
import { valueKinds, type Choice, type Description, type Member, type NamedType, type TreeType, type TypeUse, type ValueType } from './description.js'
import { checkTables, parseCsvSettings } from './parse-csv-settings.js'
import { checkRecords, parseFixedSettings } from './parse-fixed-settings.js'
import { checkSegments, parseSegmentSettings } from './parse-segment-settings.js'
import { parseValueType } from './parse-value-type.js'

/** What keys mean in the files of one description. */
interface Reading {
  readonly prefixes: Readonly<Record<string, string>>
  /** What a child of this name is wherever nothing else is said. */
  readonly elements: ReadonlyMap<string, string>
}

const readingOf = (files: readonly Located[], declared: Reading['prefixes']): Reading => {
  const own = files.flatMap((file) => entriesOf(entryOf(file, 'namespaces'))).map(({ key, value }) => [key, textAt(value)] as const)
  const elements = files.flatMap((file) => entriesOf(entryOf(file, 'elements'))).map(({ key, value }) => [key, textAt(value)] as const)
  return { prefixes: { ...Object.fromEntries(own), ...declared }, elements: new Map(elements) }
}

const textAt = (located: Located): string => (located.kind === 'text' ? located.text ?? '' : '')

/** What a tree says of itself rather than of a child; a child of such a name is written `./text`. */
const ownWords = ['text', 'extends', 'order', 'open', 'choice']

/** Puts together the `description*.yaml` of a language. Fails with mapping-invalid at file and line. */
export const parseDescription = (files: readonly Located[], declared: Readonly<Record<string, string>>): Result<Description> => {
  const keys = readingOf(files, declared)
  const types = new Map<string, TypeUse>(valueKinds.map((is) => [is, { ...plain, is }]))
  const documents = new Map<string, Member>()
  for (const file of files) {
    for (const { key, value, at } of entriesOf(entryOf(file, 'types'))) {
      if (types.has(key)) return fail('mapping-invalid', at, `There is a type '${key}' already.`)
      const type = parseType(value, keys)
      if (!type.ok) return type
      types.set(key, type.value)
    }
    for (const { key, value, at } of entriesOf(entryOf(file, 'documents'))) {
      const member = parseMember(key, value, at, keys)
      if (!member.ok) return member
      documents.set(clark(member.value.namespace, member.value.name), { ...member.value, min: 1, max: 1 })
    }
  }
  const syntax = files.map((file) => textOf(file, 'syntax')).find((text) => text !== undefined) ?? 'xml'
  const table = settingsOf(files, 'csv', syntax)
  const csv = table === undefined ? ok(undefined) : parseCsvSettings(table)
  if (!csv.ok) return csv
  const said = settingsOf(files, 'segments', syntax)
  const segments = said === undefined ? ok(undefined) : parseSegmentSettings(said)
  if (!segments.ok) return segments
  const records = settingsOf(files, 'fixed', syntax)
  const fixed = records === undefined ? ok(undefined) : parseFixedSettings(records)
  if (!fixed.ok) return fixed
  const description: Description = { syntax, types, documents, csv: csv.value, segments: segments.value, fixed: fixed.value }
  for (const use of [...types.values(), ...[...documents.values()].map(({ type }) => type)]) {
    const checked = checkNames(description, use)
    if (!checked.ok) return checked
  }
  const tables = csv.value === undefined ? ok(undefined) : checkTables(description, csv.value)
  const nested = tables.ok && segments.value !== undefined ? checkSegments(description) : tables
  const checked = nested.ok && fixed.value !== undefined ? checkRecords(description, fixed.value) : nested
  return checked.ok ? ok(description) : checked
}

/** What the files say of how a syntax is written; nothing, where they are of that syntax without saying it. */
const settingsOf = (files: readonly Located[], word: string, syntax: string): Located | undefined =>
  files.map((file) => entryOf(file, word)).find((entry) => entry !== undefined) ?? (syntax === word ? { at: files[0]?.at ?? '', kind: 'map', entries: [] } : undefined)

const plain: ValueType = {
  form: 'value', at: '', is: 'text', min: undefined, max: undefined, decimals: undefined, pattern: undefined, layout: undefined, codes: undefined, otherCodes: false, empty: undefined, trailingSign: false, point: '.', attributes: [], secret: false, example: undefined,
}

/** A name with its namespace as one text: `{urn:x}Order`, `Order`. */
export const clark = (namespace: string, name: string): string => (namespace === '' ? name : `{${namespace}}${name}`)

const entriesOf = (map: Located | undefined) => (map?.kind === 'map' ? map.entries : [])

/** A type in place, as a profile writes it. */
export const parseTypeInPlace = (located: Located, prefixes: Reading['prefixes']): Result<TypeUse> => parseType(located, { prefixes, elements: new Map() })

/** A type by name, a type in place, or a tree. */
const parseType = (located: Located, reading: Reading): Result<TypeUse> => {
  if (located.kind === 'text') return ok(namedType(located.text ?? 'text', located.at))
  if (located.kind === 'list') return fail('mapping-invalid', located.at, 'A type is a name, `{ is: … }` or a tree.')
  const is = entryOf(located, 'is')
  return is === undefined ? parseTree(located, reading) : parseValueType(located, (attributes) => parseAttributes(attributes, reading))
}

const namedType = (name: string, at: string): NamedType => ({ form: 'named', at, name })

const parseTree = (located: Located, reading: Reading): Result<TreeType> => {
  const members: (Member | Choice)[] = []
  const attributes: Member[] = []
  let text: TreeType['text']
  for (const { key, value, at } of entriesOf(located)) {
    const [word = '', times] = key.split(' ')
    if (word === 'choice') {
      const choice = parseChoice(times, value, at, reading)
      if (!choice.ok) return choice
      members.push(choice.value)
    } else if (word === 'text') {
      const type = parseType(value, reading)
      if (!type.ok) return type
      text = { min: times?.startsWith('1') === true ? 1 : 0, type: type.value }
    } else if (!ownWords.includes(word)) {
      const member = parseMember(key, value, at, reading)
      if (!member.ok) return member
      ;(key.startsWith('@') ? attributes : members).push(member.value)
    }
  }
  const base = textOf(located, 'extends')
  return ok({
    form: 'tree', at: located.at, base: base === undefined ? undefined : namedType(base, located.at), members, attributes, text,
    ordered: textOf(located, 'order') !== 'any', open: textOf(located, 'open') === 'yes',
  })
}

const parseChoice = (times: string | undefined, located: Located, at: string, reading: Reading): Result<Choice> => {
  const span = parseTimes(times, at)
  if (!span.ok) return span
  const members: Member[] = []
  for (const { key, value, at: place } of entriesOf(located)) {
    const member = parseMember(key, value, place, reading)
    if (!member.ok) return member
    // Without a span of its own a member stands as often as the choice lets it, which counts them all.
    members.push(key.includes(' ') ? member.value : { ...member.value, max: Infinity })
  }
  return members.length === 0 ? fail('mapping-invalid', at, 'A choice has members.') : ok({ form: 'choice', at, ...span.value, members })
}

const parseAttributes = (located: Located | undefined, reading: Reading): Result<readonly Member[]> => {
  const attributes: Member[] = []
  for (const { key, value, at } of entriesOf(located)) {
    const member = parseMember(key, value, at, reading)
    if (!member.ok) return member
    attributes.push(member.value)
  }
  return ok(attributes)
}

const memberKey = /^(?:@|\.\/)?(?:([A-Za-z_][\w.-]*):)?([^\s:/@[\]]+)(?: (\S+))?$/

/** A key such as `cbc:ID 1..1`, `'@id'` or `NAME`, with what stands behind it. */
const parseMember = (key: string, value: Located, at: string, reading: Reading): Result<Member> => {
  const [, prefix, name, times] = memberKey.exec(key) ?? []
  if (name === undefined) return fail('mapping-invalid', at, `'${key}' is not a name with how often it stands; write it like \`NAME 0..1\`.`)
  const namespace = prefix === undefined ? '' : prefix === 'xml' ? xmlNamespace : reading.prefixes[prefix]
  if (namespace === undefined) return fail('mapping-invalid', at, `The prefix '${prefix ?? ''}' is not declared in format.yaml.`)
  const span = parseTimes(times, at)
  if (!span.ok) return span
  const step = prefix === undefined ? name : `${prefix}:${name}`
  const said = value.kind === 'text' && value.text === undefined ? reading.elements.get(step) : undefined
  const type = said === undefined ? parseType(value, reading) : ok(namedType(said, at))
  return type.ok ? ok({ form: 'member', at, name, namespace, step, ...span.value, type: type.value }) : type
}

/** `0..1`, `1..*`; nothing means `0..1`. */
export const parseTimes = (text: string | undefined, at: string): Result<{ readonly min: number, readonly max: number }> => {
  const [, least = '0', most = '1'] = /^(\d{1,6})\.\.(\d{1,6}|\*)$/.exec(text ?? '0..1') ?? ['', 'x']
  const min = Number(least)
  const max = most === '*' ? Infinity : Number(most)
  return Number.isNaN(min) || max < min || max === 0 && text !== '0..0' ? fail('mapping-invalid', at, `'${text ?? ''}' does not say how often something stands; write it like 0..1 or 1..*.`) : ok({ min, max })
}

/** Every name of a type has one, what is extended runs in no circle, and no name stands twice in one tree. */
const checkNames = (description: Description, use: TypeUse): Result<undefined> => {
  switch (use.form) {
    case 'named': return description.types.has(use.name) ? ok(undefined) : noType(use)
    case 'value': return checkMembers(description, use.attributes)
    case 'tree': {
      const base = checkBase(description, use)
      if (!base.ok) return base
      if (use.text !== undefined) {
        const text = checkNames(description, use.text.type)
        if (!text.ok) return text
      }
      return checkMembers(description, [...use.attributes, ...use.members.flatMap((member) => (member.form === 'choice' ? member.members : [member]))])
    }
    default: return use satisfies never
  }
}

const noType = ({ at, name }: NamedType): Result<undefined> => fail('mapping-invalid', at, `There is no type '${name}'.`)

const checkMembers = (description: Description, members: readonly Member[]): Result<undefined> => {
  for (const member of members) {
    const checked = checkNames(description, member.type)
    if (!checked.ok) return checked
  }
  return ok(undefined)
}

const checkBase = (description: Description, tree: TreeType): Result<undefined> => {
  const seen = new Set<string>()
  for (let base = tree.base; base !== undefined;) {
    const type = description.types.get(base.name)
    if (type === undefined) return noType(base)
    if (seen.has(base.name)) return fail('mapping-invalid', tree.at, `The type '${base.name}' extends itself.`)
    seen.add(base.name)
    base = type.form === 'tree' ? type.base : undefined
  }
  return ok(undefined)
}

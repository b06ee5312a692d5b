import { fail, ok, type Result } from '../../../schemas/result.js'
import { entryOf, textOf, textsOf, type Located } from '../located-yaml.js'
import { membersOf, resolveType, type Description, type FixedField, type FixedRecord, type FixedSettings, type Member } from './description.js'

const words: readonly string[] = ['encoding', 'type', 'document', 'inside', 'head', 'records']
const recordWords: readonly string[] = ['says', 'head', 'fields']
const fieldWords: readonly string[] = ['width', 'from', 'align', 'pad', 'of']

/** More columns than that no record has. */
const mostColumns = 100_000

/** Reads `fixed: { records: { HEAD: { says: '01', fields: { no: 10 } } } }`. Fails with mapping-invalid at file and line. */
export const parseFixedSettings = (located: Located): Result<FixedSettings> => {
  const { at } = located
  const unknown = unknownIn(located, words)
  if (unknown !== undefined) return fail('mapping-invalid', unknown.at, `Records have no '${unknown.key}'; they have ${words.join(', ')}.`)
  const typeFrom = Number(textOf(located, 'type') ?? '1')
  if (!Number.isSafeInteger(typeFrom) || typeFrom < 1 || typeFrom > mostColumns) return fail('mapping-invalid', at, '`type` is the column, from 1, at which a record says what it is.')
  const head = parseFields(entryOf(located, 'head'), 1)
  if (!head.ok) return head
  const records = new Map<string, FixedRecord>()
  const described = entryOf(located, 'records')
  for (const { key, value, at: place } of described?.kind === 'map' ? described.entries : []) {
    const record = parseRecord(key, value, place, head.value)
    if (!record.ok) return record
    records.set(key, record.value)
  }
  if (records.size === 0) return fail('mapping-invalid', at, '`records` says what the records are called and where their fields stand.')
  return ok({ at, encoding: textOf(located, 'encoding'), typeFrom, records, document: textOf(located, 'document')?.split('/'), inside: textOf(located, 'inside') })
}

const unknownIn = (located: Located, known: readonly string[]) => (located.kind === 'map' ? located.entries.find(({ key }) => !known.includes(key)) : undefined)

const endOf = (fields: readonly FixedField[]): number => fields.reduce((end, { from, width }) => Math.max(end, from + width), 1)

const parseRecord = (name: string, located: Located, at: string, head: readonly FixedField[]): Result<FixedRecord> => {
  const unknown = unknownIn(located, recordWords)
  if (unknown !== undefined) return fail('mapping-invalid', unknown.at, `A record has no '${unknown.key}'; it has ${recordWords.join(', ')}.`)
  const said = entryOf(located, 'says')
  const says = said === undefined ? [name] : said.kind === 'text' ? [said.text ?? name] : textsOf(said)
  const before = textOf(located, 'head') === 'no' ? [] : head
  const fields = parseFields(entryOf(located, 'fields'), endOf(before))
  if (!fields.ok) return fields
  const all = [...before, ...fields.value]
  const ordered = [...all].sort((a, b) => a.from - b.from)
  const overlapping = ordered.find((field, index) => index > 0 && field.from < (ordered[index - 1]?.from ?? 0) + (ordered[index - 1]?.width ?? 0))
  if (overlapping !== undefined) return fail('mapping-invalid', at, `The field ${overlapping.name} of ${name} begins at ${overlapping.from}, within the one before it.`)
  return ok({ name, says, fields: all, hasHead: before.length > 0, width: endOf(all) - 1 })
}

const parseFields = (located: Located | undefined, start: number): Result<readonly FixedField[]> => {
  const fields: FixedField[] = []
  let next = start
  for (const { key, value, at } of located?.kind === 'map' ? located.entries : []) {
    const field = parseField(key, value, at, next)
    if (!field.ok) return field
    fields.push(field.value)
    next = field.value.from + field.value.width
  }
  return ok(fields)
}

/** `10`, or `{ width: 10, from: 64, align: right, pad: '0', of: count }`. */
const parseField = (name: string, located: Located, at: string, next: number): Result<FixedField> => {
  const unknown = unknownIn(located, fieldWords)
  if (unknown !== undefined) return fail('mapping-invalid', unknown.at, `A field has no '${unknown.key}'; it has ${fieldWords.join(', ')}.`)
  const width = Number((located.kind === 'text' ? located.text : textOf(located, 'width')) ?? '')
  const from = Number(textOf(located, 'from') ?? String(next))
  const pad = textOf(located, 'pad') ?? ' '
  const align = textOf(located, 'align') ?? 'left'
  const isPlace = (number: number): boolean => Number.isSafeInteger(number) && number > 0 && number <= mostColumns
  if (!isPlace(width) || !isPlace(from) || pad.length !== 1 || (align !== 'left' && align !== 'right')) return fail('mapping-invalid', at, `${name} has a width in characters, a column to begin \`from\`, \`align\` left or right, and one character to \`pad\` with.`)
  return ok({ name, from, width, pad, align, of: textOf(located, 'of') })
}

/** Every record and each of its fields is one of the description. */
export const checkRecords = (description: Description, fixed: FixedSettings): Result<undefined> => {
  const described = new Map<string, Set<string>>()
  const collect = (member: Member, depth: number): void => {
    const tree = resolveType(description, member.type)
    if (tree.form !== 'tree' || depth > deepest) return
    const names = described.get(member.name) ?? new Set()
    described.set(member.name, names)
    for (const one of membersOf(tree)) {
      names.add(one.name)
      collect(one, depth + 1)
    }
  }
  for (const document of description.documents.values()) collect(document, 0)
  for (const { name, fields } of fixed.records.values()) {
    const names = described.get(name)
    if (names === undefined) return fail('mapping-invalid', fixed.at, `\`records\` has ${name}, which no document holds.`)
    const field = fields.find((one) => one.of === undefined && !names.has(one.name))
    if (field !== undefined) return fail('mapping-invalid', fixed.at, `\`records\` has the field ${field.name} of ${name}, which the description does not have.`)
  }
  return ok(undefined)
}

/** Records within records. */
const deepest = 12

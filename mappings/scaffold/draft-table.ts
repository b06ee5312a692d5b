import { stringify } from 'yaml'
import { makeCsvBinding } from '../engine/description/csv-binding.js'
import { nameOf } from '../engine/description/csv-tables.js'
import { parseDescription } from '../engine/description/parse-description.js'
import { readLocatedYaml } from '../engine/located-yaml.js'
import { readCsv, type CsvRow } from '../../schemas/csv-reader.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { draftMapping, type DraftedMapping } from './draft-mapping.js'
import { knownField } from './known-names.js'

interface DraftedTable {
  readonly draft: DraftedMapping
  /** The first document of the table. */
  readonly root: Node
}

const delimiters = [',', ';', '\t', '|'] as const

/** Drafts a mapping from a table whose first row names its columns: which delimiter it has, which column tells documents apart, and which say the same on all rows of one. Fails with request-invalid. */
export const draftTable = (name: string, text: string, kind: string | undefined): Result<DraftedTable> => {
  const [best] = delimiters.map((delimiter) => ({ delimiter, rows: rowsOf(text, delimiter) })).sort((a, b) => (b.rows[0]?.length ?? 0) - (a.rows[0]?.length ?? 0))
  const [header, ...rows] = best?.rows ?? []
  if (best === undefined || header === undefined || rows.length === 0 || header.some(({ text: title }) => title.trim() === '' || /^[\d.,-]+$/.test(title.trim()))) {
    return fail('request-invalid', '1:1', 'The first row has to name every column, and rows have to follow; a table without a header is described by hand (docs/formats.md).')
  }
  const columns = header.map(({ text: title }, index) => ({ title: title.trim(), name: nameOf(title, index), index }))
  const key = columns.find((column) => knownField('head', column.title)?.target === 'number')
  const inRow = columns.filter((column) => column !== key && (isLine(column.title) || differs(rows, key?.index, column.index)))
  const heads = columns.filter((column) => !inRow.includes(column))
  const csv = { ...best.delimiter === ',' ? {} : { delimiter: best.delimiter === '\t' ? 'tab' : best.delimiter }, ...key === undefined ? {} : { key: [key.name] }, columns: Object.fromEntries(columns.map((column) => [column.name, column.title])) }
  const settings = `csv:\n${stringify(csv, { lineWidth: 0 }).replaceAll(/^(?=.)/gm, '  ')}`
  const bare = [...heads.map((column) => `    ./${column.name}: token\n`), ...inRow.length === 0 ? [] : ['    line 0..*:\n', ...inRow.map((column) => `      ./${column.name}: token\n`)]]
  const read = readBy(name, `syntax: csv\n${settings}documents:\n  draft:\n${bare.join('')}`, text)
  if (!read.ok) return read
  const [root] = read.value
  if (root === undefined) return fail('request-invalid', '1:1', 'The table has no rows.')
  const draft = draftMapping({ name, root: { ...root, name: '', namespace: '' }, kind })
  return ok({ root: { ...root, name: draft.kind }, draft: asTable(draft, settings, key?.name ?? inRow[0]?.name ?? '') })
}

const rowsOf = (text: string, delimiter: string): readonly CsvRow[] => {
  const rows = readCsv(text, { delimiter, quote: '"' })
  return rows.ok ? rows.value : []
}

const isLine = (title: string): boolean => knownField('line', title) !== undefined && knownField('head', title) === undefined

/** Whether rows of one document say different things in a column. */
const differs = (rows: readonly CsvRow[], key: number | undefined, column: number): boolean => {
  const said = new Map<string, string>()
  return rows.some((row) => {
    const group = key === undefined ? '' : row[key]?.text ?? ''
    const text = row[column]?.text ?? ''
    const before = said.get(group)
    said.set(group, before ?? text)
    return before !== undefined && before !== text
  })
}

const readBy = (name: string, yaml: string, text: string): Result<readonly Node[]> => {
  const located = readLocatedYaml(yaml, 'description.yaml')
  const description = located.ok ? parseDescription([located.value], {}) : located
  if (!description.ok) return description
  const parts = description.value.csv === undefined ? ok([]) : makeCsvBinding(name, description.value, description.value.csv).read(text)
  return parts.ok ? ok(parts.value.flatMap(({ root }) => (root.ok ? [root.value] : []))) : parts
}

/** What was drafted as JSON is a table: its description says how it is written, and by the key column it is known. */
const asTable = (draft: DraftedMapping, settings: string, key: string): DraftedMapping => ({
  ...draft,
  files: Object.fromEntries(Object.entries(draft.files).map(([file, text]) => {
    const known = file === 'description.yaml' ? text.replace(new RegExp(`^( +)((?:\\./)?${key.replaceAll('.', '\\.')}):`, 'm'), '$1$2 1..1:') : text
    return [file, known.replace('syntax: json\n', file === 'description.yaml' ? `syntax: csv\n${settings}` : 'syntax: csv\n').replace(/^where: .*\n/m, '')]
  })),
})

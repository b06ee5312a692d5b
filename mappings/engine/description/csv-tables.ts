import type { CsvCell, CsvRow } from '../../../schemas/csv-reader.js'
import type { Node } from '../../../schemas/node.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import { membersOf, resolveType, type CsvSettings, type Description, type Member } from './description.js'

/** A column, and whether it is of a row or of the document that the row belongs to. */
export interface Column {
  readonly name: string
  readonly title: string
  readonly inRow: boolean
}

/** The table of one document of a description. */
export interface Table {
  readonly document: string
  readonly columns: readonly Column[]
  /** What rows are called; undefined where every row is a document. */
  readonly rows: string | undefined
  /** Titles without which a header is not this table's. */
  readonly needed: readonly string[]
}

export const tablesOf = (description: Description, csv: CsvSettings): readonly Table[] => [...description.documents.values()].map((document) => {
  const members = membersAt(description, document)
  const rows = members.find(({ type }) => resolveType(description, type).form === 'tree')
  const inRow = rows === undefined ? [] : membersAt(description, rows)
  const title = (name: string): string => csv.columns.get(name) ?? name
  const all = [...members.filter((member) => member !== rows).map(({ name }) => ({ name, title: title(name), inRow: false })), ...inRow.map(({ name }) => ({ name, title: title(name), inRow: true }))]
  const ordered = [...csv.columns.keys()].flatMap((name) => all.filter((column) => column.name === name))
  const needed = [...members.filter((member) => member !== rows), ...inRow].filter(({ min }) => min > 0).map(({ name }) => title(name))
  return { document: document.name, rows: rows?.name, needed, columns: csv.columns.size === 0 ? all : [...ordered, ...all.filter((column) => !ordered.includes(column))] }
})

export const membersAt = (description: Description, { type }: Member): readonly Member[] => {
  const tree = resolveType(description, type)
  return tree.form === 'tree' ? membersOf(tree) : []
}

const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()

/** The table that a header is of, with its columns as they stand there; one that nobody knows is called after its title. */
export const columnsOfHeader = (tables: readonly Table[], header: CsvRow): Result<Table> => {
  const known = (table: Table): number => table.columns.filter(({ title }) => header.some(({ text }) => same(text, title))).length
  const missing = (table: Table): readonly string[] => table.needed.filter((title) => !header.some(({ text }) => same(text, title)))
  const [table, second] = tables.filter((one) => missing(one).length === 0).sort((a, b) => known(b) - known(a))
  if (table === undefined) return fail('csv-not-well-formed', '1:1', `The first row has to name the columns: ${tables.map((one) => `${one.document} lacks ${missing(one).join(', ')}`).join('; ')}.`)
  if (second !== undefined && known(second) === known(table)) return fail('format-ambiguous', '1:1', `The columns are those of ${table.document} and of ${second.document}.`)
  const columns = header.map(({ text }, index): Column => table.columns.find(({ title }) => same(text, title)) ?? { name: nameOf(text, index), title: text, inRow: table.rows !== undefined })
  const twice = columns.findIndex(({ name }, index) => columns.findIndex((one) => one.name === name) < index)
  const cell = header[twice]
  return cell === undefined ? ok({ ...table, columns }) : fail('csv-not-well-formed', `${cell.line}:${cell.column}`, `The column ${cell.text.trim()} stands twice; give each a name of its own.`)
}

/** A title as a step of a path. */
export const nameOf = (title: string, index: number): string => {
  const name = title.trim().replace(/[^\p{L}\p{M}\p{N}_.-]+/gu, '_')
  return /^[\p{L}_]/u.test(name) ? name : `column_${index + 1}${name === '' ? '' : `_${name}`}`
}

export const nodeOf = (name: string, { line, column }: Pick<CsvCell, 'line' | 'column'>, children: readonly Node[], namespace = ''): Node =>
  ({ name, namespace, attributes: [], children, text: '', kind: 'object', line, column })

const leafOf = (name: string, { text, line, column }: CsvCell): Node => ({ name, namespace: '', attributes: [], children: [], text, kind: 'string', line, column })

/** What a row says of these columns; a cell without text says nothing. */
export const leavesOf = (columns: readonly Pick<Column, 'name'>[], row: readonly (CsvCell | undefined)[]): readonly Node[] => columns.flatMap(({ name }, index) => {
  const cell = row[index]
  return cell === undefined || cell.text === '' ? [] : [leafOf(name, cell)]
})

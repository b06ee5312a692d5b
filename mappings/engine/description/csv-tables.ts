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

export type MembersByName = (member: Member) => ReadonlyMap<string, Member>

/** The members of a tree by their names, put together once for each. */
export const membersByName = (description: Description): MembersByName => {
  const known = new Map<Member, ReadonlyMap<string, Member>>()
  return (member) => {
    const made = known.get(member) ?? new Map(membersAt(description, member).toReversed().map((one) => [one.name, one] as const))
    known.set(member, made)
    return made
  }
}

/** Spaces around a title and its case do not matter. */
const plain = (title: string): string => title.trim().toLowerCase()

/** Longer ones name no column: they would stand in the path of each of its cells. */
const longestTitle = 1024

/** The table that a header is of, with its columns as they stand there; one that nobody knows is called after its title. */
export const columnsOfHeader = (tables: readonly Table[], header: CsvRow): Result<Table> => {
  const long = header.find(({ text }) => text.length > longestTitle)
  if (long !== undefined) return fail('limit-exceeded', `${long.line}:${long.column}`, `The name of a column is longer than ${longestTitle} characters.`)
  const titles = header.map(({ text }) => plain(text))
  const named = new Set(titles)
  const known = (table: Table): number => table.columns.filter(({ title }) => named.has(plain(title))).length
  const missing = (table: Table): readonly string[] => table.needed.filter((title) => !named.has(plain(title)))
  const [table, second] = tables.filter((one) => missing(one).length === 0).sort((a, b) => known(b) - known(a))
  if (table === undefined) return fail('csv-not-well-formed', '1:1', `The first row has to name the columns: ${tables.map((one) => `${one.document} lacks ${missing(one).join(', ')}`).join('; ')}.`)
  if (second !== undefined && known(second) === known(table)) return fail('format-ambiguous', '1:1', `The columns are those of ${table.document} and of ${second.document}.`)
  const described = new Map(table.columns.toReversed().map((column) => [plain(column.title), column] as const))
  const columns = header.map(({ text }, index): Column => described.get(titles[index] ?? '') ?? { name: nameOf(text, index), title: text, inRow: table.rows !== undefined })
  const names = new Set<string>()
  const cell = header[columns.findIndex(({ name }) => names.size === names.add(name).size)]
  return cell === undefined ? ok({ ...table, columns }) : fail('csv-not-well-formed', `${cell.line}:${cell.column}`, `The column ${cell.text.trim()} stands twice; give each a name of its own.`)
}

/** A title as a step of a path. */
export const nameOf = (title: string, index: number): string => {
  const name = title.trim().replace(/[^\p{L}\p{M}\p{N}_.-]+/gu, '_')
  return /^[\p{L}_]/u.test(name) ? name : `column_${index + 1}${name === '' ? '' : `_${name}`}`
}

const none: readonly never[] = []

export const nodeOf = (name: string, { line, column }: Pick<CsvCell, 'line' | 'column'>, children: readonly Node[], namespace = '', isListed = false): Node =>
  (isListed ? { name, namespace, attributes: none, children, text: '', kind: 'object', listed: true, line, column } : { name, namespace, attributes: none, children, text: '', kind: 'object', line, column })

export const leafOf = (name: string, { text, line, column }: CsvCell): Node => ({ name, namespace: '', attributes: none, children: none, text, kind: 'string', line, column })

/** What a row says of these columns, as many as are asked for; a cell without text says nothing. */
export const leavesOf = (columns: readonly (Pick<Column, 'name'> | undefined)[], row: readonly (CsvCell | undefined)[]): readonly Node[] => {
  const leaves: Node[] = []
  for (let index = 0; index < columns.length; index++) {
    const [column, cell] = [columns[index], row[index]]
    if (column !== undefined && cell !== undefined && cell.text !== '') leaves.push(leafOf(column.name, cell))
  }
  return leaves
}

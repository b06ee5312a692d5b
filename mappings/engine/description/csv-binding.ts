import { readCsv, type CsvRow } from '../../../schemas/csv-reader.js'
import { writeCsv } from '../../../schemas/csv-writer.js'
import { mostParts, type Node } from '../../../schemas/node.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import type { TextBinding } from '../text-binding.js'
import { csvCutting, saysSomething, type CsvShape } from './csv-cutting.js'
import { readRecords, recordRowsOf } from './csv-records.js'
import { columnsOfHeader, leafOf, leavesOf, membersAt, nodeOf, tablesOf, type Column, type Table } from './csv-tables.js'
import type { CsvSettings, Description } from './description.js'

/**
 * Between the text of a table and the trees of its documents, which are named after their document and have the language as their namespace. Reading fails with csv-not-well-formed,
 * format-ambiguous, message-empty or limit-exceeded.
 */
export const makeCsvBinding = (language: string, description: Description, csv: CsvSettings): TextBinding => {
  const tables = tablesOf(description, csv)
  return {
    syntax: 'csv',
    claims: () => true,
    encodingOf: () => csv.encoding,
    read: (text, count) => {
      const rows = readCsv(text, csv.dialect, count)
      if (!rows.ok) return rows
      const said = rows.value.filter(saysSomething)
      const roots = csv.records ? readRecords(language, description, said) : readRows(language, csv, tables, said)
      return roots.ok ? ok(roots.value.map((root) => ({ head: undefined, root: ok(root) }))) : roots
    },
    cutting: (head, isWhole) => csvCutting(csv.dialect, head, isWhole, (first) => shapeOf(language, description, csv, tables, first)),
    write: (roots) => {
      if (csv.records) return ok(writeCsv(recordRowsOf(description, roots), csv.dialect))
      const table = tables.find(({ document }) => document === roots[0]?.name) ?? tables[0]
      return ok(table === undefined ? '' : writeCsv(rowsOf(csv, table, roots), csv.dialect))
    },
  }
}

const readRows = (language: string, csv: CsvSettings, tables: readonly Table[], rows: readonly CsvRow[]): Result<readonly Node[]> => {
  const [header] = rows
  const body = csv.header ? rows.slice(1) : rows
  if (header === undefined || body.length === 0) return fail('message-empty', '1:1', 'The table has no rows.')
  const table = tableOf(csv, tables, header)
  return table.ok ? readBody(language, csv, table.value, body) : table
}

/** By the first row of the table. */
const tableOf = (csv: CsvSettings, tables: readonly Table[], first: CsvRow): Result<Table> => {
  const [only] = tables
  if (only === undefined) return fail('message-empty', '1:1', 'The table has no rows.')
  return csv.header ? columnsOfHeader(tables, first) : ok(only)
}

/** Unlike any other's, and without a copy of every character where there is one text. */
const keyOf = (texts: readonly string[]): string => (texts.length === 1 ? texts[0] ?? '' : JSON.stringify(texts))

const readBody = (language: string, csv: CsvSettings, { columns, document, rows: rowName }: Table, body: readonly CsvRow[]): Result<readonly Node[]> => {
  const groups = new Map<string, CsvRow[]>()
  const keyed = csv.key.map((name) => columns.findIndex((column) => column.name === name))
  for (const row of body) {
    const wrong = lengthProblem(row, columns.length, csv.ragged)
    if (wrong !== undefined) return wrong
    const key = rowName === undefined ? String(groups.size) : keyOf(keyed.map((column) => row[column]?.text.trim() ?? ''))
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
    if (groups.size > mostParts) return fail('limit-exceeded', `${row[0]?.line ?? 1}:1`, `There are more than ${mostParts} documents in the table; send them in several messages.`)
  }
  return ok([...groups.values()].map((group) => documentOfRows(language, document, rowName, columns, group)))
}

/** How a table whose first row is this one is cut; undefined where all of its rows are one document. */
const shapeOf = (language: string, description: Description, csv: CsvSettings, tables: readonly Table[], first: CsvRow): Result<CsvShape | undefined> => {
  if (csv.records) {
    const begins = new Set([...description.documents.values()].flatMap((document) => membersAt(description, document).slice(0, 1).map(({ name }) => name)))
    return ok({ header: false, grouping: { by: 'first', begins }, read: (rows) => readRecords(language, description, rows) })
  }
  const table = tableOf(csv, tables, first)
  if (!table.ok) return table
  const { columns, rows } = table.value
  const read = (body: readonly CsvRow[]): Result<readonly Node[]> => readBody(language, csv, table.value, body)
  if (rows === undefined) return ok({ header: csv.header, grouping: { by: 'row' }, read })
  const keys = csv.key.map((name) => columns.findIndex((column) => column.name === name)).filter((column) => column >= 0)
  return ok(keys.length === 0 ? undefined : { header: csv.header, grouping: { by: 'columns', columns: keys }, read })
}

/** A row with more or fewer cells is broken: a delimiter or a line end stands in a cell that is not quoted. */
const lengthProblem = (row: CsvRow, expected: number, ragged: boolean) => {
  if (row.length === expected || (ragged && row.length < expected) || row.slice(expected).every(({ text }) => text === '') && row.length > expected) return undefined
  const cell = row[Math.min(row.length - 1, expected)] ?? { line: 1, column: 1 }
  return fail('csv-not-well-formed', `${cell.line}:${cell.column}`, `The row has ${row.length} cells where there are ${expected} columns; a cell that holds a delimiter or a line end stands in quotes.`)
}

/** What the rows of a document say of it stands once; a row that says otherwise is kept beside it, where it is one too many. */
const documentOfRows = (language: string, document: string, rowName: string | undefined, columns: readonly Column[], group: readonly CsvRow[]): Node => {
  const place = group[0]?.[0] ?? { line: 1, column: 1 }
  const children = headOf(columns, group)
  const inRow = columns.map((column) => (column.inRow ? column : undefined))
  if (rowName !== undefined) for (const row of group) children.push(nodeOf(rowName, row[0] ?? place, leavesOf(inRow, row), '', true))
  return nodeOf(document, place, children, language)
}

/** In the order in which the rows say it. Most rows say what the one before them says: that is not looked up. */
const headOf = (columns: readonly Column[], group: readonly CsvRow[]): Node[] => {
  const head: Node[] = []
  const known = columns.flatMap(({ name, inRow }, index) => (inRow ? [] : [{ name, index, last: '', said: new Set<string>() }]))
  for (const row of group) {
    for (const column of known) {
      const cell = row[column.index]
      if (cell === undefined || cell.text === '' || cell.text === column.last) continue
      column.last = cell.text
      if (column.said.size < column.said.add(cell.text.trim()).size) head.push(leafOf(column.name, cell))
    }
  }
  return head
}

const rowsOf = (csv: CsvSettings, table: Table, roots: readonly Node[]): readonly (readonly string[])[] => {
  const rowName = table.rows
  const rowsIn = (root: Node): readonly Node[] => root.children.filter(({ name }) => name === rowName)
  const named = (nodes: readonly Node[], inRow: boolean): readonly Column[] => nodes.flatMap(({ children }) => children).filter(({ name, children }) => name !== rowName && children.length === 0).map(({ name }) => ({ name, title: name, inRow }))
  const columns = [...table.columns]
  // What the description does not know stands in columns of its own behind the others.
  if (csv.header) for (const column of [...named(roots, false), ...named(roots.flatMap(rowsIn), true)]) if (!columns.some(({ name, inRow }) => name === column.name && inRow === column.inRow)) columns.push(column)
  const textOf = (node: Node | undefined, name: string): string => node?.children.find((child) => child.name === name)?.text ?? ''
  const written = roots.flatMap((root) => {
    const rows = rowsIn(root)
    return (rows.length === 0 ? [undefined] : rows).map((row) => columns.map(({ name, inRow }) => textOf(inRow ? row : root, name)))
  })
  return csv.header ? [columns.map(({ title }) => title), ...written] : written
}

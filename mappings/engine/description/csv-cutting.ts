import { csvStart, readCsv, readCsvRows, type CsvDialect, type CsvRow } from '../../../schemas/csv-reader.js'
import { firstRowText, makeCsvSplitter, type CsvGroup, type CsvStretch, type RowGrouping } from '../../../schemas/csv-splitter.js'
import type { Node } from '../../../schemas/node.js'
import { ok, type Result } from '../../../schemas/result.js'
import type { TextBinding, TextCutter, TextCutting, TextPart, TextPiece } from '../text-binding.js'
import { gatherRows, surveyRows } from './gather-rows.js'

/** How a table is cut, and how rows of it that were cut out are read. */
export interface CsvShape {
  /** Whether its first row names the columns. */
  readonly header: boolean
  readonly grouping: RowGrouping
  readonly read: (rows: readonly CsvRow[]) => Result<readonly Node[]>
}

/** A spreadsheet leaves rows of nothing but delimiters behind. */
export const saysSomething = (row: CsvRow): boolean => row.some(({ text }) => text.trim() !== '')

/** How a table that begins so is cut, as its first row says by `shapeOf`. Fails as that does, and as readCsv does for that row. */
export const csvCutting = (dialect: CsvDialect, head: string, isWhole: boolean, shapeOf: (first: CsvRow) => Result<CsvShape | undefined>): ReturnType<TextBinding['cutting']> => {
  const text = firstRowText(head, dialect, isWhole)
  if (text === undefined) return 'more'
  const rows = text.ok ? readCsv(text.value, dialect) : text
  if (!rows.ok) return rows
  const shape = shapeOf(rows.value.find(saysSomething) ?? [])
  if (!shape.ok || shape.value === undefined) return shape.ok ? ok(undefined) : shape
  return ok(cuttingOf({ ...dialect, delimiter: csvStart(head, dialect).delimiter }, dialect, shape.value))
}

/** `dialect` is that of the rows, `said` what is said of the table where it does not say it itself. */
const cuttingOf = (dialect: CsvDialect, said: CsvDialect, { header, grouping, read }: CsvShape): TextCutting => {
  const splitter = () => makeCsvSplitter({ dialect: said, grouping, header })
  const readStretches = (stretches: readonly CsvStretch[], most: number | undefined): Result<readonly TextPart[]> => {
    const count = { nodes: 0, most }
    const rows: CsvRow[] = []
    for (const { text, line } of stretches) {
      const some = readCsvRows(text, dialect, count, 0, line)
      if (!some.ok) return some
      for (const row of some.value) if (saysSomething(row)) rows.push(row)
    }
    const roots = read(rows)
    return roots.ok ? ok(roots.value.map((root) => ({ head: undefined, root: ok(root) }))) : roots
  }
  const pieceOf = (stretches: readonly CsvStretch[]): TextPiece => ({ length: stretches.reduce((sum, { text }) => sum + text.length, 0), read: (most) => readStretches(stretches, most) })
  if (grouping.by === 'columns') {
    const survey = surveyRows(splitter())
    return { survey, cutter: () => gatherRows(splitter(), survey.apart(), pieceOf) }
  }
  return { survey: undefined, cutter: () => asTheyCome(splitter(), pieceOf) }
}

const asTheyCome = ({ push, end, failure }: ReturnType<typeof makeCsvSplitter>, pieceOf: (stretches: readonly CsvStretch[]) => TextPiece): TextCutter => {
  const pieces = (groups: readonly CsvGroup[]): readonly TextPiece[] => groups.map((group) => (group.failure === undefined ? pieceOf([group]) : failed(group.failure)))
  return { push: (text) => pieces(push(text)), end: () => pieces(end()), failure }
}

const failed = (failure: NonNullable<CsvGroup['failure']>): TextPiece => ({ length: 0, read: () => failure })

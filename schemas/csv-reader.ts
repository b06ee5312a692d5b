import { linesIn, passedBy, passFill } from './lines-in.js'
import { mostNodes, tooManyNodes, type NodeCount } from './node.js'
import { fail, ok, type Failure, type Result } from './result.js'
import { withoutMarks } from './without-marks.js'

/** How a table is written: the characters between and around its cells. */
export interface CsvDialect {
  /** One character. */
  readonly delimiter: string
  /** One character; '' where nothing is quoted. */
  readonly quote: string
}

export interface CsvCell {
  readonly text: string
  /** 1-based, of the first character, the quote where there is one; in UTF-16 code units. */
  readonly line: number
  readonly column: number
}

/** One row; a line that is wholly empty is none. */
export type CsvRow = readonly CsvCell[]

const mostCells = 20_000

/**
 * Reads a table as RFC 4180 has it: quoted cells may hold delimiters, line ends and quotes, which are doubled there; lines end in CRLF, LF or CR. Cells keep their spaces. A quote inside
 * a cell that does not begin with one is a character as any other. A byte order mark is passed over, and Excel's first line `sep=;` says the delimiter. Fails with csv-not-well-formed,
 * where a quote does not end or something follows it, or limit-exceeded, each at line and column.
 */
export const readCsv = (text: string, dialect: CsvDialect, count: NodeCount = { nodes: 0 }): Result<readonly CsvRow[]> => {
  const { at, line, delimiter } = csvStart(text, dialect)
  return readCsvRows(text, { ...dialect, delimiter }, count, at, line)
}

/** Reads rows from an offset on that stands at the beginning of a line, whose number is said, as readCsv does. */
export const readCsvRows = (text: string, { delimiter, quote }: CsvDialect, count: NodeCount, at: number, line: number): Result<readonly CsvRow[]> => {
  const cursor: Cursor = { text, delimiter: delimiter.charCodeAt(0), quote: quote.charCodeAt(0), data: dataOf(delimiter), quoted: quotedData(quote), at, line, lineStart: at, count, failure: undefined }
  const rows: CsvRow[] = []
  while (cursor.at < text.length) {
    const row = readRow(cursor)
    if (row === null) return cursor.failure ?? fail('csv-not-well-formed', '1:1', 'The table cannot be read.')
    if (row.length > 0) rows.push(row)
  }
  return ok(rows)
}

const unitOf = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

const dataOf = (delimiter: string): RegExp => new RegExp(`[^${unitOf(delimiter)}\\r\\n]*`, 'y')

/** Where nothing is quoted nothing asks for it. */
const quotedData = (quote: string): RegExp => (quote === '' ? /(?!)/y : new RegExp(`(?:[^${unitOf(quote)}]+|${unitOf(quote)}{2})${passFill}`, 'y'))

/** How a table begins: where its first row stands, and what divides its cells. */
interface CsvStart {
  readonly at: number
  readonly line: number
  readonly delimiter: string
}

/** Passes over a byte order mark and Excel's first line `sep=;`. */
export const csvStart = (text: string, { delimiter, quote }: CsvDialect): CsvStart => {
  const at = text.startsWith('\ufeff') ? 1 : 0
  const said = quote === '' ? null : /^sep=([^\r\n])(?:\r\n?|\n)/.exec(text.slice(at, at + 8))
  return said === null ? { at, line: 1, delimiter } : { at: at + said[0].length, line: 2, delimiter: said[1] ?? delimiter }
}

interface Cursor {
  readonly text: string
  /** As code units; a quote that there is none of is NaN, which no character is. */
  readonly delimiter: number
  readonly quote: number
  /** What a cell without quotes may hold, as much as there is. */
  readonly data: RegExp
  /** What one with quotes may hold, likewise. */
  readonly quoted: RegExp
  at: number
  line: number
  lineStart: number
  readonly count: NodeCount
  failure: Failure | undefined
}

const refuse = (cursor: Cursor, code: 'csv-not-well-formed' | 'limit-exceeded', line: number, column: number, detail: string): null => {
  cursor.failure = fail(code, `${line}:${column}`, detail)
  return null
}

const readRow = (cursor: Cursor): CsvCell[] | null => {
  const { text, delimiter, count: { most = mostNodes } } = cursor
  const cells: CsvCell[] = []
  const first = cursor.at
  for (;;) {
    const cell = readCell(cursor)
    if (cell === null) return null
    cells.push(cell)
    if (++cursor.count.nodes > most) return refuse(cursor, 'limit-exceeded', cell.line, cell.column, tooManyNodes(most, 'cells'))
    if (cells.length > mostCells) return refuse(cursor, 'limit-exceeded', cell.line, cell.column, `There are more than ${mostCells} cells in a row.`)
    if (text.charCodeAt(cursor.at) !== delimiter) break
    cursor.at++
  }
  const isBlank = cells.length === 1 && cursor.at === first
  skipLineEnd(cursor)
  return isBlank ? [] : cells
}

const skipLineEnd = (cursor: Cursor): void => {
  const { text } = cursor
  if (cursor.at >= text.length) return
  cursor.at += text.charCodeAt(cursor.at) === carriageReturn && text.charCodeAt(cursor.at + 1) === lineFeed ? 2 : 1
  cursor.line++
  cursor.lineStart = cursor.at
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** What is left of a longer cell is passed over by an expression, a fifth of the time for each character. */
const shortCell = 64

const readCell = (cursor: Cursor): CsvCell | null => {
  const { text, delimiter, quote, line, at: start } = cursor
  const column = start - cursor.lineStart + 1
  if (text.charCodeAt(start) === quote) return readQuoted(cursor, line, column)
  let at = start
  for (const near = start + shortCell; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === delimiter || code === lineFeed || code === carriageReturn) break
    if (at < near) continue
    cursor.data.lastIndex = at
    cursor.data.test(text)
    at = cursor.data.lastIndex
    break
  }
  cursor.at = at
  return { text: text.slice(start, at), line, column }
}

const readQuoted = (cursor: Cursor, line: number, column: number): CsvCell | null => {
  const { text, quote, delimiter, at: opened } = cursor
  let doubled = false
  let at = opened + 1
  let { line: lines, lineStart } = cursor
  for (let near = at + shortCell; ; at++) {
    if (at >= near) {
      const end = passedBy(cursor.quoted, text, at)
      const ended = linesIn(text, at, end)
      if (ended !== undefined) {
        lines += ended.ends
        lineStart = ended.lastStart
      }
      doubled ||= text.slice(at, end).includes(String.fromCharCode(quote))
      at = end
      near = Infinity
    }
    const code = text.charCodeAt(at)
    if (code === quote) {
      if (text.charCodeAt(at + 1) !== quote) break
      doubled = true
      at++
    } else if (code === lineFeed || (code === carriageReturn && text.charCodeAt(at + 1) !== lineFeed)) {
      lines++
      lineStart = at + 1
    } else if (at >= text.length) return refuse(cursor, 'csv-not-well-formed', line, column, 'The quote that begins here does not end; write it twice inside a quoted cell.')
  }
  cursor.line = lines
  cursor.lineStart = lineStart
  const inside = text.slice(opened + 1, at)
  cursor.at = at + 1
  const next = text.charCodeAt(cursor.at)
  if (cursor.at >= text.length || next === delimiter || next === lineFeed || next === carriageReturn) return { text: doubled ? withoutMarks(inside, quote) : inside, line, column }
  return refuse(cursor, 'csv-not-well-formed', cursor.line, cursor.at - cursor.lineStart + 1, `${JSON.stringify(text.charAt(cursor.at))} follows the end of a quoted cell; a quote inside it is written twice.`)
}

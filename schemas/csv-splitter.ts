import { csvStart, type CsvDialect } from './csv-reader.js'
import { fail, ok, type Failure, type Result } from './result.js'
import { longestPiece } from './splitter.js'

/** Which rows of a table are one document: each of its own, those next to each other that say the same in some columns (from 0), or those up to the next one whose first cell is one of some texts. */
export type RowGrouping =
  | { readonly by: 'row' }
  | { readonly by: 'columns', readonly columns: readonly number[] }
  | { readonly by: 'first', readonly begins: ReadonlySet<string> }

/** Rows next to each other, as they stand in the table. */
export interface CsvStretch {
  readonly text: string
  readonly line: number
}

/** The rows of one document that stand together, and what they say in the columns that they are grouped by; '' where there are none. */
export interface CsvGroup extends CsvStretch {
  readonly key: string
  /** Why they cannot be taken: there are more of them than a document may have. */
  readonly failure: Failure | undefined
}

export interface CsvSplitter {
  /** Takes the next step, in which no pair of a carriage return and a line feed is divided; gives the groups that it completes. */
  readonly push: (text: string) => readonly CsvGroup[]
  readonly end: () => readonly CsvGroup[]
  /** Why nothing more can be cut out: what was given before stands. */
  readonly failure: () => Failure | undefined
}

interface Row {
  /** Where its line end begins. */
  readonly end: number
  /** What stands behind the line end. */
  readonly next: number
  /** Of line ends within its cells. */
  readonly lines: number
  readonly blank: boolean
}

/** A quote does not end up to the end of the text. */
interface Unclosed {
  readonly quoteAt: number
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** Finds the end of the row at an offset, as readCsv does; puts the beginnings of the first `most` cells into `cells`, of one at least. Undefined where the text ends before it does. */
const scanRow = (text: string, at: number, delimiter: number, quote: number, cells: number[], most = 0): Row | Unclosed | undefined => {
  let lines = 0
  let blank = true
  cells.length = 0
  cells.push(at)
  for (let index = at; index < text.length;) {
    let code = text.charCodeAt(index)
    if (code === quote) {
      const close = closingQuote(text, index, quote)
      if (close === -1) return { quoteAt: index }
      if (blank) blank = text.slice(index + 1, close).trim() === ''
      lines += lineEndsIn(text, index, close)
      index = close + 1
      code = text.charCodeAt(index)
    }
    for (; index < text.length && code !== delimiter && code !== lineFeed && code !== carriageReturn; code = text.charCodeAt(++index)) if (code > 0x20 && code < 0x7f) blank = false
    if (index >= text.length) break
    if (code !== delimiter) return { end: index, next: index + (code === carriageReturn && text.charCodeAt(index + 1) === lineFeed ? 2 : 1), lines, blank: blank && isBlank(text, at, index, delimiter, quote) }
    index++
    if (cells.length < most) cells.push(index)
  }
  return undefined
}

/** White space beyond ASCII says nothing either. */
const isBlank = (text: string, from: number, to: number, delimiter: number, quote: number): boolean => {
  for (let index = from; index < to; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x20 && code !== delimiter && code !== quote && text.charAt(index).trim() !== '') return false
  }
  return true
}

const closingQuote = (text: string, opened: number, quote: number): number => {
  for (let close = opened + 1; close < text.length; close++) {
    if (text.charCodeAt(close) !== quote) continue
    if (text.charCodeAt(close + 1) !== quote) return close
    close++
  }
  return -1
}

const lineEndsIn = (text: string, from: number, to: number): number => {
  let count = 0
  for (let index = from; index < to; index++) {
    const code = text.charCodeAt(index)
    if (code === lineFeed || (code === carriageReturn && text.charCodeAt(index + 1) !== lineFeed)) count++
  }
  return count
}

interface Open {
  key: string
  /** Where its first row begins. */
  from: number
  line: number
  /** It was told of already that it is too long. */
  dropped: boolean
}

export interface CsvSplitting {
  readonly dialect: CsvDialect
  readonly grouping: RowGrouping
  /** Whether the first row that is not blank names the columns and is of no document. */
  readonly header: boolean
}

/**
 * Cuts a table at the ends of rows into the rows of its documents. Rows in which nothing stands are of none. Fails with csv-not-well-formed where a quote does not end, or with limit-exceeded where a row does not, at line
 * and column.
 */
export const makeCsvSplitter = ({ dialect, grouping, header }: CsvSplitting, longest = longestPiece): CsvSplitter => {
  const quote = dialect.quote === '' ? NaN : dialect.quote.charCodeAt(0)
  let delimiter = dialect.delimiter.charCodeAt(0)
  let [buffer, at, line, tryAt] = ['', 0, 1, 0]
  let [begun, toSkip, failure]: [boolean, boolean, Failure | undefined] = [false, header, undefined]
  let open: Open | undefined
  const cells: number[] = []
  // The cell behind the last one that is looked at says where that ends.
  const looked = 2 + (grouping.by === 'columns' ? Math.max(...grouping.columns) : 0)
  let groups: CsvGroup[] = []
  const textOfCell = (index: number, end: number): string => {
    const from = cells[index]
    const raw = from === undefined ? '' : buffer.slice(from, (cells[index + 1] ?? end + 1) - 1)
    return (dialect.quote !== '' && raw.startsWith(dialect.quote) ? raw.slice(1, -1).replaceAll(dialect.quote + dialect.quote, dialect.quote) : raw).trim()
  }
  /** Of several cells each with its length, for what divides them may stand in them. */
  const keyOf = (columns: readonly number[], end: number): string => {
    if (columns.length === 1) return textOfCell(columns[0] ?? 0, end)
    let key = ''
    for (const column of columns) {
      const text = textOfCell(column, end)
      key += `${text.length}:${text}`
    }
    return key
  }
  const close = (to: number): void => {
    if (open !== undefined && !open.dropped) groups.push({ key: open.key, text: buffer.slice(open.from, to), line: open.line, failure: undefined })
    open = undefined
  }
  const tooLong = (group: Open): void => {
    groups.push({ key: group.key, text: '', line: group.line, failure: fail('limit-exceeded', `${group.line}:1`, `The rows of the document that begins here have more than ${longest} characters.`) })
    group.dropped = true
  }
  const takeRow = ({ end }: Row): void => {
    if (toSkip) {
      toSkip = false
      return
    }
    const key = grouping.by === 'columns' ? keyOf(grouping.columns, end) : ''
    const begins = open === undefined || (grouping.by === 'columns' ? key !== open.key : grouping.by === 'row' || grouping.begins.has(textOfCell(0, end)))
    if (begins) {
      close(at)
      open = { key, from: at, line, dropped: false }
    }
    if (open?.dropped === false && end - open.from > longest) tooLong(open)
  }
  const go = (isLast: boolean): void => {
    while (at < buffer.length) {
      const row = scanRow(buffer, at, delimiter, quote, cells, looked)
      if (row === undefined || 'quoteAt' in row) {
        if (!isLast && buffer.length - at <= longest) return
        failure = row === undefined ? fail('limit-exceeded', `${line}:1`, `The row has more than ${longest} characters.`) : unclosed(buffer, at, row.quoteAt, line)
        // The row that breaks off may have been of the document before it.
        if (grouping.by === 'row') close(at)
        open = undefined
        return
      }
      if (!row.blank) takeRow(row)
      at = row.next
      line += row.lines + 1
    }
  }
  const drop = (): void => {
    const keep = open === undefined || open.dropped ? at : open.from
    buffer = buffer.slice(keep)
    at -= keep
    if (open !== undefined) open.from = open.dropped ? 0 : open.from - keep
  }
  const begin = (): void => {
    const start = csvStart(buffer, dialect)
    ;[at, line, delimiter, begun] = [start.at, start.line, start.delimiter.charCodeAt(0), true]
  }
  return {
    push: (text) => {
      if (failure !== undefined) return []
      buffer += text
      groups = []
      // A row that is still open is looked at again when it is twice as long: never more often than in proportion to its length.
      if (buffer.length < tryAt) return groups
      if (!begun) begin()
      go(false)
      drop()
      tryAt = at + Math.min(2 * (buffer.length - at), longest + 1)
      return groups
    },
    end: () => {
      groups = []
      if (failure !== undefined) return groups
      if (!begun) begin()
      if (at < buffer.length) buffer += '\n'
      go(true)
      close(buffer.length)
      return groups
    },
    failure: () => failure,
  }
}

const unclosed = (text: string, at: number, quoteAt: number, line: number): Failure => {
  const lineStart = Math.max(text.lastIndexOf('\n', quoteAt), text.lastIndexOf('\r', quoteAt), at - 1) + 1
  return fail('csv-not-well-formed', `${line + lineEndsIn(text, at, quoteAt)}:${quoteAt - lineStart + 1}`, 'The quote that begins here does not end; write it twice inside a quoted cell.')
}

/** The first row in which something stands, with what begins the table, cut off from what is behind it. Undefined where the text ends before it does, csv-not-well-formed where a quote in it does not end. */
export const firstRowText = (text: string, dialect: CsvDialect, isWhole: boolean): Result<string> | undefined => {
  const start = csvStart(text, dialect)
  let line = start.line
  for (let at = start.at; at < text.length;) {
    const row = scanRow(text, at, start.delimiter.charCodeAt(0), dialect.quote === '' ? NaN : dialect.quote.charCodeAt(0), [])
    if (row === undefined) return isWhole ? ok(text) : undefined
    if ('quoteAt' in row) return isWhole ? unclosed(text, at, row.quoteAt, line) : undefined
    if (!row.blank) return ok(text.slice(0, row.end))
    at = row.next
    line += row.lines + 1
  }
  return isWhole ? ok(text) : undefined
}

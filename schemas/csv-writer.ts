import type { CsvDialect } from './csv-reader.js'

/** Rows of a table as a text that reads again as the same; lines end in CRLF, as RFC 4180 has it. A cell is quoted where it has to be. */
export const writeCsv = (rows: readonly (readonly string[])[], { delimiter, quote }: CsvDialect): string => {
  const isPlain = (cell: string): boolean => quote === '' || !(cell.includes(delimiter) || cell.includes(quote) || /[\r\n]|^\s|\s$/.test(cell))
  const written = (cell: string): string => (isPlain(cell) ? cell : `${quote}${cell.replaceAll(quote, quote + quote)}${quote}`)
  // An empty row would be a blank line, which is none.
  return rows.map((row) => `${row.length === 1 && row[0] === '' ? quote + quote : row.map(written).join(delimiter)}\r\n`).join('')
}

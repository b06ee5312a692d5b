import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCsv, type CsvDialect } from '../../schemas/csv-reader.js'
import { writeCsv } from '../../schemas/csv-writer.js'
import { mostNodes } from '../../schemas/node.js'

const comma: CsvDialect = { delimiter: ',', quote: '"' }
const textsOf = (text: string, dialect = comma): unknown => {
  const rows = readCsv(text, dialect)
  return rows.ok ? rows.value.map((row) => row.map((cell) => cell.text)) : `${rows.code} ${rows.at}: ${rows.detail}`
}

describe('a table', () => {
  it.each([
    ['lines that end in CRLF, LF and CR, or not at all', 'a,b\r\nc,d\ne,f\rg,h', [['a', 'b'], ['c', 'd'], ['e', 'f'], ['g', 'h']]],
    ['delimiters, line ends and quotes in quotes', '"a,b","c\r\nd","e ""f"""\n', [['a,b', 'c\r\nd', 'e "f"']]],
    ['empty cells', ',\n"",x,\n', [['', ''], ['', 'x', '']]],
    ['blank lines', '\n\na\n\r\n\n', [['a']]],
    ['a byte order mark', '\ufeffa,b', [['a', 'b']]],
    ['the line in which Excel says its delimiter', '\ufeffsep=;\r\na;b\r\n', [['a', 'b']]],
    ['a quote inside a cell that does not begin with one', '5" pipe,b', [['5" pipe', 'b']]],
    ['spaces', ' a , "b" ', [[' a ', ' "b" ']]],
    ['nothing', '', []],
  ])('has %s', (_what, text, expected) => { expect(textsOf(text)).toEqual(expected) })

  it('may have another delimiter, another quote or none', () => {
    expect(textsOf("'a;b';c", { delimiter: ';', quote: "'" })).toEqual([['a;b', 'c']])
    expect(textsOf('"a\tb"', { delimiter: '\t', quote: '' })).toEqual([['"a', 'b"']])
  })

  it('says where each cell stands, behind line ends in quotes too', () => {
    const rows = readCsv('a,"b\n\nc",d\r\n"x\ry",z', comma)
    expect(rows.ok && rows.value.map((row) => row.map(({ line, column }) => `${line}:${column}`))).toEqual([['1:1', '1:3', '3:4'], ['4:1', '5:4']])
  })

  it.each([
    ['a quote that does not end', 'a,b\nc,"d\ne', 'csv-not-well-formed 2:3: The quote that begins here does not end'],
    ['something behind a quoted cell', 'a\n"b\nc"d,e', 'csv-not-well-formed 3:3: "d" follows the end of a quoted cell'],
    ['too many cells in a row', `a\n${','.repeat(20_001)}`, 'limit-exceeded 2:20001: There are more than 20000 cells in a row'],
    ['too many cells', `${'a,b\n'.repeat(mostNodes / 2)}c`, 'limit-exceeded 125001:1: There are more than 250000 cells'],
  ])('is refused for %s at its line and column', (_what, text, expected) => { expect(textsOf(text)).toContain(expected) })

  it('with many quoted cells in one line is read in proportion to its length', () => {
    expect(textsOf(`${'"a","",'.repeat(9_999)}"b"`)).toHaveLength(1)
  })

  it('reads again as it was written, whatever stands in it', () => {
    const cell = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\r', '\n', ' ', '\t', "'", '金') }))
    fc.assert(fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 5 }), fc.constantFrom(',', ';', '\t', '|'), fc.constantFrom('"', "'"), (rows, delimiter, quote) => {
      // What looks like the line of Excel's at the beginning is one.
      fc.pre(!/^\ufeff?sep=/.test(rows[0]?.[0] ?? '') && rows[0]?.[0]?.startsWith('\ufeff') !== true)
      expect(textsOf(writeCsv(rows, { delimiter, quote }), { delimiter, quote })).toEqual(rows)
    }), { numRuns: 500 })
  })
})

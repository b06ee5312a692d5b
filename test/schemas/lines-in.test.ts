import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCsv } from '../../schemas/csv-reader.js'
import { readInterchanges } from '../../schemas/interchange-reader.js'
import { readJson } from '../../schemas/json-reader.js'
import { linesIn } from '../../schemas/lines-in.js'
import type { Result } from '../../schemas/result.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.at}: ${result.detail}`)
  return result.value
}
/** Line and column of an offset, counted one by one. */
const placeIn = (text: string, offset: number): string => {
  const ends = [...text.slice(0, offset).matchAll(/\r\n?|\n/g)]
  const last = ends.at(-1)
  return `${ends.length + 1}:${offset - (last === undefined ? 0 : last.index + last[0].length) + 1}`
}
const textOf = (...pieces: readonly string[]) => fc.array(fc.constantFrom(...pieces), { maxLength: 300, size: 'max' }).map((found) => found.join(''))
const unb = "UNB+UNOC:3+A:14+B:14+260331:1405+R1'UNH+1+ORDERS:D:96A:UN'FTX+AAI+++"

describe('the lines of a stretch that is passed over', () => {
  it('are those that are counted one by one', () => {
    fc.assert(fc.property(textOf('a', '\r', '\n', '\r\n', '汉', ' '), fc.nat(300), fc.nat(300), (text, one, other) => {
      const [from, to] = [Math.min(one, other, text.length), Math.min(Math.max(one, other), text.length)]
      // An LF at the beginning ends the line that a CR before it did not.
      fc.pre(!(text[to - 1] === '\r' && text[to] === '\n') && !(text[from - 1] === '\r' && text[from] === '\n'))
      const ends = [...text.slice(from, to).matchAll(/\r\n?|\n/g)]
      const last = ends.at(-1)
      expect(linesIn(text, from, to)).toEqual(last === undefined ? undefined : { ends: ends.length, lastStart: from + last.index + last[0].length })
    }))
  })
})

describe('what stands behind a long stretch has its place, and the stretch its text', () => {
  it('in JSON, of space', () => {
    fc.assert(fc.property(textOf(' ', '\t', '\r', '\n', '\r\n', ' '.repeat(70)), (space) => {
      const text = `{"a":${space}"b"}`
      const [member] = must(readJson(text)).children
      expect(`${member?.line}:${member?.column} ${member?.text}`).toBe(`${placeIn(text, text.indexOf('"b"'))} b`)
    }))
  })

  it('in a table, of a quoted cell and of one without quotes', () => {
    fc.assert(fc.property(textOf('a', ';', '\r', '\n', '\r\n', '""', '汉', 'x'.repeat(70)), textOf('a', '汉', '"', ' ', 'y'.repeat(70)), (quoted, plain) => {
      const text = `"${quoted}";p${plain};last\n`
      const [row = []] = must(readCsv(text, { delimiter: ';', quote: '"' }))
      expect(row.map((cell) => cell.text)).toEqual([quoted.replaceAll('""', '"'), `p${plain}`, 'last'])
      expect(row.map(({ line, column }) => `${line}:${column}`)).toEqual([0, quoted.length + 3, text.length - 5].map((offset) => placeIn(text, offset)))
    }))
  })

  it('in a segment, of data with released characters', () => {
    fc.assert(fc.property(textOf('a', '?+', '??', "?'", '\r', '\n', '\r\n', '?\n', '汉', 'x'.repeat(70)), (data) => {
      const text = `${unb}${data}'UNT+3+1'UNZ+1+R1'`
      const segments = must(readInterchanges(text))[0]?.segments ?? []
      const [ftx, unt] = segments.slice(-2)
      expect(ftx?.elements.at(-1)?.[0]?.[0]?.text).toBe(data.replace(/\?([^])/g, '$1'))
      expect(`${unt?.line}:${unt?.column}`).toBe(placeIn(text, text.lastIndexOf('UNT+')))
    }))
  })
})

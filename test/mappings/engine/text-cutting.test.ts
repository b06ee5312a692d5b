import fc from 'fast-check'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TextReader } from '../../../mappings/engine/read-texts.js'
import type { TextPart } from '../../../mappings/engine/text-binding.js'
import { loadTranslator } from '../../../mappings/engine/translator.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import type { Failure, Result } from '../../../schemas/result.js'
import { edifactOrders, idocRecords, x12Orders } from '../../fixtures/giant-texts.js'

const seed = Date.now() % 1_000_000
console.log(`seed ${seed}`)

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const mappings = must(await loadTranslator(projectFolder('mappings')))
const readerOf = (languages: readonly string[], translator = mappings): TextReader => {
  const reader = translator.textsOf(languages)
  if (reader === undefined) throw new Error('no texts')
  return reader
}

const ownTables = async (settings: string, documents: string): Promise<TextReader> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-cutting-'))
  try {
    await mkdir(join(folder, 'demo'))
    const files = { 'format.yaml': 'syntax: csv\n', 'order.yaml': 'kind: order\nrules:\n  - number <=> no\n', 'description.yaml': `syntax: csv\ncsv: ${settings}\ndocuments:\n  order: ${documents}\n` }
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'demo', name), text)
    return readerOf(['demo'], must(await loadTranslator(folder)))
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Steps of a text that divide no line end of two characters. */
const stepsOf = (text: string, length: number): readonly string[] => {
  const steps: string[] = []
  for (let at = 0; at < text.length;) {
    const end = at + length + (text.slice(at + length - 1, at + length + 1) === '\r\n' ? 1 : 0)
    steps.push(text.slice(at, end))
    at = end
  }
  return steps
}

interface Cut {
  readonly parts: readonly (Result<TextPart['root'] | undefined> | TextPart)[]
  readonly failure: Failure | undefined
}

const cut = (reader: TextReader, text: string, step: number): Cut | 'whole' => {
  const found = reader.cutting(text, true)
  if (found === 'more') throw new Error('all of it is there')
  const cutting = must(found)
  if (cutting === undefined) return 'whole'
  const steps = stepsOf(text, step)
  for (const one of steps) cutting.survey?.push(one)
  cutting.survey?.end()
  const cutter = cutting.cutter()
  const pieces = steps.flatMap((one) => cutter.push(one))
  const failure = cutter.failure()
  if (failure === undefined) pieces.push(...cutter.end())
  return { failure: failure ?? cutter.failure(), parts: pieces.flatMap(({ read }): Cut['parts'] => { const parts = read(); return parts.ok ? parts.value : [parts] }) }
}

const cell = fc.oneof(fc.constantFrom('', 'a', ' ', '"', 'x"y', 'a,b', 'a\r\nb', 'c\nd', 'e\rf', '金', '\u00a0'), fc.string({ maxLength: 4 }))
const quoted = (text: string): string => (/[",\r\n]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text)
const lineEnd = fc.constantFrom('\n', '\r\n', '\r')
const table = (head: readonly string[], keys: readonly string[]) => fc.record({
  rows: fc.array(fc.tuple(fc.constantFrom(...keys), fc.array(cell, { minLength: head.length - 1, maxLength: head.length - 1 })), { minLength: 1, maxLength: 12 }), end: lineEnd, blank: fc.constantFrom('', ',,', '"",'), last: fc.boolean(),
}).map(({ rows, end, blank, last }) => `${[head.join(','), ...rows.map(([key, cells]) => [key, ...cells.map(quoted)].join(',')).flatMap((row, index) => (index === 1 ? [blank, row] : [row]))].join(end)}${last ? end : ''}`)

const sorted = (parts: Cut['parts']): readonly string[] => parts.map((part) => JSON.stringify(part)).sort()

describe('a table that is cut', () => {
  it.each([
    ['by its key, wherever its rows stand', '{ key: [no] }', '{ no: token, line 1..*: { pos: token, what: text } }', ['no', 'pos', 'what']],
    ['row by row', '{}', '{ no: token, pos: token, what: text }', ['no', 'pos', 'what']],
    ['by its records', '{ records: yes }', '{ H 1..1: { no: token, a: text }, L 0..*: { pos: token, b: text } }', ['H', 'x', 'y']],
  ])('%s gives the very documents that it gives as a whole', async (_what, settings, documents, head) => {
    const reader = await ownTables(settings, documents)
    fc.assert(fc.property(table(head, ['H', 'A', 'L']), fc.integer({ min: 1, max: 60 }), (text, step) => {
      const whole = reader.read(text)
      const found = whole.ok ? cut(reader, text, step) : undefined
      if (whole.ok && found !== 'whole') expect({ parts: sorted(found?.parts ?? []), failure: found?.failure }).toEqual({ parts: sorted(whole.value), failure: undefined })
    }), { seed, numRuns: 400 })
  })

  it('is not cut where all of it is one document', async () => {
    expect(cut(await ownTables('{}', '{ no: token, line 1..*: { pos: token } }'), 'no,pos\nA,1\nA,2\n', 100)).toBe('whole')
  })

  it('gives a document where the last of its rows stands, and one that is wrong fails alone', async () => {
    const reader = await ownTables('{ key: [no] }', '{ no: token, line 1..*: { pos: token } }')
    const found = cut(reader, 'no,pos\nA,1\nB,1\nA,2,3\nC,1\nB,2\nD,"1"x\nE,1\n', 7)
    expect(found).toMatchObject({ parts: [{ ok: false, code: 'csv-not-well-formed', at: '4:5' }, { root: { value: { children: [{ text: 'C' }, {}] } } }, { root: { value: { children: [{ text: 'B' }, { line: 3 }, { line: 6 }] } } }, { ok: false, code: 'csv-not-well-formed', at: '7:6' }, { root: { ok: true } }] })
  })

  it('ends at a quote that does not, and takes nothing of the document before, which it may have been of', async () => {
    const reader = await ownTables('{ key: [no] }', '{ no: token, line 1..*: { pos: token } }')
    expect(cut(reader, 'no,pos\nA,1\nB,1\nB,"2\nC,1\n', 7)).toMatchObject({ parts: [{ root: { ok: true } }], failure: { code: 'csv-not-well-formed', at: '4:3' } })
  })

  it('says what its header lacks', async () => {
    const reader = await ownTables('{ key: [no] }', '{ no 1..1: token, line 1..*: { pos: token } }')
    expect(reader.cutting('pos\n1\n', true)).toMatchObject({ ok: false, code: 'csv-not-well-formed', at: '1:1' })
    expect(reader.cutting('"pos', false)).toBe('more')
  })

  it('is cut in proportion to its length, whatever its rows are', async () => {
    const reader = await ownTables('{ key: [no] }', '{ no: token, line 1..*: { pos: token } }')
    const long = `no,pos\nA,"${'x""\n'.repeat(2_000_000)}`
    expect(cut(reader, long, 100_000)).toMatchObject({ parts: [], failure: { code: 'csv-not-well-formed', at: '2:3' } })
  })
})

describe('an interchange or a file of records that is cut', () => {
  const numbers = ['A-1', 'A-2', 'A-3', 'A-4', 'A-5']
  it.each([
    ['EDIFACT', ['edifact', 'x12'], edifactOrders(numbers)], ['EDIFACT with CR LF', ['edifact'], edifactOrders(numbers).replaceAll('\n', '\r\n')], ['EDIFACT without line ends', ['edifact'], edifactOrders(numbers).replaceAll('\n', '')],
    ['X12', ['edifact', 'x12'], x12Orders(numbers)], ['X12 whose segments end in a line end', ['x12'], x12Orders(numbers).replaceAll('~\n', '\n').replaceAll('~', '\n')],
    ['several interchanges', ['edifact', 'x12'], `${edifactOrders(numbers)}\r\n${x12Orders(['B-1', 'B-2'])}\n${edifactOrders(['C-1'])}`], ['other separators', ['edifact'], edifactOrders(numbers).replaceAll('?', '!').replaceAll('+', '|').replaceAll('!|', '+')],
    ['records of IDocs', ['idoc'], idocRecords(numbers)], ['records with CR', ['idoc'], `\ufeff${idocRecords(numbers).replaceAll('\n', '\r')}`],
  ])('%s gives the very messages that it gives as a whole', (_what, languages, text) => {
    const reader = readerOf(languages)
    const whole = must(reader.read(text))
    for (const step of [1, 7, 100, 4099, 1_000_000]) expect(cut(reader, text, step)).toEqual({ parts: whole, failure: undefined })
  })

  it.each([
    ['a count', (text: string) => text.replace('UNZ+5', 'UNZ+6'), { code: 'envelope-invalid', detail: 'UNZ counts "6" messages; there are 5: something is missing or was added.' }, 5],
    ['a reference', (text: string) => text.replace('UNZ+5+REF0815', 'UNZ+5+REF0816'), { code: 'envelope-invalid', detail: 'UNZ ends "REF0816", but UNB began "REF0815".' }, 5],
    ['a trailer that is missing', (text: string) => text.replace(/UNZ[^]*/, ''), { code: 'envelope-invalid' }, 5],
    ['a segment between messages', (text: string) => text.replace("UNH+M3+", "FTX+AAI'\nUNH+M3+"), { code: 'envelope-invalid', detail: 'FTX stands outside of a message; before it UNH is missing.' }, 5],
    ['a message without UNT', (text: string) => text.replace("UNT+33+M3'\n", ''), { code: 'envelope-invalid', detail: expect.stringMatching(/^The UNH that begins here has no UNT/) as string }, 4],
    ['a message that counts otherwise', (text: string) => text.replace("UNT+33+M3'", "UNT+32+M3'"), { code: 'envelope-invalid' }, 4],
    ['a segment that is none', (text: string) => text.replace(/(UNH\+M3[^]*?)\nBGM/, '$1\nbgm'), { code: 'segments-not-well-formed' }, 4],
    ['an interchange in it that has not ended', (text: string) => text.replace('UNH+M4', `UNB+UNOC:3+X+Y+260331:1405+R2'\nUNH+M4`), { code: 'envelope-invalid', detail: 'The UNB that begins here has no UNZ: something of it is missing.' }, 5],
  ])('costs for %s the message that it is of, and no other', (_what, spoil, failure, taken) => {
    const text = spoil(edifactOrders(numbers))
    for (const step of [1, 50, 100_000]) {
      const found = cut(readerOf(['edifact']), text, step)
      if (found === 'whole') throw new Error('it is cut')
      const roots = found.parts.map((part) => ('root' in part ? part.root : part))
      expect(roots.filter((root) => root.ok)).toHaveLength(taken)
      expect([...roots.filter((root) => !root.ok), ...found.failure === undefined ? [] : [found.failure]][0]).toMatchObject(failure)
    }
  })

  it('of X12 says what its groups lack', () => {
    const found = cut(readerOf(['x12']), x12Orders(numbers, 6), 1000)
    expect(found).toMatchObject({ parts: [{}, {}, {}, {}, {}, { ok: false, code: 'envelope-invalid', detail: 'GE counts "6" messages; there are 5: something is missing or was added.' }] })
  })
})

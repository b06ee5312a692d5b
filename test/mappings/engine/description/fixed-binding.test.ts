import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readMessage } from '../../../../hub/intake/read-message.js'
import { loadTranslator, type Translator } from '../../../../mappings/engine/translator.js'
import type { Node } from '../../../../schemas/node.js'
import { projectFolder } from '../../../../schemas/project-folder.js'
import type { Result } from '../../../../schemas/result.js'
import { readXml } from '../../../../schemas/xml-reader.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const seed = Date.now() % 1_000_000
console.log(`seed ${seed}`)

const map = 'kind: order\nrules:\n  - number! <=> HEAD/no\n  - parties.buyer.names[0].value <=> HEAD/buyer <=> lines\n  - lines[] <=> ITEM:\n      - number <=> pos\n      - quantity.value <=> pieces <=> decimal-implied-2\n      - notes[] <=> TEXT:\n          - value <=> words <=> lines\n'

const load = async (description: string): Promise<Result<Translator>> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-fixed-'))
  try {
    await mkdir(join(folder, 'demo'))
    for (const [name, text] of Object.entries({ 'format.yaml': 'syntax: fixed\n', 'order.yaml': map, 'description.yaml': description })) await writeFile(join(folder, 'demo', name), text)
    return await loadTranslator(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const page = await readFile(projectFolder('docs', 'formats.md'), 'utf8')
const [, description = ''] = /## Records of fixed positions\n[\s\S]*?```yaml\n([\s\S]*?)```/.exec(page) ?? []
const [, sample = ''] = /## Records of fixed positions\n[\s\S]*?```text\n([\s\S]*?)```/.exec(page) ?? []
const demo = must(await load(description))

const rootsOf = (translator: Translator, text: string, language = 'demo'): readonly Node[] => must(translator.textsOf([language])?.read(text) ?? { ok: false, code: 'format-unknown', at: '', detail: '' }).map(({ root }) => must(root))
const shown = ({ name, text, children }: Node): string => (children.length === 0 ? `${name}=${text}` : `${name}{${children.map(shown).join(' ')}}`)

describe('records of fixed positions', () => {
  it('are read as the page of formats says, each field where it stands', () => {
    const [order, second] = rootsOf(demo, sample)
    expect(order === undefined ? '' : shown(order)).toBe('order{HEAD{no=4711 buyer=Lotus Trading} ITEM{pos=10 pieces=1250 TEXT{words=Ring  twice.}} ITEM{pos=20 pieces=-000000050}}')
    expect(order?.children[1]).toMatchObject({ line: 2, column: 1, children: [{ name: 'pos', line: 2, column: 3 }, { name: 'pieces', column: 7 }, {}] })
    const read = order === undefined ? undefined : demo.read('demo/order', order)
    expect(read).toMatchObject({ issues: [], documents: [{ number: '4711', parties: { buyer: { names: [{ value: 'Lotus Trading' }] } }, lines: [{ number: '10', quantity: { value: '12.5' }, notes: [{ value: 'Ring  twice.' }] }, { number: '20', quantity: { value: '-0.5' } }] }] })
    expect(second).toBeUndefined()
  })
  it('are written as they were read, filled up and on their sides', () => {
    const documents = rootsOf(demo, sample).flatMap((root) => demo.read('demo/order', root).documents)
    expect(must(demo.textOf('demo/order', documents.map((document) => must(demo.write('demo/order', document))))).replaceAll('\r\n', '\n').replaceAll(/ +$/gm, '')).toBe(sample)
  })
  it('of several documents in one file are a part each', () => {
    expect(rootsOf(demo, `${sample}${sample.replace('4711', '4712')}`).map((root) => demo.read('demo/order', root).documents[0])).toMatchObject([{ number: '4711' }, { number: '4712' }])
  })
  it('that nobody knows, or behind their last field, are kept and told of', () => {
    const [order] = rootsOf(demo, sample.replace(/^03.*$/m, '99 what is this').replace(/^(0220 .*)$/m, (line) => `${line.padEnd(20)}more`))
    expect(order === undefined ? [] : demo.read('demo/order', order).issues.map(({ rule, at, severity }) => `${severity ?? ''} ${rule ?? ''} ${at}`)).toEqual(['warning node-unknown 3:1 unknown[1]', 'warning node-unknown 4:17 ITEM[2]/column_17'])
  })
  it('are never cut off: what has no place is not written, and the error says where', () => {
    const order = (buyer: string): Result<string> => demo.textOf('demo/order', [must(demo.write('demo/order', { kind: 'order', function: 'original', issuedOn: '2026-03-31', number: '4711', parties: { buyer: { names: [{ value: buyer }] } }, lines: [] }))])
    expect(order('x'.repeat(20))).toMatchObject({ ok: true })
    expect(order('x'.repeat(21))).toMatchObject({ ok: false, code: 'value-invalid', at: 'HEAD/buyer', detail: expect.stringContaining('has 21 characters; the field has a place for 20.') as unknown })
    expect(order('a\nb')).toMatchObject({ ok: false, code: 'value-invalid', at: 'HEAD/buyer' })
  })
  it.each([
    ['a first record that begins no document', '0210  1\n', 'format-unknown'],
    ['one of them too long', `${sample}02${'x'.repeat(200_001)}`, 'limit-exceeded 5:1'],
    ['too many of them', `${sample}${'0210  1\n'.repeat(100_000)}`, 'limit-exceeded'],
  ])('are refused with %s', (_what, text, expected) => {
    const before = process.cpuUsage()
    const read = demo.textsOf(['demo'])?.read(text)
    const { user, system } = process.cpuUsage(before)
    expect(read?.ok === false ? `${read.code} ${read.at}` : '').toContain(expected)
    expect((user + system) / 1000).toBeLessThan(1000)
  })
  it('whatever documents say read again as they were written', () => {
    const words = fc.string({ unit: fc.constantFrom('a', 'B', '0', '1', ' ', '-', "'", '金'), minLength: 1, maxLength: 12 }).map((text) => text.trim()).filter((text) => text !== '')
    const line = fc.record({ number: fc.nat({ max: 999 }).map(String), cents: fc.integer({ min: -99_999, max: 999_999 }), notes: fc.array(words, { maxLength: 2 }) })
    fc.assert(fc.property(fc.array(fc.record({ number: fc.nat({ max: 99_999_999 }).map(String), lines: fc.array(line, { minLength: 1, maxLength: 4 }) }), { minLength: 1, maxLength: 3 }), (orders) => {
      const documents = orders.map(({ number, lines }) => ({ kind: 'order' as const, number, lines: lines.map(({ number: of, cents, notes }) => ({ number: of, quantity: { value: decimalOf(cents) as never }, ...notes.length === 0 ? {} : { notes: notes.map((value) => ({ value })) } })) }))
      const text = must(demo.textOf('demo/order', documents.map((document) => must(demo.write('demo/order', { ...document, function: 'original', issuedOn: '2026-03-31' })))))
      expect(rootsOf(demo, text).map((root) => demo.read('demo/order', root).documents[0])).toEqual(documents)
    }), { seed, numRuns: 200 })
  })
})

const decimalOf = (cents: number): string => {
  const digits = String(Math.abs(cents)).padStart(3, '0')
  const text = `${digits.slice(0, -2)}.${digits.slice(-2)}`.replace(/\.?0+$/, '')
  return `${cents < 0 ? '-' : ''}${text}`
}

describe('a plain file of IDocs', async () => {
  const translator = must(await loadTranslator(projectFolder('mappings')))
  const flat = readFileSync(projectFolder('mappings', 'idoc', 'samples', 'order-flat.txt'), 'utf8')
  const xml = must(readXml(readFileSync(projectFolder('mappings', 'idoc', 'samples', 'order.xml'), 'utf8')))
  const parts = async (text: string) => must(await readMessage({ bytes: Buffer.from(text), contentType: '', contentEncoding: undefined }, { maxExpandedBytes: 1_000_000 }, translator.textsOf(['idoc'])))
  it('is of the records that SAP writes: 524 characters of control, 63 before the data, counted and with the one above', () => {
    const lines = flat.split('\r\n')
    expect(lines[0]).toHaveLength(524)
    expect(lines.slice(1, -1).every((line) => line.slice(33, 49) === '0000000000146002')).toBe(true)
    const item = lines.findIndex((line) => line.startsWith('E2EDP01'))
    expect(lines[item]?.slice(49, 63)).toBe(`${String(item).padStart(6, '0')}00000001`)
    expect(lines[item + 1]?.slice(49, 63)).toBe(`${String(item + 1).padStart(6, '0')}${String(item).padStart(6, '0')}02`)
  })
  it('gives what the XML form gives, by the same maps', () => {
    const [root] = rootsOf(translator, flat, 'idoc')
    if (root === undefined) throw new Error('nothing')
    expect(translator.read(must(translator.recognise(root, ['idoc'])).id, root).documents).toEqual(translator.read('idoc/order', xml).documents)
    expect(must(translator.textOf('idoc/order', [root]))).toBe(flat)
  })
  it('of several IDocs is a part for each, with the head of its control record; other versions of a segment are read too', async () => {
    const second = flat.replaceAll('0000000000146002', '0000000000146003').replaceAll('E2EDP01007', 'E2EDP01001').replaceAll('\r\n', '\n').replaceAll(/ +$/gm, '')
    expect(await parts(flat + second)).toMatchObject([
      { head: { controlNumber: '0000000000146002', sender: '0010300099', receiver: 'CHAINHUB', test: false }, root: { ok: true } }, { head: { controlNumber: '0000000000146003' }, root: { ok: true } },
    ])
    const [, part] = await parts(flat + second)
    if (part?.root.ok !== true) throw new Error('nothing')
    expect(translator.read('idoc/order', part.root.value).documents).toEqual(translator.read('idoc/order', xml).documents)
  })
  it('of a type that has no description, or with segments that have no layout, is told of', async () => {
    expect(await parts(flat.replace('ORDERS05  ', 'WMMBID02  '))).toMatchObject([{ root: { ok: false, code: 'format-unknown', at: '1:1' } }])
    const [part] = await parts(flat.replace(/^(E2EDS01.*)$/m, 'Z2EXT000                      8000000000000146002000099000000 1abc\r\n$1'))
    if (part?.root.ok !== true) throw new Error('nothing')
    expect(translator.read('idoc/order', part.root.value).issues).toMatchObject([{ rule: 'node-unknown', severity: 'warning', at: expect.stringMatching(/ IDOC\/Z2EXT000$/) as unknown }])
  })
})

describe('a description of records', () => {
  const settings = 'syntax: fixed\ndocuments:\n  order: { HEAD 1..1: { no: token } }\n'
  it.each([
    ['no records', settings],
    ['fields upon one another', `${settings}fixed: { records: { HEAD: { fields: { no: 5, other: { width: 3, from: 4 } } } } }\n`],
    ['a record that no document holds', `${settings}fixed: { records: { OTHER: { fields: { no: 5 } } } }\n`],
    ['a field that the description does not have', `${settings}fixed: { records: { HEAD: { fields: { number: 5 } } } }\n`],
    ['a setting that there is not', `${settings}fixed: { recrods: {} }\n`],
    ['a width that is none', `${settings}fixed: { records: { HEAD: { fields: { no: wide } } } }\n`],
  ])('is refused with %s', async (_what, text) => {
    expect(await load(text)).toMatchObject({ ok: false, code: 'mapping-invalid', at: expect.stringMatching(/^demo\/description.yaml:\d+$/) as unknown })
  })
})

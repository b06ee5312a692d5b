import fc from 'fast-check'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readMessage } from '../../../../hub/intake/read-message.js'
import { loadTranslator, type Translator } from '../../../../mappings/engine/translator.js'
import type { Node } from '../../../../schemas/node.js'
import { projectFolder } from '../../../../schemas/project-folder.js'
import { ok, type Result } from '../../../../schemas/result.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const format = 'syntax: csv\n'
const map = 'kind: order\nrules:\n  - number! <=> no\n  - lines[] <=> line:\n      - number <=> pos\n      - item.names[0].value <=> what <=> lines\n'

const load = async (description: string, more: Readonly<Record<string, string>> = {}): Promise<Result<Translator>> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-csv-'))
  try {
    await mkdir(join(folder, 'demo'))
    for (const [name, text] of Object.entries({ 'format.yaml': format, 'order.yaml': map, 'description.yaml': `syntax: csv\n${description}`, ...more })) await writeFile(join(folder, 'demo', name), text)
    return await loadTranslator(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const read = (translator: Translator, text: string): Result<{ readonly children: readonly Node[] }> => {
  const tables = translator.textsOf(['demo'])
  if (tables === undefined) throw new Error('no tables')
  const parts = tables.read(text)
  return parts.ok ? ok({ children: parts.value.map(({ root }) => must(root)) }) : parts
}

/** A tree as short text: `order{no=1 line{pos=1}}`. */
const shown = ({ name, text, children }: Node): string => (children.length === 0 && text !== '' ? `${name}=${text}` : `${name}{${children.map(shown).join(' ')}}`)
const documentsOf = (translator: Translator, text: string): readonly string[] | string => {
  const array = read(translator, text)
  return array.ok ? array.value.children.map(shown) : `${array.code} ${array.at}: ${array.detail}`
}

const lines = "documents:\n  order: { no 1..1: token, note: text, line 1..*: { pos 1..1: token, what: text } }\n"
const grouped = must(await load(`csv: { key: [no], columns: { no: 'Order No.' } }\n${lines}`))

describe('rows with a header', () => {
  it('are one document for each key, scattered or not, in the order of the columns that stand there', () => {
    expect(documentsOf(grouped, 'pos,ORDER NO. ,note,what\n1,A,n,x\n1,B,,y\n2,A,n,z\n')).toEqual(['order{no=A note=n line{pos=1 what=x} line{pos=2 what=z}}', 'order{no=B line{pos=1 what=y}}'])
  })
  it('keep what nobody knows, report it, and write it back', () => {
    const [order] = must(read(grouped, 'Order No.,pos,Frame colour,9\nA,1,red,\nA,2,"b,l",x\n')).children
    if (order === undefined) throw new Error('nothing')
    const { issues, documents: [document] } = grouped.read('demo/order', order)
    expect(issues.map(({ rule, at }) => `${rule ?? ''} ${at}`)).toEqual(['node-unknown 2:5 line[1]/Frame_colour', 'node-unknown 3:5 line[2]/Frame_colour', 'node-unknown 3:11 line[2]/column_4_9'])
    if (document === undefined) throw new Error('nothing')
    expect(must(grouped.textOf('demo/order', [must(grouped.write('demo/order', document))]))).toBe('Order No.,note,pos,what,Frame_colour,column_4_9\r\nA,,1,,red,\r\nA,,2,,"b,l",x\r\n')
  })
  it('are lines with several deliveries where the map groups them further, and are rows again when they are written', async () => {
    const translator = must(await load("csv: { key: [no] }\ndocuments:\n  order: { no 1..1: token, line 1..*: { pos 1..1: token, what: text, pieces: decimal } }\n", {
      'order.yaml': 'kind: order\ngroup:\n  line: { as: item, by: pos, once: [what] }\nrules:\n  - number! <=> no\n  - lines[] <=> item:\n      - number <=> pos\n      - item.names[0].value <=> what\n      - schedule[] <=> line:\n          - quantity.value <=> pieces <=> decimal\n',
    }))
    const [order] = must(read(translator, 'no,pos,what,pieces\nA,1,x,2\nB,1,z,9\nA,2,y,1\nA,1,x,3\n')).children
    const { issues, documents: [document] } = order === undefined ? { issues: [], documents: [] } : translator.read('demo/order', order)
    expect(issues).toEqual([])
    expect(document).toMatchObject({ number: 'A', lines: [
      { number: '1', item: { names: [{ value: 'x' }] }, schedule: [{ quantity: { value: '2' } }, { quantity: { value: '3' } }] }, { number: '2', schedule: [{ quantity: { value: '1' } }] },
    ] })
    if (document === undefined) throw new Error('nothing')
    expect(must(translator.textOf('demo/order', [must(translator.write('demo/order', document))]))).toBe('no,pos,what,pieces\r\nA,1,x,2\r\nA,1,x,3\r\nA,2,y,1\r\n')
  })
  it('that disagree on what belongs to the document are told of', () => {
    const [order] = must(read(grouped, 'Order No.,note,pos\nA,n,1\nA,m,2\n')).children
    expect(order === undefined ? [] : grouped.read('demo/order', order).issues.map(({ rule, at }) => `${rule ?? ''} ${at}`)).toEqual(['occurrence 3:3 note[2]'])
  })
  it.each([
    ['a column too few', 'Order No.,pos\nA\n', 'csv-not-well-formed 2:1: The row has 1 cells where there are 2 columns'],
    ['a column too many', 'Order No.,pos\nA,1,x\n', 'csv-not-well-formed 2:5: The row has 3 cells'],
    ['a column twice', 'Order No.,pos,pos\nA,1,2\n', 'csv-not-well-formed 1:15: The column pos stands twice'],
    ['no column that has to stand', 'Order No.,what\nA,1\n', 'csv-not-well-formed 1:1: The first row has to name the columns: order lacks pos.'],
  ])('are refused for %s', (_what, text, expected) => { expect(documentsOf(grouped, text)).toContain(expected) })
  it('may have empty cells behind the last column, and end early where the description says so', async () => {
    expect(documentsOf(grouped, 'Order No.,pos\nA,1,,\n')).toEqual(['order{no=A line{pos=1}}'])
    expect(documentsOf(must(await load(`csv: { key: [no], ragged: yes }\n${lines}`)), 'no,pos,what\nA,1\n')).toEqual(['order{no=A line{pos=1}}'])
  })
})

describe('rows without', () => {
  it('a header have the columns of the description; without a key the file is one document; without lines each row is one', async () => {
    const plain = must(await load(`csv: { header: no, delimiter: tab, quote: none, columns: [pos, no, what, note] }\n${lines}`))
    expect(documentsOf(plain, '1\tA\t"x\tn\n2\tA\ty\tn')).toEqual(['order{no=A note=n line{pos=1 what="x} line{pos=2 what=y}}'])
    const flat = must(await load('csv: { header: no }\ndocuments:\n  order: { no 1..1: token, what: text }\n', { 'order.yaml': 'kind: order\nrules:\n  - number! <=> no\n' }))
    expect(documentsOf(flat, 'A,x\nA,y\n')).toEqual(['order{no=A what=x}', 'order{no=A what=y}'])
  })
})

describe('bytes of a table', () => {
  it('are in the encoding of the description, unless they or their Content-Type say another', async () => {
    const chinese = must(await load(`csv: { key: [no], encoding: gb18030 }\n${lines}`))
    const textOf = async (bytes: Uint8Array, contentType: string): Promise<string> => {
      const [part] = must(await readMessage({ bytes, contentType, contentEncoding: undefined }, { maxExpandedBytes: 10_000 }, chinese.textsOf(['demo'])))
      return part === undefined ? '' : shown(must(part.root))
    }
    const gb18030 = Buffer.concat([Buffer.from('no,pos,what\nA,1,'), Buffer.from([0xbd, 0xf0]), Buffer.from('\n')])
    const utf8 = Buffer.from('no,pos,what\nA,1,金\n')
    for (const [bytes, type] of [[gb18030, ''], [gb18030, 'text/csv'], [utf8, 'text/csv; charset=utf-8'], [Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), utf8]), 'text/csv']] as const) {
      expect(await textOf(bytes, type)).toBe('order{no=A line{pos=1 what=金}}')
    }
  })
})

describe('rows of record types', async () => {
  const records = must(await load("csv: { records: yes, delimiter: ';' }\ndocuments:\n  order:\n    H 1..1: { no 1..1: token }\n    L 1..*: { pos 1..1: token, T 0..*: { words: text } }\n    Z 0..1: { count: integer }\n", { 'order.yaml': 'kind: order\nrules:\n  - number! <=> H/no\n  - lines[] <=> L:\n      - number <=> pos\n      - notes[] <=> T:\n          - value <=> words <=> lines\n' }))
  const text = 'H;A\r\nL;1\r\nT;"one;\r\ntwo"\r\nT;three\r\nL;2\r\nZ;2\r\nH;B\r\nL;1\r\n'
  it('nest as the description says; the first record begins a document', () => {
    expect(documentsOf(records, text)).toEqual(['order{H{no=A} L{pos=1 T{words=one;\r\ntwo} T{words=three}} L{pos=2} Z{count=2}}', 'order{H{no=B} L{pos=1}}'])
  })
  it('are written as they were read', () => {
    const roots = must(read(records, text)).children
    expect(must(records.textOf('demo/order', roots))).toBe(text)
    const documents = roots.flatMap((root) => records.read('demo/order', root).documents)
    expect(must(records.textOf('demo/order', documents.map((document) => must(records.write('demo/order', document)))))).toBe(text)
  })
  it('that nobody knows are kept and told of; a file that begins with another one is refused', () => {
    const [order] = must(read(records, 'H;A;x\nX;1;2\nL;1\n')).children
    expect(order === undefined ? [] : records.read('demo/order', order).issues.map(({ rule, at }) => `${rule ?? ''} ${at}`)).toEqual(['node-unknown 1:5 H/column_3', 'node-unknown 2:1 X[1]'])
    expect(documentsOf(records, 'L;1\nH;A\n')).toContain('csv-not-well-formed 1:1: The first row is of the record "L"; a document begins with H.')
  })
})

describe('a description of tables', () => {
  it.each([
    ['a delimiter of two characters', "csv: { delimiter: ';;' }\n", 2],
    ['a setting that there is not', 'csv: { seperator: x }\n', 2],
    ['a key that no document has', 'csv: { key: [nothing] }\n', 2],
    ['two lists of rows', 'documents:\n  order: { no: token, a: { x: token }, b: { y: token } }\n', 3],
    ['rows within rows', 'documents:\n  order: { no: token, a: { x: { y: token } } }\n', 3],
    ['a secret', 'documents:\n  order: { no: token, pin: { is: token, secret: yes } }\n', 3],
    ['two documents that nothing tells apart', 'csv: { header: no }\ndocuments:\n  order: { no: token }\n  other: { no: token }\n', 2],
  ])('is refused with %s', async (_what, text, line) => {
    expect(await load(text)).toMatchObject({ ok: false, code: 'mapping-invalid', at: `demo/description.yaml:${line}` })
  })
  it('is needed', async () => {
    expect(await load('', { 'description.yaml': 'documents:\n  order: { no: token }\n' })).toMatchObject({ ok: false, at: 'demo/format.yaml:1' })
  })
  it('tells documents apart by their columns', async () => {
    const both = must(await load('documents:\n  order: { no 1..1: token, price: token }\n  stock: { no 1..1: token, place 1..1: token }\n', { 'order.yaml': 'kind: order\nrules:\n  - number! <=> no\n', 'count.yaml': 'kind: inventory-report\nroot: stock\nrules:\n  - number! <=> no\n' }))
    expect([both, both].flatMap((one, index) => must(read(one, index === 0 ? 'no,price\n1,2' : 'no,place\n1,2')).children.map((root) => must(one.recognise(root, ['demo'])).id))).toEqual(['demo/order', 'demo/count'])
  })
})

it('the page of formats shows a table that is one', async () => {
  const page = await readFile(projectFolder('docs', 'formats.md'), 'utf8')
  const [, text = ''] = /## Tables\n[\s\S]*?```yaml\n([\s\S]*?)```/.exec(page) ?? []
  const shop = must(await load('', { 'description.yaml': text, 'order.yaml': 'kind: order\nrules:\n  - number! <=> no\n  - issuedOn! <=> date <=> date-dd.mm.yyyy\n  - lines[] <=> line:\n      - number <=> pos\n      - quantity.value <=> quantity <=> decimal-comma\n' }))
  const [order] = must(read(shop, 'Date;order NO.;Quantity;Pos.\n31.03.2026;4711;1.200,5;10\n')).children
  expect(order === undefined ? [] : shop.read('demo/order', order)).toMatchObject({ issues: [], documents: [{ number: '4711', issuedOn: '2026-03-31', lines: [{ number: '10', quantity: { value: '1200.5' } }] }] })
})

it('whatever documents say reads again as it was written', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'B', '1', '"', ',', '\n', '\r', ' ', '金'), maxLength: 6 }).filter((one) => one.trim() === one)
  const order = fc.record({ no: fc.string({ unit: fc.constantFrom('1', '2', '"', ','), minLength: 1, maxLength: 4 }), lines: fc.array(fc.record({ number: fc.nat({ max: 99 }).map(String), what: text }), { minLength: 1, maxLength: 4 }) })
  fc.assert(fc.property(fc.uniqueArray(order, { selector: ({ no }) => no, minLength: 1, maxLength: 3 }), (orders) => {
    const documents = orders.map(({ no, lines: items }) => ({ kind: 'order' as const, function: 'original' as const, issuedOn: '2026-03-31', number: no, lines: items.map(({ number, what }) => ({ number, ...what === '' ? {} : { item: { names: [{ value: what }] } } })) }))
    const written = must(grouped.textOf('demo/order', documents.map((document) => must(grouped.write('demo/order', document)))))
    const again = must(read(grouped, written)).children.flatMap((root) => grouped.read('demo/order', root).documents)
    expect(again).toEqual(documents.map(({ kind, number, lines: items }) => ({ kind, number, lines: items })))
  }), { numRuns: 200 })
})

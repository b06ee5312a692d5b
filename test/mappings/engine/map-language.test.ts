import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadTranslator, type Translator } from '../../../mappings/engine/translator.js'
import { lintMap } from '../../../mappings/scaffold/lint-map.js'
import type { CanonicalDocument } from '../../../schemas/canonical/canonical-document.js'
import { readXml } from '../../../schemas/xml-reader.js'
import type { Result } from '../../../schemas/result.js'
import { writeXml } from '../../../schemas/xml-writer.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const load = async (rules: string, more: Readonly<Record<string, string>> = {}): Promise<Result<Translator>> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-map-'))
  try {
    await mkdir(join(folder, 'demo'))
    const files = { 'format.yaml': 'syntax: xml\n', 'order.yaml': `kind: order\nroot: Order\n${rules}`, ...more }
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'demo', name), text)
    return await loadTranslator(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

interface Read {
  readonly document: CanonicalDocument | undefined
  readonly issues: readonly string[]
  readonly lineage: readonly string[]
}

const read = (translator: Translator, xml: string, cut = false): Read => {
  const root = must(readXml(xml))
  const { documents: [document], issues, lineage } = translator.read('demo/order', cut ? { ...root, cut } : root, { lineage: true })
  return { document, issues: issues.map(({ code, at, detail, severity }) => `${severity ?? 'error'} ${code} ${at}: ${detail}`), lineage: lineage.map(({ target, source, value }) => `${target} ${source} ${value}`) }
}

/** What stands in the root of the document that is written. */
const written = (translator: Translator, document: CanonicalDocument | Readonly<Record<string, unknown>>): string => {
  const node = translator.write('demo/order', { kind: 'order', lines: [], ...document } as unknown as CanonicalDocument)
  return node.ok ? must(writeXml(node.value)).replace(/^[^]*?<Order>/, '').replace('</Order>', '').trim() : `${node.code} ${node.at}: ${node.detail}`
}

const again = (translator: Translator, xml: string): string => {
  const { document } = read(translator, xml)
  if (document === undefined) throw new Error('nothing was read')
  return written(translator, document)
}

describe('a decimal whose point is implied', async () => {
  const translator = must(await load('rules:\n  - totals.payable.value <=> A <=> decimal-implied-2\n  - totals.tax.value <=> B <=> decimal-implied-0\n  - totals.rounding.value <=> C <=> decimal-implied-9\n'))
  const payable = (text: string): unknown => {
    const { document, issues } = read(translator, `<Order><A>${text}</A></Order>`)
    return document === undefined ? issues : document
  }

  it.each([['1234', '12.34'], ['0001234', '12.34'], ['1234-', '-12.34'], ['-1234', '-12.34'], ['+5', '0.05'], ['0', '0'], ['-0', '0'], ['1200', '12'], ['98765432109876543210', '987654321098765432.1']])('reads %s as %s', (text, value) => {
    expect(payable(text)).toMatchObject({ totals: { payable: { value } } })
  })
  it.each(['12.34', '1,234', '-1-', '1 2', '--1', 'x'])('refuses %s, and says how it is written', (text) => {
    expect(payable(text)).toEqual([`error value-invalid 1:8 A: '${text}' is not a number without a decimal point; with 2 implied decimals 12 is written 1200.`])
  })
  it.each([['<A>1234</A>', '<A>1234</A>'], ['<A>007-</A>', '<A>-7</A>'], ['<A>000</A>', '<A>0</A>'], ['<B>12</B>', '<B>12</B>'], ['<C>1</C>', '<C>1</C>']])('writes what was read of %s', (text, out) => {
    expect(again(translator, `<Order>${text}</Order>`)).toBe(out)
  })
  it('is not rounded: a document with more decimals is not written, and the field is named', () => {
    expect(written(translator, { totals: { payable: { value: '12.345' } } })).toBe('value-invalid A: totals.payable.value: 12.345 has 3 decimals, and the field takes 2; nothing is rounded.')
    expect(written(translator, { totals: { payable: { value: '12.34' } } })).toBe('<A>1234</A>')
  })
})

describe('a code that changes its meaning', async () => {
  const list = (more: string): string => `codes:\n  tax:\n${more}    A1: { first: '19', 2026-07-01: '16', 2027-01-01: '19' }\n    A9: { 2007-01-01: '14', 2008-01-01: ~ }\n    B: '0'\nrules:\n  - accountingCost <=> Code <=> tax\n`
  const translator = must(await load(`${list('')}  - issuedOn & issueTime <=> Time <=> instant\n  - when: { source: Old, canonical: '!type' }\n    rules:\n      - issuedOn <- Day <=> date\n    otherwise:\n      - issuedOn <=> Days/Day <=> date-yyyymmdd\n`))
  const cost = (code: string, more: string): unknown => {
    const { document, issues } = read(translator, `<Order><Code>${code}</Code>${more}</Order>`)
    return issues[0] ?? ({ ...document } as Readonly<Record<string, unknown>>)['accountingCost']
  }

  it.each([['2026-06-30', '19'], ['2026-07-01', '16'], ['2026-12-31', '16'], ['2027-01-01', '19']])('means on %s what holds from its day until the day before the next', (day, meaning) => {
    expect(cost('A1', `<Time>${day}T23:59:59-08:00</Time>`)).toBe(meaning)
  })
  it('finds the day by the rules of the field, in the order that they stand and where their conditions hold', () => {
    expect(cost('A1', '<Days><Day>20260701</Day></Days>')).toBe('16')
    expect(cost('A1', '<Day>2020-01-01</Day><Days><Day>20260701</Day></Days>')).toBe('16')
    expect(cost('A1', '<Old>x</Old><Day>2026-07-01</Day><Days><Day>20200101</Day></Days>')).toBe('16')
    expect(cost('A1', '<Old>x</Old><Day>2026-07-01</Day><Time>2020-01-01</Time>')).toBe('19')
  })
  it('that means nothing on the day, or in a document without it, is told of and kept', () => {
    expect(cost('A9', '<Time>2006-12-31</Time>')).toBe("warning code-unknown 1:8 Code: 'A9' means nothing in the code list 'tax' on 2006-12-31 (issuedOn).")
    expect(cost('A9', '<Time>2008-01-01</Time>')).toBe("warning code-unknown 1:8 Code: 'A9' means nothing in the code list 'tax' on 2008-01-01 (issuedOn).")
    expect(cost('A9', '')).toBe("warning code-unknown 1:8 Code: What 'A9' means in the code list 'tax' goes by the day in issuedOn, which the document does not say.")
    expect(cost('X', '')).toBe("warning code-unknown 1:8 Code: 'X' is not in the code list 'tax' (A1, A9, B).")
    expect(read(translator, '<Order><Code>A9</Code></Order>').document).toMatchObject({ extensions: [{ format: 'demo', path: 'Code', value: 'A9' }] })
    expect(cost('B', '')).toBe('0')
  })
  it('is written by the code that has the meaning on the day', () => {
    expect(written(translator, { accountingCost: '14', issuedOn: '2007-06-01' })).toMatch(/^<Code>A9</)
    expect(written(translator, { accountingCost: '14', issuedOn: '2008-06-01' })).not.toContain('Code')
    expect(written(translator, { accountingCost: '16', issuedOn: '2026-06-30' })).not.toContain('Code')
    expect(written(translator, { accountingCost: '16', issuedOn: '2026-07-01' })).toMatch(/^<Code>A1</)
  })
  it('is refused at its line where the days are none, or stand in another order', async () => {
    expect(await load('codes:\n  tax:\n    A: { 2026-13-01: x }\nrules: []\n')).toMatchObject({ code: 'mapping-invalid', at: 'demo/order.yaml:5' })
    expect(await load('codes:\n  tax:\n    A: { 2026-02-01: x, first: y }\nrules: []\n')).toMatchObject({ code: 'mapping-invalid', at: 'demo/order.yaml:5' })
    expect(await load("codes:\n  tax:\n    by: 'lines[].number'\n    A: { 2026-02-01: x }\nrules: []\n")).toMatchObject({ code: 'mapping-invalid', at: 'demo/order.yaml:5' })
    expect(must(await load('codes:\n  tax: { by: BY, de: DE }\nrules:\n  - type <=> T <=> tax\n')).read('demo/order', must(readXml('<Order><T>by</T></Order>'))).documents).toMatchObject([{ type: 'BY' }])
  })
})

describe('a control figure', async () => {
  const translator = must(await load('rules:\n  - number <=> No\n  - lines[] <=> Line:\n      - number <- counter\n      - amount.value <=> A <=> decimal\n      - amount.currency <=> A/@of\n      - item.buyersNumber <=> Item\n  - count(lines[])! <=> @lines\n  - sum(lines[].amount.value) <=> Sum\n  - sum(lines[].item.buyersNumber) <=> Hash\n'))
  const order = (lines: number, rest: string): string => `<Order lines="${lines}">${rest}</Order>`
  const issuesOf = (xml: string): readonly string[] => read(translator, xml).issues

  it('that agrees is neither told of nor stored, and its lineage says where it stands', () => {
    const { document, issues, lineage } = read(translator, order(2, '<Sum>3.000</Sum><Line><A of="EUR">1</A></Line><Line><A of="EUR">2.0</A></Line>'))
    expect(issues).toEqual([])
    expect(document).toEqual({ kind: 'order', lines: [{ number: '1', amount: { value: '1', currency: 'EUR' } }, { number: '2', amount: { value: '2', currency: 'EUR' } }] })
    expect(lineage).toEqual(expect.arrayContaining(['count(lines[]) /@lines 2', 'sum(lines[].amount.value) Sum 3.000']))
  })
  it('that differs is a warning, and with an exclamation mark refuses, as one that is missing does', () => {
    expect(issuesOf(order(1, '<Sum>5</Sum><Line><A of="EUR">1</A></Line>'))).toEqual(['warning total-mismatch 1:18 Sum: 5 is stated, but sum(lines[].amount.value) makes 1.'])
    expect(read(translator, order(3, '<Line/><Line><Item>1</Item></Line>'))).toMatchObject({ document: undefined, issues: ['error total-mismatch 1:1 /@lines: 3 is stated, but count(lines[]) makes 2.'] })
    expect(read(translator, '<Order><Line><Item>1</Item></Line></Order>')).toMatchObject({ document: undefined, issues: ['error field-missing 1:1 @lines: @lines is missing or empty; the order needs it as its count(lines[]).'] })
    expect(issuesOf(order(0, '<Sum>0</Sum>'))).toEqual([])
  })
  it('is not compared in a part of a giant, whose head speaks of the whole', () => {
    expect(read(translator, order(9000, '<No>7</No><Sum>5</Sum><Line><A of="EUR">1</A></Line>'), true).issues).toEqual([])
  })
  it('adds no amounts of two currencies and no words: reading tells of it, writing refuses', () => {
    const lines = '<Line><A of="EUR">1</A></Line><Line><A of="USD">2</A></Line>'
    expect(issuesOf(order(2, `<Sum>3</Sum>${lines}`))).toEqual(["warning total-mismatch 1:18 Sum: 3 is stated, and sum(lines[].amount.value) can't be made: amounts of several currencies are not added (EUR, USD)."])
    expect(again(translator, order(2, lines))).toBe('value-invalid Sum: lines[].amount.value: amounts of several currencies are not added (EUR, USD).')
    expect(again(translator, order(1, '<Line><Item>A1</Item></Line>'))).toBe("value-invalid Hash: lines[].item.buyersNumber: 'A1' is no number that could be added.")
  })
  it('is written from the document whatever was stated, with every digit, and a sum of nothing is not', async () => {
    const lines = '<Line><A of="EUR">0.1</A></Line><Line><A of="EUR">98765432109876543210.2</A></Line>'
    const out = must(await load('rules:\n  - lines[] <=> Line:\n      - amount.value <=> A <=> decimal\n      - amount.currency <=> A/@of\n  - totals.lines.value <=> Total <=> decimal\n  - sum(lines[].amount.value) -> Total\n  - count(lines[]) -> Lines\n'))
    expect(again(out, `<Order>${lines}</Order>`)).toMatch(/<Total>98765432109876543210.3<\/Total><Lines>2<\/Lines>$/)
    expect(again(out, `<Order>${lines}<Total>7</Total></Order>`)).toMatch(/<Total>7<\/Total><Lines>2<\/Lines>$/)
    expect(written(out, {})).toBe('<Lines>0</Lines>')
  })
  it('is refused at its line where it is of no list', async () => {
    expect(await load('rules:\n  - count(lines) <=> N\n')).toMatchObject({ code: 'mapping-invalid', at: 'demo/order.yaml:4' })
    expect(await load('rules:\n  - sum(totals.lines.value) <=> N\n')).toMatchObject({ code: 'mapping-invalid', at: 'demo/order.yaml:4' })
    expect(await load('rules:\n  - count(lines[]) <=> /N\n')).toMatchObject({ code: 'mapping-invalid', at: 'demo/order.yaml:4' })
  })
})

describe('the lint of a map', () => {
  const lint = async (rules: string): Promise<readonly string[]> => {
    const described = must(await load(rules, { 'description.yaml': 'language: demo\nsyntax: xml\ndocuments:\n  Order:\n    No: token\n    Day: date\n    Sum: decimal\n    Line 0..*: { A: decimal, Tax: token }\n' })).describedFormat('demo/order')
    return described === undefined ? [] : lintMap(described.map).map(({ severity, at, detail }) => `${severity} ${at}: ${detail}`)
  }
  const head = 'codes:\n  tax: { A: { first: x } }\nrules:\n  - number <=> No\n'

  it('knows sums and code lists that go by a day', async () => {
    expect(await lint(`${head}  - issuedOn <=> Day <=> date\n  - sum(lines[].amount.value) <=> Sum\n  - lines[] <=> Line:\n      - amount.value <=> A <=> decimal\n      - type <=> Tax <=> tax\n`)).toEqual([])
  })
  it('says what a sum is made of, and the day that codes go by, when no rule fills them', async () => {
    expect(await lint(`${head}  - sum(lines[].amount.value) <=> Summe\n  - lines[] <=> Line:\n      - type <=> Tax <=> tax\n`)).toEqual([
      'error demo/order.yaml: No rule fills issuedOn, which every order has.',
      'error demo/order.yaml:7: No rule fills lines.amount.value, of which sum(lines[].amount.value) is made.',
      "error demo/order.yaml:9: No rule fills issuedOn, by whose day the codes of 'tax' have their meaning.",
      'warning demo/order.yaml:7: The description has no Summe (Summe).',
      'warning demo/order.yaml: Nothing reads Day: it is kept as an extension.',
      'warning demo/order.yaml: Nothing reads Sum: it is kept as an extension.',
      'warning demo/order.yaml: Nothing reads Line/A: it is kept as an extension.',
    ])
  })
})

describe('records that name the one above them', async () => {
  const translator = must(await load("nest:\n  L: { id: '@id', below: Up }\nrules:\n  - number <=> No\n  - lines[] <=> L*[T=O]/L*[T=I]:\n      under: references[kind=order].number <=> N\n      rules:\n        - number <=> N\n"))
  const issuesOf = (records: string): readonly string[] => read(translator, `<Order>${records}</Order>`).issues

  it('keep their lines and columns, and what no rule reads is kept at its place in the tree and written back there', () => {
    const xml = '<Order><L id="b"><Up>a</Up><T>I</T><N>1</N><X>x</X></L>\n<L id="a"><T>O</T><N>PO</N></L><L id="c"><Y>y</Y></L></Order>'
    const { document, lineage } = read(translator, xml)
    expect(document).toMatchObject({ lines: [{ number: '1', references: [{ kind: 'order', number: 'PO' }] }], extensions: [{ path: 'L[1]/L/X', value: 'x' }, { path: 'L[2]/Y', value: 'y' }] })
    expect(lineage).toEqual(expect.arrayContaining(['lines[0].number L[1]/L/N 1']))
    expect(again(translator, xml)).toBe('<L id="1"><T>O</T><N>PO</N></L><L id="2"><Up>1</Up><T>I</T><N>1</N><X>x</X></L><L id="3"><Y>y</Y></L>')
  })
  it.each([
    ['<L id="1"><Up>2</Up></L>', 'The L 1 stands below 2, which is the id of none.'],
    ['<L id="1"><Up>1</Up></L>', 'The L 1 stands below itself, or below more than 100 others.'],
    ['<L id="1"><Up>2</Up></L><L id="2"><Up>1</Up></L>', 'The L 1 stands below itself, or below more than 100 others.'],
    ['<L id="1"/>\n<L id="1"/>', 'Two L have the id 1.'],
  ])('are refused where the pointers lead nowhere: %s', (records, detail) => {
    expect(issuesOf(records)).toEqual([expect.stringMatching(/^error value-invalid [12]:\d+: /)])
    expect(issuesOf(records)[0]).toContain(detail)
  })
  it('are refused, and fell nobody, where each stands below the one before', () => {
    const chain = Array.from({ length: 50_000 }, (_, index) => `<L id="${index}">${index === 0 ? '' : `<Up>${index - 1}</Up>`}</L>`).join('')
    expect(issuesOf(chain)).toEqual([expect.stringContaining('stands below itself, or below more than 100 others.')])
  })
  it('are one tree for the lint and flat for the description', async () => {
    const description = 'language: demo\nsyntax: xml\ndocuments:\n  Order:\n    No: token\n    L 0..*: { \'@id\': token, Up: token, T: token, N: token }\n'
    const described = must(await load("nest:\n  L: { id: '@id', below: Up }\nrules:\n  - number <=> No\n  - issuedOn <- '2026-01-01'\n  - lines[] <=> L[T=O]/L*[T=I]:\n      - number <=> N\n      - type <=> T\n", { 'description.yaml': description })).describedFormat('demo/order')
    expect(described === undefined ? undefined : lintMap(described.map)).toEqual([])
  })
  it('need an id and a pointer', async () => {
    expect(await load("nest:\n  L: { id: '@id' }\nrules: []\n")).toMatchObject({ code: 'mapping-invalid', at: 'demo/order.yaml:4' })
    expect(await load('group:\n  R: { as: G, once: [A] }\nrules: []\n')).toMatchObject({ code: 'mapping-invalid', at: 'demo/order.yaml:4' })
    expect(await load('group:\n  R: { as: G, by: A/B }\nrules: []\n')).toMatchObject({ code: 'mapping-invalid', at: 'demo/order.yaml:4' })
  })
})

describe('rows in groups', async () => {
  const translator = must(await load("group:\n  R: { as: G, by: [A, '@b'], once: [C] }\nrules:\n  - lines[] <=> G:\n      - number <=> A\n      - type <=> '@b'\n      - item.brand <=> C\n      - schedule[] <=> R:\n          - quantity.value <=> Q <=> decimal\n".replaceAll("'@b'\n      - item", '@b\n      - item')))

  it('go by all columns of their key, and stand where the first of them stood', () => {
    const { document } = read(translator, '<Order><R b="x"><A>1</A><Q>1</Q></R><R b="y"><A>1</A><Q>2</Q></R><R b="x"><A>1</A><C>c</C><Q>3</Q></R><R b="z"><A>2</A></R></Order>')
    expect(document).toEqual({ kind: 'order', lines: [
      { number: '1', type: 'x', item: { brand: 'c' }, schedule: [{ quantity: { value: '1' } }, { quantity: { value: '3' } }] }, { number: '1', type: 'y', schedule: [{ quantity: { value: '2' } }] }, { number: '2', type: 'z' },
    ] })
    if (document === undefined) throw new Error('nothing was read')
    expect(written(translator, document)).toBe('<R b="x"><A>1</A><C>c</C><Q>1</Q></R><R b="x"><A>1</A><C>c</C><Q>3</Q></R><R b="y"><A>1</A><Q>2</Q></R><R b="z"><A>2</A></R>')
  })
  it('keep what they say otherwise than the group, and say it again', () => {
    const xml = '<Order><R b="x"><A>1</A><C>c</C></R><R b="x"><A>1</A><C>d</C><Q>3</Q></R></Order>'
    expect(read(translator, xml).document).toMatchObject({ extensions: [{ path: 'G/R/C', value: 'd' }] })
    expect(again(translator, xml)).toBe('<R b="x"><A>1</A><C>c</C></R><R b="x"><A>1</A><Q>3</Q><C>d</C></R>')
  })
})

describe('a predicate of several values', () => {
  it('takes what begins with one of them, and writes the first', async () => {
    const translator = must(await load("where: ['Profile=demo:3|demo:*']\nrules:\n  - number! <=> No\n"))
    const recognised = (profile: string) => translator.recognise(must(readXml(`<Order><Profile>${profile}</Profile><No>1</No></Order>`)), ['demo']).ok
    expect([recognised('demo:3'), recognised('demo:4'), recognised('demo'), recognised('other:3')]).toEqual([true, true, false, false])
    const { document } = read(translator, '<Order><Profile>demo:4</Profile><No>1</No></Order>')
    if (document === undefined) throw new Error('not read')
    expect(must(writeXml(must(translator.write('demo/order', document))))).toContain('<Profile>demo:3</Profile>')
  })

  it('is refused where the first is a beginning', async () => {
    expect(await load("where: ['Profile=demo:*']\nrules:\n  - number! <=> No\n")).toMatchObject({ code: 'mapping-invalid', detail: expect.stringContaining('[Profile=VALUE|demo:*]') as unknown })
  })
})

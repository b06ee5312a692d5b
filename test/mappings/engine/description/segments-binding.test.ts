import fc from 'fast-check'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadTranslator, type Translator } from '../../../../mappings/engine/translator.js'
import type { Node } from '../../../../schemas/node.js'
import { projectFolder } from '../../../../schemas/project-folder.js'
import type { Result } from '../../../../schemas/result.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const seed = Date.now() % 1_000_000
console.log(`seed ${seed}`)

const format = 'syntax: segments\nignored: { UNB: of the sending, UNH: of the sending, UNT: of the sending, ISA: of the sending, GS: of the sending, ST: of the sending, SE: of the sending }\n'

const load = async (family: string, description: string, map: string, settings = ''): Promise<Result<Translator>> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-segments-'))
  try {
    await mkdir(join(folder, 'demo'))
    const files = { 'format.yaml': format, 'order.yaml': map, 'description.yaml': `syntax: segments\nsegments: { family: ${family}${settings} }\n${description}` }
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'demo', name), text)
    return await loadTranslator(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const rootsOf = (translator: Translator, text: string): readonly Result<Node>[] => must(translator.textsOf(['demo'])?.read(text) ?? { ok: false, code: 'format-unknown', at: '', detail: '' }).map(({ root }) => root)

/** A tree as short text: `ORDERS{BGM{no=1}}`; the envelope is left out. */
const shown = ({ name, text, children }: Node): string =>
  `${name}${text === '' ? '' : `=${text}`}${children.length === 0 ? '' : `{${children.filter((child) => !/^(?:UN[BHT]|ISA|GS|ST|SE)$/.test(child.name)).map(shown).join(' ')}}`}`

const service = '    UNB 1..1: { S001: { a: token, b: token }, from: token, to: token, at: token, ref: token }\n    UNH 1..1: { ref: token, type: { name: token } }\n'
const edifact = must(await load('edifact', `documents:\n  ORDERS:\n${service}    BGM 1..1: { no: token, kind: { code: token, list: token }, 'more 0..3': token }\n    DTM 0..2: { day: token }\n    reference 0..9: { RFF 1..1: { no: token }, DTM 0..1: { day: token } }\n    line 0..*:\n      LIN 1..1: { pos: token }\n      QTY 0..1: { pieces: decimal }\n      party 0..9: { NAD 1..1: { who: token }, reference 0..9: { RFF 1..1: { no: token } } }\n    UNS 0..1: { sign: token }\n    DTM 0..1: { day: token }\n    UNT 1..1: { count: integer, ref: token }\n`.replace('    UNS 0..1: { sign: token }\n    DTM 0..1: { day: token }\n', '    UNS 0..1: { sign: token }\n'), 'kind: order\nroot: ORDERS\nrules:\n  - number! <=> BGM/no\n  - notes[] <=> BGM/more*:\n      - value <=> . <=> lines\n  - lines[] <=> line:\n      - number <=> LIN/pos\n      - quantity.value <=> QTY/pieces <=> decimal\n'))

const edi = (body: string, count: number, una = ''): string => `${una}UNB+UNOC:3+A+B+D+R'UNH+1+ORDERS'${body}UNT+${count}+1'UNZ+1+R'`
const treeOf = (body: string): string => {
  const [root] = rootsOf(edifact, edi(body, body.split("'").length + 1))
  return root === undefined ? '' : root.ok ? shown(root.value) : `${root.code} ${root.at}`
}

describe('segments', () => {
  it('have their elements and components by their places, those without a place by their number', () => {
    expect(treeOf("BGM+7+a:b:c+x+y+z+w:v'")).toBe('ORDERS{BGM{no=7 kind{code=a list=b component_3=c} more=x more=y more=z element_6=w element_6_component_2=v}}')
    expect(treeOf("BGM+7:8++'")).toBe('ORDERS{BGM{no=7 no_component_2=8}}')
  })
  it('stand in the innermost group that may hold them; what begins a group begins another one', () => {
    expect(treeOf("BGM+7'DTM+1'RFF+a'DTM+2'RFF+b'LIN+1'NAD+x'RFF+c'RFF+d'NAD+y'LIN+2'QTY+1,5'UNS+S'"))
      .toBe('ORDERS{BGM{no=7} DTM{day=1} reference{RFF{no=a} DTM{day=2}} reference{RFF{no=b}} line{LIN{pos=1} party{NAD{who=x} reference{RFF{no=c}} reference{RFF{no=d}}} party{NAD{who=y}}} line{LIN{pos=2} QTY{pieces=1,5}} UNS{sign=S}}')
  })
  it('out of their order or too many are told of, unknown ones kept in their group and written back there', () => {
    const [root] = rootsOf(edifact, edi("BGM+7'LIN+1'XYZ+q:r+s'QTY+2'QTY+3'DTM+9'", 8))
    const order = must(root ?? { ok: false, code: 'format-unknown', at: '', detail: '' })
    const { issues, documents: [document] } = edifact.read('demo/order', order)
    expect(issues.map(({ rule, at }) => `${rule ?? ''} ${at}`)).toEqual(['node-unknown 1:45 line[1]/XYZ[1]', 'occurrence 1:61 line[1]/QTY[2]', 'order 1:67 DTM[1]'])
    expect(edifact.read('demo/order', order).issues.every(({ severity }) => severity === 'warning')).toBe(true)
    expect(edifact.read('demo/order', order, { strict: true })).toMatchObject({ documents: [] })
    if (document === undefined) throw new Error('nothing')
    expect(must(edifact.textOf('demo/order', [must(edifact.write('demo/order', document))]))).toBe("UNA:+.? '\nUNB+UNOC:3++++1'\nUNH+1'\nBGM+7'\nDTM+9'\nLIN+1'\nQTY+2'\nQTY+3'\nXYZ+q:r+s'\nUNT+8+1'\nUNZ+1+1'\n")
  })
  it('say decimals with the mark that UNA names, or from syntax version 4 on with either', () => {
    const pieces = (text: string): unknown => rootsOf(edifact, text).map((root) => root.ok && edifact.read('demo/order', root.value).documents.map((document) => 'lines' in document && document.lines[0]?.quantity))
    for (const text of [edi("BGM+7'LIN+1'QTY+1,5'", 5, "UNA:+,? '"), edi("BGM+7'LIN+1'QTY+1.5'", 5, "UNA:+,? '"), edi("BGM+7'LIN+1'QTY+1,5'", 5).replace('UNOC:3', 'UNOC:4')]) expect(pieces(text)).toEqual([[{ value: '1.5' }]])
  })
  it('of a message that nobody describes fail alone, at their place, with whom they came from', () => {
    const text = `UNB+UNOC:3+A+B+D+R++++1++1'UNH+1+APERAK'UNT+2+1'UNH+2+ORDERS'BGM+7'UNT+3+2'UNZ+2+R'`
    expect(edifact.textsOf(['demo'])?.read(text)).toMatchObject({ ok: true, value: [
      { head: { sender: 'A', receiver: 'B', controlNumber: 'R/1', test: true, ackWanted: true }, root: { ok: false, code: 'format-unknown', at: '1:28', detail: 'A message of the type "APERAK" is none that is taken here; ORDERS is.' } },
      { head: { controlNumber: 'R/2' }, root: { ok: true } },
    ] })
  })
})

const x12Service = '    ISA 1..1: { ISA01: token, ISA02: token, ISA03: token, ISA04: token, ISA05: token, ISA06: token }\n    GS 1..1: { GS01: token, GS02: token }\n    ST 1..1: { ST01: token, ST02: token }\n'
const notice = must(await load('x12', `types:\n  N: { is: token }\ndocuments:\n  '856':\n${x12Service}    BSN 1..1: { BSN01: token, BSN02: token, 'BSN03 0..3': token }\n    Level 1..*: { HL 1..1: { HL01: token, HL02: token, HL03: token, HL04: token }, PRF 0..1: { PRF01: token }, LIN 0..1: { LIN01: token }, SN1 0..1: { SN101: decimal } }\n    SE 1..1: { SE01: integer, SE02: token }\n`,
  "kind: despatch\nroot: '856'\nnest:\n  Level: { id: HL/HL01, below: HL/HL02, holds: HL/HL04 }\nrules:\n  - number! <=> BSN/BSN02\n  - notes[] <=> BSN/BSN03*:\n      - value <=> . <=> lines\n  - lines[] <=> Level[HL/HL03=S]/Level*[HL/HL03=O]/Level*[HL/HL03=I]:\n      under: references[kind=order].number <=> PRF/PRF01\n      rules:\n        - number <- counter\n        - item.sellersNumber <=> LIN/LIN01\n        - quantity.value <=> SN1/SN101 <=> decimal\n"))

describe('transaction sets', () => {
  const text = 'ISA*00*          *00*          *ZZ*A              *ZZ*               *000000*0000*^*00501*000000001*0*P*>~\nGS****0*0*1~\nST**0001~\nBSN**D-1*a^b~\nHL*1**S*1~\nHL*2*1*O*1~\nPRF*PO-1~\nHL*3*2*I*0~\nLIN*X~\nSN1*3~\nHL*4*1*O*1~\nPRF*PO-2~\nHL*5*4*I*0~\nLIN*Y~\nSN1*1~\nSE*14*0001~\nGE*1*1~\nIEA*1*000000001~\n'
  it('with levels that name the one above them nest by the map, and are flat and counted when they are written', () => {
    const [root] = rootsOf(notice, text.replace('GS****0*0*1~', 'GS*SH*A*B*20260331*1405*1*X*005010~').replace('ST**', 'ST*856*'))
    const { issues, documents: [document] } = notice.read('demo/order', must(root ?? { ok: false, code: 'format-unknown', at: '', detail: '' }))
    expect(issues.filter(({ rule }) => rule !== 'node-unknown')).toEqual([])
    expect(document).toMatchObject({ number: 'D-1', notes: [{ value: 'a' }, { value: 'b' }], lines: [
      { item: { sellersNumber: 'X' }, quantity: { value: '3' }, references: [{ number: 'PO-1' }] }, { item: { sellersNumber: 'Y' }, references: [{ number: 'PO-2' }] },
    ] })
    if (document === undefined) throw new Error('nothing')
    const written = must(notice.textOf('demo/order', [must(notice.write('demo/order', document))]))
    expect(written.split('\n').slice(3, -4)).toEqual(text.split('\n').slice(3, -4))
    expect(written.split('\n').slice(-4)).toEqual(['SE*14*0001~', 'GE*1*1~', 'IEA*1*000000001~', ''])
    expect(written.split('\n')[0]).toHaveLength(106)
  })
  it('are not written with what would separate as data, or with what has no place in the ISA', () => {
    const root = must(notice.write('demo/order', { kind: 'despatch', function: 'original', issuedOn: '2026-03-31', number: 'D*1', lines: [] }))
    expect(notice.textOf('demo/order', [root])).toMatchObject({ ok: false, code: 'value-invalid', at: 'BSN/2', detail: expect.stringContaining('"D*1" holds "*"') as unknown })
    const leaf = (name: string, text: string, children: readonly Node[] = []): Node => ({ name, namespace: '', attributes: [], children, text, kind: children.length > 0 ? 'object' : 'string', line: 0, column: 0 })
    expect(notice.textOf('demo/order', [leaf('856', '', [leaf('ISA', '', [leaf('ISA06', 'A name of more than fifteen')])])])).toMatchObject({ ok: false, code: 'value-invalid', at: 'ISA/ISA06' })
  })
  it('are written with the separators of the description', async () => {
    const own = must(await load('x12', `documents:\n  '856':\n${x12Service}    BSN 1..1: { no: token }\n    SE 1..1: { SE01: integer, SE02: token }\n`, "kind: despatch\nroot: '856'\nrules:\n  - number! <=> BSN/no\n", ", separators: { element: '|', segment: newline, repetition: none }"))
    const written = must(own.textOf('demo/order', [must(own.write('demo/order', { kind: 'despatch', function: 'original', issuedOn: '2026-03-31', number: 'D*1~', lines: [] }))]))
    expect(written).toContain('\nBSN|D*1~\nSE|3|0001\n')
    expect(written.slice(82, 106)).toBe('U|00501|000000001|0|P|>\n')
  })
})

it('whatever documents say reads again as it was written, and nothing that is written ends a segment', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'B', '+', ':', "'", '?', '*', '~', '^', ' ', '\n', '金'), minLength: 1, maxLength: 8 }).map((one) => one.trim()).filter((one) => one !== '')
  const order = fc.record({ no: text.filter((one) => !/\s/.test(one)), notes: fc.array(text, { minLength: 1, maxLength: 3 }), lines: fc.array(fc.nat({ max: 999 }).map(String), { minLength: 1, maxLength: 3 }) })
  fc.assert(fc.property(fc.array(order, { minLength: 1, maxLength: 3 }), (orders) => {
    const documents = orders.map(({ no, notes, lines }) => ({ kind: 'order' as const, number: no, notes: notes.map((value) => ({ value })), lines: lines.map((number) => ({ number })) }))
    const roots = documents.map((document) => must(edifact.write('demo/order', { ...document, function: 'original', issuedOn: '2026-03-31' })))
    const written = must(edifact.textOf('demo/order', roots)).replaceAll(/^UNH\+(\d+)'/gm, "UNH+$1+ORDERS'")
    const again = rootsOf(edifact, written).map((root) => edifact.read('demo/order', must(root)).documents[0])
    expect(again).toEqual(documents)
  }), { seed, numRuns: 200 })
})

describe('a description of segments', () => {
  const described = (text: string, settings = ''): Promise<Result<Translator>> => load('edifact', `documents:\n  ORDERS:\n${service}${text}`, 'kind: order\nroot: ORDERS\nrules:\n  - number! <=> BGM/no\n', settings)
  it.each([
    ['a family that there is not', () => load('tradacoms', 'documents:\n  A: { BGM: { no: token } }\n', 'kind: order\nroot: A\nrules: []\n'), 2],
    ['a setting that there is not', () => described('    BGM: { no: token }\n', ', seperators: { }'), 2],
    ['separators of two characters', () => described('    BGM: { no: token }\n', ", separators: { element: '++' }"), 2],
    ['separators that are one', () => described('    BGM: { no: token }\n', ", separators: { element: ':' }"), 2],
    ['a group that begins with a group', () => described('    line: { inner: { LIN: { no: token } } }\n'), 7],
    ['a component within a component', () => described('    BGM: { no: { a: { b: token } } }\n'), 7],
    ['a segment without elements', () => described('    BGM: token\n'), 7],
    ['a secret', () => described('    BGM: { no: { is: token, secret: yes } }\n'), 7],
  ])('is refused with %s', async (_what, of, line) => {
    expect(await of()).toMatchObject({ ok: false, code: 'mapping-invalid', at: expect.stringMatching(new RegExp(`^demo/description.yaml:${line}$`)) as unknown })
  })
})

it('the page of formats shows segments that are ones', async () => {
  const page = await readFile(projectFolder('docs', 'formats.md'), 'utf8')
  const [, description = ''] = /## Segments\n[\s\S]*?```yaml\n([\s\S]*?)```/.exec(page) ?? []
  const [, sample = ''] = /## Segments\n[\s\S]*?```text\n([\s\S]*?)```/.exec(page) ?? []
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-segments-'))
  await mkdir(join(folder, 'demo'))
  const map = 'kind: order\nroot: ORDERS\nrules:\n  - number! <=> BGM/C106/1004\n  - parties.buyer.identifiers[0].value <=> party[NAD/3035=BY]/NAD/C082/3039\n  - lines[] <=> line:\n      - number <=> LIN/1082\n      - quantity.value <=> QTY/C186/6060 <=> decimal\n'
  for (const [name, text] of Object.entries({ 'format.yaml': format, 'order.yaml': map, 'description.yaml': description })) await writeFile(join(folder, 'demo', name), text)
  const shop = must(await loadTranslator(folder))
  await rm(folder, { recursive: true })
  const [root] = rootsOf(shop, sample)
  expect(shop.read('demo/order', must(root ?? { ok: false, code: 'format-unknown', at: '', detail: '' }))).toMatchObject({ issues: [], documents: [{ number: 'PO+7', parties: { buyer: { identifiers: [{ value: '9520000001018' }] } }, lines: [{ number: '1', quantity: { value: '12.5' } }, { number: '2' }] }] })
})

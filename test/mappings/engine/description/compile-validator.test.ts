import fc from 'fast-check'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readMapFile } from '../../../../mappings/engine/built-maps.js'
import { breakStructure } from '../../../../mappings/engine/description/break-structure.js'
import { documentOf } from '../../../../mappings/engine/description/format-description.js'
import { sampleOf } from '../../../../mappings/engine/description/sample-of.js'
import { rootNameOf } from '../../../../mappings/engine/format-folder.js'
import { loadTranslator, type DescribedFormat, type Translator } from '../../../../mappings/engine/translator.js'
import { readJson } from '../../../../schemas/json-reader.js'
import { projectFolder } from '../../../../schemas/project-folder.js'
import type { Result } from '../../../../schemas/result.js'
import { readXml } from '../../../../schemas/xml-reader.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

/** Loads a folder of one language, `demo`, made of these files; the build has seen those that `seen` names. */
const load = async (files: Readonly<Record<string, string>>, seen = /^$/): Promise<Result<Translator>> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-description-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, 'demo', name)), { recursive: true })
      await writeFile(join(folder, 'demo', name), text)
    }
    return await loadTranslator(folder, (text, file) => {
      const read = readMapFile(text, file)
      return read.ok ? { ok: true, value: { ...read.value, checked: seen.test(file) } } : read
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}

const format = "syntax: xml\nnamespaces: { o: 'urn:demo' }\n"
const map = 'kind: order\nroot: o:Order\nrules:\n  - number <=> o:Number\n  - issuedOn <=> o:Date <=> date\n'
const description = `
types:
  Head: { o:Number 1..1: { is: token, max: 6 }, o:Date 1..1: date }
  Order:
    extends: Head
    '@version': { is: code, codes: ['1', '2'] }
    choice 1..2:
      o:Buyer: text
      o:Customer: { o:Name 1..1: text }
    o:Line 1..2: { o:Quantity 1..1: { is: decimal, decimals: 2, attributes: { unit 1..1: token } }, o:Due: { is: date, form: YYYYMMDD }, ./text: token }
    o:Any: { open: yes }
documents:
  o:Order: Order
`

const translator = must(await load({ 'format.yaml': format, 'order.yaml': map, 'description.yaml': description }))
const issuesOf = (inside: string, options: { readonly strict?: boolean } = {}): readonly string[] =>
  translator.read('demo/order', must(readXml(`<Order xmlns="urn:demo">${inside}</Order>`)), { validation: 'refuse', ...options }).issues.map(({ severity, rule, at }) => `${severity ?? 'error'} ${rule ?? ''} ${at}`)

const head = '<Number>1</Number><Date>2026-03-31</Date>'
const line = '<Line><Quantity unit="H87">1.5</Quantity></Line>'

describe('a described document', () => {
  it('that keeps to its description has no issue', () => {
    expect(issuesOf(`${head}<Buyer>B</Buyer><Customer><Name>C</Name></Customer><Line><Quantity unit="H87">1.5</Quantity><Due>20260331</Due></Line><Any x="1"><y/></Any>`)).toEqual([])
  })
  it.each([
    ['a missing element', `<Date>2026-03-31</Date><Buyer>B</Buyer>${line}`, 'error occurrence 1:1 o:Number'],
    ['an empty one that must stand', `<Number> </Number><Date>2026-03-31</Date><Buyer>B</Buyer>${line}`, 'error occurrence 1:25 o:Number'],
    ['one too many', `${head}<Buyer>B</Buyer>${line}${line}${line}`, 'error occurrence 1:178 o:Line[3]'],
    ['none of a choice', `${head}${line}`, 'error occurrence 1:1'],
    ['too many of a choice', `${head}<Buyer>1</Buyer><Buyer>2</Buyer><Buyer>3</Buyer>${line}`, 'error occurrence 1:1'],
    ['an element in the wrong place', `<Date>2026-03-31</Date><Number>1</Number><Buyer>B</Buyer>${line}`, 'error order 1:48 o:Number'],
    ['a text that is too long', `<Number>1234567</Number><Date>2026-03-31</Date><Buyer>B</Buyer>${line}`, 'error type 1:25 o:Number'],
    ['a day that is none in a layout of its own', `${head}<Buyer>B</Buyer><Line><Quantity unit="H87">1.5</Quantity><Due>20260231</Due></Line>`, 'error type 1:123 o:Line/o:Due'],
    ['too many decimals', `${head}<Buyer>B</Buyer><Line><Quantity unit="H87">1.555</Quantity></Line>`, 'error type 1:88 o:Line/o:Quantity'],
    ['a missing attribute', `${head}<Buyer>B</Buyer><Line><Quantity>1</Quantity></Line>`, 'error occurrence 1:88 o:Line/o:Quantity/@unit'],
    ['what nobody knows', `${head}<Buyer>B</Buyer>${line}<Foo/>`, 'warning node-unknown 1:130 o:Foo'],
    ['an attribute that nobody knows', `${head}<Buyer>B</Buyer><Line a="1"><Quantity unit="H87">1</Quantity></Line>`, 'warning node-unknown 1:82 o:Line/@a'],
  ])('with %s says so at its line, column and path', (_what, inside, expected) => {
    expect(issuesOf(inside)).toEqual([expected])
  })
  it('with an unknown element is refused where the channel is strict', () => {
    expect(issuesOf(`${head}<Buyer>B</Buyer>${line}<Foo/>`, { strict: true })).toEqual(['error node-unknown 1:130 o:Foo'])
  })
  it('says of a code which there are, in two languages', () => {
    const { issues } = translator.read('demo/order', must(readXml(`<Order xmlns="urn:demo" version="3">${head}<Buyer>B</Buyer>${line}</Order>`)))
    expect(issues).toMatchObject([{ code: 'code-unknown', rule: 'codes', at: '1:1 @version', fix: { en: 'Use one of 1, 2.', zh: '请使用以下代码之一：1, 2。' } }])
  })
  it('is only warned of where nobody asks for more', () => {
    const { documents, issues } = translator.read('demo/order', must(readXml(`<Order xmlns="urn:demo">${head}${line}</Order>`)))
    expect(documents).toHaveLength(1)
    expect(issues).toMatchObject([{ severity: 'warning', rule: 'occurrence' }])
  })
})

describe('a described JSON document', () => {
  it('has members in any order, lists, and numbers that may be texts', async () => {
    const json = must(await load({ 'format.yaml': 'syntax: json\n', 'order.yaml': 'kind: order\nwhere: [no]\nrules:\n  - number <=> no\n', 'description.yaml': 'documents:\n  order: { order: any, no 1..1: token, lines 1..*: { qty 1..1: decimal, ok: boolean } }\n' }))
    const read = (text: string): readonly string[] => json.read('demo/order', must(readJson(text))).issues.map(({ rule, at }) => `${rule ?? ''} ${at}`)
    expect(read('{"lines":[{"qty":1.5,"ok":true},{"qty":"2"}],"no":"1"}')).toEqual([])
    expect(read('{"lines":[{"qty":true}],"no":"1"}')).toEqual(['type 1:18 lines[1]/qty'])
    expect(read('{"lines":[],"no":"1"}')).toEqual(['occurrence 1:1 lines'])
  })
})

describe('a described value', () => {
  const valued = "documents:\n  o:Order: { o:Number 1..1: token, o:Date: date, o:Sum: { is: decimal, sign: trailing, max: 6 }, o:Price: { is: decimal, point: ',', decimals: 2 }, o:Due: { is: date, form: YYYYMMDD, empty: ['00000000'] }, o:Role: { is: code, max: 3, codes: { AG: buyer, otherwise: pass } } }\n"
  it('may have its minus behind, a decimal comma, texts that say nothing, codes that are not all known', async () => {
    const described = must(await load({ 'format.yaml': format, 'order.yaml': map, 'description.yaml': valued }))
    const of = (inside: string): readonly string[] => described.read('demo/order', must(readXml(`<Order xmlns="urn:demo"><Number>1</Number>${inside}</Order>`)), { lineage: false }).issues.map(({ rule, detail }) => `${rule ?? ''} ${detail}`)
    expect(of('<Sum>10.500-</Sum><Price>1.234,50</Price><Due>00000000</Due><Role>Z9</Role>')).toEqual([])
    expect(of('<Sum>-10.500-</Sum><Price>1,234.50</Price><Due>0</Due><Role>Z999</Role>')).toEqual([
      "type '-10.500-' is not a decimal number; write it like 1234.5.", "type '1,234.50' is not a decimal number; write it like 1234,5.",
      "type '0' is not a date; write it like 20260331.", "type 'Z999' has 4 characters; at most 3 may stand.",
    ])
    expect(of('<Price>1234,505</Price>')).toEqual(["type '1234,505' has 3 digits after the point; at most 2 may stand."])
  })
})

describe('a description that is not valid', () => {
  it.each([
    ['a type that there is not', 'documents:\n  o:Order:\n    o:Number: Nothing\n', 'demo/description.yaml:3'],
    ['a prefix that nobody declared', 'documents:\n  x:Order: text\n', 'demo/description.yaml:2'],
    ['a pattern that can take for ever', "types:\n  A: { is: token, pattern: '(a+)+b' }\n", 'demo/description.yaml:2'],
    ['an occurrence that is none', 'documents:\n  o:Order:\n    o:Number 2..1: text\n', 'demo/description.yaml:3'],
    ['types that extend each other', 'types:\n  A: { extends: B, o:X: text }\n  B: { extends: A, o:Y: text }\n', 'demo/description.yaml:2'],
  ])('with %s is refused at its line', async (_what, text, at) => {
    expect(await load({ 'format.yaml': format, 'order.yaml': map, 'description.yaml': text })).toMatchObject({ ok: false, code: 'mapping-invalid', at })
  })
  it.each([
    ['that widens what the format says', '  o:Number 0..1:\n'],
    ['of a path that there is not', '  o:Nothing 1..1:\n'],
    ['of an attribute that there is not', "  'o:Line/@unit 1..1':\n"],
    ['of an element that is an attribute', '  o:Line/o:Quantity/o:unit 1..1:\n'],
  ])('is one with a profile %s, whichever of them the build has seen', async (_what, tree) => {
    const profile = `profile: p\nof: [demo/order]\nwhen: o:Number\ntree:\n${tree}`
    for (const seen of [/^$/, /description|order/, /order|profiles/]) {
      expect(await load({ 'format.yaml': format, 'order.yaml': map, 'description.yaml': description, 'profiles/p.yaml': profile }, seen)).toMatchObject({ ok: false, code: 'mapping-invalid', at: 'demo/profiles/p.yaml:5' })
    }
  })
  it('is none with a profile of an attribute', async () => {
    const profile = "profile: p\nof: [demo/order]\nwhen: o:Number\ntree:\n  'o:Line/o:Quantity/@unit 1..1':\n"
    expect(await load({ 'format.yaml': format, 'order.yaml': map, 'description.yaml': description, 'profiles/p.yaml': profile })).toMatchObject({ ok: true })
  })
})

describe('a secret', () => {
  const secretive = `
types:
  Pin: { is: token, max: 4, secret: yes }
documents:
  o:Order: { '@token': { is: integer, secret: yes }, o:Number 1..1: token, o:Date 1..1: date, o:Pin: Pin, o:Login: { '@user': token, text: { is: code, codes: [a], secret: yes } }, o:Scan: date }
`
  const profile = "profile: p\nof: [demo/order]\nwhen: o:Number\ntree:\n  o:Pin 0..1: { is: token, max: 3 }\nrules:\n  R1:\n    says: They differ.\n    differ: [o:Pin, o:Number]\n"
  const hush = 'hush-4711'
  const document = `<Order xmlns="urn:demo" token="${hush}"><Number>${hush}</Number><Date>2026-03-31</Date><Pin>${hush}</Pin><Login user="me">${hush}</Login><Scan>${hush}</Scan></Order>`

  it('stands in no detail of what is wrong with it, and gives no extension; its name is known to whoever shows bytes', async () => {
    const hushed = must(await load({ 'format.yaml': format.replace('\n', "\nsecret: ['Scan']\n"), 'order.yaml': map, 'description.yaml': secretive, 'profiles/p.yaml': profile }))
    const { issues, documents } = hushed.read('demo/order', must(readXml(document.replace(`<Number>${hush}`, '<Number>1'))))
    expect(issues.map(({ rule, at, detail }) => `${rule ?? ''} ${at}: ${detail}`)).toEqual([
      'type 1:1 @token: *** is not what has to stand here. Write a whole number like 12.',
      'type 1:84 o:Pin: *** is not what has to stand here. Shorten it to 4 characters.',
      'codes 1:104 o:Login: *** is not what has to stand here. Use one of a.',
      'type 1:138 o:Scan: *** is not what has to stand here. Write a date like 2026-03-31.',
      'type 1:1 o:Pin: *** is not what has to stand here. Shorten it to 3 characters (p).',
    ])
    expect(hushed.read('demo/order', must(readXml(document))).issues.at(-1)).toMatchObject({ rule: 'R1', detail: 'R1: They differ.' })
    expect(JSON.stringify(documents)).not.toContain(hush)
    expect([...hushed.secretNames].sort()).toEqual(['@token', 'Login', 'Pin', 'Scan'])
  })

  it('of cXML stands in none either', async () => {
    const own = must(await loadTranslator(projectFolder('mappings')))
    const text = (await readFile(projectFolder('mappings', 'cxml', 'samples', 'order.xml'), 'utf8'))
      .replace(/<SharedSecret>.*?<\/SharedSecret>/, `<SharedSecret>${hush}<b>${hush}</b></SharedSecret><CredentialMac type="FromSenderCredentials" algorithm="HMAC-SHA1-96" creationDate="${hush}" expirationDate="2026-03-02">${hush}</CredentialMac>`)
    const { issues } = own.read('cxml/order', must(readXml(text)))
    expect(issues.map(({ rule, at }) => `${rule ?? ''} ${at.replace(/^\S+ /, '')}`)).toEqual([
      'node-unknown Header/Sender/Credential/SharedSecret/b', 'type Header/Sender/Credential/CredentialMac/@creationDate', 'occurrence Header/Sender/Credential',
    ])
    expect(JSON.stringify(issues)).not.toContain(hush)
  })

  it('is written as stars in a sample, and has no example', async () => {
    const described = must(await load({ 'format.yaml': format, 'order.yaml': map, 'description.yaml': secretive })).describedFormat('demo/order')
    const parts = described?.map.description?.parts()
    const member = parts === undefined ? undefined : documentOf(parts.description, { name: 'Order', namespace: 'urn:demo' })
    if (described === undefined || parts === undefined || member === undefined) throw new Error('no description')
    const sample = sampleOf(parts.description, member, { seed: 1, full: true, json: false, where: [{ path: [{ name: 'Pin', namespace: 'urn:demo', attribute: false, repeats: false, predicates: [] }], value: undefined, others: [], beginnings: [], negated: false }] })
    expect(sample.children.find(({ name }) => name === 'Pin')?.text).toBe('***')
    expect(described.map.validate(sample, true)).toEqual([])
    expect(await load({ 'format.yaml': format, 'order.yaml': map, 'description.yaml': 'types:\n  A: { is: token, secret: yes, example: x }\n' })).toMatchObject({ ok: false, at: 'demo/description.yaml:2' })
  })
})

describe('samples', () => {
  const formatOf = (of: Translator, id: string): DescribedFormat => {
    const found = of.describedFormat(id)
    if (found === undefined) throw new Error(`no format ${id}`)
    return found
  }
  const own = loadTranslator(projectFolder('mappings'))

  it.each(['ubl/order', 'ubl/invoice', 'ubl/despatch-advice', 'demo/order'])('of %s are valid whatever the seed, and those that break a rule break it alone', async (id) => {
    const { map: { validate, description: described, shape, where } } = formatOf(id === 'demo/order' ? translator : must(await own), id)
    const parts = described?.parts()
    const document = parts === undefined ? undefined : documentOf(parts.description, rootNameOf(shape))
    if (parts === undefined || document === undefined) throw new Error('no description')
    fc.assert(fc.property(fc.nat(), fc.boolean(), (seed, full) => {
      expect(validate(sampleOf(parts.description, document, { seed, full, json: false, where }), true)).toEqual([])
    }), { numRuns: 15 })
    const sample = sampleOf(parts.description, document, { seed: 7, full: id === 'demo/order', json: false, where })
    const broken = breakStructure(parts.description, document, sample, (root) => validate(root, true))
    expect(new Set(broken.map(({ name }) => name.split(' ', 1)[0]))).toEqual(new Set(['occurrence', 'order', 'type', 'node-unknown', ...id === 'demo/order' ? ['codes'] : []]))
    for (const { name, root } of broken) expect(validate(root, true).map(({ rule }) => rule), name).toEqual([name.split(' ', 1)[0]])
  })
})

import { describe, expect, it } from 'vitest'
import { loadTranslator } from '../../../mappings/engine/translator.js'
import type { Node } from '../../../schemas/node.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import type { Result } from '../../../schemas/result.js'
import { readXml } from '../../../schemas/xml-reader.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const translator = must(await loadTranslator(projectFolder('mappings')))

const ubl = (root: string, content: string): Node => must(readXml(`<${root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:${root}-2" xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">${content}</${root}>`))
const order = (content: string): Node => ubl('Order', `<b:ID>1</b:ID><b:IssueDate>2026-03-31</b:IssueDate>${content}`)
const billing = '<b:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</b:CustomizationID>'

/** Milliseconds of processor time: what is quadratic takes minutes. */
const spent = (work: () => unknown): number => {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const mostMs = 10_000

describe('a document that is recognised', () => {
  it('hides no error behind things that nobody knows', () => {
    const { issues } = translator.read('ubl/order', order(`${'<b:Unknown/>'.repeat(300)}<b:Note>n</b:Note><b:IssueDate>2026-03-31</b:IssueDate>`), { validation: 'refuse' })
    expect(issues.filter(({ severity }) => severity === undefined)).toContainEqual(expect.objectContaining({ code: 'node-repeated' }))
    expect(issues.filter(({ code }) => code === 'node-unknown')).toHaveLength(200)
  })
  it('makes no long paths of few names', () => {
    const nested = (name: string, levels: number, content: string): string => `<${name}>`.repeat(levels) + content + `</${name}>`.repeat(levels)
    const deep = translator.read('ubl/order', order(nested('n'.repeat(1000), 190, '<x>1</x>'.repeat(9000))))
    expect(deep.issues).toContainEqual(expect.objectContaining({ code: 'limit-exceeded', detail: expect.stringContaining('more than 2000 characters') as unknown }))
    const wide = translator.read('ubl/order', order(nested('n'.repeat(900), 2, '<x>1</x>'.repeat(9000))))
    expect(wide.issues).toContainEqual(expect.objectContaining({ code: 'limit-exceeded', detail: expect.stringContaining('more than 4000000 characters in all') as unknown }))
    expect(translator.read('ubl/order', order('<x>1</x>'.repeat(9000))).documents).toHaveLength(1)
  })
  it('is read no further once 200 errors are told', () => {
    const { issues } = translator.read('ubl/order', order('<a:OrderLine><a:LineItem><b:ID>1</b:ID><b:Quantity>x</b:Quantity></a:LineItem></a:OrderLine>'.repeat(5000)))
    expect(issues.filter(({ severity }) => severity === undefined)).toHaveLength(200)
  })
  it('is held against rules in proportion to its length', () => {
    const subtotal = '<a:TaxSubtotal><b:TaxableAmount>1</b:TaxableAmount><a:TaxCategory><b:ID>S</b:ID></a:TaxCategory></a:TaxSubtotal>'
    const taxes = ubl('Invoice', `${billing}<a:TaxTotal>${subtotal.repeat(15_000)}</a:TaxTotal>${'<a:InvoiceLine/>'.repeat(100_000)}`)
    expect(spent(() => translator.read('ubl/invoice', taxes))).toBeLessThan(mostMs)
    const named = (root: string, inside: string, name: string): string => `<a:${root}>${inside}<a:PartyName><b:Name>${name}</b:Name></a:PartyName>${inside.replace('<', '</')}</a:${root}>`
    const payees = ubl('Invoice', `${billing}${named('PayeeParty', '', 'p').repeat(25_000)}${named('AccountingSupplierParty', '<a:Party>', 's').repeat(25_000)}`)
    expect(spent(() => translator.read('ubl/invoice', payees))).toBeLessThan(mostMs)
  })
})

describe('a table', () => {
  const tables = translator.textsOf(['shop-csv'])
  const columns = 'Order no.;Date;Currency;Buyer;Pos.;Article;Quantity'
  const read = (text: string) => {
    if (tables === undefined) throw new Error('there are no tables')
    return tables.read(text)
  }
  it('whose rows say of their document each time otherwise is read in proportion to its length', () => {
    expect(spent(() => read(`${columns}\n${Array.from({ length: 34_000 }, (_, index) => `1;${index};C${index};B${index};1;A;1\n`).join('')}`))).toBeLessThan(mostMs)
  })
  it('has formulas and names of prototype members as the texts that they are', () => {
    const [order] = must(read(`${columns};__proto__;constructor\n1;31.03.2026;EUR;"=HYPERLINK(""http://x"")";1;@SUM(1);1;+1;-1\n`))
    const root = order === undefined ? undefined : must(order.root)
    expect(root?.children.find(({ name }) => name === 'buyer')?.text).toBe('=HYPERLINK("http://x")')
    expect(root?.children.at(-1)?.children.map(({ name, text }) => `${name}=${text}`)).toEqual(['pos=1', 'article=@SUM(1)', 'quantity=1', '__proto__=+1', 'constructor=-1'])
  })
  it('of more than 10,000 documents is refused where they begin to be too many', () => {
    expect(read(`${columns}\n${Array.from({ length: 10_002 }, (_, index) => `${index};;;;;;\n`).join('')}`)).toMatchObject({ ok: false, code: 'limit-exceeded', at: '10002:1' })
  })
})

describe('an interchange', () => {
  it('of more than 10,000 messages is refused where they begin to be too many', () => {
    const read = translator.textsOf(['edifact'])?.read(`UNB+UNOC:3+A+B+260331:1405+R1'${"UNH+1+ORDERS'UNT+2+1'".repeat(10_001)}UNZ+10001+R1'`)
    expect(read).toMatchObject({ ok: false, code: 'limit-exceeded', detail: expect.stringContaining('more than 10000 messages') as unknown })
  })
})

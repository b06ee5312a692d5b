import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadTranslator } from '../../../mappings/engine/translator.js'
import type { TradeDocument } from '../../../schemas/canonical/trade-document.js'
import { readJson } from '../../../schemas/json-reader.js'
import type { Node } from '../../../schemas/node.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import type { Result } from '../../../schemas/result.js'
import { readXml } from '../../../schemas/xml-reader.js'
import { writeXml } from '../../../schemas/xml-writer.js'
import { afterTest } from '../../fixtures/after-test.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const translator = must(await loadTranslator(projectFolder('mappings')))
const order = await readFile(projectFolder('mappings', 'ubl', 'samples', 'order.xml'), 'utf8')
const xml = (text: string): Node => must(readXml(text))

describe('recognition', () => {
  it('says what was found and what is taken when no format fits', () => {
    expect(translator.recognise(xml('<Order xmlns="urn:other"/>'), ['ubl'])).toMatchObject({ ok: false, code: 'format-unknown', detail: expect.stringMatching(/Order of the namespace urn:other.*ubl\/order/) as string })
  })
  it('names five formats at most, the nearest by their names, and says where all are listed, however long the names are that were sent', () => {
    const detailOf = (text: string): string => {
      const found = translator.recognise(xml(text), ['ubl', 'idoc', 'cxml'])
      return found.ok ? '' : found.detail
    }
    const detail = detailOf('<PurchaseOrderResponse/>')
    expect(detail).toMatch(/The nearest are: ubl\/order-response \(XML, root OrderResponse\), /)
    expect(/The nearest are: (.*?\))\. /.exec(detail)?.[1]?.split('), ')).toHaveLength(5)
    expect(detail).toMatch(/\d+ documents of .*cxml.* are taken; `npx chainhub format [a-z ]*ubl[a-z ]*` lists them\.$/)
    expect(detailOf('<Poem/>')).not.toContain('nearest')
    expect(detailOf(`<${'n'.repeat(1000)} xmlns="urn:${'u'.repeat(100_000)}"/>`).length).toBeLessThan(1000)
  })
  it('names the namespaces in which a root of that name is taken', () => {
    expect(translator.recognise(xml('<Order xmlns="urn:other"/>'), ['ubl'])).toMatchObject({ detail: expect.stringContaining('Order is taken of the namespace urn:oasis:names:specification:ubl:schema:xsd:Order-2.') as string })
  })
  it('says which kind it saw, or that there was none, and lists the kinds that there are', () => {
    const refusal = (text: string): string => {
      const result = translator.recognise(must(readJson(text)), ['canonical'])
      return result.ok ? '' : result.detail
    }
    expect(refusal('{"kind":"poem","number":"1"}')).toMatch(/^The JSON object with kind "poem", the members kind, number is none.* \d+ documents of canonical are taken; `npx chainhub format canonical` lists them\.$/)
    expect(refusal('{"number":"1"}')).toMatch(/^The JSON object with no kind, the members number is none/)
    expect(refusal('{}')).toMatch(/^The JSON object with no kind, no members is none/)
    expect(refusal('{"kind":{"is":"order"}}')).toMatch(/with kind that is no text/)
    expect(refusal('3')).toMatch(/^The JSON number is none/)
  })
  it('says what a good document on a wrong channel is', () => {
    expect(translator.recognise(xml(order), ['shop-json'])).toMatchObject({ detail: expect.stringContaining('taken here. It is ubl/order: send it to a channel that takes that. Taken are:') as string })
    expect(translator.recognise(xml('<x/>'), ['shop-json'])).toMatchObject({ detail: expect.not.stringContaining('It is') as string })
  })
  it('says by which member documents of a JSON language are known', () => {
    expect(translator.recognise(must(readJson('{"documentType":"shop.poem"}')), ['shop-json', 'ubl']))
      .toMatchObject({ detail: expect.stringMatching(/documentType "shop.poem".*The nearest are: shop-json\/\w+ \(JSON, documentType is shop.\w+\), .*documents of shop-json and ubl are taken/) as string })
  })
  it('looks only at the languages that the channel takes', () => {
    expect(translator.recognise(xml(order), ['shop-json']).ok).toBe(false)
    expect(must(translator.recognise(xml(order), ['ubl'])).id).toBe('ubl/order')
  })
  it('tells documents of one JSON language apart by a member', () => {
    expect(must(translator.recognise(must(readJson('{"documentType":"shop.invoice"}')), ['shop-json'])).id).toBe('shop-json/invoice')
  })
})

describe('reading', () => {
  const read = (text: string) => translator.read('ubl/order', xml(text))

  it('refuses an order without a number and says at which line it should stand', () => {
    const { documents, issues } = read(order.replace('<cbc:ID>PO-2026-0815</cbc:ID>', ''))
    expect(documents).toEqual([])
    expect(issues).toMatchObject([{ code: 'field-missing', at: '2:1 cbc:ID' }])
  })
  it('keeps an empty element of another language, and writes it back, but drops an empty one of its own', () => {
    const { documents: [document] } = read(order.replace('<cbc:ID>', `<ext:UBLExtensions xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2">
      <ext:UBLExtension><ext:ExtensionContent><mark xmlns="urn:partner"/></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions><cbc:Note/><cbc:ID>`))
    if (document === undefined) throw new Error('nothing was read')
    expect(document.extensions).toContainEqual({ format: 'ubl', path: 'ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/{urn:partner}mark', value: '' })
    expect(document.extensions?.filter(({ value }) => value === '')).toHaveLength(1)
    expect(must(writeXml(must(translator.write('ubl/order', document))))).toMatch(/ExtensionContent[^<]*><(?:\w+:)?mark[^>]*\/>/)
  })
  it('keeps 10,000 things that the map does not know, and stops at the next with its place', () => {
    const unknown = (count: number): string => order.replace('</Order>', `${'<Own xmlns="urn:own">1</Own>\n'.repeat(count)}</Order>`)
    const known = translator.read('ubl/order', xml(order)).documents[0]?.extensions?.length ?? 0
    expect(translator.read('ubl/order', xml(unknown(10_000 - known))).documents[0]?.extensions).toHaveLength(10_000)
    const refused = translator.read('ubl/order', xml(unknown(20_000)), { lineage: true })
    const line = order.split('\n').length - 1 + 10_000 - known
    expect(refused.documents).toEqual([])
    expect(refused.issues.filter(({ severity }) => severity === undefined)).toMatchObject([{ code: 'limit-exceeded', at: expect.stringContaining(`Own[${10_001 - known}]`) as string, detail: expect.stringContaining('more than 10000') as string }])
    expect(Number(refused.issues.find(({ code }) => code === 'limit-exceeded')?.at.split(':')[0])).toBe(line)
  })
  it('refuses a day that the calendar does not have', () => {
    expect(read(order.replace('2026-03-02', '2026-02-30')).issues).toMatchObject([{ code: 'value-invalid', at: expect.stringMatching(/cbc:IssueDate$/) as string }])
  })
  it('keeps a date as written whatever zone stands behind it', () => {
    expect(read(order.replace('>2026-03-02<', '>2026-03-02-11:00<')).documents[0]).toMatchObject({ issuedOn: '2026-03-02' })
  })
  it('keeps leading zeros and collapses white space that an indenting writer put into an identifier', () => {
    expect(read(order.replace('<cbc:SupplierAssignedAccountID>0010300099<', '<cbc:SupplierAssignedAccountID>\n    0010300099\n  <')).documents[0])
      .toMatchObject({ parties: { buyer: { identifiers: [{ assigner: 'seller', value: '0010300099' }, {}, {}, {}, {}] } } })
  })
  it('does not mix the address of a delivery party into the address of the delivery location', () => {
    const party = '<cac:DeliveryParty>'
    const mixed = order.replace('<cbc:BuildingNumber>211</cbc:BuildingNumber>', '').replace(party, `${party}<cac:PostalAddress><cbc:BuildingNumber>9</cbc:BuildingNumber></cac:PostalAddress>`)
    expect(read(mixed).documents[0]).not.toHaveProperty('parties.shipTo.address.houseNumber')
  })
  it('says for each field from which line, column and path it came, as sent', () => {
    const { lineage } = translator.read('ubl/order', xml(order), { lineage: true })
    expect(lineage).toContainEqual(expect.objectContaining({ target: 'lines[1].price.amount.value', source: 'cac:OrderLine[2]/cac:LineItem/cac:Price/cbc:PriceAmount', value: '320.00' }))
    expect(lineage).toContainEqual(expect.objectContaining({ target: 'lines[1].price.amount.currency', source: 'cac:OrderLine[2]/cac:LineItem/cac:Price/cbc:PriceAmount/@currencyID', value: 'CNY' }))
  })
  it('gives the lineage as it was while reading, whenever it is looked at and whatever became of the document', () => {
    const traced = translator.read('ubl/order', xml(order), { lineage: true })
    const later = translator.read('ubl/order', xml(order), { lineage: true })
    const [document] = later.documents
    if (document === undefined || !('lines' in document)) throw new Error('nothing was read')
    Object.assign(document, { number: 'another', lines: [], parties: {} })
    const { lineage, objects } = traced
    expect(later.lineage).toEqual(lineage)
    expect(later.objects).toEqual(objects)
    expect(lineage.length).toBeGreaterThan(40)
  })
  it('reads the children of a document in any order to the same values', () => {
    const first = read(order).documents[0]
    const shuffled = xml(order)
    const turned: Node = { ...shuffled, children: shuffled.children.toReversed() }
    const second = translator.read('ubl/order', turned).documents[0]
    expect(second).toMatchObject({ number: first?.number, issuedOn: first?.issuedOn })
  })
  it('reads an invoice that names its buyer apart from whom it bills', async () => {
    const invoice = await readFile(projectFolder('mappings', 'ubl', 'samples', 'invoice.xml'), 'utf8')
    const buyer = '<cac:BuyerCustomerParty><cac:Party><cac:PartyName><cbc:Name>Lotus</cbc:Name></cac:PartyName></cac:Party></cac:BuyerCustomerParty>'
    const { documents: [document] } = translator.read('ubl/invoice', xml(invoice.replace('</cac:AccountingCustomerParty>', `</cac:AccountingCustomerParty>${buyer}`)))
    expect(document).toMatchObject({ parties: { buyer: { names: [{ value: 'Lotus' }] }, billTo: { legalName: '上海莲花贸易有限公司' } } })
  })
  it('keeps a discount that is a percentage only, and an exchange rate only with its day', async () => {
    const invoice = await readFile(projectFolder('mappings', 'ubl', 'samples', 'invoice.xml'), 'utf8')
    const percentOnly = '<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:MultiplierFactorNumeric>5</cbc:MultiplierFactorNumeric></cac:AllowanceCharge>'
    const bare = '<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator></cac:AllowanceCharge>'
    const rate = (day: string) => `<cac:PricingExchangeRate><cbc:SourceCurrencyCode>EUR</cbc:SourceCurrencyCode><cbc:TargetCurrencyCode>CNY</cbc:TargetCurrencyCode><cbc:CalculationRate>7.8</cbc:CalculationRate>${day}</cac:PricingExchangeRate>`
    const readInvoice = (inside: string) => translator.read('ubl/invoice', xml(invoice.replace('<cac:TaxTotal>', `${inside}<cac:TaxTotal>`))).documents[0]
    const plain = readInvoice('')
    const allowances = plain !== undefined && 'allowancesCharges' in plain ? plain.allowancesCharges ?? [] : []
    expect(readInvoice(percentOnly)).toMatchObject({ allowancesCharges: [...allowances, { type: 'allowance', percent: '5' }] })
    expect(readInvoice(bare)).toMatchObject({ extensions: expect.arrayContaining([expect.objectContaining({ path: expect.stringContaining('ChargeIndicator') as string })]) as unknown })
    expect(readInvoice(rate('<cbc:Date>2026-03-31</cbc:Date>'))).toMatchObject({ exchangeRates: [{ from: 'EUR', to: 'CNY', rate: '7.8', on: '2026-03-31' }] })
    expect(readInvoice(rate(''))).not.toHaveProperty('exchangeRates')
    expect(readInvoice(rate(''))).toMatchObject({ extensions: expect.arrayContaining([expect.objectContaining({ path: 'cac:PricingExchangeRate/cbc:CalculationRate', value: '7.8' })]) as unknown })
  })
  it('marks a document that its sender calls a test', () => {
    expect(translator.read('shop-json/order', must(readJson('{"documentType":"shop.order","test":true}'))).test).toBe(true)
  })
})

describe('writing', () => {
  it('carries an order from the shop over into UBL, where it reads as the same order', async () => {
    const shop = must(readJson(await readFile(projectFolder('mappings', 'shop-json', 'samples', 'order.json'), 'utf8')))
    const [document] = translator.read('shop-json/order', shop).documents
    if (document === undefined) throw new Error('nothing was read')
    const [again] = translator.read('ubl/order', must(translator.write('ubl/order', document))).documents
    expect(again).toMatchObject({ number: 'W-100245', lines: [{ item: { sellersNumber: '00471' }, quantity: { value: '6', unit: 'H87' } }, {}], totals: { payable: { value: '288.15', currency: 'CNY' } } })
    expect(again).not.toHaveProperty('extensions')
  })
  it('writes a document in the one format of several for its kind that is meant for what it says', () => {
    const change: TradeDocument = { kind: 'order-change', number: '7', function: 'change', issuedOn: '2026-03-05', lines: [] }
    expect(must(translator.formatFor('ubl', change)).id).toBe('ubl/order-change')
    expect(must(translator.formatFor('ubl', { ...change, function: 'cancel' })).id).toBe('ubl/order-cancellation')
    const answer: TradeDocument = { ...change, kind: 'order-response', function: 'original' }
    expect(must(translator.formatFor('ubl', answer)).id).toBe('ubl/order-response')
    expect(must(translator.formatFor('ubl', { ...answer, type: 'agreement' })).id).toBe('ubl/order-agreement')
    expect(translator.formatFor('shop-json', answer)).toMatchObject({ ok: false, code: 'format-unknown' })
  })
  it('refuses to write a kind of document that the format is not for', () => {
    const [document] = translator.read('ubl/order', xml(order)).documents
    if (document === undefined) throw new Error('nothing was read')
    expect(translator.write('ubl/invoice', document)).toMatchObject({ ok: false, code: 'format-unknown' })
  })
})

describe('the canonical format', () => {
  const read = (text: string) => translator.read('canonical/order', must(readJson(text)))

  it('spells decimals in one way, whether they were sent as text or as number', () => {
    expect(read('{"kind":"order","lines":[{"number":"1","quantity":{"value":100.00}},{"number":"2","quantity":{"value":"012.50"}}]}').documents[0])
      .toMatchObject({ lines: [{ quantity: { value: '100' } }, { quantity: { value: '12.5' } }] })
  })
  it('refuses members that it does not know, and null', () => {
    expect(read('{"kind":"order","colour":"red","lines":[{"number":null}]}').issues).toMatchObject([{ code: 'field-unknown', at: '1:26 colour' }, { code: 'value-invalid', at: '1:51 lines[0].number' }])
  })
})

describe('a map that is not valid', () => {
  it('is refused at its file and line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maps-'))
    afterTest(() => rm(folder, { recursive: true }))
    await mkdir(join(folder, 'demo'))
    await writeFile(join(folder, 'demo', 'format.yaml'), 'language: demo\nsyntax: json\n')
    await writeFile(join(folder, 'demo', 'order.yaml'), 'kind: order\nrules:\n  - number <=> id\n  - issuedOn <=> day <=> nothing\n')
    expect(await loadTranslator(folder)).toMatchObject({ ok: false, code: 'mapping-invalid', at: 'demo/order.yaml:4' })
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadTranslator } from '../../../mappings/engine/translator.js'
import { isTradeDocument } from '../../../schemas/canonical/canonical-document.js'
import type { TradeDocument } from '../../../schemas/canonical/trade-document.js'
import { checkTotals } from '../../../schemas/check-totals.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import { issuerKeyOf, keyedPartiesOf } from '../../../schemas/source-key.js'
import { validateDocument } from '../../../schemas/validate-document.js'
import { readXml } from '../../../schemas/xml-reader.js'
import { startCrm, threadIdsOf } from '../../fixtures/crm-journal.js'
import { startPostgres } from '../../fixtures/postgres.js'
import { ublDespatchAdvice, ublInvoice, ublOrder } from '../../fixtures/ubl-documents.js'

const loaded = await loadTranslator(projectFolder('mappings'))
if (!loaded.ok) throw new Error(loaded.detail)
const translator = loaded.value

const read = (xml: string): TradeDocument => {
  const root = readXml(xml)
  if (!root.ok) throw new Error(`${root.at} ${root.detail}`)
  const format = translator.recognise(root.value, ['ubl'])
  if (!format.ok) throw new Error(format.detail)
  const { documents: [document], issues } = translator.read(format.value.id, root.value)
  expect(issues.filter(({ rule }) => rule === undefined)).toEqual([])
  if (document === undefined || !isTradeDocument(document)) throw new Error('no trade document')
  expect(validateDocument(document)).toEqual([])
  return document
}

const sample = (name: string): string => readFileSync(projectFolder('mappings', 'ubl', 'samples', `${name}.xml`), 'utf8')
const invoiceOf = (lines: string, head = ''): string => ublInvoice({ number: 'I-1' }).replace(/<cac:InvoiceLine>.*<\/cac:InvoiceLine>/s, lines).replace(/(<cac:LegalMonetaryTotal>.*<\/cac:LegalMonetaryTotal>)/s, head)
const lineOf = (id: string, inside: string, quantity = '1'): string =>
  `<cac:InvoiceLine><cbc:ID>${id}</cbc:ID><cbc:InvoicedQuantity unitCode="C62">${quantity}</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="CNY">100.00</cbc:LineExtensionAmount>${inside}</cac:InvoiceLine>`
const item = '<cac:Item><cbc:Name>Bolt</cbc:Name></cac:Item>'

describe('a number', () => {
  it('has one spelling whatever zeros stand behind it, and twenty digits stay exact', () => {
    const of = (amount: string) => read(ublOrder({ number: '1' }).replaceAll('>250.00<', `>${amount}<`)).totals?.payable
    expect(of('100.00')).toEqual({ value: '100', currency: 'CNY' })
    expect(of('12345678901234567890.10')).toEqual({ value: '12345678901234567890.1', currency: 'CNY' })
    expect(of('+0100.0')).toEqual({ value: '100', currency: 'CNY' })
  })
})

describe('how a system writes XML', () => {
  it('changes nothing where it indents, collapses or breaks lines inside of values', () => {
    const expected = read(sample('order'))
    expect(read(sample('order').replace(/>\s+</g, '><'))).toEqual(expected)
    expect(read(sample('order').replace(/<(cbc:ID|cbc:IssueDate|cbc:LineExtensionAmount|cbc:Name)( [^>]*)?>([^<]+)</g, '<$1$2>\n\t   $3\r\n  <'))).toEqual(expected)
  })
  it('changes nothing where it names the prefixes otherwise or puts them on the root', () => {
    const renamed = sample('order').replaceAll('cbc:', 'b:').replaceAll('cac:', 'n0:').replaceAll(':cbc=', ':b=').replaceAll(':cac=', ':n0=')
      .replace('<Order xmlns=', '<ubl:Order xmlns:ubl=').replace('</Order>', '</ubl:Order>')
    expect(renamed).toContain('<n0:BuyerCustomerParty>')
    expect(read(renamed)).toEqual(read(sample('order')))
  })
})

describe('whose number it is', () => {
  it('keeps order 34 of two buyers apart', () => {
    const [one, two] = ['9520000001018', '9520000003036'].map((buyer) => read(ublOrder({ number: '34', buyer })))
    if (one === undefined || two === undefined) throw new Error('not read')
    expect(issuerKeyOf('s', one)).not.toBe(issuerKeyOf('s', two))
    expect(threadIdsOf({ system: 's', document: one })).not.toEqual(threadIdsOf({ system: 's', document: two }))
  })
  it('puts one invoice for three orders into the threads of all three', () => {
    const reference = (order: string): string => `<cac:OrderLineReference><cbc:LineID>1</cbc:LineID><cac:OrderReference><cbc:ID>${order}</cbc:ID></cac:OrderReference></cac:OrderLineReference>`
    const invoice = read(invoiceOf(['A', 'B', 'C'].map((order, index) => lineOf(String(index + 1), `${reference(order)}${item}`)).join('')))
    const orders = ['A', 'B', 'C'].map((number) => read(ublOrder({ number })))
    expect(threadIdsOf({ system: 's', document: invoice })).toEqual(orders.flatMap((document) => threadIdsOf({ system: 's', document })))
  })
  it('lets the ship-to of a line stand over that of the head', () => {
    const delivery = (gln: string): string => `<cac:Delivery><cac:DeliveryParty><cac:PartyIdentification><cbc:ID schemeID="0088">${gln}</cbc:ID></cac:PartyIdentification></cac:DeliveryParty></cac:Delivery>`
    const invoice = read(invoiceOf(lineOf('1', item) + lineOf('2', `${delivery('9520000001117')}${item}`), `${delivery('9520000001100')}$1`))
    const places = keyedPartiesOf('s', invoice).filter(({ role }) => role === 'shipTo').map(({ line, key }) => [line, key])
    expect(places).toEqual([[undefined, 's/gln:9520000001100'], ['2', 's/gln:9520000001117']])
  })
})

describe('an answer', () => {
  const answered = (xml: string) => {
    const root = readXml(xml)
    if (!root.ok) throw new Error(root.detail)
    return translator.read('ubl/application-response', root.value)
  }
  it('in the words of OIOUBL is understood', () => {
    const { documents: [document] } = answered(sample('application-response').replace('>UQ<', '>BusinessReject<').replace('>380<', '>Invoice<'))
    expect(document).toMatchObject({ response: { code: 'rejected' }, references: [{ kind: 'invoice', number: 'INV-0000481', type: 'Invoice' }] })
  })
  it('whose code nobody knows is kept whole, with a warning, and says nothing', () => {
    const { documents: [document], issues } = answered(sample('application-response').replace('>UQ<', '>Hm<'))
    expect(issues).toMatchObject([
      { code: 'code-unknown', severity: 'warning', at: expect.stringMatching(/cac:Response\/cbc:ResponseCode$/) as string },
      { code: 'code-unknown', severity: 'warning', rule: 'codes', detail: expect.stringContaining('peppol-invoice-response-3') as string },
    ])
    expect(document === undefined || 'response' in document).toBe(false)
    expect(document?.extensions).toContainEqual({ format: 'ubl', path: 'cac:DocumentResponse/cac:Response/cbc:ResponseCode', value: 'Hm' })
    expect(validateDocument(document)).toEqual([])
  })
})

describe('what an order comes to', async () => {
  const postgres = await startPostgres()
  it('adds up three partial despatches and cancels the rest, whatever comes first', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    const order = read(ublOrder({ number: '34', quantity: 100 }))
    const cancellation = read(sample('order-cancellation').replace('PO-2026-0817', '34').replace(/\s*<cbc:SalesOrderID>.*<\/cbc:SalesOrderID>/, ''))
    const despatches = ['D1', 'D2', 'D3'].map((number) => read(ublDespatchAdvice({ number, order: '34', quantity: 20 })))
    await crm.take(...[cancellation, ...despatches, order].map((document) => ({ system: 's', document })))
    const view = await crm.thread(threadIdsOf({ system: 's', document: order })[0])
    expect(view.lines).toMatchObject([{ line: '1', ordered: [{ value: '100' }], despatched: [{ value: '60' }], cancelled: [{ value: '40' }] }])
  })
  it('keeps the signs of credit notes as they are sent, also where a line takes back', () => {
    const credit = read(sample('credit-note'))
    expect(credit.totals?.payable?.value).toMatch(/^\d/)
    expect(credit.lines.every(({ amount }) => amount?.value.startsWith('-') === false)).toBe(true)
    const back = read(sample('credit-note').replace(/(<cbc:(?:CreditedQuantity|LineExtensionAmount) [^>]*>)(\d)/g, '$1-$2'))
    expect(back.lines[0]?.quantity?.value).toMatch(/^-/)
  })
  it('divides a price by the quantity that it is for', () => {
    const price = (amount: string): string => `${item}<cac:Price><cbc:PriceAmount currencyID="CNY">${amount}</cbc:PriceAmount><cbc:BaseQuantity unitCode="C62">100</cbc:BaseQuantity></cac:Price>`
    expect(checkTotals(read(invoiceOf(lineOf('1', price('40.00'), '250'))))).toEqual([])
    expect(checkTotals(read(invoiceOf(lineOf('1', price('4.00'), '250'))))).toMatchObject([{ code: 'total-mismatch', at: 'lines[0].amount' }])
  })
  it('keeps the tax in a second currency beside the first, and adds up with that of the document', () => {
    const total = (currency: string, amount: string): string => `<cac:TaxTotal><cbc:TaxAmount currencyID="${currency}">${amount}</cbc:TaxAmount></cac:TaxTotal>`
    const totals = (payable: string): string => `${total('CNY', '13.00')}${total('EUR', '1.65')}<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="CNY">100</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID="CNY">100</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount currencyID="CNY">${payable}</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="CNY">${payable}</cbc:PayableAmount></cac:LegalMonetaryTotal>`
    const right = read(invoiceOf(lineOf('1', item), totals('113')).replace('CNY</cbc:DocumentCurrencyCode>', '$&<cbc:TaxCurrencyCode>EUR</cbc:TaxCurrencyCode>'))
    expect(right).toMatchObject({ currency: 'CNY', taxCurrency: 'EUR', taxTotals: [{ amount: { value: '13', currency: 'CNY' } }, { amount: { value: '1.65', currency: 'EUR' } }] })
    expect(checkTotals(right)).toEqual([])
    expect(checkTotals(read(invoiceOf(lineOf('1', item), totals('114.65'))))).toMatchObject([{ code: 'total-mismatch', at: 'totals.taxInclusive' }])
  })
})

describe('a customization that extends one that is known', () => {
  it.each([
    ['message-level-response', 'mlr:3'], ['catalogue-response', 'catalogue_response:3'], ['order-agreement', 'order_agreement:3'],
  ])('is still the %s', (name, customization) => {
    const text = readFileSync(projectFolder('mappings', 'ubl', 'samples', `${name}.xml`), 'utf8')
    const extended = text.replace(`${customization}</cbc:CustomizationID>`, `${customization}#conformant#urn:example:own</cbc:CustomizationID>`)
    expect(extended).not.toBe(text)
    const root = readXml(extended)
    if (!root.ok) throw new Error(root.detail)
    expect(translator.recognise(root.value, ['ubl'])).toMatchObject({ ok: true, value: { id: `ubl/${name}` } })
  })
})

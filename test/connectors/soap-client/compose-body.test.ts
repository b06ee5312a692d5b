import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { XmlBufferInputProvider, XmlDocument, xmlRegisterInputProvider, XsdValidator } from 'libxml2-wasm'
import { beforeAll, describe, expect, it } from 'vitest'
import { composeBody } from '../../../connectors/soap-client/compose-body.js'
import { makeContentModels, type ContentModels } from '../../../connectors/soap-client/content-model.js'
import { loadDocuments, type FetchDocument } from '../../../connectors/soap-client/load-documents.js'
import { collectSchemas } from '../../../connectors/soap-client/schema-set.js'
import { modelServices, type OperationModel } from '../../../connectors/soap-client/service-model.js'
import { writeTemplate } from '../../../connectors/soap-client/template.js'
import { ok } from '../../../schemas/result.js'
import { readXml } from '../../../schemas/xml-reader.js'
import { fixtures } from './php-server.js'

interface Loaded {
  readonly models: ContentModels
  readonly operations: readonly OperationModel[]
}

const load = async (address: string, fetchDocument: FetchDocument): Promise<Loaded> => {
  const documents = await loadDocuments(address, fetchDocument)
  if (!documents.ok) throw new Error(`${documents.at} ${documents.detail}`)
  return { models: makeContentModels(collectSchemas(documents.value)), operations: modelServices(documents.value) }
}
const fromText = (wsdl: string): Promise<Loaded> => load('http://partner.example/a.wsdl', (address) => Promise.resolve(ok({ address, bytes: Buffer.from(wsdl), contentType: '' })))
const fromFixtures = (): Promise<Loaded> => load(pathToFileURL(join(fixtures, 'orders.wsdl')).href, (address) => Promise.resolve(ok({ address, bytes: readFileSync(new URL(address)), contentType: '' })))

const compose = ({ models, operations }: Loaded, operation: string, payload: unknown, type: 'json' | 'xml' = 'json') => {
  const found = operations.find(({ name }) => name === operation)
  if (found === undefined) throw new Error(`no ${operation}`)
  return composeBody(models, found.input, { type, bytes: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)) })
}
const xmlOf = (result: ReturnType<typeof compose>): string => {
  if (!result.ok) throw new Error(`${result.code} at ${result.at}: ${result.detail}`)
  return result.value?.xml ?? ''
}

/** A WSDL with one operation Op of these schemas, whose input is the element In. */
const wsdlOf = (schemas: string, { style = 'document', use = 'literal', part = 'element="t:In"' } = {}): string => `<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:t" xmlns:o="urn:other" xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">
  <w:types>${schemas}</w:types><w:message name="M"><w:part name="p" ${part}/></w:message>
  <w:portType name="T"><w:operation name="Op"><w:input message="t:M"/></w:operation></w:portType>
  <w:binding name="B" type="t:T"><s:binding style="${style}" transport="http://schemas.xmlsoap.org/soap/http"/><w:operation name="Op"><s:operation soapAction=""/><w:input><s:body use="${use}" namespace="urn:rpc"/></w:input></w:operation></w:binding>
  <w:service name="S"><w:port name="P" binding="t:B"><s:address location="http://partner.example/"/></w:port></w:service></w:definitions>`
const schema = (content: string, attributes = ''): string => `<xs:schema targetNamespace="urn:t" ${attributes}>${content}</xs:schema>`
const inputOf = (content: string): string => schema(`<xs:element name="In"><xs:complexType>${content}</xs:complexType></xs:element>`)

describe('a body composed for the fixtures\' service', () => {
  let orders: Loaded
  let validator: XsdValidator
  beforeAll(async () => {
    orders = await fromFixtures()
    xmlRegisterInputProvider(new XmlBufferInputProvider(Object.fromEntries(['order-lines.xsd', 'parties.xsd'].map((name) => [`mem://orders/${name}`, readFileSync(join(fixtures, name))]))))
    validator = XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(join(fixtures, 'orders.xsd')), { url: 'mem://orders/orders.xsd' }))
  })
  const isValid = (xml: string): string => {
    const document = XmlDocument.fromString(xml)
    try {
      validator.validate(document)
      return 'valid'
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    } finally {
      document.dispose()
    }
  }

  const text = fc.string({ unit: 'grapheme', maxLength: 12 }).map((one) => one.replace(/\p{C}/gu, ''))
  const digits = fc.stringMatching(/^[0-9]{1,25}$/)
  const line = fc.record({ sku: text, quantity: fc.tuple(digits, digits).map(([whole, part]) => `${whole}.${part}`), note: text }, { requiredKeys: ['sku', 'quantity'] })
  const address = fc.record({ '@xsi:type': fc.constant('EuropeanAddress'), 'city': text, 'postCode': text, 'country': text })
  const party = fc.record({ '@id': digits, 'name': text, 'taxId': digits, address }, { requiredKeys: ['@id', 'name', 'address'] })
  const payment = fc.oneof(fc.constant({}), fc.record({ iban: text }), fc.record({ cardNumber: digits, cardExpires: fc.constant('2027-03') }))
  const order = fc.tuple(payment, fc.record({
    '@urgent': fc.boolean(), 'orderNumber': digits, 'serial': digits, 'amount': digits.map((value) => ({ '#text': value, '@currency': 'CNY' })), 'issuedOn': fc.constant('2026-03-02'), 'dueOn': fc.constantFrom(null, '2026-04-01'),
    'customer': party, 'deliverTo': party, 'line': fc.oneof(line, fc.array(line, { minLength: 1, maxLength: 4 })), 'remark': fc.array(text, { maxLength: 3 }), '#any': fc.constant(['<x:extra xmlns:x="urn:x"><x:y>1</x:y></x:extra>']),
  }, { requiredKeys: ['orderNumber', 'serial', 'amount', 'issuedOn', 'customer', 'line'] })).map(([paid, rest]) => ({ ...rest, ...paid }))
  const shuffled = order.chain((value) => fc.shuffledSubarray(Object.keys(value), { minLength: Object.keys(value).length }).map((names) => ({ value, text: `{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(value[name as keyof typeof value])}`).join()}}` })))

  it('is valid against the schema, and holds every value as it was given, in whatever order the members come', () => {
    fc.assert(fc.property(shuffled, ({ value, text: given }) => {
      const xml = xmlOf(compose(orders, 'PlaceOrder', given))
      expect(isValid(xml)).toBe('valid')
      const read = readXml(xml)
      const children = read.ok ? read.value.children : []
      expect(children.find(({ name }) => name === 'serial')?.text).toBe(value.serial)
      const lines = Array.isArray(value.line) ? value.line : [value.line]
      expect(children.filter(({ name }) => name === 'line').map((one) => one.children.map((child) => child.text))).toEqual(lines.map((one) => [one.sku, one.quantity, ...(one.note === undefined ? [] : [one.note])]))
    }), { numRuns: 200 })
  })

  it('is the same for the same document as XML without namespaces, and shuffled', () => {
    const json = xmlOf(compose(orders, 'PlaceOrder', readFileSync(join(fixtures, 'place-order.json'), 'utf8')))
    const plain = json.replace(/<(\/?)ns\d+:/g, '<$1').replace(/ xmlns:ns\d+="urn:example:(?:orders|parties)"/g, '')
    expect(plain).not.toBe(json)
    expect(xmlOf(compose(orders, 'PlaceOrder', plain, 'xml'))).toBe(json)
  })

  it('writes local elements without a namespace where the schema leaves them unqualified', () => {
    const read = readXml(xmlOf(compose(orders, 'PlaceOrder', readFileSync(join(fixtures, 'place-order.json'), 'utf8'))))
    const customer = read.ok ? read.value.children.find(({ name }) => name === 'customer') : undefined
    expect([customer?.namespace, customer?.children.map(({ name, namespace }) => [name, namespace])]).toEqual(['urn:example:orders', [['name', ''], ['address', '']]])
  })

  it('writes an element of a substitution group in the place of its head', () => {
    const value = { ...JSON.parse(readFileSync(join(fixtures, 'place-order.json'), 'utf8')) as object, serial: '1', amount: { '#text': '1', '@currency': 'EUR' }, line: { sku: '1', quantity: '1' }, remark: 'a', internalRemark: 'b' }
    const xml = xmlOf(compose(orders, 'PlaceOrder', value))
    expect([isValid(xml), /internalRemark>b</.test(xml)]).toEqual(['valid', true])
  })

  const valid = { orderNumber: '1', serial: '1', amount: { '#text': '1', '@currency': 'EUR' }, issuedOn: '2026-03-02', customer: { '@id': '1', 'name': 'n', 'address': { '@xsi:type': 'EuropeanAddress', 'city': 'c', 'postCode': 'p', 'country': 'x' } }, line: { sku: '1', quantity: '1' } }
  it.each([
    ['a missing element', { ...valid, serial: undefined }, 'field-missing', 'PlaceOrder.serial'],
    ['a missing list', { ...valid, line: [] }, 'field-missing', 'PlaceOrder.line'],
    ['a missing member of a repeated one', { ...valid, line: [{ sku: '1', quantity: '1' }, { sku: '2' }] }, 'field-missing', 'PlaceOrder.line[2].quantity'],
    ['a missing attribute', { ...valid, amount: '1' }, 'field-missing', 'PlaceOrder.amount@currency'],
    ['an unknown element', { ...valid, colour: 'red' }, 'field-unknown', 'PlaceOrder.colour'],
    ['an unknown attribute', { ...valid, '@colour': 'red' }, 'field-unknown', 'PlaceOrder@colour'],
    ['an element too often', { ...valid, serial: ['1', '2'] }, 'field-unknown', 'PlaceOrder.serial[2]'],
    ['both branches of a choice', { ...valid, iban: '1', cardNumber: '2', cardExpires: '2027-03' }, 'value-invalid', 'PlaceOrder'],
    ['a null that may not be', { ...valid, serial: null }, 'field-missing', 'PlaceOrder.serial'],
    ['an abstract type', { ...valid, customer: { ...valid.customer, address: { city: 'c' } } }, 'value-invalid', 'PlaceOrder.customer.address'],
    ['a type that does not derive', { ...valid, customer: { ...valid.customer, address: { '@xsi:type': 'Party', 'city': 'c' } } }, 'value-invalid', 'PlaceOrder.customer.address'],
    ['elements where text belongs', { ...valid, serial: { a: '1' } }, 'field-unknown', 'PlaceOrder.serial.a'],
    ['text where elements belong', { ...valid, customer: { '@id': '1', '#text': 'me' } }, 'value-invalid', 'PlaceOrder.customer'],
  ])('refuses %s, and says where', (_what, value, code, at) => {
    expect(compose(orders, 'PlaceOrder', value)).toMatchObject({ ok: false, code, at })
  })

  it('takes an unneeded null as left out', () => {
    expect(isValid(xmlOf(compose(orders, 'PlaceOrder', { ...valid, iban: null, deliverTo: null })))).toBe('valid')
  })

  it('refuses XML of another namespace than the schema\'s', () => {
    expect(compose(orders, 'PlaceOrder', '<PlaceOrder xmlns="urn:wrong"/>', 'xml')).toMatchObject({ ok: false, code: 'value-invalid', at: 'PlaceOrder' })
    expect(compose(orders, 'Notify', '<Notify><received xmlns="urn:wrong">1</received></Notify>', 'xml')).toMatchObject({ ok: false, code: 'field-unknown', at: 'Notify.received' })
  })

  it('has a template in the schema\'s order that is taken again as it stands, but for choices', () => {
    const input = orders.operations.find(({ name }) => name === 'PlaceOrder')?.input
    const template = writeTemplate(orders.models, input ?? { kind: 'empty' })
    const read = readXml(template)
    expect(read.ok && read.value.children.map(({ name }) => name)).toEqual(['orderNumber', 'serial', 'amount', 'issuedOn', 'dueOn', 'customer', 'deliverTo', 'iban', 'cardNumber', 'cardExpires', 'line', 'remark'])
    expect(template).toMatch(/<n1:amount currency="\?">\?<\/n1:amount> <!-- decimal -->/)
    expect(template).toContain('xsi:type: EuropeanAddress')
  })
})

describe('a body composed for other descriptions', () => {
  it('repeats a sequence that repeats as a whole', async () => {
    const loaded = await fromText(wsdlOf(inputOf('<xs:sequence maxOccurs="unbounded"><xs:element name="key" type="xs:string"/><xs:element name="value" type="xs:string"/></xs:sequence>')))
    expect(xmlOf(compose(loaded, 'Op', { value: ['1', '2'], key: ['a', 'b'] }))).toBe('<ns1:In xmlns:ns1="urn:t"><key>a</key><value>1</value><key>b</key><value>2</value></ns1:In>')
    expect(compose(loaded, 'Op', { value: ['1'], key: ['a', 'b'] })).toMatchObject({ ok: false, code: 'field-missing', at: 'In.value' })
  })

  it('writes rpc/literal in the operation\'s namespace, parts without one', async () => {
    const loaded = await fromText(wsdlOf('', { style: 'rpc', part: 'type="xs:string"' }))
    expect(xmlOf(compose(loaded, 'Op', { p: '00123' }))).toBe('<ns1:Op xmlns:ns1="urn:rpc"><p>00123</p></ns1:Op>')
  })

  it('says that SOAP encoding is not written', async () => {
    const { operations } = await fromText(wsdlOf('', { style: 'rpc', use: 'encoded', part: 'type="xs:string"' }))
    expect(operations[0]?.obstacle).toMatch(/SOAP encoding/)
  })

  it('takes groups, attribute groups, references, and forms given on the spot', async () => {
    const loaded = await fromText(wsdlOf(schema(`
      <xs:group name="G"><xs:sequence><xs:element name="b" type="xs:string" form="qualified"/><xs:element ref="t:c"/></xs:sequence></xs:group><xs:element name="c" type="xs:string"/>
      <xs:attributeGroup name="A"><xs:attribute name="x"/><xs:attribute ref="t:y"/></xs:attributeGroup><xs:attribute name="y" type="xs:string"/>
      <xs:element name="In" type="t:D"/><xs:complexType name="B"><xs:sequence><xs:element name="a" type="xs:string"/></xs:sequence></xs:complexType>
      <xs:complexType name="D"><xs:complexContent><xs:extension base="t:B"><xs:sequence><xs:group ref="t:G"/></xs:sequence><xs:attributeGroup ref="t:A"/></xs:extension></xs:complexContent></xs:complexType>`)))
    expect(xmlOf(compose(loaded, 'Op', { 'c': '3', 'b': '2', 'a': '1', '@y': 'Y', '@x': 'X' }))).toBe('<ns1:In xmlns:ns1="urn:t" x="X" ns1:y="Y"><a>1</a><ns1:b>2</ns1:b><ns1:c>3</ns1:c></ns1:In>')
  })

  it('ends at a type that is its own base', async () => {
    const loaded = await fromText(wsdlOf(schema('<xs:element name="In" type="t:D"/><xs:complexType name="D"><xs:complexContent><xs:extension base="t:D"><xs:sequence/></xs:extension></xs:complexContent></xs:complexType>')))
    expect(compose(loaded, 'Op', {})).toMatchObject({ ok: false, code: 'wsdl-invalid' })
  })

  it('ends at a type that holds itself, in its template too', async () => {
    const loaded = await fromText(wsdlOf(schema('<xs:element name="In" type="t:D"/><xs:complexType name="D"><xs:sequence><xs:element name="d" type="t:D" minOccurs="0"/></xs:sequence></xs:complexType>')))
    expect(xmlOf(compose(loaded, 'Op', { d: { d: {} } }))).toBe('<ns1:In xmlns:ns1="urn:t"><d><d/></d></ns1:In>')
    expect(writeTemplate(loaded.models, loaded.operations[0]?.input ?? { kind: 'empty' })).toContain('as D above')
  })
})

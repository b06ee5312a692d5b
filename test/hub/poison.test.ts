import { readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { afterAll, describe, expect, it } from 'vitest'
import { projectFolder } from '../../schemas/project-folder.js'
import { adminKey } from '../fixtures/hub.js'
import { order } from '../fixtures/intake.js'
import { oneHub } from '../fixtures/one-hub.js'
import { ublOrder } from '../fixtures/ubl-documents.js'

// What no database keeps is to be found before the batch that it would fail: a batch that fails is halved, which others wait for.
const hub = oneHub({ configuration: `
channels:
  - { id: ubl, formats: [ubl] }
  - { id: canonical, formats: [canonical] }
  - { id: shop, formats: [shop-json] }
  - { id: tables, formats: [shop-csv] }
  - { id: idoc, formats: [idoc] }
  - { id: cxml, formats: [cxml] }
` })

const json = (value: unknown): string => JSON.stringify(value)
const sample = (...path: readonly string[]): string => readFileSync(projectFolder('mappings', ...path), 'utf8')
const long = Array.from({ length: 9000 }, (_each, index) => String.fromCodePoint(0x4e00 + (index * 7919) % 20_000)).join('')
const number = '<cbc:ID>P-1</cbc:ID>'
const ubl = ublOrder({ number: 'P-1' })
const canonical = json(order('P-1'))
const shop = sample('shop-json', 'samples', 'order.json')
const table = sample('shop-csv', 'samples', 'order.csv')
const idoc = ['orders05.xml', 'order.xml', 'orders.xml'].map((name) => { try { return sample('idoc', 'samples', name) } catch { return undefined } }).find((text) => text !== undefined) ?? '<ORDERS05><IDOC BEGIN="1"><EDI_DC40 SEGMENT="1"><DOCNUM>1</DOCNUM></EDI_DC40></IDOC></ORDERS05>'
const businessDocument = (head: string): string => `<sh:StandardBusinessDocument xmlns:sh="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"><sh:StandardBusinessDocumentHeader>${head}</sh:StandardBusinessDocumentHeader>${ubl.replace(/^<\?xml[^>]*\?>\s*/, '')}</sh:StandardBusinessDocument>`
const soap = (content: string): string => `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><SubmitDocument xmlns="urn:chainhub:v1">${content}</SubmitDocument></s:Body></s:Envelope>`
const soapDocument = `<document>${ubl.replace(/^<\?xml[^>]*\?>\s*/, '')}</document>`

const boundary = 'part-of-it'
const attached = (name: string, partHeaders: string): Buffer => Buffer.from([
  `--${boundary}`, 'Content-Type: application/xop+xml; charset=UTF-8; type="text/xml"', 'Content-ID: <root@hub>', '',
  soap(`<channel>ubl</channel><document>${ublOrder({ number: 'ATT-1' }).replace(/^<\?xml[^>]*\?>\s*/, '')}</document><attachment><name>${name}</name><content><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:one@hub"/></content></attachment>`),
  `--${boundary}`, 'Content-ID: <one@hub>', partHeaders, '', 'content', `--${boundary}--`, '',
].join('\r\n'))

interface Poison {
  readonly what: string
  readonly path: string
  readonly type?: string
  readonly body: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  /** Of the answer; absent where the message may be taken, because what is strange about it can be kept. */
  readonly code?: RegExp
}

const xmlType = 'application/xml'
const inUbl = (what: string, from: string | RegExp, to: string, code?: RegExp): Poison => ({ what: `${what} in XML`, path: '/in/ubl', type: xmlType, body: ubl.replace(from, to), ...(code === undefined ? {} : { code }) })
const inJson = (what: string, path: string, body: string, code: RegExp): Poison => ({ what: `${what} in JSON`, path, type: 'application/json', body, code })
const inTable = (what: string, from: string | RegExp, to: string, code: RegExp): Poison => ({ what: `${what} in a table`, path: '/in/tables', type: 'text/csv', body: table.replaceAll(from, to), code })
const inSoap = (what: string, content: string, code?: RegExp): Poison => ({ what: `${what} over SOAP`, path: '/soap/v1', type: 'text/xml', body: soap(content), ...(code === undefined ? {} : { code }) })

const poisons: readonly Poison[] = [
  { what: 'a key of 9,000 characters in a header', path: '/in/canonical', type: 'application/json', body: canonical, headers: { 'idempotency-key': 'k'.repeat(9000) }, code: /request-invalid/ },
  { what: 'a content type of 9,000 characters', path: '/in/canonical', type: `application/json; x="${'y'.repeat(9000)}"`, body: canonical },
  { what: 'U+0000 in the channel', path: '/in/a%00b', type: 'application/json', body: canonical, code: /channel-unknown|request-invalid/ },
  { what: 'U+0000 in a parameter', path: '/in/canonical?wait=%00', type: 'application/json', body: canonical, code: /request-invalid/ },
  inUbl('U+0000', number, '<cbc:ID>P&#0;1</cbc:ID>', /xml-not-well-formed/),
  inUbl('a byte 0', number, '<cbc:ID>P\x001</cbc:ID>', /xml-not-well-formed/),
  inUbl('a lone surrogate', number, '<cbc:ID>P&#xD800;1</cbc:ID>', /xml-not-well-formed/),
  inUbl('a number of 9,000 characters', number, `<cbc:ID>${long}</cbc:ID>`, /value-invalid|not-storable/),
  inUbl('an identifier of 9,000 characters', /9520000001018/g, long, /value-invalid|not-storable/),
  inUbl('a note of 9,000 characters', number, `${number}<cbc:Note>${long}</cbc:Note>`),
  inUbl('the year 300000', '2026-03-05', '300000-03-05', /value-invalid/),
  inUbl('1e200000', />10<\/cbc:Quantity>/, '>1e200000</cbc:Quantity>', /value-invalid/),
  inUbl('a quantity of 200,000 digits', />10<\/cbc:Quantity>/, `>${'9'.repeat(200_000)}</cbc:Quantity>`, /value-invalid|limit-exceeded/),
  inJson('U+0000', '/in/canonical', canonical.replace('P-1', 'P\\u00001'), /not-storable|value-invalid/),
  inJson('a lone surrogate', '/in/canonical', canonical.replace('上海贸易', '\\ud800'), /not-storable/),
  inJson('a member with U+0000', '/in/canonical', canonical.replace('"currency"', '"cur\\u0000rency"'), /not-storable|field-unknown|field-missing/),
  inJson('a number of 9,000 characters', '/in/canonical', canonical.replace('P-1', long), /value-invalid|not-storable/),
  inJson('the year 300000', '/in/canonical', canonical.replace('2026-03-31', '300000-03-31'), /value-invalid/),
  inJson('1e200000', '/in/canonical', canonical.replace('"value":"2"', '"value":1e200000'), /value-invalid/),
  inJson('1e200000 of the shop', '/in/shop', shop.replace(/"quantity": *\d+/, '"quantity": 1e200000'), /value-invalid/),
  inJson('U+0000 of the shop', '/in/shop', shop.replace('W-100245', 'W\\u0000'), /not-storable|value-invalid/),
  inTable('U+0000', '0045001234', 'A\0B', /not-storable|csv-not-well-formed|encoding-invalid|value-invalid/),
  inTable('a number of 9,000 characters', '0045001234', long, /value-invalid|not-storable/),
  inTable('the year 300000', '31.03.2026', '31.03.300000', /value-invalid/),
  inTable('1e200000', '1.200', '1e200000', /value-invalid/),
  inSoap('a key of 9,000 characters', `<channel>ubl</channel><idempotencyKey>${'k'.repeat(9000)}</idempotencyKey>${soapDocument}`, /value-invalid|request-invalid/),
  inSoap('a channel of 9,000 characters', `<channel>${long}</channel>${soapDocument}`, /channel-unknown|value-invalid|request-invalid/),
  inSoap('U+0000', `<channel>ubl</channel>${soapDocument.replace(number, '<cbc:ID>&#0;</cbc:ID>')}`, /xml-not-well-formed/),
  inSoap('the year 300000', `<channel>ubl</channel>${soapDocument.replace('2026-03-05', '300000-03-05')}`, /value-invalid/),
  inSoap('a wait of 9,000 characters', `<channel>ubl</channel><wait>${'w'.repeat(9000)}</wait>${soapDocument}`, /value-invalid|request-invalid/),
  { what: 'a control number of 9,000 characters in a business document', path: '/in/ubl', type: xmlType, body: businessDocument(`<sh:Sender><sh:Identifier>${long}</sh:Identifier></sh:Sender><sh:DocumentIdentification><sh:InstanceIdentifier>${long}</sh:InstanceIdentifier></sh:DocumentIdentification>`) },
  { what: 'a control number of 9,000 characters in an IDoc', path: '/in/idoc', type: xmlType, body: idoc.replace(/<DOCNUM>[^<]*/, `<DOCNUM>${long}`) },
  { what: 'a payload id of 9,000 characters in cXML', path: '/in/cxml', type: xmlType, body: sample('cxml', 'samples', 'invoice.xml').replace(/payloadID="[^"]*"/, `payloadID="${long}"`) },
  { what: 'a file name of 9,000 characters', path: '/soap/v1', type: `multipart/related; boundary="${boundary}"; type="application/xop+xml"; start="<root@hub>"; start-info="text/xml"`, body: attached(long, 'Content-Type: text/plain'), code: /value-invalid|request-invalid|accepted|duplicate/ },
  { what: 'U+0000 in a file name', path: '/soap/v1', type: `multipart/related; boundary="${boundary}"; type="application/xop+xml"; start="<root@hub>"; start-info="text/xml"`, body: attached('a&#0;b', 'Content-Type: text/plain'), code: /xml-not-well-formed/ },
  { what: 'a byte 0 in the content type of a file', path: '/soap/v1', type: `multipart/related; boundary="${boundary}"; type="application/xop+xml"; start="<root@hub>"; start-info="text/xml"`, body: attached('a.txt', 'Content-Type: text/\0plain'), code: /envelope-invalid|request-invalid|value-invalid/ },
]

const post = ({ path, type = '', body, headers = {} }: Poison): Promise<{ readonly status: number, readonly text: string }> => new Promise((resolve, reject) => {
  const bytes = Buffer.from(body)
  const request = httpRequest(new URL(path, hub.url), { method: 'POST', headers: { 'authorization': `Bearer ${adminKey}`, 'content-type': type, 'content-length': bytes.length, ...headers } }, (answer) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('end', () => { resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }) })
  })
  request.on('error', reject)
  request.end(bytes)
})

let good = 0
afterAll(() => { expect(hub.printed).not.toMatch(/commit failed|was not committed|request failed/) })

describe('what no database keeps fails alone, before the batch, in every door', () => {
  it.each(poisons)('$what', async (poison) => {
    const beside = Array.from({ length: 3 }, () => hub.send('canonical', json(order(`GOOD-${++good}`))))
    const answer = await post(poison)
    expect({ status: answer.status, isFault: answer.status >= 500 && !/Client|Sender/.test(answer.text) }).toEqual({ status: expect.any(Number) as unknown, isFault: false })
    if (poison.code !== undefined) expect(answer.text.slice(0, 2000)).toMatch(poison.code)
    for (const { answer: { outcome } } of await Promise.all(beside)) expect(outcome).toBe('accepted')
    expect(hub.printed).not.toMatch(/commit failed/)
  })
})

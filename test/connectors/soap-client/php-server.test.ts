import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeOutbound, systemDeps, type SoapLine } from '../../../connectors/soap-client/make-outbound.js'
import type { Node } from '../../../schemas/node.js'
import { readXml } from '../../../schemas/xml-reader.js'
import { fixtures, hasPhpSoap, startPhpServer, type PhpServer } from './php-server.js'

const php = hasPhpSoap()
if (!php) console.warn('SKIPPED: php has no soap extension (apt-get install php-cli php-soap)')

const json = (value: unknown) => ({ type: 'json', bytes: Buffer.from(JSON.stringify(value)) }) as const
const bodyOf = (text: string): Node | undefined => {
  const envelope = readXml(text)
  return envelope.ok ? envelope.value.children.find(({ name }) => name === 'Body')?.children[0] : undefined
}

describe.skipIf(!php)('a call to PHP\'s SoapServer', () => {
  const outbound = makeOutbound(systemDeps)
  let server: PhpServer
  let order: Uint8Array
  const lineWith = (settings: object = {}): SoapLine => {
    const line = outbound.open({ wsdl: server.wsdl, allowedHosts: ['127.0.0.1'], ...settings })
    if (!line.ok) throw new Error(line.detail)
    return line.value
  }
  const orderWith = async (changes: object) => json({ ...JSON.parse(await readFile(join(fixtures, 'place-order.json'), 'utf8')) as object, serial: '1', amount: { '#text': '1.5', '@currency': 'EUR' }, line: [{ sku: '1', quantity: '1' }], ...changes })

  beforeAll(async () => {
    server = await startPhpServer()
    order = await readFile(join(fixtures, 'place-order.json'))
  })
  afterAll(async () => {
    await outbound.close()
    await server.close()
  })

  it.each(['1.1', '1.2'] as const)('in SOAP %s keeps every digit there and back, whatever order the caller gives', async (soapVersion) => {
    const result = await lineWith({ soapVersion }).deliver({ operation: 'PlaceOrder', payload: { type: 'json', bytes: order } })
    const answer = result.ok ? result.value.answer?.children.map(({ name, namespace, text }) => [name, namespace, text]) : result
    expect(answer).toEqual([
      ['orderNumber', 'urn:example:orders', '000045'], ['serial', 'urn:example:orders', '12345678901234567890'], ['amount', 'urn:example:orders', '1234.50'],
      ['customerName', 'urn:example:orders', '上海五金有限公司'], ['lines', 'urn:example:orders', '2'],
    ])
    const { body, type, action } = await server.recorded()
    const sent = bodyOf(body)
    expect(sent?.children.map(({ name }) => name)).toEqual(['orderNumber', 'serial', 'amount', 'issuedOn', 'dueOn', 'customer', 'cardNumber', 'cardExpires', 'line', 'line', 'remark'])
    expect({ type, action }).toEqual(soapVersion === '1.1'
      ? { type: 'text/xml; charset=utf-8', action: '"urn:example:orders#PlaceOrder"' }
      : { type: 'application/soap+xml; charset=utf-8; action="urn:example:orders#PlaceOrder"', action: '' })
  })

  it('takes the same document as XML, its elements in any order and under any prefix', async () => {
    const shown = await lineWith().show({ operation: 'PlaceOrder', payload: { type: 'json', bytes: order } })
    const root = shown.ok ? bodyOf(shown.value.envelope) : undefined
    if (root === undefined) throw new Error('nothing was composed')
    const result = await lineWith().deliver({ operation: 'PlaceOrder', payload: { type: 'tree', root: { ...root, children: [...root.children].reverse() } } })
    expect(result.ok ? result.value.answer?.children[1]?.text : result).toBe('12345678901234567890')
    const sent = bodyOf((await server.recorded()).body)
    expect(sent?.children.map(({ name }) => name)).toEqual(root.children.map(({ name }) => name))
  })

  it.each([['1.1', 'Client'], ['1.2', 'Sender']] as const)('gives a typed fault of SOAP %s with its code, text and detail as XML, and says that a retry is no use', async (soapVersion, code) => {
    const result = await lineWith({ soapVersion }).deliver({ operation: 'PlaceOrder', payload: await orderWith({ orderNumber: 'refuse' }) })
    expect(result).toMatchObject({ ok: false, code: 'soap-fault-sender', detail: 'Order refused: 拒绝', status: 500, retry: false, mayHaveTakenEffect: false, fault: { codes: [code], text: 'Order refused: 拒绝' } })
    const detail = readXml(result.ok ? '' : result.fault?.detailXml ?? '')
    expect(detail.ok && [detail.value.namespace, detail.value.name, ...detail.value.children.map(({ text }) => text)]).toEqual(['urn:example:orders', 'OrderFault', 'E-7', 'orderNumber'])
  })

  it('tells a fault of the partner\'s own system, after which a retry may help and the effect is open', async () => {
    const result = await lineWith().deliver({ operation: 'PlaceOrder', payload: await orderWith({ orderNumber: 'break' }) })
    expect(result).toMatchObject({ ok: false, code: 'soap-fault-receiver', retry: true, mayHaveTakenEffect: true, fault: { codes: ['Server'], text: 'Out of order' } })
  })

  it.each(['1.1', '1.2'] as const)('sends a one-way message in SOAP %s, a choice that repeats in the caller\'s order, and expects no answer', async (soapVersion) => {
    const result = await lineWith({ soapVersion }).deliver({ operation: 'Notify', payload: { type: 'xml', bytes: Buffer.from('<Notify><delayed>1</delayed><received>2</received><delayed>3</delayed></Notify>') } })
    expect(result).toMatchObject({ ok: true, value: { answer: undefined } })
    expect(bodyOf((await server.recorded()).body)?.children.map(({ name, namespace, text }) => [name, namespace, text])).toEqual([['delayed', 'urn:example:orders', '1'], ['received', 'urn:example:orders', '2'], ['delayed', 'urn:example:orders', '3']])
  })

  it('shows basic credentials to the service', async () => {
    await lineWith({ credentials: { type: 'basic', username: 'hub', password: 'sesame' } }).deliver({ operation: 'Notify', payload: json({ received: '1' }) })
    expect((await server.recorded()).authorization).toBe(`Basic ${Buffer.from('hub:sesame').toString('base64')}`)
  })
})

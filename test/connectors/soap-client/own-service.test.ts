import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeOutbound, systemDeps, type SoapLine } from '../../../connectors/soap-client/make-outbound.js'
import { findConnectors } from '../../../connectors/registry.js'
import type { Node } from '../../../schemas/node.js'
import { ok } from '../../../schemas/result.js'
import { readXml } from '../../../schemas/xml-reader.js'
import { fullAnswer, startConnectorServer, type ConnectorServer } from '../connector-server.js'

const outbound = makeOutbound(systemDeps)
let server: ConnectorServer
beforeAll(async () => {
  server = await startConnectorServer()
  server.answerWith(ok(fullAnswer))
})
afterAll(async () => {
  await outbound.close()
  await server.close()
})
const lineWith = (settings: object = {}): SoapLine => {
  const line = outbound.open({ wsdl: `${server.url}/soap/v1?wsdl`, endpoint: `${server.url}/soap/v1`, allowedHosts: ['127.0.0.1'], credentials: { type: 'bearer', token: 'secret' }, ...settings })
  if (!line.ok) throw new Error(`${line.at}: ${line.detail}`)
  return line.value
}
const xml = (text: string) => ({ type: 'xml', bytes: Buffer.from(text) }) as const

describe('the hub\'s own SOAP service', () => {
  it.each(['1.1', '1.2'] as const)('is called in SOAP %s, a document of another namespace inside', async (soapVersion) => {
    const result = await lineWith({ soapVersion }).deliver({ operation: 'SubmitDocument', payload: xml('<SubmitDocument><document><o:Order xmlns:o="urn:example:order"><o:id>000045</o:id></o:Order></document><channel>demo-soap</channel></SubmitDocument>') })
    expect(result.ok ? result.value.answer?.children.map(({ name }) => name) : result).toEqual(['messageId', 'outcome', 'documents', 'documents', 'parts', 'parts', 'journalSeq', 'passed', 'errors'])
    expect(result.ok && result.value.answer?.children.find(({ name }) => name === 'journalSeq')?.text).toBe('9007199254740991')
    expect(Buffer.from(server.received.at(-1)?.body ?? []).toString('utf8')).toContain('000045')
  })

  it('gives its typed faults', async () => {
    expect(await lineWith().deliver({ operation: 'GetMessageStatus', payload: xml('<GetMessageStatus><messageId>none</messageId></GetMessageStatus>') }))
      .toMatchObject({ ok: false, code: 'soap-fault-sender', detail: 'There is no such message.', fault: { detailXml: expect.stringContaining('not-found') as unknown } })
  })

  it('is listed with its operations, port by port', async () => {
    const listed = await lineWith().list()
    expect(listed.ok && listed.value.map(({ port, version, name }) => `${port} ${version} ${name}`)).toEqual(['ChainhubSoap11 1.1', 'ChainhubSoap12 1.2'].flatMap((port) => ['SubmitDocument', 'GetMessageStatus', 'Ping'].map((name) => `${port} ${name}`)))
  })
})

describe('a request as it is shown', () => {
  const headerOf = (envelope: string): Node | undefined => {
    const read = readXml(envelope)
    return read.ok ? read.value.children.find(({ name }) => name === 'Header') : undefined
  }
  const find = (node: Node | undefined, name: string): Node | undefined => (node === undefined || node.name === name ? node : node.children.map((child) => find(child, name)).find((found) => found !== undefined))

  it('has a UsernameToken whose digest is that of its nonce, its time and the password, and not the password', async () => {
    const shown = await lineWith({ usernameToken: { username: 'höb & co', password: 'open <sesame>' } }).show({ operation: 'Ping', payload: undefined })
    if (!shown.ok) throw new Error(shown.detail)
    const header = headerOf(shown.value.envelope)
    const [nonce, created, password] = ['Nonce', 'Created', 'Password'].map((name) => find(find(header, 'UsernameToken'), name)?.text ?? '')
    expect(password).toBe(createHash('sha1').update(Buffer.concat([Buffer.from(nonce ?? '', 'base64'), Buffer.from(created ?? ''), Buffer.from('open <sesame>')])).digest('base64'))
    expect(find(header, 'Username')?.text).toBe('höb & co')
    expect(shown.value.envelope).not.toContain('sesame')
  })

  it('has the SOAP header blocks of the settings', async () => {
    const shown = await lineWith({ soapHeaders: '<s:Session xmlns:s="urn:session"><s:id>00123</s:id></s:Session>' }).show({ operation: 'Ping', payload: undefined })
    expect(shown.ok && find(headerOf(shown.value.envelope), 'Session')).toMatchObject({ namespace: 'urn:session', children: [{ name: 'id', text: '00123' }] })
  })

  it('holds no credentials of HTTP', async () => {
    const shown = await lineWith().show({ operation: 'Ping', payload: undefined })
    expect(JSON.stringify(shown)).not.toContain('secret')
  })
})

it('is found by the registry, takes nothing in, and checks settings without repeating them', async () => {
  const connector = (await findConnectors()).find(({ name }) => name === 'soap-client')
  expect(connector?.routes({ receive: () => Promise.reject(new Error()), messageStatus: () => Promise.reject(new Error()), authenticate: () => Promise.reject(new Error()), maxBodyBytes: 1, openBytes: 1, channelForm: () => undefined, nowMs: () => 0 })).toEqual([])
  const made = await connector?.outbound?.()
  expect(made?.open({ wsdl: 'ftp://x' })).toMatchObject({ ok: false, code: 'config-invalid', at: 'wsdl' })
  expect(made?.open({ wsdl: 'http://x', port: 7 })).toMatchObject({ ok: false, code: 'config-invalid', at: 'port' })
  expect(made?.open({ wsdl: 'http://x', colour: 7 })).toMatchObject({ ok: false, code: 'config-invalid', at: 'colour' })
  expect(made?.open({ wsdl: 'http://x', httpHeaders: { Host: 'y' } })).toMatchObject({ ok: false, code: 'config-invalid', at: 'httpHeaders.Host' })
  expect(JSON.stringify(made?.open({ wsdl: 'http://u:sesame@x' }))).not.toContain('sesame')
  expect(JSON.stringify(made?.open({ wsdl: 'http://x', credentials: { type: 'basic', password: 'sesame' } }))).not.toContain('sesame')
  await made?.close()
})

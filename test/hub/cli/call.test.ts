import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectFolder } from '../../../schemas/project-folder.js'
import { echoAnswer, echoWsdl, envelope, startPartnerServer, type PartnerServer } from '../../connectors/soap-client/partner-server.js'

const chainhub = (...words: readonly string[]): Promise<{ readonly code: number | null, readonly out: string, readonly err: string }> => new Promise((resolve) => {
  const child = spawn(process.execPath, [projectFolder('hub', 'chainhub.mjs'), 'call', ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString('utf8') })
  child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString('utf8') })
  child.once('close', (code) => { resolve({ code, out, err }) })
})
const orders = projectFolder('connectors', 'soap-client', 'fixtures', 'orders.wsdl')
const order = projectFolder('connectors', 'soap-client', 'fixtures', 'place-order.json')

let server: PartnerServer
let folder: string
let answer: string
const fileWith = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text)
  return join(folder, name)
}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chainhub-call-'))
  server = await startPartnerServer((asked, response) => {
    response.writeHead(asked.method === 'POST' && answer.includes('Fault') ? 500 : 200, { 'content-type': 'text/xml' }).end(asked.method === 'GET' ? echoWsdl({ endpoint: `${server.url}/echo` }) : answer)
  })
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

describe('chainhub call', () => {
  it('lists what a description in files offers, in the schema\'s order', async () => {
    const { code, out } = await chainhub(orders)
    expect(code).toBe(0)
    expect(out).toContain('OrderService / Orders11 · SOAP 1.1 · http://localhost:8081/orders')
    expect(out).toMatch(/PlaceOrder · SOAPAction urn:example:orders#PlaceOrder · Places an order/)
    expect(out.indexOf('orderNumber')).toBeLessThan(out.indexOf('serial'))
  })

  it('shows the request that it would send, and sends nothing', async () => {
    const { code, out } = await chainhub(orders, 'PlaceOrder', order, '--show')
    expect(code).toBe(0)
    expect(out).toMatch(/^POST http:\/\/localhost:8081\/orders\ncontent-type: text\/xml; charset=utf-8\nsoapaction: "urn:example:orders#PlaceOrder"\n/)
    expect(out).toMatch(/>000045<.*>12345678901234567890<.*>1234\.50<.*>10\.10</)
  })

  it('says where a document is not what the schema asks for, and ends with 1', async () => {
    expect(await chainhub(orders, 'PlaceOrder', await fileWith('empty.json', '{}'), '--show')).toMatchObject({ code: 1, out: '', err: 'field-missing at PlaceOrder.orderNumber: The schema asks for this element.\n' })
  })

  it('sends, and prints the answer', async () => {
    answer = echoAnswer('00123')
    const { code, out } = await chainhub(`${server.url}/a.wsdl`, 'Echo', await fileWith('echo.xml', '<Echo><text>00123</text></Echo>'), '--allow-host', '127.0.0.1', '--user', 'hub', '--password-file', await fileWith('password', 'sesame\n'))
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/<text>00123<\/text>|:text>00123</) as unknown })
    expect(server.asked.at(-1)?.headers.authorization).toBe(`Basic ${Buffer.from('hub:sesame').toString('base64')}`)
  })

  it('prints a fault with its detail and whether a retry makes sense, and ends with 1', async () => {
    answer = envelope('<e:Fault><faultcode>e:Client</faultcode><faultstring>no</faultstring><detail><why>because</why></detail></e:Fault>')
    const { code, err } = await chainhub(`${server.url}/a.wsdl`, 'Echo', await fileWith('echo.json', '{"text":"1"}'), '--allow-host', '127.0.0.1')
    expect({ code, lines: err.trim().split('\n') }).toEqual({ code: 1, lines: ['soap-fault-sender at fault Client: no', '<why>because</why>', 'A retry will not help. The request took no effect.'] })
  })

  it('calls no inner address that was not allowed, and says how to allow it', async () => {
    const { code, err } = await chainhub(`${server.url}/a.wsdl`)
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('--allow-host 127.0.0.1') as unknown })
  })

  it('ends with 3 when the partner can\'t be reached and with 2 for a wrong command line', async () => {
    expect(await chainhub('http://127.0.0.1:1/a.wsdl', '--allow-host', '127.0.0.1')).toMatchObject({ code: 3 })
    expect(await chainhub(orders, 'PlaceOrder', 'no-such-file')).toMatchObject({ code: 2 })
    expect(await chainhub()).toMatchObject({ code: 2 })
    expect(await chainhub(orders, '--soap-version', '1.3')).toMatchObject({ code: 2 })
    expect(await chainhub(orders, 'NoSuch', '--template')).toMatchObject({ code: 1, err: expect.stringContaining('PlaceOrder, Notify') as unknown })
  })
})

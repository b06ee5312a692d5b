import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { DeliveryResult } from '../../../connectors/contract.js'
import { makeOutbound, systemDeps } from '../../../connectors/soap-client/make-outbound.js'
import { echoAnswer, echoWsdl, envelope, startPartnerServer, type Asked, type PartnerServer } from './partner-server.js'

const outbound = makeOutbound(systemDeps)
const servers: PartnerServer[] = []
const start = async (answer: (asked: Asked, response: ServerResponse, socket: Socket) => void): Promise<PartnerServer> => {
  const server = await startPartnerServer(answer)
  servers.push(server)
  return server
}
afterEach(async () => { await Promise.all(servers.splice(0).map((server) => server.close())) })
afterAll(() => outbound.close())

const payload = { type: 'json', bytes: Buffer.from('{"text":"00123"}') } as const
const deliver = async (settings: object, by = outbound): Promise<DeliveryResult> => {
  const line = by.open(settings)
  if (!line.ok) throw new Error(`${line.at}: ${line.detail}`)
  return line.value.deliver({ operation: 'Echo', payload })
}
/** A partner whose description is good and whose service answers so. */
const answering = async (answer: (response: ServerResponse, socket: Socket) => void, settings: object = {}): Promise<DeliveryResult> => {
  next = answer
  return deliver({ wsdl: `${echo.url}/echo?wsdl`, allowedHosts: ['127.0.0.1'], ...settings })
}
let next: (response: ServerResponse, socket: Socket) => void
let echo: PartnerServer
beforeAll(async () => {
  echo = await startPartnerServer((asked, response, socket) => {
    if (asked.method === 'GET') response.writeHead(200, { 'content-type': 'text/xml' }).end(echoWsdl({ endpoint: `${echo.url}/echo` }))
    else next(response, socket)
  })
})
afterAll(() => echo.close())
const plain = (status: number, type: string, body: string | Uint8Array) => (response: ServerResponse): void => { response.writeHead(status, { 'content-type': type }).end(body) }
const fault11 = '<e:Fault><faultcode>e:Server</faultcode><faultstring>down</faultstring></e:Fault>'

describe('an answer', () => {
  it('comes with its bytes, its status and its tree', async () => {
    expect(await answering(plain(200, 'text/xml; charset=utf-8', echoAnswer('00123')))).toMatchObject({ ok: true, value: { status: 200, body: Buffer.from(echoAnswer('00123')), answer: { name: 'EchoResponse', children: [{ name: 'text', text: '00123' }] } } })
  })

  it.each<[string, (response: ServerResponse) => void, object]>([
    ['an HTML page with 502', plain(502, 'text/html', '<html>Bad gateway'), { code: 'partner-unavailable', retry: true, mayHaveTakenEffect: true, status: 502 }],
    ['an HTML page with 500', plain(500, 'text/html', '<html>oops'), { code: 'partner-unavailable', retry: true, mayHaveTakenEffect: true }],
    ['an HTML page with 200', plain(200, 'text/html', '<html>Log in'), { code: 'answer-invalid', retry: false, mayHaveTakenEffect: true }],
    ['HTTP 401', plain(401, 'text/plain', 'no'), { code: 'partner-denied', retry: false, mayHaveTakenEffect: false, status: 401 }],
    ['HTTP 429', plain(429, 'text/plain', 'slow'), { code: 'partner-unavailable', retry: true }],
    ['what is no XML', plain(200, 'text/xml', 'ok'), { code: 'answer-invalid', mayHaveTakenEffect: true }],
    ['XML that is no envelope', plain(200, 'text/xml', '<a/>'), { code: 'answer-invalid' }],
    ['nothing', plain(200, 'text/xml', ''), { code: 'answer-invalid' }],
    ['another element than the description names', plain(200, 'text/xml', envelope('<Other xmlns="urn:echo"/>')), { code: 'answer-invalid' }],
    ['an envelope of the other version', plain(200, 'application/soap+xml', envelope('<EchoResponse xmlns="urn:echo"/>', '1.2')), { code: 'answer-invalid' }],
    ['a fault with HTTP 200', plain(200, 'text/xml', envelope(fault11)), { code: 'soap-fault-receiver', status: 200, fault: { codes: ['Server'], text: 'down' } }],
    ['a fault of the other version', plain(500, 'application/soap+xml', envelope('<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>x</e:Value></e:Subcode></e:Code><e:Reason><e:Text xml:lang="zh">不</e:Text><e:Text xml:lang="en">no</e:Text></e:Reason><e:Detail><d a="1">x</d></e:Detail></e:Fault>', '1.2')),
      { code: 'soap-fault-sender', retry: false, mayHaveTakenEffect: false, fault: { codes: ['Sender', 'x'], text: 'no', detailXml: '<d a="1">x</d>' } }],
    ['a fault without a code', plain(500, 'text/xml', envelope('<e:Fault/>')), { code: 'soap-fault-sender' }],
    ['several parts (MTOM)', plain(200, 'multipart/related; type="application/xop+xml"; boundary=x', '--x\r\n\r\n<a/>\r\n--x--'), { code: 'answer-invalid', at: 'answer Content-Type' }],
    ['a document type', plain(200, 'text/xml', `<!DOCTYPE a SYSTEM "http://127.0.0.1/x">${echoAnswer('1')}`), { code: 'answer-invalid' }],
    ['an entity that expands', plain(200, 'text/xml', `<!DOCTYPE a [<!ENTITY a "aaaa">]>${echoAnswer('&a;')}`), { code: 'answer-invalid' }],
    ['200,000 attributes', plain(200, 'text/xml', envelope(`<EchoResponse ${Array.from({ length: 200_000 }, (_, at) => `a${at}=""`).join(' ')} xmlns="urn:echo"/>`)), { code: 'answer-invalid' }],
    ['bytes in no encoding', plain(200, 'text/xml', Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0xfe])), { code: 'answer-invalid' }],
    ['what does not decompress', (response) => { response.writeHead(200, { 'content-type': 'text/xml', 'content-encoding': 'gzip' }).end('no gzip') }, { code: 'content-encoding-invalid', mayHaveTakenEffect: true }],
    ['a redirect inward', (response) => { response.writeHead(307, { location: 'http://169.254.169.254/' }).end() }, { code: 'address-refused', retry: false, mayHaveTakenEffect: false }],
    ['a connection that is cut', (response) => { response.writeHead(200, { 'content-type': 'text/xml', 'content-length': '1000' }).write('<a'); setTimeout(() => { response.destroy() }, 20) }, { code: 'partner-interrupted', retry: true, mayHaveTakenEffect: true }],
    ['a connection that is cut at once', (response) => { response.destroy() }, { code: 'partner-interrupted', retry: true, mayHaveTakenEffect: true }],
  ])('of %s is a clear failure', async (_what, answer, failure) => {
    expect(await answering(answer)).toMatchObject({ ok: false, ...failure })
  })

  it('that drips for ever ends at the time limit', async () => {
    let timer: NodeJS.Timeout | undefined
    const result = await answering((response) => {
      response.writeHead(200, { 'content-type': 'text/xml' })
      timer = setInterval(() => response.write(' '), 20)
    }, { timeoutMs: 400 })
    clearInterval(timer)
    expect(result).toMatchObject({ ok: false, code: 'timeout', retry: true, mayHaveTakenEffect: true })
  })

  it('that never begins, over a connection half closed, ends at the time limit', async () => {
    expect(await answering((_response, socket) => { socket.pause() }, { timeoutMs: 300 })).toMatchObject({ ok: false, code: 'timeout', mayHaveTakenEffect: true })
  })

  it.each([
    ['larger than allowed', plain(200, 'text/xml', Buffer.alloc(20_000, 0x20))],
    ['that says it is larger', (response: ServerResponse): void => { response.writeHead(200, { 'content-type': 'text/xml' }); response.write(Buffer.alloc(20_000)) }],
    ['that expands beyond what is allowed', (response: ServerResponse): void => { response.writeHead(200, { 'content-type': 'text/xml', 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))) }],
  ])('%s is not read to its end', async (_what, answer) => {
    expect(await answering(answer, { maxAnswerBytes: 10_000, ...(_what.includes('expands') ? { maxAnswerBytes: 100_000 } : {}) })).toMatchObject({ ok: false, code: 'answer-too-large', mayHaveTakenEffect: true })
  })

  it('repeats no password of ours, whatever the partner says', async () => {
    const result = await answering(plain(500, 'text/xml', envelope('<e:Fault><faultcode>e:Client</faultcode><faultstring>wrong password open-sesame</faultstring><detail><p>open-sesame</p></detail></e:Fault>')), { credentials: { type: 'basic', username: 'hub', password: 'open-sesame' } })
    expect(result).toMatchObject({ ok: false, code: 'soap-fault-sender', detail: 'wrong password ***', fault: { detailXml: '<p>***</p>' } })
  })
})

describe('a partner that can\'t be reached', () => {
  it('was sent nothing', async () => {
    const gone = await startPartnerServer(() => undefined)
    await gone.close()
    const server: PartnerServer = await start((_asked, response) => { response.end(echoWsdl({ endpoint: `${gone.url}/echo` })) })
    expect(await deliver({ wsdl: `${server.url}/a.wsdl`, allowedHosts: ['127.0.0.1'] })).toMatchObject({ ok: false, code: 'partner-unreachable', retry: true, mayHaveTakenEffect: false })
  })

  it('is given up when no TLS stands within the time limit', async () => {
    const server: PartnerServer = await start((_asked, response) => { response.end(echoWsdl({ endpoint: server.url.replace('http:', 'https:') })) })
    const result = await deliver({ wsdl: `${server.url}/a.wsdl`, allowedHosts: ['127.0.0.1'], connectTimeoutMs: 2_000 })
    expect(result).toMatchObject({ ok: false, code: 'partner-unreachable', mayHaveTakenEffect: false })
  })
})

describe('a description', () => {
  const reading = async (answer: (asked: Asked, response: ServerResponse, server: PartnerServer) => void, settings: object = {}, by = outbound): Promise<{ readonly result: DeliveryResult, readonly server: PartnerServer }> => {
    const server: PartnerServer = await start((asked, response) => { answer(asked, response, server) })
    return { result: await deliver({ wsdl: `${server.url}/a.wsdl`, allowedHosts: ['127.0.0.1'], ...settings }, by), server }
  }
  const wsdl = (text: string) => (_asked: Asked, response: ServerResponse): void => { response.writeHead(200, { 'content-type': 'text/xml' }).end(text) }

  it.each<[string, string, string]>([
    ['imports from the metadata service', echoWsdl({ endpoint: 'http://127.0.0.1/', types: '<xs:import namespace="urn:x" schemaLocation="http://169.254.169.254/latest/"/>' }), 'address-refused'],
    ['imports from another host', echoWsdl({ endpoint: 'http://127.0.0.1/', types: '<xs:import namespace="urn:x" schemaLocation="http://other.example/x.xsd"/>' }), 'address-refused'],
    ['imports a file', echoWsdl({ endpoint: 'http://127.0.0.1/', types: '<xs:include schemaLocation="file:///etc/passwd"/>' }), 'address-refused'],
    ['imports a file as WSDL', echoWsdl({ endpoint: 'http://127.0.0.1/', imports: '<w:import namespace="urn:x" location="file:///etc/passwd"/>' }), 'address-refused'],
    ['imports a file by an import of no namespace', echoWsdl({ endpoint: 'http://127.0.0.1/', types: '<import xmlns="urn:none" schemaLocation="file:///etc/passwd"/>' }), 'address-refused'],
    ['has an endpoint elsewhere', echoWsdl({ endpoint: 'http://other.example/' }), 'address-refused'],
    ['has an endpoint at the metadata service', echoWsdl({ endpoint: 'http://169.254.169.254/' }), 'address-refused'],
    ['has an endpoint that is a decimal number', echoWsdl({ endpoint: 'http://2852039166/' }), 'address-refused'],
    ['has an endpoint that is a file', echoWsdl({ endpoint: 'file:///etc/passwd' }), 'address-refused'],
    ['is no XML', 'hello', 'xml-not-well-formed'],
    ['is a web page', '<html><body/></html>', 'wsdl-invalid'],
    ['has no service', '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>', 'wsdl-invalid'],
    ['is WSDL 2.0', '<description xmlns="http://www.w3.org/ns/wsdl"/>', 'wsdl-unsupported'],
    ['laughs a billion times', `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "${'&a;'.repeat(10)}">]><l>&b;</l>`, 'xml-forbidden'],
    ['has 200,000 attributes', `<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" ${Array.from({ length: 200_000 }, (_, at) => `a${at}=""`).join(' ')}/>`, 'limit-exceeded'],
    ['is nested 100,000 deep', '<a>'.repeat(100_000), 'limit-exceeded'],
  ])('that %s is refused, and nothing is sent', async (_what, text, code) => {
    const { result, server } = await reading(wsdl(text))
    expect(result).toMatchObject({ ok: false, code, mayHaveTakenEffect: false })
    expect(server.asked.filter(({ method }) => method === 'POST')).toEqual([])
  })

  it('is followed over redirects as far as every step may be called, and no further than allowed', async () => {
    const inward = await reading((_asked, response) => { response.writeHead(302, { location: 'http://localhost/' }).end() })
    expect(inward.result).toMatchObject({ ok: false, code: 'address-refused' })
    const endless = await reading((_asked, response) => { response.writeHead(302, { location: '/again' }).end() }, { maxRedirects: 2 })
    expect([endless.result.ok ? '' : endless.result.code, endless.server.asked.length]).toEqual(['address-refused', 3])
    const moved = await reading((asked, response, server) => {
      if (asked.method === 'POST') response.writeHead(200, { 'content-type': 'text/xml' }).end(echoAnswer('1'))
      else if (asked.path === '/a.wsdl') response.writeHead(301, { location: '/b/real.wsdl' }).end()
      else wsdl(asked.path === '/b/more.xsd' ? '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:echo"/>' : echoWsdl({ endpoint: server.url, types: '<xs:include schemaLocation="more.xsd"/>' }))(asked, response)
    })
    expect(moved.result).toMatchObject({ ok: true })
  })

  it('that is too large is not read to its end, and one of many files not either', async () => {
    expect((await reading((_asked, response) => { response.write(Buffer.alloc(200_000, 0x20)) }, { maxDescriptionBytes: 100_000 })).result).toMatchObject({ ok: false, code: 'answer-too-large' })
    const schema = (path: string): string => `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:echo"><xs:include schemaLocation="${path}x"/></xs:schema>${' '.repeat(20_000)}`
    const files = await reading((asked, response) => { wsdl(asked.path === '/a.wsdl' ? echoWsdl({ endpoint: 'http://127.0.0.1/', types: '<xs:include schemaLocation="/x"/>' }) : schema(asked.path))(asked, response) }, { maxDescriptionBytes: 100_000 })
    expect(files.result).toMatchObject({ ok: false, code: 'answer-too-large' })
    expect(files.server.asked.length).toBeLessThan(8)
  })

  it('that drips for ever ends at the time limit', async () => {
    let timer: NodeJS.Timeout | undefined
    const { result } = await reading((_asked, response) => { timer = setInterval(() => response.write(' '), 20) }, { describeTimeoutMs: 700 })
    clearInterval(timer)
    expect(result.ok ? '' : result.code).toMatch(/^(timeout|wsdl-too-costly)$/)
  })

  it('that needs more memory than there is ends its own thread and nothing else', async () => {
    const small = makeOutbound({ ...systemDeps, memoryMb: 24 })
    const types = Array.from({ length: 60_000 }, (_, at) => `<xs:element name="e${at}" type="xs:string"/>`).join('')
    const { result } = await reading(wsdl(echoWsdl({ endpoint: 'http://127.0.0.1/', types })), {}, small)
    expect(result).toMatchObject({ ok: false, code: 'wsdl-too-costly', mayHaveTakenEffect: false })
    await small.close()
  })

  it('whose name leads elsewhere at the second look is refused, and connected to where the first look led', async () => {
    const server: PartnerServer = await start((asked, response) => {
      if (asked.method === 'GET') wsdl(echoWsdl({ endpoint: `http://rebinding.example:${server.port}/` }))(asked, response)
      else response.writeHead(200, { 'content-type': 'text/xml' }).end(echoAnswer('1'))
    })
    const answers = ['127.0.0.1', '169.254.169.254']
    const rebinding = makeOutbound({ ...systemDeps, resolveHost: () => Promise.resolve([answers.shift() ?? '169.254.169.254']) })
    const result = await deliver({ wsdl: `http://rebinding.example:${server.port}/a.wsdl`, allowedHosts: ['rebinding.example'] }, rebinding)
    expect(result).toMatchObject({ ok: false, code: 'address-refused' })
    expect(server.asked.map(({ method }) => method)).toEqual(['GET'])
    await rebinding.close()
  })

  it('stays loaded while its content is the same, and is loaded anew when it has changed', async () => {
    let nowMs = 0
    let types = ''
    const fresh = makeOutbound({ ...systemDeps, nowMs: () => nowMs })
    const server: PartnerServer = await start((asked, response) => {
      if (asked.method === 'GET') wsdl(echoWsdl({ endpoint: server.url, types }))(asked, response)
      else response.writeHead(200, { 'content-type': 'text/xml' }).end(echoAnswer('1'))
    })
    const line = fresh.open({ wsdl: `${server.url}/a.wsdl`, allowedHosts: ['127.0.0.1'], freshForMs: 1_000 })
    const operations = async () => { const one = line.ok ? await line.value.template('Echo') : line; return one.ok ? one.value : one.detail }
    const gets = () => server.asked.filter(({ method }) => method === 'GET').length
    expect([await operations(), gets()]).toEqual([await operations(), 1])
    nowMs = 2_000
    expect([await operations(), gets()]).toEqual([await operations(), 2])
    types = '<xs:element name="New" type="xs:string"/>'
    nowMs = 4_000
    await operations()
    expect(gets()).toBe(4)
    await server.close()
    nowMs = 6_000
    expect(await operations()).toContain('Echo')
    await fresh.close()
  })
})

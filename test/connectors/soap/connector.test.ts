import { readFileSync } from 'node:fs'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ConnectorHost } from '../../../connectors/contract.js'
import { connector } from '../../../connectors/soap/connector.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import type { Node } from '../../../schemas/node.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import { readXml } from '../../../schemas/xml-reader.js'
import { acceptedAnswer, fullAnswer, startConnectorServer, type ConnectorServer } from '../connector-server.js'

const notAsked = () => Promise.reject(new Error('not asked'))
const neverAsked: ConnectorHost = { receive: notAsked, messageStatus: notAsked, authenticate: notAsked, maxBodyBytes: 1, openBytes: 1, channelForm: () => undefined, nowMs: () => 0 }
const envelope11 = 'http://schemas.xmlsoap.org/soap/envelope/'
const envelope12 = 'http://www.w3.org/2003/05/soap-envelope'
const fixture = (name: string): string => readFileSync(projectFolder('connectors', 'soap', 'fixtures', name), 'utf8').trimEnd()

let server: ConnectorServer
let receivedBefore = 0
beforeAll(async () => { server = await startConnectorServer() })
afterAll(() => server.close())
beforeEach(() => {
  server.answerWith(ok(acceptedAnswer))
  receivedBefore = server.received.length
})

interface Reply {
  readonly status: number
  readonly contentType: string
  readonly text: string
  readonly content: Node
  /** Undefined for an answer that is no fault. */
  readonly fault: { readonly faultCode: string; readonly code: string; readonly at: string; readonly detail: string } | undefined
  readonly version: string
}

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.detail)
  return result.value
}
const only = (node: Node | undefined, ...path: readonly string[]): Node => {
  if (node === undefined) throw new Error('an element is missing')
  const [name, ...rest] = path
  return name === undefined ? node : only(node.children.find((child) => child.name === name), ...rest)
}

const call = async (body: NonNullable<RequestInit['body']>, headers: Readonly<Record<string, string>> = {}): Promise<Reply> => {
  const response = await fetch(`${server.url}/soap/v1`, { method: 'POST', headers: { authorization: 'Bearer secret', 'content-type': 'text/xml; charset=utf-8', ...headers }, body })
  const text = await response.text()
  const root = must(readXml(text))
  const [content] = only(root, 'Body').children
  const is12 = root.namespace === envelope12
  const typed = content?.name === 'Fault' ? only(content, is12 ? 'Detail' : 'detail', 'fault') : undefined
  expect(typed?.namespace ?? 'urn:chainhub:v1').toBe('urn:chainhub:v1')
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    text,
    content: only(content),
    fault: typed && {
      faultCode: (is12 ? only(content, 'Code', 'Value') : only(content, 'faultcode')).text,
      code: only(typed, 'code').text, at: only(typed, 'at').text, detail: only(typed, 'detail').text,
    },
    version: root.namespace,
  }
}

const envelope = (body: string, header = '', namespace = envelope11): string =>
  `<e:Envelope xmlns:e="${namespace}" xmlns:c="urn:chainhub:v1">${header}<e:Body>${body}</e:Body></e:Envelope>`
const ping = '<c:Ping><c:message>hello</c:message></c:Ping>'
const submit = (document: string): string => envelope(`<c:SubmitDocument><c:channel>demo-soap</c:channel><c:document>${document}</c:document></c:SubmitDocument>`)
const withoutPlaces = ({ children, mixed, ...node }: Node): unknown =>
  ({ ...node, line: 0, column: 0, children: children.map(withoutPlaces), mixed: mixed?.map((piece) => (typeof piece === 'string' ? piece : withoutPlaces(piece))) })
const lastText = (): string => Buffer.from(server.received.at(-1)?.body ?? []).toString('utf8')

describe('the service description', () => {
  test('the WSDL names the address under which it was asked for and a schema that is served', async () => {
    const wsdl = await (await fetch(`${server.url}/soap/v1?wsdl`)).text()
    expect(wsdl.match(/address location="[^"]*"/g)).toEqual(Array(2).fill(`address location="${server.url}/soap/v1"`))
    const schema = /schemaLocation="([^"]*)"/.exec(wsdl)?.[1] ?? ''
    expect(schema).toBe(`${server.url}/soap/v1?xsd=chainhub.xsd`)
    const served = await fetch(schema)
    expect(served.headers.get('content-type')).toBe('text/xml; charset=utf-8')
    expect(await served.text()).toBe(readFileSync(projectFolder('schemas', 'wire', 'chainhub.xsd'), 'utf8'))
  })

  test('a host name can not break out of the WSDL', async () => {
    const [get] = connector.routes(neverAsked)
    const reply = await get?.handle({ params: {}, query: { WSDL: '' }, headers: {}, body: new Uint8Array(), baseUrl: 'http://h"/><x>$&', requestId: '1' })
    expect(must(readXml(reply?.body ?? '')).name).toBe('definitions')
    expect(reply?.body).toContain('location="http://h&quot;/>&lt;x>$&amp;/soap/v1"')
  })

  test('no other file is served as a schema, and a plain GET points to the WSDL', async () => {
    expect((await fetch(`${server.url}/soap/v1?xsd=../wire-schema.ts`)).status).toBe(404)
    expect(await (await fetch(`${server.url}/soap/v1`)).text()).toContain('/soap/v1?wsdl')
  })
})

describe('submitting', () => {
  test('SOAP 1.1: an element reaches the hub with its namespaces and all that the request says', async () => {
    const reply = await call(fixture('submit-document-1.1.xml'), { soapaction: '"urn:chainhub:v1:SubmitDocument"' })
    expect(reply).toMatchObject({ status: 200, contentType: 'text/xml; charset=utf-8', version: envelope11, fault: undefined })
    expect(reply.content).toMatchObject({ name: 'SubmitDocumentResponse', namespace: 'urn:chainhub:v1' })
    const { body, ...rest } = server.received.at(-1) ?? { body: new Uint8Array() }
    expect(rest).toEqual({
      channel: 'demo-soap', contentType: 'application/xml; charset=utf-8', contentEncoding: undefined, idempotencyKey: 'order 000045',
      wait: { followers: ['crm', 'warehouse'], timeoutMs: 2000 }, credentials: { type: 'bearer', token: 'secret' },
    })
    const order = must(readXml(Buffer.from(body).toString('utf8')))
    expect(order).toMatchObject({ name: 'Order', namespace: 'urn:example:order', attributes: [{ name: 'kind', value: 'standard' }] })
    expect(order.children.map(({ text }) => text)).toEqual(['000045', '上海 & Söhne'])
  })

  test('SOAP 1.2: text in a CDATA section reaches the hub as it is, and is not taken apart', async () => {
    const reply = await call(fixture('submit-document-1.2.xml'), { 'content-type': 'application/soap+xml; charset=utf-8; action="urn:chainhub:v1:SubmitDocument"' })
    expect(reply).toMatchObject({ status: 200, contentType: 'application/soap+xml; charset=utf-8', version: envelope12, fault: undefined })
    expect(lastText()).toBe('{"number": "000045", "total": 10.10}')
    expect(server.received.at(-1)?.contentType).toBe('application/json')
  })

  test('the members of the answer stand in the order of the schema, whatever the order of the value, and whole', async () => {
    server.answerWith(ok(fullAnswer))
    const reply = await call(submit('<x/>'))
    expect(reply.content.children.map(({ name }) => name)).toEqual(['messageId', 'outcome', 'documents', 'documents', 'parts', 'parts', 'journalSeq', 'passed', 'errors'])
    expect(only(reply.content, 'passed').children.map(({ name, text }) => `${name} ${text}`)).toEqual(['crm 42', 'warehouse 41'])
    expect(only(reply.content, 'journalSeq').text).toBe('9007199254740991')
  })

  test('a stored message that was rejected is answered and is no fault', async () => {
    server.answerWith(ok({ ...acceptedAnswer, outcome: 'rejected', errors: [{ code: 'field-missing', at: 'number', detail: 'It is missing.' }] }))
    const reply = await call(submit('<x/>'))
    expect(reply).toMatchObject({ status: 200, fault: undefined })
    expect(only(reply.content, 'outcome').text).toBe('rejected')
  })

  test.each([
    ['<![CDATA[ \n<?xml version="1.0" encoding="GB18030"?><x>订</x>]]>', '<?xml version="1.0" encoding="GB18030"?><x>订</x>', 'application/xml; charset=utf-8'],
    ['&lt;x/&gt;', '<x/>', 'application/xml; charset=utf-8'],
    [' [1]', '[1]', 'application/json'],
    ["UNA:+.? '", "UNA:+.? '", 'text/plain; charset=utf-8'],
    ['<x xmlns="" a="1">a<b/>c</x>', '<?xml version="1.0" encoding="UTF-8"?>\n<x a="1">a<b/>c</x>', 'application/xml; charset=utf-8'],
  ])('the document %s is handed on as %s', async (document, body, contentType) => {
    await call(submit(document))
    expect([lastText(), server.received.at(-1)?.contentType]).toEqual([body, contentType])
  })

  test.each([
    [submit(''), 'SubmitDocument.document'],
    [submit('<a/><b/>'), 'SubmitDocument.document'],
    [submit('text<b/>'), 'SubmitDocument.document'],
    [envelope('<c:SubmitDocument><c:document><x/></c:document></c:SubmitDocument>'), 'SubmitDocument.channel'],
    [envelope('<c:SubmitDocument><c:channel>a</c:channel><c:channel>b</c:channel><c:document><x/></c:document></c:SubmitDocument>'), 'SubmitDocument.channel'],
    [envelope('<c:SubmitDocument><c:channel>a</c:channel><c:wait>nobody</c:wait><c:document><x/></c:document></c:SubmitDocument>'), 'SubmitDocument.wait'],
    [envelope('<c:SubmitDocument><c:channel>a</c:channel><c:timeoutMs>1.0</c:timeoutMs><c:document><x/></c:document></c:SubmitDocument>'), 'SubmitDocument.timeoutMs'],
    [envelope('<c:SubmitDocument><c:channel>a</c:channel><c:timeoutMs>60001</c:timeoutMs><c:document><x/></c:document></c:SubmitDocument>'), 'SubmitDocument.timeoutMs'],
    [envelope('<c:SubmitDocument><c:channel>a</c:channel><c:idempotencyKey/><c:document><x/></c:document></c:SubmitDocument>'), 'SubmitDocument.idempotencyKey'],
    [envelope('<c:SubmitDocument><c:channel><b/></c:channel><c:document><x/></c:document></c:SubmitDocument>'), 'SubmitDocument.channel'],
    [envelope('<c:SubmitDocument><c:chanel>a</c:chanel></c:SubmitDocument>'), 'SubmitDocument.chanel'],
    [envelope('<c:SubmitDocument><channel>a</channel><c:document><x/></c:document></c:SubmitDocument>'), 'SubmitDocument.channel'],
    [envelope('<c:SubmitDocument>stray<c:channel>a</c:channel></c:SubmitDocument>'), 'SubmitDocument'],
  ])('%s is refused at %s and the message is not taken', async (body, at) => {
    const reply = await call(body)
    expect(reply).toMatchObject({ status: 500, fault: { code: 'request-invalid', at } })
    expect(server.received).toHaveLength(receivedBefore)
  })
})

describe('what other SOAP servers get wrong', () => {
  test.each(['"urn:chainhub:v1:GetMessageStatus"', 'urn:chainhub:v1:CancelOrder', 'CancelOrder'])('a SOAPAction %s over a Ping body runs nothing', async (soapaction) => {
    expect(await call(envelope(ping), { soapaction })).toMatchObject({ status: 500, fault: { code: 'soap-action-mismatch', faultCode: 'soap:Client' } })
  })

  test.each(['""', '', '"urn:chainhub:v1:Ping"', 'urn:chainhub:v1:Ping'])('a SOAPAction %j over a Ping body is a Ping', async (soapaction) => {
    expect(await call(envelope(ping), { soapaction })).toMatchObject({ status: 200, content: { name: 'PingResponse' } })
  })

  test('the action parameter of SOAP 1.2 may only agree as well', async () => {
    const type = (action: string): Readonly<Record<string, string>> => ({ 'content-type': `application/soap+xml; action=${action}; charset=utf-8` })
    expect((await call(envelope(ping, '', envelope12), type('"urn:chainhub:v1:SubmitDocument"'))).fault?.code).toBe('soap-action-mismatch')
    expect((await call(envelope(ping, '', envelope12), type('urn:chainhub:v1:Ping'))).status).toBe(200)
    expect((await call(envelope(ping, '', envelope12), type('""'))).status).toBe(200)
  })

  test.each(['<Ping/>', '<Ping xmlns="urn:other"/>', '<c:ping/>', '<c:Drop/>', '<c:PingResponse/>', '<c:constructor/>'])('a body with %s names no operation', async (body) => {
    const reply = await call(envelope(body), { soapaction: '"urn:chainhub:v1:Ping"' })
    expect(reply).toMatchObject({ status: 500, fault: { code: 'soap-operation-unknown', faultCode: 'soap:Client' } })
    expect(reply.text).not.toMatch(/\bat .*:\d+:\d+|\/connectors\/|node_modules|\.[jt]s\b/)
  })

  test('an envelope of another namespace is a version mismatch', async () => {
    expect(await call(envelope(ping, '', 'http://www.w3.org/2001/12/soap-envelope'))).toMatchObject({ status: 500, fault: { code: 'soap-version', faultCode: 'soap:VersionMismatch' } })
    expect((await call('<Envelope><Body/></Envelope>')).fault?.code).toBe('soap-version')
  })

  test.each([
    ['no envelope', '<c:Ping xmlns:c="urn:chainhub:v1"/>'],
    ['no body', `<e:Envelope xmlns:e="${envelope11}"/>`],
    ['an empty body', envelope('')],
    ['two elements in the body', envelope(ping + ping)],
    ['text in the body', envelope(`text${ping}`)],
    ['a body of another namespace', `<e:Envelope xmlns:e="${envelope11}"><Body><Ping xmlns="urn:chainhub:v1"/></Body></e:Envelope>`],
    ['a body of the other version', `<e:Envelope xmlns:e="${envelope11}"><Body xmlns="${envelope12}"><Ping xmlns="urn:chainhub:v1"/></Body></e:Envelope>`],
    ['a header behind the body', `<e:Envelope xmlns:e="${envelope11}"><e:Body/><e:Header/></e:Envelope>`],
    ['two bodies', `<e:Envelope xmlns:e="${envelope11}"><e:Body/><e:Body/></e:Envelope>`],
  ])('an envelope with %s is refused', async (_what, text) => {
    expect(await call(text)).toMatchObject({ status: 500, fault: { code: 'envelope-invalid', faultCode: 'soap:Client' } })
  })

  const transaction = '<t:Transaction xmlns:t="urn:t"'
  test.each([
    [envelope11, 'e:mustUnderstand="1"', true],
    [envelope11, 'e:mustUnderstand="0"', false],
    [envelope11, '', false],
    [envelope11, 'e:mustUnderstand="1" e:actor="http://schemas.xmlsoap.org/soap/actor/next"', true],
    [envelope11, 'e:mustUnderstand="1" e:actor="urn:somebody-else"', false],
    [envelope12, 'e:mustUnderstand="true"', true],
    [envelope12, 'e:mustUnderstand="1" e:role="http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver"', true],
    [envelope12, 'e:mustUnderstand="true" e:role="http://www.w3.org/2003/05/soap-envelope/role/none"', false],
  ])('in %s an unknown header with %s is honoured: fault %s', async (namespace, attributes, refused) => {
    const reply = await call(envelope(ping, `<e:Header><a:To xmlns:a="urn:a">x</a:To>${transaction} ${attributes}/></e:Header>`, namespace))
    if (refused) expect(reply).toMatchObject({ status: 500, version: namespace, fault: { code: 'soap-must-understand', faultCode: 'soap:MustUnderstand' } })
    else expect(reply).toMatchObject({ status: 200, content: { name: 'PingResponse' } })
  })

  test('a header that must be understood comes before the operation', async () => {
    const reply = await call(submit('<x/>').replace('<e:Body>', '<e:Header><t:Transaction xmlns:t="urn:t" e:mustUnderstand="1"/></e:Header><e:Body>'))
    expect(reply.fault?.code).toBe('soap-must-understand')
    expect(server.received).toHaveLength(receivedBefore)
  })

  test('faults are of the version of the request, with HTTP 500 and a typed, qualified detail', async () => {
    const status = '<c:GetMessageStatus><c:messageId>none</c:messageId></c:GetMessageStatus>'
    const first = await call(envelope(status))
    expect([first.status, first.contentType, first.text]).toEqual([500, 'text/xml; charset=utf-8', fixture('fault-1.1.xml')])
    const second = await call(envelope(status, '', envelope12))
    expect([second.status, second.contentType, second.text]).toEqual([500, 'application/soap+xml; charset=utf-8', fixture('fault-1.2.xml')])
  })

  test('what is the hub\'s fault is a Server or Receiver fault', async () => {
    server.answerWith(fail('database-unavailable', '', 'Try again.'))
    expect((await call(submit('<x/>'))).fault).toMatchObject({ code: 'database-unavailable', faultCode: 'soap:Server' })
    expect((await call(submit('<x/>').replace(envelope11, envelope12))).fault).toMatchObject({ code: 'database-unavailable', faultCode: 'soap:Receiver' })
  })

  test('multi-references in an operation\'s own members and encoding styles are refused and not resolved', async () => {
    expect((await call(envelope('<c:Ping><c:message href="#1"/></c:Ping>'))).fault).toMatchObject({ code: 'request-invalid', at: 'Ping.message@href' })
    expect((await call(envelope('<c:Ping e:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"/>'))).fault?.code).toBe('request-invalid')
    expect((await call(submit('<x/>').replace('<c:document>', '<c:document href="#1">'))).fault).toMatchObject({ code: 'request-invalid', at: 'SubmitDocument.document@href' })
    expect((await call(envelope(`${ping}<multiRef id="1">hello</multiRef>`))).fault).toMatchObject({ code: 'envelope-invalid', at: 'Envelope.Body' })
    expect((await call(envelope('<c:Ping xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><c:message i:type="c:Text">x</c:message></c:Ping>'))).status).toBe(200)
  })

  test('a document keeps its own href, id and multiRef as they stand, and nothing is put in the place of a reference', async () => {
    const document = '<o:Order xmlns:o="urn:o" xmlns:s="http://schemas.xmlsoap.org/soap/encoding/"><o:Buyer href="#b"/><o:Buyer s:ref="b" id="x"/><multiRef id="b" s:root="0" href="cid:a@b">Lotus &amp; Co</multiRef><![CDATA[<b href="#x">]]></o:Order>'
    expect((await call(submit(document))).status).toBe(200)
    expect(withoutPlaces(must(readXml(lastText())))).toEqual(withoutPlaces(must(readXml(document))))
    expect(lastText()).toMatch(/Buyer href="#b"\/>.*<multiRef id="b" .*href="cid:a@b">Lotus &amp; Co<\/multiRef>&lt;b href="#x"/)
  })

  test.each([
    ['a document type', `<!DOCTYPE e>${envelope(ping)}`, '1:1'],
    ['an entity declaration', `<!DOCTYPE e [<!ENTITY x "y">]>${envelope(ping)}`, undefined],
    ['a processing instruction', envelope('<c:Ping>\n <?go?><c:message/></c:Ping>'), '2:2'],
  ])('%s in a SOAP message is forbidden', async (_what, text, at) => {
    expect(await call(text)).toMatchObject({ status: 500, fault: { code: 'xml-forbidden', ...(at === undefined ? {} : { at }) } })
  })

  test('what only looks like one inside a comment or a CDATA section is none', async () => {
    expect(await call(envelope('<c:Ping><!-- <?go?> --><c:message><![CDATA[<!DOCTYPE e><?go?>]]></c:message></c:Ping>'))).toMatchObject({ status: 200 })
  })

  test('XML that is not well-formed, or goes on without end, is a fault', async () => {
    expect((await call(`${envelope(ping)}<x/>`)).fault?.code).toBe('xml-not-well-formed')
    expect((await call(envelope('<c:Ping a="1" a="2"/>'))).fault?.code).toBe('xml-not-well-formed')
    expect((await call(envelope('<a>'.repeat(100_000)))).fault?.code).toBe('limit-exceeded')
    expect((await call('')).fault?.code).toBe('message-empty')
  })
})

describe('encodings', () => {
  const message = '订单 é 😀'
  const text = (encoding: string): string => `<?xml version="1.0" encoding="${encoding}"?>${envelope(`<c:Ping><c:message>${message}</c:message></c:Ping>`)}`

  test.each([
    ['UTF-8', Buffer.from(text('utf-8')), 'text/xml; charset=utf-8'],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text('utf-8')}`), 'text/xml'],
    ['UTF-16LE', Buffer.from(`\ufeff${text('utf-16')}`, 'utf16le'), 'text/xml; charset=utf-16'],
    ['UTF-16BE', Buffer.from(`\ufeff${text('utf-16')}`, 'utf16le').swap16(), 'text/xml; charset=utf-16'],
  ])('%s is read, and UTF-8 answered', async (_name, body, contentType) => {
    const reply = await call(body, { 'content-type': contentType })
    expect(reply.contentType).toBe('text/xml; charset=utf-8')
    expect(only(reply.content, 'message').text).toBe(message)
  })

  test('bytes of another encoding are read as what they say, and never as UTF-8', async () => {
    const latin1 = Buffer.from(envelope('<c:Ping><c:message>é</c:message></c:Ping>'), 'latin1')
    expect(only((await call(latin1, { 'content-type': 'text/xml; charset=iso-8859-1' })).content, 'message').text).toBe('é')
    const gb = Buffer.concat([Buffer.from('<?xml version="1.0" encoding="GB18030"?>'), Buffer.from(envelope('<c:Ping><c:message>@</c:message></c:Ping>').replace('@', '\xb6\xa9\xb5\xa5'), 'latin1')])
    expect(only((await call(gb, { 'content-type': 'text/xml' })).content, 'message').text).toBe('订单')
    expect((await call(latin1, { 'content-type': 'text/xml; charset=utf-8' })).fault?.code).toBe('encoding-invalid')
  })

  test('compressed requests are read, no further than the largest body', async () => {
    expect((await call(gzipSync(envelope(ping)), { 'content-encoding': 'gzip' })).status).toBe(200)
    expect((await call(brotliCompressSync(envelope(ping)), { 'content-encoding': 'br' })).status).toBe(200)
    expect((await call(gzipSync(Buffer.alloc(100_000_000)), { 'content-encoding': 'gzip' })).fault?.code).toBe('too-large')
    expect((await call(envelope(ping), { 'content-encoding': 'gzip' })).fault?.code).toBe('content-encoding-invalid')
    expect((await call(envelope(ping), { 'content-encoding': 'zip' })).fault?.code).toBe('content-encoding-invalid')
  })

  test('either version may come under either XML media type, and nothing comes as anything else', async () => {
    expect(await call(envelope(ping), { 'content-type': 'application/soap+xml' })).toMatchObject({ status: 200, version: envelope11 })
    expect(await call(envelope(ping, '', envelope12), { 'content-type': 'text/xml' })).toMatchObject({ status: 200, version: envelope12 })
    expect((await call(envelope(ping), { 'content-type': 'application/json' })).fault?.code).toBe('media-type-unsupported')
    expect((await call(envelope(ping), { 'content-type': 'multipart/related; boundary=x' })).fault?.code).toBe('media-type-unsupported')
  })
})

test('what is refused before it is read is told in the version that the content type speaks of', () => {
  const post = connector.routes(neverAsked)
    .find(({ method }) => method === 'POST')
  const refusal = (contentType: string) => post?.refuse(fail('too-large', 'body', 'Too large.'), { headers: { 'content-type': contentType }, requestId: '1' })
  expect(refusal('text/xml')).toMatchObject({ status: 500, headers: { 'content-type': 'text/xml; charset=utf-8' } })
  expect(refusal('application/soap+xml; action=""')).toMatchObject({ status: 500, headers: { 'content-type': 'application/soap+xml; charset=utf-8' } })
  expect(refusal('text/xml')?.body).toContain('<ch:code>too-large</ch:code>')
  const unread = post?.refuse(fail('credentials-missing', 'Authorization', 'Send a key. Without it, 10 bytes are read.'), { headers: {}, requestId: '1' })
  expect(unread?.body).toMatch(/Send a key\. Without it, 10 bytes are read\. Such a message may show .* a UsernameToken or a Signature/)
})

describe('the other operations', () => {
  test('GetMessageStatus gives the answer again', async () => {
    server.answerWith(ok(fullAnswer))
    const reply = await call(envelope(`<c:GetMessageStatus><c:messageId> ${fullAnswer.messageId}\n</c:messageId></c:GetMessageStatus>`))
    expect(reply.content).toMatchObject({ name: 'GetMessageStatusResponse' })
    expect(only(reply.content, 'messageId').text).toBe(fullAnswer.messageId)
  })

  test('Ping gives back what it is given, white space and all, and asks for no key', async () => {
    const body = envelope('<c:Ping><c:message> a\n&#13; </c:message></c:Ping>')
    expect(only((await call(body, { authorization: '' })).content, 'message').text).toBe(' a\n\r ')
    expect((await call(envelope('<c:Ping/>'))).content.children).toEqual([])
  })

  test('a caller without a key gets a fault from the others', async () => {
    expect((await call(submit('<x/>'), { authorization: '' })).fault).toMatchObject({ code: 'credentials-missing', at: 'Authorization', detail: expect.stringMatching(/Authorization: Bearer KEY.*UsernameToken or a Signature/) as unknown })
    expect((await call(submit('<x/>'), { authorization: 'Bearer other' })).fault?.code).toBe('credentials-invalid')
  })
})

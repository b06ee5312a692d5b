import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startConnectorServer, type ConnectorServer } from '../connector-server.js'
import { makeCertificate } from '../../fixtures/certificate.js'
import { envelope11, envelope12, signedMessage } from './secured-message.js'

let server: ConnectorServer
let receivedBefore = 0
beforeAll(async () => { server = await startConnectorServer() })
afterAll(() => server.close())
beforeEach(() => { receivedBefore = server.received.length })

interface Part {
  readonly headers: readonly string[]
  readonly body: Buffer | string
}

const boundary = '----=_Part_0_1.2'
const rootHeaders = ['Content-Type: application/xop+xml; charset=UTF-8; type="text/xml"', 'Content-Transfer-Encoding: 8bit', 'Content-ID: <root@hub>']

/** A body as section 3 of XOP 1.0 and RFC 2046 describe it. */
const multipart = (parts: readonly Part[], end = `\r\n--${boundary}--\r\n`): Buffer => Buffer.concat([
  Buffer.from('A preamble that is not read.'),
  ...parts.flatMap(({ headers, body }) => [Buffer.from(`\r\n--${boundary}\r\n${headers.join('\r\n')}\r\n\r\n`), Buffer.from(body)]),
  Buffer.from(end),
])

const packageType = `multipart/related; boundary="${boundary}"; type="application/xop+xml"; start="<root@hub>"; start-info="text/xml"`
const include = (href: string): string => `<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="${href}"/>`
const envelope = (content: string, namespace = envelope11): string =>
  `<e:Envelope xmlns:e="${namespace}" xmlns:c="urn:chainhub:v1"><e:Body><c:SubmitDocument><c:channel>demo-soap</c:channel>${content}</c:SubmitDocument></e:Body></e:Envelope>`
const attached = (content: string): string => envelope(`<c:document><x/></c:document><c:attachment><c:name>a.bin</c:name><c:content>${content}</c:content></c:attachment>`)
const root = (text: string): Part => ({ headers: rootHeaders, body: text })
const part = (id: string, body: Buffer | string, ...headers: readonly string[]): Part => ({ headers: [`Content-ID: <${id}>`, ...(headers.length === 0 ? ['Content-Type: application/pdf', 'Content-Transfer-Encoding: binary'] : headers)], body })

const call = async (body: Buffer | string, contentType = packageType, more: Readonly<Record<string, string>> = {}): Promise<{ readonly status: number, readonly code: string | undefined, readonly text: string }> => {
  const response = await fetch(`${server.url}/soap/v1`, { method: 'POST', headers: { authorization: 'Bearer secret', 'content-type': contentType, ...more }, body: Buffer.from(body) })
  const text = await response.text()
  return { status: response.status, code: /<ch:code>([^<]*)/.exec(text)?.[1], text }
}
const last = () => server.received.at(-1)
const file = Buffer.concat([randomBytes(5000), Buffer.from(`\r\n--${boundary}x\r\n\r\n\0\r\n`), randomBytes(10)])

describe('a message by MTOM', () => {
  test('brings an attachment byte for byte, whatever stands in it', async () => {
    expect(await call(multipart([root(attached(include('cid:one@hub'))), part('one@hub', file)]))).toMatchObject({ status: 200 })
    expect(last()?.attachments).toEqual([{ name: 'a.bin', contentType: 'application/pdf', bytes: expect.anything() as unknown }])
    expect(file.equals(last()?.attachments?.[0]?.bytes ?? Buffer.alloc(0))).toBe(true)
  })

  test.each([
    ['base64', file.toString('base64').replace(/.{76}/g, '$&\r\n')],
    ['BINARY', file],
    ['8bit', file],
  ])('in the transfer encoding %s', async (encoding, body) => {
    expect(await call(multipart([root(attached(include('cid:one@hub'))), part('one@hub', body, `Content-Transfer-Encoding: ${encoding}`)]))).toMatchObject({ status: 200 })
    expect(file.equals(last()?.attachments?.[0]?.bytes ?? Buffer.alloc(0))).toBe(true)
    expect(last()?.attachments?.[0]?.contentType).toBeUndefined()
  })

  test('of SOAP 1.2, whose action stands in the start-info', async () => {
    const type = (action: string): string => `multipart/related; boundary="${boundary}"; type="application/xop+xml"; start-info="application/soap+xml; action=\\"urn:chainhub:v1:${action}\\""`
    const body = multipart([root(envelope('<c:document><x/></c:document>', envelope12))])
    expect((await call(body, type('SubmitDocument'))).status).toBe(200)
    expect((await call(body, type('Ping'))).code).toBe('soap-action-mismatch')
    expect((await call('', type('Ping'))).text).toContain(envelope12)
  })

  test('names a part by a URL, with what a URL may not hold percent-encoded', async () => {
    expect((await call(multipart([root(attached(include('cid:a%2Bb%40hub%2Fx'))), part('a+b@hub/x', 'x')]))).status).toBe(200)
    expect((await call(multipart([root(attached(include('cid:%E0%A4%A'))), part('one', 'x')]))).code).toBe('request-invalid')
  })

  test('has its root where the start says, else first', async () => {
    const text = attached(include('cid:one@hub'))
    expect((await call(multipart([part('one@hub', 'x'), root(text)]))).status).toBe(200)
    expect((await call(multipart([root(text), part('one@hub', 'x')]), packageType.replace(/; start="[^"]*"/, ''))).status).toBe(200)
    expect((await call(multipart([root(text), part('one@hub', 'x')]), packageType.replace('root@hub', 'other@hub'))).code).toBe('envelope-invalid')
  })

  test('may bring the whole document as a part: its bytes and its type', async () => {
    const document = Buffer.concat([Buffer.from('<?xml version="1.0" encoding="GB18030"?><x>'), Buffer.from([0xb6, 0xa9]), Buffer.from('</x>')])
    expect((await call(multipart([root(envelope(`<c:document>\n ${include('cid:d')}\n</c:document>`)), part('d', document, 'Content-Type: application/xml')]))).status).toBe(200)
    expect(document.equals(last()?.body ?? Buffer.alloc(0))).toBe(true)
    expect(last()).toMatchObject({ contentType: 'application/xml' })
    expect(last()?.attachments).toBeUndefined()
  })

  test('whose document has a part inside it gets it there in Base64', async () => {
    expect((await call(multipart([root(envelope(`<c:document><o a="1">text<b>${include('cid:d')}</b></o></c:document>`)), part('d', 'hello')]))).status).toBe(200)
    expect(Buffer.from(last()?.body ?? []).toString()).toContain('<o a="1">text<b>aGVsbG8=</b></o>')
  })

  test.each<readonly [string, readonly Part[], string]>([
    ['includes what is not there', [root(attached(include('cid:two')))], 'request-invalid'],
    ['includes by another scheme', [root(attached(include('http://127.0.0.1/x')))], 'request-invalid'],
    ['includes a part twice', [root(envelope(`<c:document>${include('cid:one')}</c:document><c:attachment><c:content>${include('cid:one')}</c:content></c:attachment>`)), part('one', 'x')], 'request-invalid'],
    ['includes where no binary content is', [root(envelope(`<c:idempotencyKey>${include('cid:one')}</c:idempotencyKey><c:document><x/></c:document>`)), part('one', 'x')], 'request-invalid'],
    ['includes in the channel', [root(envelope('<c:document><x/></c:document>').replace('demo-soap', include('cid:one'))), part('one', 'x')], 'request-invalid'],
    ['has an Include with something beside it', [root(attached(`x${include('cid:one')}`)), part('one', 'x')], 'request-invalid'],
    ['has a part that nothing includes', [root(attached('eA==')), part('one', 'x')], 'request-invalid'],
    ['has a part without a Content-ID', [root(attached('eA==')), { headers: ['Content-Type: text/plain'], body: 'x' }], 'envelope-invalid'],
    ['has two parts of one Content-ID', [root(attached(include('cid:one'))), part('one', 'x'), part('one', 'y')], 'envelope-invalid'],
    ['has two roots', [root(attached('eA==')), root(attached('eA=='))], 'envelope-invalid'],
    ['has a root of another type', [{ headers: ['Content-Type: text/xml', 'Content-ID: <root@hub>'], body: attached('eA==') }], 'envelope-invalid'],
    ['has a part in an unknown encoding', [root(attached(include('cid:one'))), part('one', 'x', 'Content-Transfer-Encoding: x-uuencode')], 'envelope-invalid'],
    ['has a part that is no Base64 as it says', [root(attached(include('cid:one'))), part('one', '***', 'Content-Transfer-Encoding: base64')], 'envelope-invalid'],
    ['has a part with a NUL in its type', [root(attached(include('cid:one'))), part('one', 'x', 'Content-Type: a/b\0')], 'envelope-invalid'],
    ['has too many parts', [root(attached('eA==')), ...Array.from({ length: 65 }, (_, index) => part(`p${index}`, 'x'))], 'limit-exceeded'],
    ['has no envelope', [root('no XML')], 'xml-not-well-formed'],
    ['holds a document type', [root(`<!DOCTYPE e [<!ENTITY x "y">]>${attached('eA==')}`)], 'xml-forbidden'],
    ['is in UTF-8 with bytes that are none', [{ headers: rootHeaders, body: Buffer.from(attached('é'), 'latin1') }], 'encoding-invalid'],
  ])('that %s is refused', async (_what, parts, code) => {
    expect(await call(multipart(parts))).toMatchObject({ status: 500, code })
    expect(server.received).toHaveLength(receivedBefore)
  })

  test('that was cut off, has no boundary, or is another kind of multipart is refused', async () => {
    const parts = [root(attached(include('cid:one'))), part('one', 'x')]
    expect((await call(multipart(parts, ''))).code).toBe('envelope-invalid')
    expect((await call(multipart(parts), 'multipart/related; type="application/xop+xml"'))).toMatchObject({ code: 'envelope-invalid' })
    expect((await call(multipart(parts), packageType.replace(boundary, 'other')))).toMatchObject({ code: 'envelope-invalid' })
    expect((await call(multipart(parts), packageType.replace('application/xop+xml', 'text/xml')))).toMatchObject({ code: 'media-type-unsupported' })
    expect((await call(multipart(parts), 'multipart/mixed; boundary=x')).code).toBe('media-type-unsupported')
    expect((await call(multipart([root(attached(include('cid:one'))), part('one', Buffer.alloc(1_100_000))]), packageType, { 'content-encoding': 'identity' })).status).toBe(200)
  })

  test('that is signed brings no parts, since no signature covers them', async () => {
    const signedText = signedMessage(makeCertificate({ name: 'any' }))
    expect((await call(multipart([root(signedText), part('one', 'x')]))).code).toBe('signature-unsupported')
  })
})

describe('an attachment in Base64', () => {
  test('comes without MTOM', async () => {
    expect((await call(attached(file.toString('base64').replace(/.{76}/g, '$&\n')), 'text/xml')).status).toBe(200)
    expect(file.equals(last()?.attachments?.[0]?.bytes ?? Buffer.alloc(0))).toBe(true)
  })

  test('names its type, or has it named by xmime', async () => {
    expect((await call(attached('eA==').replace('<c:content>', '<c:contentType>image/png</c:contentType><c:content xmlns:m="http://www.w3.org/2005/05/xmlmime" m:contentType="image/gif">'), 'text/xml')).status).toBe(200)
    expect(last()?.attachments).toMatchObject([{ name: 'a.bin', contentType: 'image/png' }])
    expect((await call(attached('eA==').replace('<c:content>', '<c:content xmlns:m="http://www.w3.org/2005/05/xmlmime" m:contentType="image/gif">'), 'text/xml')).status).toBe(200)
    expect(last()?.attachments).toMatchObject([{ contentType: 'image/gif' }])
  })

  test.each([
    ['***', 'request-invalid'], ['eA=', 'request-invalid'], ['<b/>', 'request-invalid'], [include('cid:one'), 'request-invalid'],
  ])('that is %s is refused', async (content, code) => {
    expect((await call(attached(content), 'text/xml')).code).toBe(code)
  })

  test('is one of 64 at most', async () => {
    const one = '<c:attachment><c:content>eA==</c:content></c:attachment>'
    expect((await call(envelope(`<c:document><x/></c:document>${one.repeat(64)}`), 'text/xml')).status).toBe(200)
    expect(last()?.attachments).toHaveLength(64)
    expect((await call(envelope(`<c:document><x/></c:document>${one.repeat(65)}`), 'text/xml')).code).toBe('limit-exceeded')
  })
})

test('an Include in a message that is no package is an element like any other', async () => {
  expect((await call(envelope(`<c:document><x>${include('cid:one')}</x></c:document>`), 'text/xml')).status).toBe(200)
  expect(Buffer.from(last()?.body ?? []).toString()).toContain('Include')
})

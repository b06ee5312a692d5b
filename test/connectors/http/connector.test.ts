import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { errorRegistry, type ErrorCode } from '../../../schemas/error-registry.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import { fail, ok } from '../../../schemas/result.js'
import { acceptedAnswer, fullAnswer, startConnectorServer, type ConnectorServer } from '../connector-server.js'

let server: ConnectorServer
beforeAll(async () => { server = await startConnectorServer() })
afterAll(() => server.close())
beforeEach(() => { server.answerWith(ok(acceptedAnswer)) })

const post = (path: string, headers: Readonly<Record<string, string>> = {}, body: NonNullable<RequestInit['body']> = '<Order/>'): Promise<Response> =>
  fetch(server.url + path, { method: 'POST', headers: { authorization: 'Bearer secret', ...headers }, body })
const fixture = (name: string): string => readFileSync(projectFolder('connectors', 'http', 'fixtures', name), 'utf8').trimEnd()

test('the hub is given the bytes as they came and all that the request says of them', async () => {
  const body = new Uint8Array([0x1f, 0x8b, 0x00, 0xff])
  const reply = await post('/in/demo-ubl?wait=warehouse,crm,crm&timeoutMs=250', {
    'content-type': 'application/xml; charset=gb18030', 'content-encoding': 'gzip', 'idempotency-key': 'order 34/a',
  }, body)
  expect(reply.status).toBe(200)
  const given = server.received.at(-1)
  expect(given && { ...given, body: [...given.body] }).toEqual({
    channel: 'demo-ubl',
    body: [0x1f, 0x8b, 0x00, 0xff],
    contentType: 'application/xml; charset=gb18030',
    contentEncoding: 'gzip',
    idempotencyKey: 'order 34/a',
    wait: { followers: ['warehouse', 'crm'], timeoutMs: 250 },
    credentials: { type: 'bearer', token: 'secret' },
  })
})

test('a wait without a time takes five seconds', async () => {
  await post('/in/demo-ubl?wait=crm')
  expect(server.received.at(-1)?.wait).toEqual({ followers: ['crm'], timeoutMs: 5000 })
})

test.each([
  ['?wait=', 'wait'], ['?wait=crm,nobody', 'wait'], ['?wait=CRM', 'wait'], ['?wait=crm&timeoutMs=', 'timeoutMs'], ['?wait=crm&timeoutMs=-1', 'timeoutMs'],
  ['?wait=crm&timeoutMs=1.5', 'timeoutMs'], ['?wait=crm&timeoutMs=60001', 'timeoutMs'], ['?wait=crm&timeoutMs=1e3', 'timeoutMs'], ['?timeoutMs=x', 'timeoutMs'],
])('the query %s is refused at %s and the message is not taken', async (query, at) => {
  const before = server.received.length
  const reply = await post(`/in/demo-ubl${query}`)
  expect(reply.status).toBe(400)
  expect(await reply.json()).toMatchObject({ code: 'request-invalid', at, status: 400 })
  expect(server.received).toHaveLength(before)
})

test.each(['', 'x'.repeat(256), 'ÿ'])('an idempotency key %j is refused and the message is not taken', async (key) => {
  const before = server.received.length
  const reply = await post('/in/demo-ubl', { 'idempotency-key': key })
  expect(await reply.json()).toMatchObject({ code: 'request-invalid', at: 'Idempotency-Key' })
  expect(server.received).toHaveLength(before)
})

test('the answer is JSON with the names of the contract', async () => {
  server.answerWith(ok(fullAnswer))
  const reply = await post('/in/demo-ubl')
  expect(reply.headers.get('content-type')).toBe('application/json')
  expect(await reply.json()).toEqual(JSON.parse(fixture('answer.json')))
})

test('the answer is XML with the same names where Accept prefers XML', async () => {
  server.answerWith(ok(fullAnswer))
  const reply = await post('/in/demo-ubl', { accept: 'application/json;q=0.4, application/xml' })
  expect(reply.headers.get('content-type')).toBe('application/xml; charset=utf-8')
  expect(reply.headers.get('vary')).toBe('Accept')
  expect(await reply.text()).toBe(fixture('answer.xml'))
})

test('a character that XML does not have never keeps a stored message from being answered', async () => {
  server.answerWith(ok({ ...acceptedAnswer, outcome: 'rejected', errors: [{ code: 'value-invalid', at: 'number', detail: 'Found \u0001\ud800.' }] }))
  const reply = await post('/in/demo-ubl', { accept: 'text/xml' })
  expect(reply.status).toBe(422)
  expect(await reply.text()).toContain('<detail>Found \ufffd\ufffd.</detail>')
})

test.each<[ErrorCode, number]>([['field-missing', 422], ['key-reused', 409], ['xml-not-well-formed', 400]])('a message rejected for %s answers %i with its messageId', async (code, status) => {
  server.answerWith(ok({ ...acceptedAnswer, outcome: 'rejected', errors: [{ code: 'total-mismatch', at: '', detail: '', severity: 'warning' }, { code, at: 'x', detail: 'y' }] }))
  const reply = await post('/in/demo-ubl')
  expect(reply.status).toBe(status)
  expect(await reply.json()).toMatchObject({ messageId: acceptedAnswer.messageId, outcome: 'rejected' })
})

test.each<ErrorCode>(['channel-unknown', 'forbidden', 'too-large', 'media-type-unsupported', 'shutting-down'])('a message that is not stored for %s gets a problem', async (code) => {
  server.answerWith(fail(code, 'somewhere', 'Something particular.'))
  const reply = await post('/in/demo-ubl', { accept: 'application/xml' })
  const { status, text } = errorRegistry[code]
  expect(reply.status).toBe(status)
  expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(await reply.json()).toEqual({
    type: `urn:chainhub:error:${code}`, title: text, status, detail: 'Something particular.', instance: 'urn:chainhub:request:req-1', code, at: 'somewhere',
  })
  expect(reply.headers.has('retry-after')).toBe(status === 429 || status === 503)
})

test('a caller without a key is told how to show one', async () => {
  const none = await post('/in/demo-ubl', { authorization: 'Basic c2VjcmV0' })
  expect(none.status).toBe(401)
  expect(none.headers.get('www-authenticate')).toBe('Bearer realm="chainhub"')
  const wrong = await post('/in/demo-ubl', { authorization: 'bearer other' })
  expect(wrong.status).toBe(401)
  expect(wrong.headers.get('www-authenticate')).toContain('invalid_token')
})

import { request as httpRequest } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../schemas/error-registry.js'
import { adminKey } from '../fixtures/hub.js'
import { oneHub } from '../fixtures/one-hub.js'
import { order as canonicalOrder } from '../fixtures/intake.js'
import { ublOrder } from '../fixtures/ubl-documents.js'

const configuration = `
channels:
  - { id: demo-ubl, formats: [ubl] }
  - { id: strict, formats: [ubl], totals: refuse }
  - { id: small, formats: [ubl], maxBytes: 2048 }
  - { id: canonical, formats: [canonical] }
`

type Headers = Readonly<Record<string, string>>
interface Problem { readonly status: number, readonly code: string, readonly at: string, readonly detail: string, readonly title: string }
interface ShownMessage { readonly outcome: string, readonly status: number, readonly channel: string, readonly rawBytes: number, readonly answer: unknown }

const good = ublOrder({ number: 'GOOD-1' })
const json = (value: unknown): string => JSON.stringify(value)
const longXml = '<a>'.repeat(100_000)

const hub = oneHub({ configuration })
const newestMessage = async (): Promise<string | undefined> => {
  const { items } = await hub.json('GET', '/messages?limit=1') as { readonly items: readonly { readonly messageId: string }[] }
  return items[0]?.messageId
}
const keyOfChannel = async (channel: string): Promise<string> => (await hub.json('POST', '/keys', { role: 'channel', channel }) as { readonly key: string }).key
const bearer = (key: string): Headers => ({ authorization: `Bearer ${key}` })


interface Refused {
  readonly what: string
  readonly body: string | Uint8Array
  readonly channel?: string
  readonly headers?: Headers
  readonly status: number
  readonly code: ErrorCode
  /** Names the place. */
  readonly at: string | RegExp
  /** Says what is wrong or what to do. */
  readonly detail: RegExp
}

const refused: readonly Refused[] = [
  { what: 'a letter', body: 'Dear hub, please send ten lamps.', status: 400, code: 'syntax-unknown', at: '1:1', detail: /neither XML nor JSON: it begins with "Dear hub, please sen".*Send/ },
  { what: 'an EDIFACT interchange', body: "UNA:+.? 'UNB+UNOC:3+1:14+2:14+260305:0900+1'", headers: { 'content-type': 'text/xml' }, status: 400, code: 'syntax-unknown', at: '1:1', detail: /UN\/EDIFACT.*Send the document as XML or JSON/ },
  { what: 'CSV', body: 'number;date\nPO-1;2026-03-05\n', status: 400, code: 'syntax-unknown', at: '1:1', detail: /looks like CSV/ },
  { what: 'an Excel file', body: Buffer.from('504b0304140006000800', 'hex'), status: 400, code: 'syntax-unknown', at: 'byte 0', detail: /ZIP archive, or an Excel/ },
  { what: 'plain bytes that say they are gzip', body: good, headers: { 'content-encoding': 'gzip' }, status: 400, code: 'content-encoding-invalid', at: 'Content-Encoding', detail: /says gzip, but.*leave the header out/ },
  { what: 'XML that is not well-formed', body: good.replace('</cbc:ID>', ''), status: 400, code: 'xml-not-well-formed', at: /^2:\d+$/, detail: /cbc:ID is open/ },
  { what: 'an empty body', body: '', status: 400, code: 'message-empty', at: 'body', detail: /no content/ },
  { what: 'white space', body: ' \n', status: 400, code: 'message-empty', at: 'body', detail: /no content/ },
  { what: 'Latin-1 bytes declared as UTF-8', body: Buffer.from(good.replace('上海莲花', 'M\u00fcller').replace('上海莲花', 'Gmbh').replace('LED 面板灯', 'LED'), 'latin1'), status: 400, code: 'encoding-invalid', at: /^byte \d+$/, detail: /not utf-8.*send UTF-8/ },
  { what: 'an unknown encoding', body: good.replace('UTF-8', 'EBCDIC-XX'), status: 400, code: 'encoding-unknown', at: 'encoding', detail: /ebcdic-xx.*send UTF-8/ },
  { what: 'an unknown root', body: '<Hello xmlns="urn:nobody"/>', status: 422, code: 'format-unknown', at: '1:1', detail: /Hello of the namespace urn:nobody is none.* \d+ documents of ubl are taken; `npx chainhub format ubl` lists them\.$/ },
  { what: 'the right root in a wrong namespace', body: good.replace('xsd:Order-2', 'xsd:Order-3'), status: 422, code: 'format-unknown', at: '2:1', detail: /xsd:Order-3.*ubl\/order/ },
  { what: 'JSON on a channel of XML', body: json(canonicalOrder('1')), status: 422, code: 'format-unknown', at: '1:1', detail: /JSON object.*documents of ubl are taken/ },
  { what: 'an order without a number', body: good.replace('<cbc:ID>GOOD-1</cbc:ID>', ''), status: 422, code: 'field-missing', at: /cbc:ID/, detail: /needs it as its number/ },
  { what: 'an order whose number is empty', body: good.replace('<cbc:ID>GOOD-1</cbc:ID>', '<cbc:ID> </cbc:ID>'), status: 422, code: 'field-missing', at: /cbc:ID/, detail: /needs it as its number/ },
  { what: 'an order without an issue date', body: good.replace('<cbc:IssueDate>2026-03-05</cbc:IssueDate>', ''), status: 422, code: 'field-missing', at: /cbc:IssueDate/, detail: /needs it as its issuedOn/ },
  { what: 'a day that no month has', body: good.replace('2026-03-05', '2026-02-30'), status: 422, code: 'value-invalid', at: /^2:\d+ cbc:IssueDate$/, detail: /write it like 2026-03-31/ },
  { what: 'a quantity in words', body: good.replace('>10</cbc:Quantity>', '>ten</cbc:Quantity>'), status: 422, code: 'value-invalid', at: /^2:\d+ cac:OrderLine\/cac:LineItem\/cbc:Quantity$/, detail: /'ten' is not a decimal number; write it like/ },
  { what: 'a wrong total where the channel refuses it', channel: 'strict', body: ublOrder({ number: 'T-1', total: '999.00' }), status: 422, code: 'total-mismatch', at: /^2:\d+ cac:AnticipatedMonetaryTotal\/cbc:LineExtensionAmount$/, detail: /is 999 CNY, but the sum of the lines makes 250/ },
  { what: 'a gzip bomb', channel: 'small', body: gzipSync(Buffer.alloc(1_000_000, 32)), headers: { 'content-encoding': 'gzip' }, status: 400, code: 'limit-exceeded', at: 'body', detail: /more than \d+ bytes/ },
  { what: 'a gzip bomb that nobody announced', channel: 'small', body: gzipSync(Buffer.alloc(1_000_000, 32)), status: 400, code: 'limit-exceeded', at: 'body', detail: /more than \d+ bytes/ },
  { what: 'half a gzip', body: gzipSync(good).subarray(0, 200), headers: { 'content-encoding': 'gzip' }, status: 400, code: 'content-encoding-invalid', at: 'body', detail: /does not decompress as gzip/ },
  { what: 'a billion laughs', body: '<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>', status: 400, code: 'xml-forbidden', at: '1:1', detail: /send the document without/ },
  { what: 'an external entity', body: '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', status: 400, code: 'xml-forbidden', at: '1:1', detail: /send the document without/ },
  { what: 'XML of 100,000 levels', body: longXml, status: 400, code: 'limit-exceeded', at: '1:601', detail: /nested more than 200 levels/ },
  { what: 'JSON of 100,000 levels', channel: 'canonical', body: '['.repeat(100_000), status: 400, code: 'limit-exceeded', at: '1:201', detail: /nested more than 200 levels/ },
  { what: 'two roots', body: `${good}<b/>`, status: 400, code: 'xml-not-well-formed', at: /^2:\d+$/, detail: /more than one root/ },
  { what: 'JSON with a member twice', channel: 'canonical', body: '{"kind":"order","kind":"invoice"}', status: 400, code: 'json-not-well-formed', at: '1:17', detail: /"kind" stands twice/ },
  { what: 'JSON of an unknown kind', channel: 'canonical', body: json({ ...canonicalOrder('1'), kind: 'poem' }), status: 422, code: 'format-unknown', at: '1:1', detail: /kind "poem".*documents of canonical are taken/ },
  { what: 'a member that the schema does not know', channel: 'canonical', body: json(canonicalOrder('1', { colour: 'red' })), status: 422, code: 'field-unknown', at: /colour$/, detail: /'colour' is not one of the document's/ },
  { what: 'a number of 9,000 characters', body: ublOrder({ number: '9'.repeat(9000) }), status: 422, code: 'value-invalid', at: /^2:\d+ cbc:ID$/, detail: /^number is longer than 200/ },
  { what: 'U+0000 in JSON', channel: 'canonical', body: json(canonicalOrder('A\0B')), status: 422, code: 'not-storable', at: /^1:\d+ number$/, detail: /^number: .*U\+0000 at offset 1/ },
  { what: 'a lone surrogate in JSON', channel: 'canonical', body: json(canonicalOrder('A')).replace('"A"', '"\\ud800"'), status: 422, code: 'not-storable', at: /^1:\d+ number$/, detail: /surrogate/ },
  { what: 'the year 300000', channel: 'canonical', body: json(canonicalOrder('1', { issuedOn: '300000-01-01' })), status: 422, code: 'value-invalid', at: /^1:\d+ issuedOn$/, detail: /not a date like/ },
  { what: 'an amount of 200,000 digits', channel: 'canonical', body: json(canonicalOrder('1', { lines: [{ number: '1', quantity: { value: '1e200000' } }] })), status: 422, code: 'value-invalid', at: /lines\[0\]\.quantity\.value$/, detail: /write it like/ },
  { what: 'an empty array', channel: 'canonical', body: '[]', status: 400, code: 'message-empty', at: '1:1', detail: /no elements/ },
  { what: 'a SOAP envelope with nothing in it', body: '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>', status: 422, code: 'envelope-invalid', at: /^1:\d+$/, detail: /no document in its Body/ },
]

describe('what cannot be taken is refused with a clear answer and stored as it came', () => {
  it.each(refused)('$what', async ({ body, channel = 'demo-ubl', headers, status, code, at, detail }) => {
    const sent = await hub.send(channel, body, headers === undefined ? {} : { headers })
    expect(sent).toMatchObject({ status, answer: { outcome: 'rejected', documents: [], errors: [{ code, at: matching(at), detail: matching(detail) }] } })
    const shown = await hub.json('GET', `/messages/${sent.answer.messageId}`) as ShownMessage
    expect(shown).toMatchObject({ outcome: 'rejected', status, channel, rawBytes: Buffer.from(body).length, answer: sent.answer })
    const raw = await hub.request('GET', `/messages/${sent.answer.messageId}/raw`)
    expect(Buffer.from(await raw.arrayBuffer()).equals(Buffer.from(body))).toBe(true)
  })
})

const matching = (text: string | RegExp): unknown => (typeof text === 'string' ? text : expect.stringMatching(text))

interface Unstored {
  readonly what: string
  readonly path?: string
  readonly body?: string
  readonly headers?: () => Headers | Promise<Headers>
  readonly status: number
  readonly code: ErrorCode
  readonly at: string
  readonly detail: RegExp
}

const unstored: readonly Unstored[] = [
  { what: 'an unknown channel', path: '/in/nowhere', status: 404, code: 'channel-unknown', at: 'channel', detail: /no channel 'nowhere'; there are demo-ubl, / },
  { what: 'an unknown channel with the key of another', path: '/in/nowhere', headers: async () => bearer(await keyOfChannel('canonical')), status: 404, code: 'channel-unknown', at: 'channel', detail: /no channel 'nowhere'; your key is one of the channel 'canonical'\.$/ },
  { what: 'no key', headers: () => ({ authorization: '' }), status: 401, code: 'credentials-missing', at: 'Authorization', detail: /Bearer KEY/ },
  { what: 'no key on an unknown channel', path: '/in/nowhere', headers: () => ({ authorization: '' }), status: 401, code: 'credentials-missing', at: 'Authorization', detail: /Bearer KEY/ },
  { what: 'another scheme of authorization', headers: () => ({ authorization: 'Basic YTpi' }), status: 401, code: 'credentials-missing', at: 'Authorization', detail: /Bearer KEY/ },
  { what: 'a wrong key', headers: () => bearer('no-such-key-000000'), status: 401, code: 'credentials-invalid', at: 'Authorization', detail: /not known or was revoked/ },
  { what: 'the key of another channel', headers: async () => bearer(await keyOfChannel('canonical')), status: 403, code: 'forbidden', at: 'Authorization', detail: /not one of the channel 'demo-ubl'/ },
  { what: 'a message larger than the channel takes', path: '/in/small', body: ublOrder({ number: 'BIG', note: 'x'.repeat(3000) }), status: 413, code: 'too-large', at: 'body', detail: /the channel takes 2048/ },
  { what: 'an unknown content encoding', headers: () => ({ 'content-encoding': 'zstd' }), status: 415, code: 'media-type-unsupported', at: 'Content-Encoding', detail: /'zstd'.*send gzip, deflate, br or none/ },
  { what: 'a wait for nobody', path: '/in/demo-ubl?wait=mars', status: 400, code: 'request-invalid', at: 'wait', detail: /"mars".*crm and warehouse/ },
  { what: 'a wait without an end', path: '/in/demo-ubl?wait=crm&timeoutMs=forever', status: 400, code: 'request-invalid', at: 'timeoutMs', detail: /from 0 to 60000/ },
  { what: 'an idempotency key of 300 characters', headers: () => ({ 'idempotency-key': 'k'.repeat(300) }), status: 400, code: 'request-invalid', at: 'Idempotency-Key', detail: /1 to 255/ },
]

describe('what does not get in is answered with a problem and not stored', () => {
  it.each(unstored)('$what', async ({ path = '/in/demo-ubl', body = good, headers, status, code, at, detail }) => {
    const given = headers === undefined ? {} : await headers()
    const before = await newestMessage()
    const answer = await hub.request('POST', path, { body, headers: given })
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect({ sent: answer.status, ...await answer.json() as Problem }).toMatchObject({ sent: status, status, code, at, detail: expect.stringMatching(detail) as unknown, title: expect.stringMatching(/\.$/) as unknown })
    expect(await newestMessage()).toBe(before)
  })

  it('says to a caller without a key what to show', async () => {
    const answer = await hub.request('POST', '/in/demo-ubl', { body: good, headers: { authorization: '' } })
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="chainhub"')
  })
})

describe('who may not use an operation', () => {
  it.each(['', 'Bearer no-such-key-000000', 'Basic YTpi'])('is told so before a byte of the body is read: %j', async (authorization) => {
    const incoming = await refusal('/schema-sets/x', authorization, 20_000_000)
    expect(incoming).toBe(401)
  })

  it('with a channel\'s key neither, and learns nothing of the form', async () => {
    const answer = await hub.request('PUT', '/schema-sets/x', { body: '{}', headers: { ...bearer(await keyOfChannel('demo-ubl')), 'content-type': 'application/json' } })
    expect(answer.status).toBe(403)
  })
})

/** The status that comes although the body never does. */
const refusal = (path: string, authorization: string, length: number): Promise<number | undefined> => new Promise((resolve, reject) => {
  const outgoing = httpRequest(new URL(path, hub.url), { method: 'PUT', headers: { authorization, 'content-type': 'application/json', 'content-length': length } }, (answer) => {
    resolve(answer.statusCode)
    outgoing.destroy()
  })
  outgoing.once('error', reject)
  outgoing.flushHeaders()
})

describe('a channel\'s key', () => {
  it('submits, sees the state of its own messages and nothing else', async () => {
    const own = await keyOfChannel('demo-ubl')
    const other = await keyOfChannel('canonical')
    const { status, answer } = await hub.send('demo-ubl', ublOrder({ number: 'OWN-1' }), { headers: bearer(own) })
    expect(status).toBe(200)
    const statusOf = async (path: string, key: string): Promise<number> => (await hub.request('GET', path, { headers: bearer(key) })).status
    const state = await hub.request('GET', `/messages/${answer.messageId}`, { headers: bearer(own) })
    expect({ status: state.status, state: await state.json() as unknown }).toEqual({ status: 200, state: answer })
    expect(await statusOf(`/messages/${answer.messageId}`, other)).toBe(403)
    for (const path of ['/messages', `/messages/${answer.messageId}/raw`, `/messages/${answer.messageId}/lineage`, '/parties', '/cubes', '/digests/central', `/views/threads/${answer.documents[0]?.threadIds[0] ?? ''}`]) {
      expect({ path, status: await statusOf(path, own) }).toEqual({ path, status: 403 })
    }
  })
})

describe('a wrong total', () => {
  it('is a warning where the channel does not refuse it', async () => {
    expect(await hub.send('demo-ubl', ublOrder({ number: 'T-1', total: '999.00' }))).toMatchObject({
      status: 200, answer: { outcome: 'accepted', documents: [{ number: 'T-1' }], errors: [{ code: 'total-mismatch', at: matching(/ cac:AnticipatedMonetaryTotal\/cbc:LineExtensionAmount$/), detail: matching(/^totals\.lines is 999/), severity: 'warning' }] },
    })
  })
})

describe('questions that make no sense', () => {
  it.each(['/messages?limit=many', '/messages?since=yesterday', '/messages?outcome=fine', '/messages?cursor=%00', '/messages?colour=red', '/messages/none', '/messages/00000000-0000-7000-8000-000000000000',
    '/messages/00000000-0000-7000-8000-000000000000/raw', '/messages/00000000-0000-7000-8000-000000000000/lineage', '/parties?cursor=nonsense', '/parties?q=%00', '/parties/00000000-0000-7000-8000-000000000000',
    '/views/threads/00000000-0000-7000-8000-000000000000', '/views/customers/00000000-0000-7000-8000-000000000000', '/schemas/poem', '/digests/moon', '/no/such/address'])('GET %s is answered with a problem of the caller\'s', async (path) => {
    const answer = await hub.request('GET', path)
    expect({ path, status: answer.status, type: answer.headers.get('content-type') }).toMatchObject({ status: expect.toSatisfy((status: number) => status === 400 || status === 404) as unknown, type: 'application/problem+json; charset=utf-8' })
    expect(await answer.json()).toMatchObject({ code: expect.any(String) as unknown, at: expect.any(String) as unknown, detail: expect.stringMatching(/./) as unknown })
  })

  it.each([
    ['/keys', { role: 'king' }], ['/keys', { role: 'channel' }], ['/keys', { role: 'channel', channel: 'nowhere' }], ['/cubes/none/query', { rows: [], measures: [] }],
    ['/keys', { role: 'admin', party: 'A\0B' }], ['/cubes/sales/query', { rows: ['A\0B'], measures: ['revenue'] }],
    ['/cubes/sales/query', { rows: ['colour'], measures: ['revenue'] }], ['/cubes/sales/query', { rows: 7 }], ['/cubes/sales/drill', { cell: { colour: 'red' } }], ['/rebuilds/moon', {}],
  ])('POST %s %j likewise', async (path, body) => {
    const answer = await hub.request('POST', path, { body: json(body), headers: { 'content-type': 'application/json' } })
    expect({ status: answer.status, type: answer.headers.get('content-type') }).toMatchObject({ status: expect.toSatisfy((status: number) => status >= 400 && status < 500) as unknown, type: 'application/problem+json; charset=utf-8' })
  })
})

interface WrongRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
  readonly at: string
  readonly detail: RegExp
}

describe('a request that cannot be', () => {
  it.each<WrongRequest>([
    { method: 'GET', path: '/messages/1', at: 'params.id', detail: /^The value is no id; an id looks like 7402fa05-/ },
    { method: 'GET', path: '/messages?limit=many', at: 'query.limit', detail: /^The value is not a whole number of at most 4 digits\.$/ },
    { method: 'POST', path: '/cubes/sales/query', body: '{"rows":', at: 'body', detail: /^The body is not well-formed JSON; send a JSON object as \/docs describes it\.$/ },
    { method: 'POST', path: '/cubes/sales/query', body: '', at: 'body', detail: /^The body is empty; send a JSON object/ },
    { method: 'POST', path: '/cubes/sales/query', body: '{"rows":[]}', at: 'measures', detail: /'measures' is missing/ },
  ])('$method $path $body is told where and what to do', async ({ method, path, body, at, detail }) => {
    const answer = await hub.request(method, path, body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } })
    expect({ sent: answer.status, ...await answer.json() as Problem }).toMatchObject({ sent: 400, at, detail: expect.stringMatching(detail) as unknown })
  })
})

describe('a body of 100,000 levels', () => {
  it('is refused by whatever takes JSON', async () => {
    for (const path of ['/keys', '/cubes/sales/query', '/cubes/sales/drill']) {
      const answer = await hub.request('POST', path, { body: `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, headers: { 'content-type': 'application/json' } })
      expect({ path, status: answer.status }).toEqual({ path, status: 400 })
      await answer.arrayBuffer()
    }
  })
})

describe('after all that', () => {
  it('the hub is ready, followers come to the journal\'s end, and a rebuild from the journal gives what is there', async () => {
    const { answer } = await hub.send('demo-ubl', ublOrder({ number: 'LAST-1' }), { query: '?wait=crm,warehouse&timeoutMs=20000' })
    expect(answer).toMatchObject({ outcome: 'accepted' })
    expect(await hub.json('GET', '/health/ready')).toMatchObject({ status: 'ready', followers: { crm: { behind: 0 }, warehouse: { behind: 0 } } })
    for (const follower of ['crm', 'warehouse']) {
      const before = await hub.json('GET', `/digests/${follower}`)
      await (await hub.request('POST', `/rebuilds/${follower}`)).text()
      expect(await hub.json('GET', `/digests/${follower}`)).toEqual(before)
    }
  })

  it('no message that was refused has a document, and each accepted one has the documents that it was answered', async () => {
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const page = await hub.json('GET', `/messages?limit=100${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`) as { readonly items: readonly { readonly outcome: string, readonly answer: { readonly outcome: string, readonly documents: readonly unknown[] } }[], readonly next?: string }
      for (const { outcome, answer } of page.items) expect({ outcome, documents: answer.documents.length > 0 }).toEqual({ outcome: answer.outcome, documents: outcome !== 'rejected' })
      cursor = page.next
    }
  })

  it('the key that a hub was given still opens it', async () => {
    expect((await hub.request('GET', '/messages', { headers: bearer(adminKey) })).status).toBe(200)
  })
})

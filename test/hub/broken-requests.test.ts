import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { adminKey } from '../fixtures/hub.js'
import { oneHub } from '../fixtures/one-hub.js'
import { ublOrder } from '../fixtures/ubl-documents.js'

const hub = oneHub()

/** What comes on a connection until the hub closes it; with `ends` the sender closes its half behind the last byte. */
const exchange = (sent: string | Buffer, ends = false): Promise<string> => new Promise((resolve, reject) => {
  const { hostname, port } = new URL(hub.url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  let text = ''
  socket.on('data', (chunk: Buffer) => { text += chunk.toString('latin1') })
  socket.on('end', () => { socket.destroy() })
  socket.on('close', () => { resolve(text) })
  socket.on('error', reject)
  if (ends) socket.end(sent)
  else socket.write(sent)
})

const headEnd = '\r\n\r\n'
const keyed = `Host: hub\r\nAuthorization: Bearer ${adminKey}\r\n`

interface Answered {
  readonly status: number
  readonly head: string
  readonly body: string
}

const answersIn = (text: string): readonly Answered[] => {
  const answers: Answered[] = []
  for (let left = text; left !== '';) {
    const end = left.indexOf(headEnd)
    const head = left.slice(0, end)
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1])
    if (end === -1 || Number.isNaN(length)) throw new Error(`no answer with its length: ${left}`)
    answers.push({ status: Number(head.split(' ', 2)[1]), head, body: Buffer.from(left.slice(end + 4, end + 4 + length), 'latin1').toString('utf8') })
    left = left.slice(end + 4 + length)
  }
  return answers
}

interface Broken {
  readonly what: string
  readonly sent: string
  readonly status: number
  readonly code: string
  readonly at: string
  /** Whether the sender closes its half behind the last byte. */
  readonly ends?: true
}

const broken: readonly Broken[] = [
  { what: 'a request line that is none', sent: `NONSENSE${headEnd}`, status: 400, code: 'request-invalid', at: 'request line' },
  { what: 'a TLS handshake', sent: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', status: 400, code: 'request-invalid', at: 'request line' },
  { what: 'a header without a colon', sent: `GET / HTTP/1.1\r\nHost hub${headEnd}`, status: 400, code: 'request-invalid', at: 'headers' },
  { what: 'a Content-Length that is no number', sent: `POST /in/demo-ubl HTTP/1.1\r\n${keyed}Content-Length: ten${headEnd}`, status: 400, code: 'request-invalid', at: 'Content-Length' },
  { what: 'a body that says its length in two ways', sent: `POST /in/demo-ubl HTTP/1.1\r\n${keyed}Content-Length: 3\r\nTransfer-Encoding: chunked${headEnd}0${headEnd}`, status: 400, code: 'request-invalid', at: 'Transfer-Encoding' },
  { what: 'a chunk without its size', sent: `POST /in/demo-ubl HTTP/1.1\r\n${keyed}Transfer-Encoding: chunked${headEnd}zz\r\n<a/>\r\n`, status: 400, code: 'request-invalid', at: 'body' },
  { what: 'headers of 20 kB', sent: `GET / HTTP/1.1\r\nHost: hub\r\nX-Long: ${'x'.repeat(20_000)}${headEnd}`, status: 431, code: 'headers-too-large', at: 'headers' },
  { what: 'no Host', sent: `GET /health/live HTTP/1.1\r\nConnection: close${headEnd}`, status: 400, code: 'request-invalid', at: 'Host' },
  { what: 'two Hosts', sent: `GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close${headEnd}`, status: 400, code: 'request-invalid', at: 'Host' },
  { what: 'another Expect than 100-continue', sent: `POST /in/demo-ubl HTTP/1.1\r\n${keyed}Expect: 200-maybe\r\nContent-Length: 4${headEnd}<a/>`, status: 417, code: 'expectation-failed', at: 'Expect' },
  { what: 'a path whose escapes are not UTF-8', sent: `POST /in/%ff HTTP/1.1\r\n${keyed}Connection: close\r\nContent-Length: 4${headEnd}<a/>`, status: 400, code: 'request-invalid', at: 'path' },
  { what: 'a % that begins no escape', sent: `GET /messages/%zz HTTP/1.1\r\n${keyed}Connection: close${headEnd}`, status: 400, code: 'request-invalid', at: 'path' },
  { what: 'a channel of 3,000 characters', sent: `POST /in/${'x'.repeat(3000)} HTTP/1.1\r\n${keyed}Connection: close\r\nContent-Length: 4${headEnd}<a/>`, status: 414, code: 'address-too-long', at: 'path' },
  { what: 'a CONNECT', sent: `CONNECT example.com:443 HTTP/1.1\r\nHost: example.com${headEnd}`, status: 405, code: 'method-not-allowed', at: 'example.com:443' },
  { what: 'a connection that ends within the headers', sent: 'GET / HTTP/1.1\r\nHost: hu', status: 400, code: 'request-invalid', at: 'request', ends: true },
  { what: 'a connection that ends within the body', sent: `POST /in/demo-ubl HTTP/1.1\r\n${keyed}Content-Length: 100${headEnd}<a/>`, status: 400, code: 'request-invalid', at: 'request', ends: true },
]

describe('a request that is broken below the routes', () => {
  it.each(broken)('$what is answered with a problem, and the connection closed', async ({ sent, status, code, at, ends }) => {
    const [answer, ...more] = answersIn(await exchange(Buffer.from(sent, 'latin1'), ends))
    expect(more).toEqual([])
    expect(answer?.head).toMatch(/^content-type: application\/problem\+json; charset=utf-8$/im)
    expect(answer?.head).toMatch(/^connection: close$/im)
    expect({ sent: answer?.status, ...JSON.parse(answer?.body ?? '') as object }).toEqual({
      sent: status, status, code, at, type: `urn:chainhub:error:${code}`, title: expect.stringMatching(/\.$/) as unknown, detail: expect.stringMatching(/\.$/) as unknown, instance: expect.stringMatching(/^urn:chainhub:request:/) as unknown,
    })
    expect(answer?.body).not.toMatch(/ at \S+:\d+:\d+|node_modules|\.[jt]s:\d/)
  })

  it('behind a good one on the same connection is answered after it, and the good one is kept', async () => {
    const body = ublOrder({ number: 'BEFORE-BROKEN' })
    const text = await exchange(`POST /in/demo-ubl HTTP/1.1\r\n${keyed}Content-Length: ${Buffer.byteLength(body)}${headEnd}${body}NONSENSE${headEnd}`)
    const [first, second, ...more] = answersIn(text)
    expect({ first: first?.status, answer: JSON.parse(first?.body ?? '') as unknown, second: second?.status, more }).toMatchObject({ first: 200, answer: { outcome: 'accepted', documents: [{ number: 'BEFORE-BROKEN' }] }, second: 400, more: [] })
  })

  it('leaves nothing stored, and the hub takes the next one', async () => {
    const before = await hub.json('GET', '/messages?limit=1')
    for (const { sent, ends } of broken) await exchange(Buffer.from(sent, 'latin1'), ends)
    expect(await hub.json('GET', '/messages?limit=1')).toEqual(before)
    expect((await hub.send('demo-ubl', ublOrder({ number: 'AFTER-BROKEN' }))).status).toBe(200)
  })
})

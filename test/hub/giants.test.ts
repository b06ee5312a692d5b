import { connect } from 'node:net'
import { once } from 'node:events'
import { createHash, randomBytes } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import { projectFolder } from '../../schemas/project-folder.js'
import { orderBatch, partsOf, startGiantHub, type GiantHub, type ShownMessage } from '../fixtures/giants.js'
import { adminKey } from '../fixtures/hub.js'
import { order } from '../fixtures/intake.js'
import { ublOrder } from '../fixtures/ubl-documents.js'

let giants: GiantHub
beforeAll(async () => { giants = await startGiantHub() })
afterAll(async () => { await giants.stop() })

const send = (body: string | Uint8Array, channel = 'ubl', headers: Readonly<Record<string, string>> = {}, query = '') => giants.hub().send(channel, body, { headers, query })
const counts = (accepted: number, rejected = 0, duplicate = 0) => ({ accepted, duplicate, partial: 0, rejected })
const newest = async (): Promise<ShownMessage & { readonly messageId: string }> => {
  const { items } = await giants.hub().json('GET', '/messages?limit=1') as { readonly items: readonly (ShownMessage & { readonly messageId: string })[] }
  const [first] = items
  if (first === undefined) throw new Error('there is no message')
  return first
}

describe('a batch that is too large to be held', () => {
  it('is taken part by part, answered by counts, and followed by both databases', async () => {
    const { status, answer } = await send(orderBatch('A', 600), 'ubl', {}, '?wait=crm,warehouse&timeoutMs=60000')
    expect({ status, answer }).toMatchObject({ status: 200, answer: { outcome: 'accepted', documents: [], partCounts: counts(600), parts: [], errors: [] } })
    const { crm = 0, warehouse = 0 } = answer.passed ?? {}
    expect(Math.min(crm, warehouse)).toBeGreaterThanOrEqual(answer.journalSeq ?? Infinity)
    const parts = await partsOf(giants.hub(), answer, 'accepted', 300)
    expect(parts.map(({ part, documents }) => [part, documents[0]?.number])).toEqual(Array.from({ length: 600 }, (_, index) => [index + 1, `A-${index}`]))
    const thread = await giants.hub().json('GET', `/views/threads/${parts[599]?.documents[0]?.threadIds[0] ?? ''}`)
    expect(thread).toMatchObject({ documents: [{ kind: 'order', number: 'A-599' }] })
  })

  it('is cut as its first part says, where a language of the channel lets the root have any name', async () => {
    const idocs = (await readFile(projectFolder('mappings', 'idoc', 'samples', 'order.xml'), 'utf8')).replace(/<IDOC[^]*<\/IDOC>/, (idoc) => Array.from({ length: 9 }, (_, index) => idoc.replace(/(<BELNR>)[^<]*/, `$1IDOC-${index}`)).join('\n'))
    expect((await send(orderBatch('BOTH', 30), 'both')).answer).toMatchObject({ outcome: 'accepted', partCounts: counts(30) })
    expect((await send(idocs, 'both')).answer).toMatchObject({ outcome: 'accepted', partCounts: counts(9) })
  })

  it('is kept byte for byte, compressed as it came', async () => {
    const body = gzipSync(orderBatch('GZ', 400))
    const { answer } = await send(body, 'ubl', { 'content-encoding': 'gzip' })
    expect(answer).toMatchObject({ outcome: 'accepted', partCounts: counts(400) })
    const raw = await giants.hub().request('GET', `/messages/${answer.messageId}/raw`)
    expect(createHash('sha256').update(Buffer.from(await raw.arrayBuffer())).digest('hex')).toBe(createHash('sha256').update(body).digest('hex'))
    expect(await giants.hub().json('GET', `/messages/${answer.messageId}`)).toMatchObject({ rawBytes: body.length, outcome: 'accepted', format: 'ubl/order' })
  })

  it('of which parts are wrong is partial and says which, where in the whole message, and why', async () => {
    const lines = orderBatch('B', 200).split('\n')
    lines[52] = (lines[52] ?? '').replace('2026-03-05', '2026-02-30')
    lines[102] = (lines[102] ?? '').replace('</cbc:ID>', '&nothing;</cbc:ID>')
    const { status, answer } = await send(lines.join('\n'))
    expect(status).toBe(200)
    expect(answer).toMatchObject({ outcome: 'partial', partCounts: counts(198, 2), parts: [{ part: 51, outcome: 'rejected' }, { part: 101, outcome: 'rejected' }] })
    expect(answer.errors).toMatchObject([{ code: 'value-invalid', at: expect.stringMatching(/^part 51: 53:\d+ /) as string }, { code: 'xml-not-well-formed', at: expect.stringMatching(/^part 101: 103:\d+$/) as string }])
    expect((await partsOf(giants.hub(), answer, 'rejected', 1)).map(({ part }) => part)).toEqual([51, 101])
  })

  it('whose end is not well-formed keeps what came before and says where it broke', async () => {
    const { answer } = await send(orderBatch('C', 50).replace('</Orders>', '</Order>'))
    expect(answer).toMatchObject({ outcome: 'partial', partCounts: counts(50, 1), errors: [{ code: 'xml-not-well-formed', at: 'part 51: 53:1' }] })
  })

  it('that was cut off is partial too', async () => {
    const whole = orderBatch('D', 50)
    const { answer } = await send(whole.slice(0, whole.indexOf('D-30')))
    expect(answer).toMatchObject({ outcome: 'partial', partCounts: counts(30, 1), errors: [{ code: 'xml-not-well-formed', at: expect.stringMatching(/^part 31: 33:/) as string }] })
  })

  it('with bytes that do not decode is taken up to these and says which', async () => {
    const body = Buffer.from(orderBatch('E', 400))
    const at = body.indexOf('E-380')
    body[at] = 0xff
    const { answer } = await send(body)
    expect(answer.outcome).toBe('partial')
    expect(answer.partCounts?.accepted).toBeGreaterThan(200)
    expect(answer.errors).toMatchObject([{ code: 'encoding-invalid', at: expect.stringMatching(new RegExp(`: byte ${at}$`)) as string }])
  })

  it('is read in the encoding that it declares', async () => {
    const text = orderBatch('F', 20, 'UTF-16')
    expect((await send(Buffer.from(`\ufeff${text}`, 'utf16le'))).answer).toMatchObject({ outcome: 'accepted', partCounts: counts(20) })
  })

  it('with a compressed body that breaks off is partial or refused for that', async () => {
    const { answer } = await send(gzipSync(orderBatch('H', 600)).subarray(0, -2000), 'ubl', { 'content-encoding': 'gzip' })
    expect(answer.errors.at(-1)).toMatchObject({ code: 'content-encoding-invalid' })
  })

  it('that expands without end is stopped', async () => {
    const { answer } = await send(gzipSync(`<a>${' '.repeat(30_000_000)}</a>`), 'narrow', { 'content-encoding': 'gzip' })
    expect(answer).toMatchObject({ outcome: 'rejected', errors: [{ code: 'limit-exceeded', detail: expect.stringMatching(/expands to more than 200000/) as string }] })
  })

  it.each([['gzip', (text: string) => gzipSync(text)], ['br', (text: string) => brotliCompressSync(text)], ['gzip, gzip', (text: string) => gzipSync(gzipSync(text))]])(
    'that expands two hundredfold is stopped as a small message is, long before the channel\'s limit: %s', async (coding, compress) => {
      const text = `<Orders>${' '.repeat(12_000_000)}${orderBatch('Z', 1).slice(orderBatch('Z', 1).indexOf('<Order '))}`
      // What does not compress makes it a giant, and leaves it far below a 200th.
      const body = compress(`<!--${randomBytes(8000).toString('base64').replaceAll('-', '')}-->${text}`)
      const { status, answer } = await send(body, 'ubl', { 'content-encoding': coding })
      expect({ status, answer }).toMatchObject({ status: 400, answer: { outcome: 'rejected', errors: [{ code: 'limit-exceeded', detail: 'The body expands to more than 8388608 bytes, 200 times what was sent.' }] } })
    })

  it('of SOAP and other envelopes in its children opens these', async () => {
    const inSoap = `<Batch><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${['S-1', 'S-2', 'S-3'].map((number) => ublOrder({ number }).replace(/^<\?xml[^>]*\?>\s*/, '')).join('')}</s:Body></s:Envelope></Batch>`
    expect((await send(inSoap)).answer).toMatchObject({ outcome: 'accepted', partCounts: counts(3) })
  })

  it.each(['array', 'lines'])('may be a JSON %s', async (form) => {
    const orders = Array.from({ length: 100 }, (_, index) => JSON.stringify(index === 40 ? { kind: 'order' } : order(`${form}-${index}`)))
    const { answer } = await send(form === 'array' ? `[\n${orders.join(',\n')}\n]` : orders.join('\r\n'), 'canonical')
    expect(answer).toMatchObject({ outcome: 'partial', partCounts: counts(99, 1), parts: [{ part: 41 }] })
  })

  it('of the wrong kind is not read to its end', async () => {
    const { status, answer } = await send(`<a>${'<b/>'.repeat(100_000)}</a>`)
    expect(status).toBe(422)
    expect(answer).toMatchObject({ outcome: 'rejected', partCounts: counts(0, 1001) })
    expect(answer.parts).toHaveLength(100)
    expect(await partsOf(giants.hub(), answer, 'rejected', 500).then((parts) => parts.at(-1)?.errors)).toMatchObject([{ code: 'limit-exceeded', detail: expect.stringMatching(/None of the first 1000 parts/) as string }])
  })

  it.each([['canonical', `[${' '.repeat(9000)}]`], ['ubl', `<Orders>${' '.repeat(9000)}</Orders>`]])('without a document says so: %s', async (channel, body) => {
    expect(await send(body, channel)).toMatchObject({ status: 400, answer: { outcome: 'rejected', errors: [{ code: 'message-empty' }] } })
  })

  it('is refused unread where it is larger than the channel takes, with and without a length', async () => {
    const body = `<a>${' '.repeat(200_000)}</a>`
    expect((await send(body, 'narrow')).answer).toMatchObject({ code: 'too-large', status: 413 })
    const chunked = await fetch(`${giants.hub().url}/in/narrow`, { method: 'POST', duplex: 'half', headers: { authorization: `Bearer ${adminKey}` }, body: new Blob([body]).stream() } as RequestInit)
    expect(await chunked.json()).toMatchObject({ code: 'too-large', status: 413 })
  })
})

describe('a batch on a channel with a registered schema', () => {
  it('is held against it part by part, with the paths and types as the sender wrote them', async () => {
    const text = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:held" xmlns="urn:held" elementFormDefault="qualified">
      <xs:element name="Held"><xs:complexType><xs:sequence><xs:element name="Day" type="xs:date"/><xs:element name="Any" type="xs:anyType"/></xs:sequence></xs:complexType></xs:element></xs:schema>`
    const put = await giants.hub().request('PUT', '/schema-sets/held', { body: JSON.stringify({ files: [{ path: 'held.xsd', text }], channels: ['ubl-2'] }), headers: { 'content-type': 'application/json' } })
    expect(put.status).toBe(200)
    const held = '<p:Held><p:Day>2026-02-30</p:Day><p:Any xsi:type="t:decimal">1.5</p:Any></p:Held>'
    const { answer } = await send(`<Batch xmlns:p="urn:held" xmlns:t="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n${`${held}\n`.repeat(80)}</Batch>`, 'ubl-2')
    const breaches = answer.errors.filter(({ code }) => code === 'schema-violation')
    expect(breaches.slice(0, 2)).toMatchObject([{ at: 'part 1: 2:9 p:Day', path: 'p:Day' }, { at: 'part 2: 3:9 p:Day' }])
    expect(breaches.every(({ at }) => at.endsWith(' p:Day'))).toBe(true)
    await giants.hub().request('DELETE', '/schema-sets/held')
  })
})

describe('a large message that is one document', () => {
  it('is answered as a small one is', async () => {
    const note = 'x'.repeat(10_000)
    expect((await send(ublOrder({ number: 'ONE', note }))).answer).toMatchObject({ outcome: 'accepted', documents: [{ number: 'ONE', revision: 1 }], errors: [] })
    expect((await send(ublOrder({ number: 'ONE', note }))).answer).toMatchObject({ outcome: 'duplicate', documents: [{ number: 'ONE' }] })
  })

  it('is refused where it is larger than one document may be', async () => {
    expect((await send(ublOrder({ number: 'HUGE', note: 'x'.repeat(50_000) }), 'narrow')).answer).toMatchObject({ outcome: 'rejected', errors: [{ code: 'limit-exceeded', at: 'body' }] })
  })
})

describe('a large message that is sent again', () => {
  it('gets the first answer as a duplicate, and changes nothing', async () => {
    const body = orderBatch('R', 100)
    const first = await send(body)
    const before = await giants.hub().json('GET', '/digests/central')
    expect((await send(body)).answer).toEqual({ ...first.answer, outcome: 'duplicate' })
    expect(await giants.hub().json('GET', '/digests/central')).toEqual(before)
  })

  it('under its key with other content is refused and kept', async () => {
    await send(orderBatch('K', 30), 'ubl', { 'idempotency-key': 'k-1' })
    const { status, answer } = await send(orderBatch('L', 30), 'ubl', { 'idempotency-key': 'k-1' })
    expect({ status, answer }).toMatchObject({ status: 409, answer: { outcome: 'rejected', errors: [{ code: 'key-reused' }] } })
    expect(await (await giants.hub().request('GET', `/messages/${answer.messageId}/raw`)).text()).toContain('L-29')
  })

  it('while the first is running waits for the same answer', async () => {
    const body = orderBatch('W', 600)
    const [first, second] = await Promise.all([send(body), sleep(50).then(() => send(body))])
    expect([first.answer.outcome, second.answer.outcome].sort()).toEqual(['accepted', 'duplicate'])
    expect(second.answer.messageId).toBe(first.answer.messageId)
    expect(first.answer.partCounts).toEqual(counts(600))
  })

  it('in another message with some orders changed makes revisions of these and duplicates of the others', async () => {
    const body = orderBatch('V', 60)
    await send(body)
    const { answer } = await send(body.replaceAll(/(<cbc:ID>V-1\d<\/cbc:ID><cbc:IssueDate>2026-03-0)5/g, '$16'))
    expect(answer).toMatchObject({ outcome: 'accepted', partCounts: counts(10, 0, 50) })
    expect((await partsOf(giants.hub(), answer, 'accepted')).map(({ documents }) => [documents[0]?.number, documents[0]?.revision])).toEqual(Array.from({ length: 10 }, (_, index) => [`V-1${index}`, 2]))
  })

  it('by an operator never goes back behind a later message', async () => {
    const first = await send(orderBatch('P', 30))
    await send(orderBatch('P', 30).replaceAll('2026-03-05', '2026-03-06'))
    const replayed = await giants.hub().json('POST', `/messages/${first.answer.messageId}/replay`) as MessageAnswer
    expect(replayed).toMatchObject({ messageId: first.answer.messageId, outcome: 'rejected', partCounts: counts(0, 30) })
    expect(replayed.errors[0]).toMatchObject({ code: 'revision-stale' })
  })
})

describe('a sender who hangs up', () => {
  const post = async (body: string, upTo: number) => {
    const socket = connect(Number(new URL(giants.hub().url).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`POST /in/ubl HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${adminKey}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`)
    await new Promise((resolve) => socket.write(body.slice(0, upTo), resolve))
    return socket
  }

  it('before the last byte has sent nothing', async () => {
    const before = await newest()
    const body = orderBatch('U', 100)
    const socket = await post(body, body.length - 10)
    await sleep(200)
    socket.destroy()
    await sleep(200)
    expect(await newest()).toEqual(before)
    expect((await send(body)).answer).toMatchObject({ outcome: 'accepted', partCounts: counts(100) })
  })

  it('behind the last byte finds the answer when it sends again', async () => {
    const body = orderBatch('X', 600)
    const socket = await post(body, body.length)
    for (const untilMs = Date.now() + 20_000; Date.now() < untilMs && (await newest()).outcome !== 'running';) await sleep(10)
    expect(await giants.hub().json('GET', `/messages/${(await newest()).messageId}`)).toMatchObject({ outcome: 'running', status: null, answer: null, progress: { partCounts: { rejected: 0 } } })
    socket.destroy()
    expect((await send(body)).answer).toMatchObject({ outcome: 'duplicate', partCounts: counts(600) })
  })
})

describe('senders who are slow', () => {
  const begin = async (key: string, everyMs?: number) => {
    const socket = connect(Number(new URL(giants.hub().url).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`POST /in/ubl HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-length: 50000000\r\n\r\n${orderBatch('SLOW', 20)}`)
    const drip = everyMs === undefined ? undefined : setInterval(() => socket.write(' '.repeat(100)), everyMs)
    return text(socket).finally(() => { clearInterval(drip) })
  }
  const newKey = async (): Promise<string> => (await giants.hub().json('POST', '/keys', { role: 'channel', channel: 'ubl' }) as { readonly key: string }).key

  it('keep nobody else out, have two places each, and are turned away in half a minute', async () => {
    const [first, second] = [await newKey(), await newKey()]
    const slow = Promise.all([begin(first), begin(first, 200), begin(second), begin(second, 200)])
    await sleep(2_000)
    expect((await send(orderBatch('FAST', 50))).answer).toMatchObject({ outcome: 'accepted', partCounts: counts(50) })
    const third = await send(orderBatch('THIRD', 50), 'ubl', { authorization: `Bearer ${first}` })
    expect(third).toMatchObject({ status: 503, answer: { code: 'giants-busy' } })
    for (const answer of await slow) {
      expect(answer).toMatch(/^HTTP\/1\.1 408 .*\r\nconnection: close\r\n/si)
      expect(answer).toContain('"code":"too-slow"')
    }
    expect((await send(orderBatch('THIRD', 50), 'ubl', { authorization: `Bearer ${first}` })).answer).toMatchObject({ outcome: 'accepted' })
  })
})

describe('many at once', () => {
  it('are turned away with a time to come back, and small messages go on', async () => {
    const bodies = Array.from({ length: 5 }, (_, index) => orderBatch(`M${index}`, 500))
    const large = Promise.all(bodies.map((body) => giants.hub().request('POST', '/in/ubl-2', { body })))
    const small = await send(ublOrder({ number: 'SMALL' }), 'ubl-2')
    expect(small.answer).toMatchObject({ outcome: 'accepted', documents: [{ number: 'SMALL' }] })
    const answers = await large
    const refused = answers.filter(({ status }) => status === 503)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]?.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(await refused[0]?.json()).toMatchObject({ code: 'giants-busy' })
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(2)
  })
})

describe('chainhub send', () => {
  it('sends a large file while it reads it and prints the counts', async () => {
    const file = join(giants.folder, 'batch.xml')
    await writeFile(file, orderBatch('CLI', 300))
    const { status, stdout } = spawnSync(process.execPath, [projectFolder('hub', 'chainhub.mjs'), 'send', file, '--channel', 'ubl', '--data', giants.folder, '--wait', 'crm,warehouse'], { encoding: 'utf8' })
    expect({ status, answer: JSON.parse(stdout) as unknown }).toMatchObject({ status: 0, answer: { outcome: 'accepted', partCounts: counts(300) } })
  })
})

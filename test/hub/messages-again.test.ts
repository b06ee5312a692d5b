import { randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { order as canonicalOrder } from '../fixtures/intake.js'
import { oneHub } from '../fixtures/one-hub.js'
import { ublInvoice, ublOrder } from '../fixtures/ubl-documents.js'

interface ThreadView { readonly documents: readonly { readonly kind: string, readonly number: string }[], readonly missing: readonly { readonly kind: string, readonly number?: string }[] }

const json = (value: unknown): string => JSON.stringify(value)

const hub = oneHub({ configuration: `
channels:
  - { id: demo-ubl, formats: [ubl] }
  - { id: canonical, formats: [canonical] }
  - { id: small-giants, formats: [ubl], giantBytes: 1024 }
` })

describe('a message that comes again', () => {
  it('is a duplicate under the same messageId, with and without a key', async () => {
    for (const headers of [{}, { 'idempotency-key': 'again-1' }]) {
      const body = ublOrder({ number: `AGAIN-${Object.keys(headers).length}` })
      const first = await hub.send('demo-ubl', body, { headers })
      expect(first).toMatchObject({ status: 200, answer: { outcome: 'accepted' } })
      expect(await hub.send('demo-ubl', body, { headers })).toEqual({ status: 200, answer: { ...first.answer, outcome: 'duplicate' } })
    }
  })

  it('with other content under its key is refused with 409, stored, and leaves the first one be', async () => {
    const headers = { 'idempotency-key': 'reused-1' }
    const first = await hub.send('demo-ubl', ublOrder({ number: 'KEY-1' }), { headers })
    const second = await hub.send('demo-ubl', ublOrder({ number: 'KEY-2' }), { headers })
    expect(second).toMatchObject({ status: 409, answer: { outcome: 'rejected', documents: [], errors: [{ code: 'key-reused', at: 'Idempotency-Key', detail: expect.stringContaining(first.answer.messageId) as unknown }] } })
    expect(second.answer.messageId).not.toBe(first.answer.messageId)
    expect(await hub.json('GET', `/messages/${second.answer.messageId}`)).toMatchObject({ outcome: 'rejected', status: 409 })
    expect(await hub.json('GET', `/messages/${first.answer.messageId}`)).toMatchObject({ outcome: 'accepted' })
  })

  it('corrected is revision 2', async () => {
    await hub.send('demo-ubl', ublOrder({ number: 'REV-1' }))
    expect(await hub.send('demo-ubl', ublOrder({ number: 'REV-1', quantity: 11 }))).toMatchObject({ status: 200, answer: { outcome: 'accepted', documents: [{ number: 'REV-1', revision: 2 }] } })
  })

  it('mended after it was refused is accepted as a new message', async () => {
    const bad = await hub.send('demo-ubl', ublOrder({ number: 'MEND-1' }).replace('2026-03-05', '2026-02-30'))
    const mended = await hub.send('demo-ubl', ublOrder({ number: 'MEND-1' }))
    expect({ bad: bad.status, mended: mended.status }).toEqual({ bad: 422, mended: 200 })
    expect(mended.answer).toMatchObject({ outcome: 'accepted', documents: [{ number: 'MEND-1', revision: 1 }] })
    expect(mended.answer.messageId).not.toBe(bad.answer.messageId)
  })

  it('unchanged after it was refused is tried again under its own messageId', async () => {
    const headers = { 'idempotency-key': 'refused-1' }
    const bad = ublOrder({ number: 'MEND-2' }).replace('2026-03-05', '2026-02-30')
    const first = await hub.send('demo-ubl', bad, { headers })
    expect(await hub.send('demo-ubl', bad, { headers })).toEqual(first)
    expect(await hub.json('GET', `/messages/${first.answer.messageId}`)).toMatchObject({ outcome: 'rejected', attempts: 2 })
  })

  it.each(['small', 'large'])('refused for what was said of its bytes, and %s, is taken when that is mended, by replay and lineage too', async (size) => {
    const channel = size === 'small' ? 'demo-ubl' : 'small-giants'
    const body = deflateSync(ublOrder({ number: `MEND-CODING-${size}`, note: randomBytes(2000).toString('hex') }))
    const refused = await hub.send(channel, body)
    const { status, answer } = await hub.send(channel, body, { headers: { 'content-encoding': 'deflate' } })
    expect({ refused: refused.status, status, answer }).toMatchObject({ refused: 400, status: 200, answer: { outcome: 'accepted', messageId: refused.answer.messageId } })
    expect(await hub.json('GET', `/messages/${answer.messageId}`)).toMatchObject({ contentEncoding: 'deflate' })
    expect(await hub.json('POST', `/messages/${answer.messageId}/replay`)).toMatchObject({ outcome: size === 'small' ? 'duplicate' : 'accepted' })
    expect((await hub.request('GET', `/messages/${answer.messageId}/lineage${size === 'small' ? '' : '?part=1'}`)).status).toBe(200)
  })

  it('mended under the key of the refused one is other content, and told to take a new key', async () => {
    const headers = { 'idempotency-key': 'refused-2' }
    await hub.send('demo-ubl', ublOrder({ number: 'MEND-3' }).replace('2026-03-05', '2026-02-30'), { headers })
    expect(await hub.send('demo-ubl', ublOrder({ number: 'MEND-3' }), { headers })).toMatchObject({ status: 409, answer: { errors: [{ code: 'key-reused', detail: expect.stringContaining('under a new key') as unknown }] } })
    expect(await hub.send('demo-ubl', ublOrder({ number: 'MEND-3' }), { headers: { 'idempotency-key': 'refused-3' } })).toMatchObject({ status: 200, answer: { outcome: 'accepted' } })
  })
})

describe('documents out of order', () => {
  it('an invoice before its order joins it, and the thread says what was missing', async () => {
    const wait = { query: '?wait=crm&timeoutMs=20000' }
    const invoice = await hub.send('demo-ubl', ublInvoice({ number: 'EARLY-I', order: 'LATE-O' }), wait)
    const view = async (): Promise<ThreadView> => await hub.json('GET', `/views/threads/${invoice.answer.documents[0]?.threadIds[0] ?? ''}`) as ThreadView
    expect(await view()).toMatchObject({ documents: [{ kind: 'invoice', number: 'EARLY-I' }], missing: [{ kind: 'order', number: 'LATE-O' }] })
    await hub.send('demo-ubl', ublOrder({ number: 'LATE-O' }), wait)
    const joined = await view()
    expect(joined.documents.map(({ kind, number }) => `${kind} ${number}`).sort()).toEqual(['invoice EARLY-I', 'order LATE-O'])
    expect(joined.missing).toEqual([])
  })

  it('the same order number from two buyers is two documents', async () => {
    const one = await hub.send('demo-ubl', ublOrder({ number: '34', buyer: '9520000001018' }))
    const two = await hub.send('demo-ubl', ublOrder({ number: '34', buyer: '9520000001025' }))
    expect([one, two]).toMatchObject([{ answer: { outcome: 'accepted', documents: [{ revision: 1 }] } }, { answer: { outcome: 'accepted', documents: [{ revision: 1 }] } }])
    expect(two.answer.documents[0]?.threadIds).not.toEqual(one.answer.documents[0]?.threadIds)
  })
})

describe('envelopes and forms of answer', () => {
  it('an array with one bad element is partial, and says which', async () => {
    const body = `[${json(canonicalOrder('ARRAY-1'))},${json({ kind: 'order' })},${json(canonicalOrder('ARRAY-3'))}]`
    const { status, answer } = await hub.send('canonical', body)
    expect({ status, outcome: answer.outcome, numbers: answer.documents.map(({ number }) => number) }).toEqual({ status: 200, outcome: 'partial', numbers: ['ARRAY-1', 'ARRAY-3'] })
    expect(answer.parts?.map(({ part, outcome }) => [part, outcome])).toEqual([[1, 'accepted'], [2, 'rejected'], [3, 'accepted']])
    expect(answer.errors.map(({ code, at }) => `${code} ${at}`)).toContainEqual(expect.stringMatching(/^field-missing part 2: \d+:\d+ number$/))
  })

  it('NDJSON is one document a line, and a bad line fails alone, with its line', async () => {
    const { answer } = await hub.send('canonical', `${json(canonicalOrder('LINE-1'))}\n{bad\n${json(canonicalOrder('LINE-3'))}\n`, { headers: { 'content-type': 'application/x-ndjson' } })
    expect(answer).toMatchObject({ outcome: 'partial', documents: [{ number: 'LINE-1' }, { number: 'LINE-3' }], errors: [{ code: 'json-not-well-formed', at: expect.stringMatching(/^part 2: 2:/) as unknown }] })
  })

  it('the answer is XML with the same names where the caller prefers XML, a refusal too', async () => {
    const headers = { accept: 'application/xml' }
    const answer = await hub.request('POST', '/in/demo-ubl', { body: ublOrder({ number: 'XML-1' }), headers })
    expect({ status: answer.status, type: answer.headers.get('content-type') }).toEqual({ status: 200, type: 'application/xml; charset=utf-8' })
    expect(await answer.text()).toMatch(/<messageAnswer xmlns="urn:chainhub:v1"><messageId>[0-9a-f-]{36}<\/messageId><outcome>accepted<\/outcome><documents><kind>order<\/kind>.*<number>XML-1<\/number>/)
    const refusal = await hub.request('POST', '/in/demo-ubl', { body: '<Hello/>', headers })
    expect({ status: refusal.status, text: await refusal.text() }).toMatchObject({ status: 422, text: expect.stringContaining('<code>format-unknown</code>') as unknown })
  })
})

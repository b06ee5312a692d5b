import { deflateSync, gzipSync, brotliCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { statusOfAnswer } from '../../../schemas/message-answer.js'
import { ok } from '../../../schemas/result.js'
import { entriesAfter } from '../../../hub/central/journal.js'
import { messageById, rawOfMessage } from '../../../hub/central/messages.js'
import { buyer, invoice, newIntake, order } from '../../fixtures/intake.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()
const json = (value: unknown): string => JSON.stringify(value)

describe('a document that is posted', () => {
  it('is accepted with its threads, keyed references and entry', async () => {
    const { post, database } = await newIntake(postgres)
    const answer = await post(json(order('0042')))
    expect(answer).toMatchObject({ outcome: 'accepted', documents: [{ kind: 'order', number: '0042', revision: 1 }], journalSeq: 1, errors: [] })
    expect(answer.documents[0]?.threadIds).toHaveLength(1)
    expect(statusOfAnswer(answer)).toBe(200)
    expect(await entriesAfter(database, 0, 9)).toMatchObject([{ system: 'canonical', channel: 'canonical', document: { number: '0042', parties: { buyer: buyer('007') } } }])
  })

  it('finds its thread although its order comes later', async () => {
    const { post } = await newIntake(postgres)
    const late = await post(json(invoice('INV', 'O-1')))
    const early = await post(json(order('O-1')))
    expect(late.documents[0]?.threadIds).toEqual(early.documents[0]?.threadIds)
  })

  it('of one number from two buyers is two documents, and one where the channel has one partner', async () => {
    const { post } = await newIntake(postgres)
    const other = { parties: { buyer: buyer('008') } }
    await post(json(order('34')))
    expect(await post(json(order('34', other)))).toMatchObject({ documents: [{ revision: 1 }] })
    await post(json(order('34')), { channel: 'acme-only' })
    expect(await post(json(order('34', other)), { channel: 'acme-only' })).toMatchObject({ documents: [{ revision: 2 }] })
  })

  it('is the same whatever the order of its members and the spelling of its numbers, and as a copy', async () => {
    const { post } = await newIntake(postgres)
    const { kind, ...rest } = order('1') as { kind: string }
    await post(json({ kind, ...rest }))
    expect(await post(json({ ...rest, kind }))).toMatchObject({ outcome: 'duplicate' })
    expect(await post(json({ ...rest, kind, function: 'copy' }))).toMatchObject({ outcome: 'duplicate' })
    expect(await post(json({ ...rest, kind, currency: 'CNY' }))).toMatchObject({ outcome: 'accepted', documents: [{ revision: 2 }] })
  })

  it('waits for followers when it is asked to, and keeps the answer without that', async () => {
    const { post, database } = await newIntake(postgres)
    const answer = await post(json(order('1')), { wait: { followers: ['crm'], timeoutMs: 100 } })
    expect(answer.passed).toEqual({ crm: 1 })
    expect((await messageById(database, answer.messageId))?.answer).not.toHaveProperty('passed')
  })
})

describe('the longest keys', () => {
  it('are stored, whatever characters they are made of', async () => {
    const { post } = await newIntake(postgres)
    const key = '\u{20000}'.repeat(200)
    const party = { identifiers: [{ scheme: key, assigner: key, value: key }] }
    const lines = [{ number: key, item: { gtin: key }, parties: { shipTo: party }, references: [{ kind: 'contract', number: key, line: key, issuer: party }] }]
    expect(await post(json(order(key, { parties: { buyer: party, seller: party }, lines, totals: undefined })))).toMatchObject({ outcome: 'accepted' })
  })
})

describe('a repeat', () => {
  it('with a key gets the first answer; the key with other content is refused with 409', async () => {
    const { post } = await newIntake(postgres)
    const first = await post(json(order('1')), { idempotencyKey: 'k' })
    expect(await post(json(order('1')), { idempotencyKey: 'k' })).toEqual({ ...first, outcome: 'duplicate' })
    const reused = await post(json(order('2')), { idempotencyKey: 'k' })
    expect(reused).toMatchObject({ outcome: 'rejected', errors: [{ code: 'key-reused' }] })
    expect(statusOfAnswer(reused)).toBe(409)
  })

  it('takes a key of 255 characters and no longer one, whichever way it came', async () => {
    const { receive } = await newIntake(postgres)
    expect(await receive(json(order('1')), { idempotencyKey: 'k'.repeat(255) })).toMatchObject({ ok: true })
    expect(await receive(json(order('2')), { idempotencyKey: 'k'.repeat(256) })).toMatchObject({ ok: false, code: 'request-invalid', at: 'Idempotency-Key', detail: expect.stringContaining('1 to 255') as string })
  })

  it('of twenty at once without a key is one accepted and nineteen duplicates of one message', async () => {
    const { post } = await newIntake(postgres)
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(json(order('1')))))
    expect(answers.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1)
    expect(answers.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(19)
    expect(new Set(answers.map(({ messageId }) => messageId)).size).toBe(1)
  })
})

describe('a total that is wrong', () => {
  const wrong = json(order('1', { totals: { lines: { value: '11', currency: 'EUR' } } }))

  it('is a warning on an accepted answer', async () => {
    const { post } = await newIntake(postgres)
    expect(await post(wrong)).toMatchObject({ outcome: 'accepted', documents: [{ number: '1' }], errors: [{ code: 'total-mismatch', severity: 'warning' }] })
  })

  it('is refused where the channel says so', async () => {
    const { post } = await newIntake(postgres)
    const answer = await post(wrong, { channel: 'strict' })
    expect(answer).toMatchObject({ outcome: 'rejected', documents: [], errors: [{ code: 'total-mismatch' }] })
    expect(statusOfAnswer(answer)).toBe(422)
  })
})

describe('bad input', () => {
  const cases: readonly [string, string | Uint8Array, object, string, number][] = [
    ['nothing', '', {}, 'message-empty', 400],
    ['white space', ' \n ', {}, 'message-empty', 400],
    ['not XML', '<order><line></order>', { channel: 'demo-ubl' }, 'xml-not-well-formed', 400],
    ['not JSON', '{"kind": "order",}', {}, 'json-not-well-formed', 400],
    ['neither', 'ISA*00*', {}, 'syntax-unknown', 400],
    ['an entity declaration', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', { channel: 'demo-ubl' }, 'xml-forbidden', 400],
    ['bytes in another encoding than declared', Buffer.from('<?xml version="1.0" encoding="UTF-8"?><a>\xe9</a>', 'latin1'), { channel: 'demo-ubl' }, 'encoding-invalid', 400],
    ['an encoding that nobody knows', '<?xml version="1.0" encoding="x-none"?><a/>', { channel: 'demo-ubl' }, 'encoding-unknown', 400],
    ['a broken gzip', gzipSync('{}').subarray(0, 12), {}, 'content-encoding-invalid', 400],
    ['an unknown root', '<nothing/>', { channel: 'demo-ubl' }, 'format-unknown', 422],
    ['a language that the channel does not take', json(order('1')), { channel: 'demo-ubl' }, 'format-unknown', 422],
    ['a missing number', json(order('1', { number: undefined })), {}, 'field-missing', 422],
    ['U+0000', json(order('1', { notes: [{ value: 'a\0b' }] })), {}, 'not-storable', 422],
    ['a lone surrogate', json(order('1', { notes: [{ value: 'a\ud800' }] })), {}, 'not-storable', 422],
    ['a lone surrogate in an unknown member', '{"kind":"order","\\ud800":1}', {}, 'field-unknown', 422],
    ['a number of 9,000 characters', json(order('N'.repeat(9000))), {}, 'value-invalid', 422],
    ['a huge number', '{"kind":"order","number":"1","lines":[{"number":"1","quantity":{"value":1e200000}}]}', {}, 'value-invalid', 422],
    ['a day that no calendar has', json(order('1', { issuedOn: '2026-02-31' })), {}, 'value-invalid', 422],
    ['more identifiers than can be joined', json(order('1', { parties: { buyer: { identifiers: Array.from({ length: 201 }, (_, index) => ({ value: `${index}` })) } } })), {}, 'limit-exceeded', 400],
    ['the year 300000', json(order('1', { issuedOn: '300000-01-01' })), {}, 'value-invalid', 422],
    ['an empty array', '[]', {}, 'message-empty', 400],
  ]

  it.each(cases)('is stored with its reason: %s', async (_, body, more, code, status) => {
    const { post, database } = await newIntake(postgres)
    const answer = await post(body, more)
    expect(answer).toMatchObject({ outcome: 'rejected', documents: [] })
    expect(answer.errors.map((issue) => issue.code)).toContain(code)
    expect(statusOfAnswer(answer)).toBe(status)
    expect((await messageById(database, answer.messageId))?.answer).toEqual(answer)
    expect(await rawOfMessage(database, answer.messageId)).toEqual(Buffer.from(body))
    expect(await entriesAfter(database, 0, 9)).toEqual([])
  })

  it('tells no more of what is wrong than a person reads', async () => {
    const { post } = await newIntake(postgres)
    const answer = await post(json(order('1', { lines: Array.from({ length: 5000 }, () => ({ colour: 'red' })) })))
    expect(answer.outcome).toBe('rejected')
    expect(answer.errors.length).toBeLessThanOrEqual(200)
  })

  it('that may not come in is not stored', async () => {
    const { receive, keys, database } = await newIntake(postgres)
    const body = json(order('1'))
    expect(await receive(body, { credentials: { type: 'none' } })).toMatchObject({ ok: false, code: 'credentials-missing' })
    expect(await receive(body, { credentials: { type: 'bearer', token: 'x' } })).toMatchObject({ ok: false, code: 'credentials-invalid' })
    expect(await receive(body, { channel: 'strict', credentials: { type: 'bearer', token: keys.channel } })).toMatchObject({ ok: false, code: 'forbidden' })
    expect(await receive(body, { channel: 'nowhere', credentials: { type: 'bearer', token: keys.channel } })).toMatchObject({ ok: false, code: 'channel-unknown' })
    expect(await receive(' '.repeat(2001), { channel: 'small' })).toMatchObject({ ok: false, code: 'too-large' })
    expect(await receive(body, { contentEncoding: 'zstd' })).toMatchObject({ ok: false, code: 'media-type-unsupported' })
    expect(await receive(body, { idempotencyKey: 'k'.repeat(9000) })).toMatchObject({ ok: false, code: 'request-invalid' })
    expect(await database.query('select count(*) from message')).toEqual([{ count: 0 }])
  })

  it('that expands past the limit is refused', async () => {
    const { post } = await newIntake(postgres)
    expect(await post(gzipSync(Buffer.alloc(20_000, 'a')), { channel: 'small' })).toMatchObject({ outcome: 'rejected', errors: [{ code: 'limit-exceeded' }] })
  })
})

describe('an envelope', () => {
  it('of an array with one bad element is partial, each part answered for itself', async () => {
    const { post, database } = await newIntake(postgres)
    const answer = await post(json([order('1'), { kind: 'order' }, order('3')]))
    expect(answer).toMatchObject({
      outcome: 'partial', documents: [{ number: '1' }, { number: '3' }], journalSeq: 2,
      parts: [{ part: 1, outcome: 'accepted' }, { part: 2, outcome: 'rejected', documents: [] }, { part: 3, outcome: 'accepted' }],
    })
    expect(answer.errors.every(({ at }) => at.startsWith('part 2'))).toBe(true)
    expect(statusOfAnswer(answer)).toBe(200)
    expect(await entriesAfter(database, 0, 9)).toHaveLength(2)
    expect((await messageById(database, answer.messageId))?.answer).toEqual(answer)
  })

  it('of NDJSON takes each line, and a line that is none fails alone at its place', async () => {
    const { post } = await newIntake(postgres)
    expect(await post(`${json(order('1'))}\n\n{"kind":\n${json(order('2'))}\n`)).toMatchObject({
      outcome: 'partial', documents: [{ number: '1' }, { number: '2' }], errors: [{ code: 'json-not-well-formed', at: expect.stringMatching(/^part 2: 3:/) as string }],
    })
  })

  it('whose parts are all refused is rejected by the first reason', async () => {
    const { post } = await newIntake(postgres)
    const answer = await post(json([{ kind: 'order' }, { kind: 'none' }]))
    expect(answer.outcome).toBe('rejected')
    expect(statusOfAnswer(answer)).toBe(422)
  })

  it.each([['gzip', gzipSync], ['deflate', deflateSync], ['br', brotliCompressSync]] as const)('of %s is opened, and kept as it came', async (contentEncoding, compress) => {
    const { post, database } = await newIntake(postgres)
    const body = compress(Buffer.from(json(order('1'))))
    const answer = await post(body, { contentEncoding })
    expect(answer.outcome).toBe('accepted')
    expect(await rawOfMessage(database, answer.messageId)).toEqual(body)
  })

  it('of gzip that nobody announced is opened too', async () => {
    const { post } = await newIntake(postgres)
    expect(await post(gzipSync(json(order('1'))))).toMatchObject({ outcome: 'accepted' })
  })
})

describe('a replay', () => {
  it('sends the bytes through the mapping of today, under the same message', async () => {
    const { post, replay, today, database } = await newIntake(postgres)
    const real = today.translator
    today.translator = { ...real, read: () => ({ documents: [], test: false, lineage: [], issues: [{ code: 'code-unknown', at: 'x', detail: 'x' }] }) }
    const refused = await post(json(order('1')))
    expect(refused.outcome).toBe('rejected')
    today.translator = real
    const replayed = await replay(refused.messageId)
    expect(replayed).toMatchObject({ ok: true, value: { messageId: refused.messageId, outcome: 'accepted', documents: [{ number: '1' }], journalSeq: 1 } })
    expect(await replay(refused.messageId)).toMatchObject({ value: { outcome: 'duplicate' } })
    expect(await messageById(database, refused.messageId)).toMatchObject({ attempts: 3, outcome: 'accepted' })
  })

  it('never goes back behind a later message', async () => {
    const { post, replay } = await newIntake(postgres)
    const first = await post(json(order('1')))
    await post(json(order('1', { currency: 'CNY' })))
    expect(await replay(first.messageId)).toMatchObject({ value: { outcome: 'rejected', errors: [{ code: 'revision-stale' }] } })
  })

  it('of a message that is not there fails', async () => {
    const { replay } = await newIntake(postgres)
    expect(await replay('x')).toMatchObject({ ok: false, code: 'not-found' })
  })
})

describe('the state of a message', () => {
  it('is its answer, for the admin and for its own sender only', async () => {
    const { post, status, keys } = await newIntake(postgres)
    const channel = { type: 'bearer', token: keys.channel } as const
    const own = await post(json(order('1')), { credentials: channel })
    const other = await post(json(order('2')), { channel: 'strict' })
    const besideIt = await post(json(order('3')))
    expect(await status.ofCredentials(besideIt.messageId, channel)).toMatchObject({ ok: false, code: 'forbidden' })
    expect(await status.ofCredentials(own.messageId, channel)).toEqual(ok(own))
    expect(await status.ofCredentials(other.messageId, channel)).toMatchObject({ ok: false, code: 'forbidden' })
    expect(await status.ofCredentials(other.messageId, { type: 'bearer', token: keys.admin })).toEqual(ok(other))
    expect(await status.ofCredentials(own.messageId, { type: 'none' })).toMatchObject({ ok: false, code: 'credentials-missing' })
    expect(await status.ofCredentials('nothing', channel)).toMatchObject({ ok: false, code: 'not-found' })
  })
})

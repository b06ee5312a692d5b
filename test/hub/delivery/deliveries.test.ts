import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TradeDocument } from '../../../schemas/canonical/trade-document.js'
import { startTestDeliveries, until, type DeliveriesFixture } from '../../fixtures/deliveries.js'
import { documentOf, lineOf, refersTo } from '../../fixtures/documents.js'
import { allSent, order, parties, playPartner } from '../../fixtures/played-partner.js'
import { startPostgres } from '../../fixtures/postgres.js'
import { dedupe, type Arrival } from '../../fixtures/receiver.js'

const postgres = await startPostgres()
const { receiver, path, clear, endpoint: partner, arrivals, came } = await playPartner()

const numbersOf = (seen: readonly Arrival[]): readonly string[] => seen.map(({ body }) => (JSON.parse(body) as { number: string }).number)
const states = async (fixture: DeliveriesFixture): Promise<readonly string[]> => (await fixture.deliveries()).map(({ number, state }) => `${number ?? ''} ${state}`).reverse()

describe('a subscription', () => {
  it.each<[string, object, readonly string[]]>([
    ['of a kind', { kinds: ['order'] }, ['1', '2', '1']],
    ['of a party in a role', { parties: [{ role: 'buyer', key: 'erp/gln:9520000001018' }] }, ['1', '2', 'R-1', '1']],
    ['of a party that is spoken to', { parties: [{ role: 'receiver', key: 'erp/gln:9520000002053' }] }, ['1', '2', '1']],
    ['of a party that nobody names', { parties: [{ key: 'erp/gln:1' }] }, []],
    ['of a field that changed', { changed: ['lines[].quantity'] }, ['1']],
    ['of a field that did not change', { changed: ['parties.seller'] }, []],
    ['of a channel', { channels: ['erp'] }, ['1', '2', 'R-1', '1']],
    ['of test documents too', { test: 'include', kinds: ['order'] }, ['1', '2', '1', 'T']],
    ['of test documents only', { test: 'only' }, ['T']],
    ['of a golden party', { parties: [{ id: '7402fa05-960f-88e6-8b0e-408f1f6869eb', role: 'seller' }] }, ['1', '2', 'R-1', '1']],
  ])('%s makes deliveries of those documents alone', async (_what, wish, expected) => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()], keysOfParties: (ids) => Promise.resolve(new Map(ids.map((id) => [id, new Set(['erp/gln:9520000002053'])]))) })
    await fixture.subscribe('s', { endpoint: 'partner', ...wish })
    await fixture.accept([order('1'), order('2'), documentOf('order-response', 'R-1', parties, [], refersTo('order', '1')), order('1', '7')])
    await fixture.accept([order('T')], { test: true })
    await fixture.running.settled(20_000)
    expect(numbersOf(await arrivals()).toSorted()).toEqual([...expected].sort())
  })

  it('does not send back to the system that something came from, unless it is told to', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({ system: 'erp' })] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await fixture.accept([order('1')])
    await fixture.accept([order('2')], { system: 'shop' })
    await fixture.running.settled(20_000)
    await fixture.subscribe('s', { endpoint: 'partner', echo: true })
    await fixture.accept([order('3')])
    await fixture.running.settled(20_000)
    expect(numbersOf(await arrivals())).toEqual(['2', '3'])
  })

  it('begins with what comes next, or goes through the journal from a number on, in order and without doubling', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
    await fixture.accept([order('1'), order('2', '1'), order('2', '2'), order('3')])
    await fixture.subscribe('later', { endpoint: 'partner', kinds: ['order'], channels: ['erp'] })
    await fixture.accept([order('4')])
    await fixture.running.settled(20_000)
    expect(numbersOf(await arrivals())).toEqual(['4'])
    await fixture.subscribe('later', { endpoint: 'partner', from: 2 })
    await fixture.accept([order('2', '3')])
    await until(fixture.deliveries, (seen) => seen.length === 5 && seen.every(({ state }) => state === 'sent'))
    const seen = await arrivals()
    expect(numbersOf(seen).toSorted()).toEqual(['2', '2', '2', '3', '4'])
    expect(seen.filter(({ body }) => body.includes('"number":"2"')).map(({ body }) => (JSON.parse(body) as TradeDocument).lines[0]?.quantity?.value)).toEqual(['1', '2', '3'])
  })

  it('that is paused makes nothing, and goes on where it stopped', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await fixture.accept([order('1')])
    await fixture.running.settled(20_000)
    await fixture.subscribe('s', { endpoint: 'partner', paused: true })
    await fixture.accept([order('2'), order('3')])
    await fixture.running.settled(20_000)
    expect(numbersOf(await arrivals())).toEqual(['1'])
    await fixture.subscribe('s', { endpoint: 'partner' })
    await allSent(fixture, 3)
    expect(numbersOf(await arrivals()).toSorted()).toEqual(['1', '2', '3'])
  })
})

describe('a delivery', () => {
  it('says its id, key and sequence, and who sends it', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({}, { credentials: { type: 'bearer', token: 'sesame' } })] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await fixture.accept([order('上海 1%'), order('上海 1%', '2')])
    const seen = await came(2)
    const stored = (await fixture.deliveries()).toReversed()
    expect(seen.map(({ id, key, sequence, type, authorization, method }) => ({ id, key, sequence, type, authorization, method }))).toEqual(stored.map(({ id, key, sequence }) => ({ id, key, sequence, type: 'application/json', authorization: 'Bearer sesame', method: 'POST' })))
    expect(stored.map(({ key, sequence }) => [key, sequence])).toEqual([['order:上海 1%@erp/gln:9520000001018', 1], ['order:上海 1%@erp/gln:9520000001018', 2]])
  })

  it.each(['status 500', 'status 503', 'status 408', 'status 425', 'hang', 'reset', 'die'])('that met "%s" is tried again with the same bytes, and holds those behind it', async (then) => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
    await receiver.control({ behaviours: [{ then, left: 2 }] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await fixture.accept([order('1'), order('1', '2'), order('1', '3')])
    await allSent(fixture, 3)
    const { taken, faults } = dedupe(await arrivals())
    expect({ faults, bodies: [...taken.values()].flat().map(({ body }) => (JSON.parse(body) as TradeDocument).lines[0]?.quantity?.value) }).toEqual({ faults: [], bodies: ['1', '2', '3'] })
    const first = (await fixture.deliveries()).at(-1)
    const history = (await fixture.delivery(first?.id ?? ''))?.history ?? []
    expect(history.map(({ code }) => code === null)).toEqual([...history.slice(1).map(() => false), true])
    expect(history.length).toBeGreaterThan(1)
  })

  it.each([['1', 900], ['date', 900]] as const)('is not tried before Retry-After says, %s, nor is any other of the endpoint', async (given, leastMs) => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({ concurrency: 1 })] })
    await receiver.control({ behaviours: [{ then: `retry-after ${given}`, left: 1 }] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await fixture.accept([order('1'), order('2')])
    await allSent(fixture, 2)
    const [refused, ...rest] = await arrivals()
    expect(rest.length).toBe(2)
    for (const { atMs } of rest) expect(atMs - (refused?.atMs ?? 0)).toBeGreaterThanOrEqual(leastMs)
  })

  it.each(['status 400', 'status 422', 'redirect', 'large 2000'])('that met "%s" is parked at once with its reason, holds its own key, and no other', async (then) => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({}, { maxAnswerBytes: 1_024 })] })
    await receiver.control({ behaviours: [{ then, key: 'bad' }] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await fixture.accept([order('bad'), order('good'), order('bad', '2'), order('good', '2')])
    await until(() => states(fixture), (seen) => seen.join() === 'bad parked,good sent,bad waiting,good sent')
    expect((await arrivals()).filter(({ key }) => key.includes('bad')).length).toBe(1)
    expect((await arrivals()).some(({ path: other }) => other === '/elsewhere')).toBe(false)
    expect((await fixture.deliveries()).at(-1)?.failure).toMatchObject({ code: expect.stringMatching(/^(partner-denied|address-refused|answer-too-large)$/) as unknown, detail: expect.stringMatching(/\w/) as unknown })
    expect((await until(fixture.alerts, (seen) => seen.length === 1)).map(({ kind, subject, closedAt }) => [kind, subject, closedAt])).toEqual([['deliveries-parked', 'partner', null]])
  })

  it('that is parked goes on when it is resumed, edited or skipped; the alert closes with the last', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
    await receiver.control({ behaviours: [{ then: 'status 400', left: 3 }] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    for (const number of ['1', '2', '3']) await fixture.accept([order(number), order(number, '2')])
    const parked = await until(fixture.deliveries, (seen) => seen.filter(({ state }) => state === 'parked').length === 3)
    const idOf = (number: string): string => parked.find((delivery) => delivery.number === number && delivery.state === 'parked')?.id ?? ''
    expect(await fixture.act(idOf('1'), { type: 'resume' })).toEqual({ id: idOf('1') })
    expect(await fixture.act(idOf('2'), { type: 'skip' })).toEqual({ id: idOf('2') })
    const edited = Buffer.from('{"kind":"order","number":"2 as edited"}')
    const { gzipSync } = await import('node:zlib')
    expect(await fixture.act(idOf('3'), { type: 'edit', payload: gzipSync(edited), payloadType: 'json', by: 'me' })).toEqual({ id: idOf('3') })
    await until(() => states(fixture), (seen) => seen.join() === '1 sent,1 sent,2 skipped,2 sent,3 sent,3 sent')
    expect((await arrivals()).filter(({ then }) => then === 'ok').map(({ body }) => body)).toContain(edited.toString())
    expect(await fixture.act(idOf('1'), { type: 'skip' })).toBe('done')
    expect((await until(fixture.alerts, (seen) => seen[0]?.closedAt !== null)).length).toBe(1)
  })

  it('that waits in the middle of its queue can be skipped; one that is under way cannot be acted on', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({}, { timeoutMs: 20_000 })] })
    await receiver.control({ behaviours: [{ then: 'slow 2500', left: 1 }] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await fixture.accept([order('1')])
    await came(1)
    await fixture.accept([order('1', '2'), order('1', '3')])
    const [, second, first] = await until(fixture.deliveries, (seen) => seen.length === 3)
    expect(await fixture.act(first?.id ?? '', { type: 'resume' })).toBe('busy')
    await until(() => fixture.act(second?.id ?? '', { type: 'skip' }), (acted) => acted !== 'busy').catch(() => undefined)
    await fixture.running.settled(20_000)
    expect((await arrivals()).map(({ sequence }) => sequence).filter((sequence) => sequence !== 2)).toEqual([1, 3])
  })

  it('is parked after so many attempts, and when its document cannot be written in the format', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({ retry: { firstMs: 1, maxMs: 5, attempts: 3 } }), partner({ id: 'shop', format: 'shop-json' })] })
    await receiver.control({ otherwise: 'status 500' })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await fixture.subscribe('t', { endpoint: 'shop', kinds: ['despatch'] })
    await fixture.accept([order('1'), documentOf('despatch', 'D', parties, [lineOf('1', 'A', '1')])])
    const parked = await until(fixture.deliveries, (seen) => seen.length === 3 && seen.every(({ state }) => state === 'parked'))
    expect(parked.map(({ endpoint, attempts, failure }) => [endpoint, attempts, failure?.code]).toSorted()).toEqual([['partner', 3, 'partner-unavailable'], ['partner', 3, 'partner-unavailable'], ['shop', 1, 'format-unknown']])
  })

  it('in cXML is received when the Response says so', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({ format: 'cxml' }, { answer: 'cxml' })] })
    await receiver.control({ behaviours: [{ then: 'cxml 560', left: 1 }, { then: 'status 200', left: 0 }], otherwise: 'cxml 200' })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await fixture.accept([order('1')])
    const [delivery] = await allSent(fixture, 1)
    const seen = await came(2)
    expect(seen[1]?.body).toBe(seen[0]?.body)
    expect(seen[0]?.body).toContain(`payloadID="${delivery?.controlNumber ?? 'none'}"`)
    expect((await fixture.delivery(delivery?.id ?? ''))?.history.map(({ code }) => code)).toEqual(['partner-unavailable', null])
  })
})

describe('an endpoint', () => {
  it('that fails is left alone but for probes, with one alert when it goes bad and its end when it recovers', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({ concurrency: 2, breaker: { failures: 3, probeMs: 400 } })] })
    await receiver.control({ otherwise: 'status 503' })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await fixture.accept(['1', '2', '3', '4', '5', '6', '7', '8'].map((number) => order(number)))
    await until(fixture.alerts, (seen) => seen.length === 1)
    const before = (await arrivals()).length
    await new Promise((resolve) => { setTimeout(resolve, 2_000) })
    const probes = (await arrivals()).length - before
    expect(probes).toBeLessThanOrEqual(6)
    await receiver.control({ otherwise: 'ok' })
    await allSent(fixture, 8)
    const alerts = await until(fixture.alerts, (seen) => seen[0]?.closedAt !== null)
    expect(alerts.map(({ kind, subject }) => [kind, subject])).toEqual([['endpoint-bad', 'partner']])
  })

  it('whose credentials are refused loses few deliveries before it is left alone', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({ concurrency: 2, breaker: { failures: 3, probeMs: 60_000 } })] })
    await receiver.control({ otherwise: 'status 401' })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await fixture.accept(Array.from({ length: 30 }, (_, index) => order(String(index))))
    await until(fixture.alerts, (seen) => seen.some(({ kind }) => kind === 'endpoint-bad'))
    const parked = (await fixture.deliveries()).filter(({ state }) => state === 'parked').length
    expect(parked).toBeLessThanOrEqual(5)
  })

  it('of alerts is sent each opening and closing once, as JSON', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({ retry: { attempts: 1 } }), { ...partner(), id: 'operations', settings: { url: `${receiver.url}${path()}-alerts`, allowedHosts: ['127.0.0.1'] } }], alerts: 'operations' })
    await receiver.control({ behaviours: [{ then: 'status 500', path: path(), left: 1 }] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await fixture.accept([order('1')])
    const told = () => receiver.arrivals().then((all) => all.filter((one) => one.path === `${path()}-alerts`))
    await until(told, (seen) => seen.length === 1)
    await fixture.act((await fixture.deliveries()).find(({ endpoint }) => endpoint === 'partner')?.id ?? '', { type: 'resume' })
    const both = await until(told, (seen) => seen.length === 2)
    expect(both.map(({ body }) => JSON.parse(body) as object)).toMatchObject([{ alert: 'deliveries-parked', subject: 'partner', state: 'opened' }, { alert: 'deliveries-parked', subject: 'partner', state: 'closed' }])
  })
})

describe('first in, first out', () => {
  it('holds for each key with a partner that fails at random and two senders that share the work', async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
    console.info(`seed ${seed}`)
    await fc.assert(fc.asyncProperty(fc.record({
      keys: fc.integer({ min: 1, max: 12 }), rate: fc.constantFrom(0, 0.2, 0.5), picks: fc.array(fc.nat(1_000), { minLength: 20, maxLength: 120 }), seed: fc.nat(1_000_000),
    }), async ({ keys, rate, picks, seed: drawn }) => {
      clear()
      await receiver.control({ behaviours: [], otherwise: 'ok', rate, failures: ['status 500', 'status 429', 'reset', 'die', 'status 503'], seed: drawn })
      const fixture = await startTestDeliveries(postgres, { endpoints: [partner({ retry: { firstMs: 5, maxMs: 40, attempts: 1_000 }, concurrency: 4 })] })
      await fixture.another()
      await fixture.subscribe('s', { endpoint: 'partner' })
      await fixture.accept(picks.map((pick, index) => order(`K${pick % keys}`, String(index + 1))))
      await allSent(fixture, picks.length)
      const { taken, faults } = dedupe(await arrivals())
      expect(faults).toEqual([])
      const expected = new Map<string, string[]>()
      for (const [index, pick] of picks.entries()) expected.set(`K${pick % keys}`, [...expected.get(`K${pick % keys}`) ?? [], String(index + 1)])
      expect(Object.fromEntries([...taken].map(([key, list]) => [key.split(/[:@]/)[1], list.map(({ body }) => (JSON.parse(body) as TradeDocument).lines[0]?.quantity?.value)]))).toEqual(Object.fromEntries(expected))
    }), { seed, numRuns: 4, endOnFailure: true })
  }, 300_000)
})

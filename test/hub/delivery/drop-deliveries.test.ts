import { afterAll, describe, expect, it } from 'vitest'
import { dropDeliveries } from '../../../hub/central/deliveries/drop-deliveries.js'
import { payloadOf } from '../../../hub/central/deliveries/read-deliveries.js'
import { company, documentOf, lineOf, refersTo } from '../../fixtures/documents.js'
import { startTestDeliveries, until } from '../../fixtures/deliveries.js'
import { startPostgres } from '../../fixtures/postgres.js'
import { startReceiver } from '../../fixtures/receiver.js'

const postgres = await startPostgres()
const receiver = await startReceiver()
afterAll(receiver.close)

const parties = { buyer: company('Bo', 'gln:9520000001018'), seller: company('Selma', 'gln:9520000002053') }
const order = (number: string) => documentOf('order', number, parties, [lineOf('1', 'A', '1')])

describe('the retention of deliveries', () => {
  it('drops bytes and attempts of what is done, never of what waits, is parked, or was not answered as it should be', async () => {
    await receiver.control({ behaviours: [{ then: 'status 422', text: '"number":"parked"' }, { then: 'status 422', text: '"number":"skipped"' }, { then: 'status 503', text: '"number":"waits"' }] })
    const settings = { url: `${receiver.url}/inbox`, allowedHosts: ['127.0.0.1'] }
    const fixture = await startTestDeliveries(postgres, { endpoints: [{ id: 'partner', settings, system: 'shop', retry: { firstMs: 600_000, maxMs: 600_000 }, breaker: { failures: 1_000 } }] })
    await fixture.subscribe('expected', { endpoint: 'partner', kinds: ['order'], expect: { answered: 'PT1H' } })
    await fixture.accept([order('answered'), order('unanswered'), order('parked'), order('skipped'), order('waits'), order('refused')])
    const tried = async () => (await fixture.deliveries()).filter(({ state, attempts }) => state !== 'waiting' || attempts > 0)
    await until(tried, (seen) => seen.length === 6)
    await fixture.subscribe('expected', { endpoint: 'partner', kinds: ['order'] })
    await fixture.accept([order('plain')])
    const all = await until(tried, (seen) => seen.length === 7)
    const idOf = (number: string): string => all.find((one) => one.number === number)?.id ?? ''
    await fixture.act(idOf('skipped'), { type: 'skip' })
    await fixture.accept([documentOf('order-response', 'R', parties, [], refersTo('order', 'answered'))], { system: 'shop' })
    await until(() => fixture.delivery(idOf('answered')), (seen) => seen?.answeredAt != null)
    await fixture.accept([documentOf('application-response', 'N', parties, [], { ...refersTo('order', 'refused'), response: { code: 'rejected' } })], { system: 'shop' })
    await until(() => fixture.delivery(idOf('refused')), (seen) => seen?.rejected === true)
    const keeps = async (): Promise<readonly string[]> => (await fixture.deliveries()).filter(({ droppedAt }) => droppedAt === null).map(({ number }) => number ?? '').toSorted()

    expect(await dropDeliveries(fixture.database, 30)).toBe(0)
    await fixture.database.query("update delivery set sent_at = sent_at - interval '31 days', created_at = created_at - interval '31 days'")
    expect(await dropDeliveries(fixture.database, 30)).toBe(3)
    expect(await dropDeliveries(fixture.database, 30)).toBe(0)
    expect(await keeps()).toEqual(['parked', 'refused', 'unanswered', 'waits'])
    expect(await fixture.delivery(idOf('answered'))).toMatchObject({ state: 'sent', history: [], answers: [{ stage: 'answered' }], controlNumber: idOf('answered') })
    expect((await payloadOf(fixture.database, idOf('answered')))?.payload).toBeNull()
    expect((await fixture.delivery(idOf('unanswered')))?.history).toHaveLength(1)
    expect((await payloadOf(fixture.database, idOf('waits')))?.payload).not.toBeNull()
    await fixture.act(idOf('refused'), { type: 'skip' })
    expect(await dropDeliveries(fixture.database, 30)).toBe(1)
  })
})

import { describe, expect, it } from 'vitest'
import type { TradeDocument } from '../../../schemas/canonical/trade-document.js'
import { listDeliveries } from '../../../hub/central/deliveries/read-deliveries.js'
import { startTestDeliveries, until, type DeliveriesFixture } from '../../fixtures/deliveries.js'
import { company, documentOf, refersTo } from '../../fixtures/documents.js'
import { allSent, order, parties, playPartner } from '../../fixtures/played-partner.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()
const { receiver, endpoint: partner, arrivals, came } = await playPartner()

describe('stages', () => {
  const response = (number: string, extra: Partial<TradeDocument>): TradeDocument => ({ kind: 'application-response', number, function: 'original', issuedOn: '2026-11-02', lines: [], ...extra })
  const stages = async (fixture: DeliveriesFixture, number: string) => {
    const found = (await fixture.deliveries()).find((one) => one.number === number && one.kind !== 'application-response')
    return { received: found?.receivedAt !== null, understood: found?.understoodAt !== null, answered: found?.answeredAt !== null, rejected: found?.rejected }
  }

  it('come from answers of the endpoint\'s system that name the control number or the document', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({ system: 'seller', format: 'cxml' })] })
    await receiver.control({ otherwise: 'ok' })
    await fixture.subscribe('s', { endpoint: 'partner', systems: ['erp'] })
    await fixture.accept([order('1'), order('2'), order('3')])
    const sent = await allSent(fixture, 3)
    const control = (number: string): string => sent.find((one) => one.number === number)?.controlNumber ?? ''
    await fixture.accept([response('x', { type: 'message-level', ...refersTo('other', control('1')), response: { code: 'accepted' } })], { system: 'stranger' })
    await fixture.accept([
      response('a', { type: 'message-level', ...refersTo('other', control('1')), response: { code: 'accepted' } }),
      response('b', { type: 'message-level', ...refersTo('other', control('2')), response: { code: 'rejected' } }),
      documentOf('order-response', 'OR-3', parties, [], refersTo('order', '3')),
    ], { system: 'seller' })
    await until(() => stages(fixture, '3'), ({ answered }) => answered)
    expect(await Promise.all(['1', '2', '3'].map((number) => stages(fixture, number)))).toEqual([
      { received: true, understood: true, answered: false, rejected: false },
      { received: true, understood: true, answered: false, rejected: true },
      { received: true, understood: true, answered: true, rejected: false },
    ])
  })

  it('of another issuer\'s document of the same number are not taken', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
    await fixture.subscribe('s', { endpoint: 'partner', kinds: ['order'] })
    await fixture.accept([order('1')])
    await allSent(fixture, 1)
    await fixture.accept([documentOf('order-response', 'OR', { ...parties, buyer: company('Other', 'gln:9520000009999') }, [], refersTo('order', '1'))], { system: 'seller' })
    await fixture.running.settled(20_000)
    expect((await stages(fixture, '1')).answered).toBe(false)
  })

  it('that are overdue by PostgreSQL\'s clock open one alert, which the answer closes', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
    await fixture.subscribe('s', { endpoint: 'partner', kinds: ['order'], expect: { understood: 'PT1H', answered: 'P1D' } })
    await fixture.accept([order('1')])
    const [sent] = await allSent(fixture, 1)
    await fixture.database.query("update delivery set sent_at = sent_at - interval '2 hours', overdue_at = overdue_at - interval '2 hours'")
    await until(fixture.alerts, (seen) => seen.length === 1)
    await fixture.database.query("update delivery set sent_at = sent_at - interval '1 day', overdue_at = overdue_at - interval '1 day'")
    const alerts = await until(fixture.alerts, (seen) => seen.length === 2)
    expect(alerts.map(({ kind, subject, closedAt }) => [kind, subject, closedAt])).toEqual([['answered-overdue', sent?.id, null], ['understood-overdue', sent?.id, null]])
    await new Promise((resolve) => { setTimeout(resolve, 1_500) })
    await fixture.accept([documentOf('order-response', 'OR', parties, [], refersTo('order', '1'))])
    expect((await until(fixture.alerts, (seen) => seen.every(({ closedAt }) => closedAt !== null))).length).toBe(2)
  })

  it('wait for a receipt that comes later, and tell when it is overdue', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({ system: 'seller' }, { receipt: { to: 'edi@partner.example', later: 'https://hub.example/in/seller' } })] })
    await fixture.subscribe('s', { endpoint: 'partner', kinds: ['order'], systems: ['erp'], expect: { received: 'PT1H', understood: 'P1D' } })
    await fixture.accept([order('1')])
    const [sent] = await allSent(fixture, 1)
    expect(sent?.receivedAt).toBeNull()
    await fixture.database.query("update delivery set sent_at = sent_at - interval '2 hours', overdue_at = overdue_at - interval '2 hours'")
    const open = async () => (await fixture.alerts()).filter(({ closedAt }) => closedAt === null).map(({ kind, subject }) => [kind, subject])
    await until(open, (seen) => seen.length === 1)
    expect(await open()).toEqual([['received-overdue', sent?.id]])
    await fixture.accept([response('r', { type: 'receipt', ...refersTo('other', `<${sent?.id ?? ''}@chainhub>`), response: { code: 'acknowledged' } })], { system: 'seller' })
    await until(open, (seen) => seen.length === 0)
    expect(await stages(fixture, '1')).toEqual({ received: true, understood: false, answered: false, rejected: false })
    await fixture.database.query("update delivery set sent_at = sent_at - interval '2 days', overdue_at = overdue_at - interval '2 days'")
    await until(open, (seen) => seen.length === 1)
    expect(await open()).toEqual([['understood-overdue', sent?.id]])
  })

  it('that refuse a delivery open one alert with the partner\'s reasons; it is sent again under another id at the end of its queue, or let be', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({ system: 'seller' })] })
    await fixture.subscribe('s', { endpoint: 'partner', kinds: ['order'], systems: ['erp'], expect: { answered: 'PT1H' } })
    await fixture.accept([order('1'), order('2'), order('3'), order('1', '7')])
    const sent = await allSent(fixture, 4)
    const idOf = (number: string): string => sent.findLast((one) => one.number === number)?.id ?? ''
    const refuse = (id: string, name: string, text: string) => fixture.accept([response(name, { type: 'message-level', ...refersTo('other', id), response: { code: 'rejected', texts: [{ value: text }] } })], { system: 'seller' })
    const open = async () => (await fixture.alerts()).filter(({ kind, closedAt }) => kind === 'delivery-rejected' && closedAt === null)
    expect(await fixture.act(idOf('1'), { type: 'resume' })).toBe('done')
    for (const number of ['1', '2', '3']) await refuse(idOf(number), `no-${number}`, `Nobody knows ${number}.`)
    expect((await until(open, (seen) => seen.length === 3)).find(({ subject }) => subject === idOf('1'))?.detail).toContain('Nobody knows 1.')
    await refuse(idOf('1'), 'no-again', 'Still.')
    await until(() => fixture.delivery(idOf('1')), (seen) => seen?.answers.length === 2)
    expect(await fixture.alerts()).toHaveLength(3)

    const again = await fixture.act(idOf('1'), { type: 'resume' })
    if (typeof again !== 'object') throw new Error('it was not sent again')
    expect(await fixture.act(idOf('1'), { type: 'resume' })).toBe('done')
    const arrived = await until(arrivals, (seen) => seen.some(({ id }) => id === again.id))
    expect(arrived.find(({ id }) => id === again.id)).toMatchObject({ sequence: 3, key: arrived.find(({ id }) => id === idOf('1'))?.key })
    expect(await fixture.delivery(again.id)).toMatchObject({ source: `again:${idOf('1')}`, journalSeq: null, rejected: false })
    const { gzipSync } = await import('node:zlib')
    const mended = Buffer.from('{"kind":"order","number":"1 mended"}')
    await refuse(again.id, 'no-once-more', 'Neither.')
    await until(open, (seen) => seen.some(({ subject }) => subject === again.id))
    const edited = await fixture.act(again.id, { type: 'edit', payload: gzipSync(mended), payloadType: 'json', by: 'me' })
    if (typeof edited !== 'object') throw new Error('it was not sent again')
    expect((await until(arrivals, (seen) => seen.some(({ id }) => id === edited.id))).find(({ id }) => id === edited.id)).toMatchObject({ sequence: 4, body: mended.toString() })
    expect((await listDeliveries(fixture.database, { refusal: 'open', limit: 10 })).map(({ number }) => number).toSorted()).toEqual(['2', '3'])
    expect(await fixture.delivery(idOf('1'))).toMatchObject({ refusal: 'resent', resentAs: again.id, rejected: true, refusedAt: expect.any(String) as string, refusalSettledAt: expect.any(String) as string })
    // The state is the delivery's own: the alert only tells of it.
    await fixture.database.query("delete from alert where kind = 'delivery-rejected' and subject = $1", [idOf('2')])
    expect(await fixture.act(idOf('2'), { type: 'skip' })).toEqual({ id: idOf('2') })
    expect(await fixture.act(idOf('2'), { type: 'skip' })).toBe('done')
    await fixture.accept([response('yes-3', { type: 'message-level', ...refersTo('other', idOf('3')), response: { code: 'accepted' } })], { system: 'seller' })
    await until(open, (seen) => seen.length === 0)
    expect(await fixture.delivery(idOf('2'))).toMatchObject({ state: 'sent', rejected: true, refusal: 'skipped', resentAs: null })
    expect(await fixture.delivery(idOf('3'))).toMatchObject({ state: 'sent', rejected: true, refusal: 'accepted' })
    expect(await fixture.delivery(edited.id)).toMatchObject({ refusal: null })
    expect(await arrivals()).toHaveLength(6)
    // What was refused is waited for no longer; its like that was sent again is.
    await fixture.database.query("update delivery set sent_at = sent_at - interval '2 hours', overdue_at = overdue_at - interval '2 hours'")
    const overdue = async () => (await fixture.alerts()).filter(({ kind }) => kind === 'answered-overdue').map(({ subject }) => subject).toSorted()
    await until(overdue, (seen) => seen.length === 2)
    await new Promise((resolve) => { setTimeout(resolve, 1_500) })
    expect(await overdue()).toEqual([edited.id, sent.find(({ number, sequence }) => number === '1' && sequence === 2)?.id].toSorted())
  })

  it('of ours: what an envelope asks to be acknowledged is, in the endpoint\'s format, and an acknowledgement never', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({ system: 'erp', format: 'ubl' }), { ...partner(), id: 'other', system: 'erp', format: 'shop-json', acknowledge: 'always' }] })
    await fixture.accept([order('1')], { ackWanted: true })
    await fixture.accept([order('2')])
    await fixture.accept([response('a', refersTo('order', '1'))], { ackWanted: true })
    await fixture.running.settled(20_000)
    const seen = await came(3)
    expect(seen.map(({ type, body }) => `${type} ${/>1<|"1"/.test(body) ? 'of 1' : 'of 2'}`).toSorted()).toEqual(['application/json of 1', 'application/json of 2', 'application/xml of 1'])
    expect(seen.find(({ type }) => type === 'application/xml')?.body).toMatch(/<(\w+:)?ApplicationResponse[\s\S]*<cbc:ResponseCode>/)
  })
})

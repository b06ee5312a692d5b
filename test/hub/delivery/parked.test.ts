import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deliveryParked } from '../../../hub/central/deliveries/parked-entries.js'
import { lockPosition, readPosition } from '../../../hub/central/deliveries/position.js'
import { deleteSubscription } from '../../../hub/central/deliveries/subscriptions.js'
import { appendParkedDecision, journalHead } from '../../../hub/central/journal.js'
import type { Database } from '../../../hub/ops/database.js'
import { parkedStates } from '../../../schemas/parked-entry.js'
import { startTestDeliveries, until, type DeliveriesFixture } from '../../fixtures/deliveries.js'
import { company, documentOf, lineOf, refersTo } from '../../fixtures/documents.js'
import { order, parties, playPartner } from '../../fixtures/played-partner.js'
import { startPostgres } from '../../fixtures/postgres.js'
import { dedupe } from '../../fixtures/receiver.js'

const postgres = await startPostgres()
const { endpoint: partner, arrivals } = await playPartner()

const others = { ...parties, seller: company('Otto', 'gln:9520000003010') }
const elsewhere = (number: string) => documentOf('order', number, others, [lineOf('1', 'A', '1')])

/** From now on PostgreSQL refuses deliveries of these numbers, for a reason of the data unless another is given. */
const refuse = (database: Database, numbers: readonly string[], errcode = '23514') => database.query(`
  create or replace function refuse() returns trigger language plpgsql as $$ begin raise exception using errcode = '${errcode}', message = 'no delivery of ' || new.number; end $$;
  create or replace trigger refusing before insert on delivery for each row when (new.number in ('${numbers.join("', '")}')) execute function refuse()`)
const refuseNothing = (database: Database) => database.query('drop trigger refusing on delivery')

/** Of each entry that is parked, held or skipped: `number state cause heldBy`. */
const waiting = async ({ database }: DeliveriesFixture): Promise<readonly string[]> =>
  (await deliveryParked.list(database, { states: parkedStates, after: 0, limit: 1_000 })).map(({ entry, state, cause, heldBy, number }) => [entry, number, state, cause, heldBy].filter((one) => one !== null).join(' '))

/** Waits until the follower has passed all entries, and every subscription that goes on has caught up. */
const followed = async ({ database, running }: DeliveriesFixture): Promise<void> => {
  running.poke()
  await until(async () => await readPosition(database) - await journalHead(database), (behind) => behind === 0)
  running.changed()
  await until(() => database.query('select from subscription where reached is not null and not paused'), (lagging) => lagging.length === 0)
}
/** Takes documents in so that the follower meets all of them in one batch. */
const acceptTogether = async (fixture: DeliveriesFixture, documents: Parameters<DeliveriesFixture['accept']>[0]): Promise<void> => {
  await fixture.database.transaction(async (tx) => {
    await lockPosition(tx)
    // What the follower reads before it stands before the lock.
    await fixture.accept([elsewhere('first')])
    await new Promise((resolve) => { setTimeout(resolve, 300) })
    await fixture.accept(documents)
  })
  await followed(fixture)
}
const decide = async (fixture: DeliveriesFixture, entry: number, action: 'retry' | 'skip', follower = 'deliveries'): Promise<void> => {
  await appendParkedDecision(fixture.database, { follower, entry, action, by: 'test' })
  await followed(fixture)
}
/** What was put, in the order in which each queue sends it: `subscription number entry`. */
const put = async ({ database }: DeliveriesFixture): Promise<readonly string[]> =>
  (await database.query<{ source: string, number: string, cause: number }>('select source, number, cause from delivery order by source, position')).map(({ source, number, cause }) => `${source} ${number} ${cause}`)

describe('a document whose delivery PostgreSQL refuses', () => {
  it('is parked with its cause and holds what is of its thread or between its parties; the rest of its batch is delivered', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await refuse(fixture.database, ['bad'])
    await acceptTogether(fixture, [elsewhere('1'), order('bad'), order('bad', '2'), elsewhere('2'), documentOf('invoice', 'I', { ...parties, seller: company('Third', 'gln:9520000004017') }, [lineOf('1', 'A', '1')], refersTo('order', 'bad')), order('good')])
    await fixture.accept([elsewhere('3'), order('bad', '3')])
    await followed(fixture)
    expect(await waiting(fixture)).toEqual(['3 bad parked 23514', '4 bad held 3', '6 I held 3', '7 good held 3', '9 bad held 3'])
    expect((await deliveryParked.list(fixture.database, { states: ['parked'], after: 0, limit: 1 }))[0]).toMatchObject({ detail: 'no delivery of bad', holds: 4, kind: 'order', system: 'erp', documentId: expect.any(String) as unknown, messageId: expect.any(String) as unknown })
    expect(await put(fixture)).toEqual(['s first 1', 's 1 2', 's 2 5', 's 3 8'])
    await fixture.running.settled(20_000)
    expect(await arrivals()).toHaveLength(4)
  })

  it('is parked and holds whatever its number is, and PostgreSQL quotes of it', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    const wide = `a${'😀'.repeat(199)}`
    await refuse(fixture.database, [wide])
    await fixture.accept([order(wide), order(`${wide}b`)])
    await followed(fixture)
    expect((await deliveryParked.list(fixture.database, { states: parkedStates, after: 0, limit: 9 })).map(({ state, number }) => [state, number])).toEqual([['parked', `a${'😀'.repeat(99)}`], ['held', `a${'😀'.repeat(99)}`]])
  })

  it('is followed again with all that waited, however much that is', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await refuse(fixture.database, ['bad'])
    // Beyond what is read at a time.
    const large = (number: string) => order(number, '1', { notes: [{ value: randomBytes(1_500_000).toString('base64') }] })
    await fixture.accept([order('bad'), ...Array.from({ length: 7 }, (_each, index) => large(`N${index}`)), order('last')])
    await followed(fixture)
    expect(await put(fixture)).toEqual([])
    await refuseNothing(fixture.database)
    await decide(fixture, 1, 'retry')
    expect(await waiting(fixture)).toEqual([])
    expect(await put(fixture)).toEqual(['bad', 'N0', 'N1', 'N2', 'N3', 'N4', 'N5', 'N6', 'last'].map((number, index) => `s ${number} ${index + 1}`))
  })

  it('is delivered by a retry once it can be, then what it held, in order and each once', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await refuse(fixture.database, ['bad'])
    await fixture.accept([order('bad'), order('bad', '2'), order('bad', '3'), order('good')])
    await followed(fixture)
    await decide(fixture, 1, 'retry')
    expect(await waiting(fixture)).toEqual(['1 bad parked 23514', '2 bad held 1', '3 bad held 1', '4 good held 1'])
    await decide(fixture, 2, 'retry')
    await decide(fixture, 1, 'skip', 'crm')
    expect(await put(fixture)).toEqual([])
    await refuseNothing(fixture.database)
    await decide(fixture, 1, 'retry')
    await decide(fixture, 1, 'retry')
    expect(await waiting(fixture)).toEqual([])
    expect(await fixture.database.query('select from delivery_owed')).toEqual([])
    expect(await put(fixture)).toEqual(['s bad 1', 's bad 2', 's bad 3', 's good 4'])
    await fixture.running.settled(20_000)
    const { taken, faults } = dedupe(await arrivals())
    expect({ faults, many: [...taken.values()].flat().length }).toEqual({ faults: [], many: 4 })
    expect([...taken.values()].flat().filter(({ key }) => key.includes('bad')).map(({ sequence }) => sequence)).toEqual([1, 2, 3])
  })

  it('that is skipped goes to nobody, and what it held goes on', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await refuse(fixture.database, ['bad'])
    await fixture.accept([order('bad'), order('2'), order('2', '3')])
    await followed(fixture)
    await decide(fixture, 1, 'skip')
    expect(await waiting(fixture)).toEqual(['1 bad skipped 23514'])
    expect(await put(fixture)).toEqual(['s 2 2', 's 2 3'])
    await refuseNothing(fixture.database)
    await decide(fixture, 1, 'retry')
    await fixture.subscribe('later', { endpoint: 'partner', from: 1 })
    await followed(fixture)
    expect(await put(fixture)).toEqual(['later 2 2', 'later 2 3', 's 2 2', 's 2 3'])
  })

  it('opens one alert, which closes with the last that is decided', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await refuse(fixture.database, ['bad', 'worse'])
    await fixture.accept([order('bad'), elsewhere('worse'), order('2')])
    await followed(fixture)
    const [alert, ...more] = await until(fixture.alerts, (seen) => seen.length > 0)
    expect([alert, ...more]).toMatchObject([{ kind: 'documents-parked', subject: 'deliveries', closedAt: null, detail: expect.stringContaining('chainhub parked --follower deliveries') as unknown }])
    await decide(fixture, 1, 'skip')
    await new Promise((resolve) => { setTimeout(resolve, 1_500) })
    expect((await fixture.alerts()).map(({ closedAt }) => closedAt)).toEqual([null])
    await decide(fixture, 2, 'skip')
    await until(fixture.alerts, (seen) => seen.length === 1 && seen[0]?.closedAt !== null)
  })

  it('is neither doubled nor lost when the connection dies between the others\' deliveries and the parking', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await refuse(fixture.database, ['bad'])
    await fixture.database.query(`
      create sequence died;
      create function die() returns trigger language plpgsql as $$ begin if nextval('died') < 4 then perform pg_terminate_backend(pg_backend_pid()); end if; return new; end $$;
      create trigger dying before insert on delivery_parked_entry for each row execute function die()`)
    await acceptTogether(fixture, [elsewhere('1'), elsewhere('2'), order('bad'), elsewhere('3'), order('bad', '2')])
    expect(await fixture.database.query('select last_value from died')).not.toEqual([{ last_value: 1 }])
    expect(await waiting(fixture)).toEqual(['4 bad parked 23514', '6 bad held 4'])
    await refuseNothing(fixture.database)
    await decide(fixture, 4, 'retry')
    expect(await put(fixture)).toEqual(['s first 1', 's 1 2', 's 2 3', 's 3 5', 's bad 4', 's bad 6'])
    await fixture.running.settled(20_000)
    expect(dedupe(await arrivals()).faults).toEqual([])
    expect(await arrivals()).toHaveLength(6)
  })
})

describe('what is no fault of a document', () => {
  it.each(['40P01', '53100', '57014'])('parks none: PostgreSQL\'s %s is tried again', async (errcode) => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
    await fixture.subscribe('s', { endpoint: 'partner' })
    await refuse(fixture.database, ['late'], errcode)
    await fixture.accept([order('late')])
    await until(() => fixture.database.query<{ failing: object | null }>(`select failing from lease where name = 'deliveries'`), ([lease]) => lease?.failing != null)
    expect(await waiting(fixture)).toEqual([])
    await refuseNothing(fixture.database)
    await followed(fixture)
    expect(await put(fixture)).toEqual(['s late 1'])
  })

  it('parks none: the customer database may refuse whatever it likes', async () => {
    const asked = { times: 0 }
    const fixture = await startTestDeliveries(postgres, {
      endpoints: [partner()],
      keysOfParties: (ids) => (asked.times++ < 3 ? Promise.reject(Object.assign(new Error('not yet'), { code: '22P02' })) : Promise.resolve(new Map(ids.map((id) => [id, new Set(['erp/gln:9520000002053'])])))),
    })
    await fixture.subscribe('s', { endpoint: 'partner', parties: [{ id: '7402fa05-960f-88e6-8b0e-408f1f6869eb' }] })
    await fixture.accept([order('1')])
    await followed(fixture)
    expect(asked.times).toBeGreaterThan(3)
    expect(await waiting(fixture)).toEqual([])
    expect(await put(fixture)).toEqual(['s 1 1'])
  })
})

describe('a document at which the hub\'s own code fails', () => {
  it.each<[string, object]>([['a line that is none', { lines: [null] }], ['a reference that is none', { kind: 'invoice', references: [null] }]])('as %s is parked, and stops nobody', async (_what, broken) => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({ system: 'erp', acknowledge: 'always' }), partner({ id: 'other' })] })
    await fixture.subscribe('s', { endpoint: 'other' })
    await acceptTogether(fixture, [elsewhere('1'), { ...order('broken'), ...broken }, elsewhere('2')])
    expect((await waiting(fixture)).map((row) => row.replace(/^\d+ \S+ /, ''))).toEqual(['parked fold-error'])
    expect((await put(fixture)).filter((row) => row.startsWith('s '))).toEqual(['s first 1', 's 1 2', 's 2 4'])
  })
})

describe('a subscription that catches up', () => {
  it('passes over what waits, and has it by the retry, as has everyone who came past it and nobody else', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
    await fixture.subscribe('live', { endpoint: 'partner' })
    await fixture.subscribe('paused', { endpoint: 'partner', paused: true })
    await fixture.subscribe('gone', { endpoint: 'partner' })
    await refuse(fixture.database, ['bad'])
    await fixture.accept([order('bad'), order('bad', '2'), elsewhere('1')])
    await followed(fixture)
    await fixture.subscribe('early', { endpoint: 'partner', from: 1 })
    await fixture.subscribe('late', { endpoint: 'partner' })
    await followed(fixture)
    await fixture.subscribe('early', { endpoint: 'partner', from: 1, paused: true })
    await fixture.database.transaction((tx) => deleteSubscription(tx, 'gone'))
    expect(await put(fixture)).toEqual(['early 1 3', 'gone 1 3', 'live 1 3'])
    await refuseNothing(fixture.database)
    await decide(fixture, 1, 'retry')
    const retried = ['early 1 3', 'early bad 1', 'early bad 2', 'gone 1 3', 'live 1 3', 'live bad 1', 'live bad 2']
    expect(await put(fixture)).toEqual(retried)
    await fixture.subscribe('paused', { endpoint: 'partner' })
    await fixture.subscribe('early', { endpoint: 'partner', from: 2 })
    await followed(fixture)
    expect(await put(fixture)).toEqual([...retried, 'paused bad 1', 'paused bad 2', 'paused 1 3'])
  })

  it('parks what fails for it alone, with what comes behind it, and what was done of that is not done again', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({ system: 'erp', acknowledge: 'always' }), partner({ id: 'other' })] })
    await fixture.subscribe('orders', { endpoint: 'other', kinds: ['order'] })
    await fixture.accept([order('1'), documentOf('invoice', 'I', parties, [lineOf('1', 'A', '1')], refersTo('order', '1')), elsewhere('2')])
    await followed(fixture)
    const before = await put(fixture)
    expect(before).toHaveLength(5)
    await refuse(fixture.database, ['I'])
    await fixture.subscribe('invoices', { endpoint: 'other', kinds: ['invoice', 'receipt'], from: 1 })
    await followed(fixture)
    expect(await waiting(fixture)).toEqual(['2 I parked 23514'])
    await fixture.accept([order('3'), elsewhere('4')])
    await followed(fixture)
    expect(await waiting(fixture)).toEqual(['2 I parked 23514', '4 3 held 2'])
    await refuseNothing(fixture.database)
    // What it wants now it did not want when it came past the invoice.
    await fixture.subscribe('orders', { endpoint: 'other', kinds: ['order', 'invoice'] })
    await decide(fixture, 2, 'retry')
    const after = await put(fixture)
    expect(after.filter((row) => row.endsWith(' 2') && !before.includes(row))).toEqual(['invoices I 2'])
    expect(after.filter((row) => row.startsWith('orders'))).toEqual(['orders 1 1', 'orders 2 3', 'orders 4 5', 'orders 3 4'])
    expect(after.filter((row) => row.startsWith('acknowledge:partner')).map((row) => row.slice(-1))).toEqual(['1', '2', '3', '5', '4'])
    expect(await fixture.database.query('select from delivery_owed')).toEqual([])
  })

  it('does not hear again what a partner said before he said otherwise', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [partner({ system: 'seller' })] })
    const response = (number: string, code: 'accepted' | 'rejected') => documentOf('order-response', number, parties, [], { ...refersTo('order', '1'), response: { code } })
    await fixture.subscribe('orders', { endpoint: 'partner', kinds: ['order'] })
    await fixture.accept([order('1')])
    await until(fixture.deliveries, ([one]) => one?.state === 'sent')
    await fixture.accept([response('yes', 'accepted'), response('no', 'rejected')], { system: 'seller' })
    const refusal = async () => (await fixture.deliveries()).find(({ kind }) => kind === 'order')?.refusal
    await until(refusal, (said) => said === 'open')
    await refuse(fixture.database, ['yes'])
    await fixture.subscribe('responses', { endpoint: 'partner', kinds: ['order-response'], echo: true, from: 1 })
    await followed(fixture)
    expect(await waiting(fixture)).toEqual(['2 yes parked 23514', '3 no held 2'])
    await refuseNothing(fixture.database)
    await decide(fixture, 2, 'retry')
    expect(await put(fixture)).toEqual(['orders 1 1', 'responses yes 2', 'responses no 3'])
    expect(await refusal()).toBe('open')
  })
})

describe('whatever is refused, decided and subscribed', () => {
  const steps = fc.array(fc.oneof(
    { weight: 6, arbitrary: fc.record({ accept: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 4 }) }) },
    { weight: 3, arbitrary: fc.record({ refuse: fc.subarray(['a', 'b', 'c', 'd']) }) },
    { weight: 3, arbitrary: fc.record({ decide: fc.constantFrom('retry' as const, 'skip' as const), nth: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ subscribe: fc.constantFrom('live', 'late', 'early'), paused: fc.boolean() }) },
  ), { minLength: 10, maxLength: 25 })
  const documentOfNumber = (number: string) => (number === 'c' ? elsewhere(number) : number === 'd' ? documentOf('despatch', number, others, [lineOf('1', 'A', '1')], refersTo('order', 'c')) : order(number))

  it('each subscription has each document once and in the order of its key, but those that were skipped', async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
    console.log(`seed ${seed}`)
    await fc.assert(fc.asyncProperty(steps, async (given) => {
      const fixture = await startTestDeliveries(postgres, { endpoints: [partner()] })
      const { database } = fixture
      await refuse(database, ['nothing'])
      const begun = new Map([['live', 0]])
      await fixture.subscribe('live', { endpoint: 'partner' })
      for (const step of given) {
        if ('accept' in step) await fixture.accept(step.accept.map(documentOfNumber))
        else if ('refuse' in step) await refuse(database, ['nothing', ...step.refuse])
        else if ('subscribe' in step) {
          if (!begun.has(step.subscribe)) begun.set(step.subscribe, step.subscribe === 'early' ? 0 : await journalHead(database))
          await fixture.subscribe(step.subscribe, { endpoint: 'partner', paused: step.paused, ...step.subscribe === 'early' ? { from: 1 } : {} })
        } else {
          const parked = await deliveryParked.list(database, { states: ['parked'], after: 0, limit: 10 })
          const one = parked[step.nth % Math.max(1, parked.length)]
          if (one !== undefined) await appendParkedDecision(database, { follower: 'deliveries', entry: one.entry, action: step.decide, by: 'test' })
        }
      }
      await refuseNothing(database)
      for (const id of begun.keys()) await fixture.subscribe(id, { endpoint: 'partner', ...id === 'early' ? { from: 1 } : {} })
      await followed(fixture)
      for (let tries = 0; tries < 50; tries++) {
        const [parked] = await deliveryParked.list(database, { states: ['parked'], after: 0, limit: 1 })
        if (parked === undefined) break
        await decide(fixture, parked.entry, 'retry')
      }
      const left = await deliveryParked.list(database, { states: parkedStates, after: 0, limit: 1_000 })
      expect(left.filter(({ state }) => state !== 'skipped')).toEqual([])
      const documents = await database.query<{ number: number }>(`select number from journal where type = 'document.accepted' order by number`)
      const made = await database.query<{ source: string, key: string, cause: number }>('select source, key, cause from delivery order by key, sequence')
      for (const [id, begin] of begun) {
        const causes = made.filter(({ source }) => source === id)
        const skipped = new Set(left.map(({ entry }) => entry))
        expect(causes.map(({ cause }) => cause).filter((cause) => !skipped.has(cause)).toSorted((a, b) => a - b)).toEqual(documents.map(({ number }) => number).filter((number) => number > begin && !skipped.has(number)))
        for (const key of new Set(causes.map((one) => one.key))) {
          const ofKey = causes.filter((one) => one.key === key).map(({ cause }) => cause)
          expect({ id, key, ofKey }).toEqual({ id, key, ofKey: ofKey.toSorted((a, b) => a - b) })
        }
      }
    }), { seed, numRuns: 8, endOnFailure: true })
  }, 180_000)
})

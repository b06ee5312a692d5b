import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crmDigest } from '../../../hub/crm/crm-digest.js'
import { makeCrmFollower } from '../../../hub/crm/crm-follower.js'
import { dropRebuilt, liveSchema, rebuiltSchema, switchRebuilt } from '../../../hub/crm/switch-rebuilt.js'
import type { Party } from '../../../schemas/canonical/common.js'
import type { JournalEntry } from '../../../schemas/journal-entry.js'
import { catchUp, makeJournal, openCrm, relay, settle, startCrm, type Acceptance } from '../../fixtures/crm-journal.js'
import { company, documentOf, lineOf, refersTo } from '../../fixtures/documents.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()

const order = (system: string, number: string, buyer: Party, seller: Party = company('Seller Ltd', 'S1', 'gln:5790000000029')): Acceptance =>
  ({ system, document: documentOf('order', number, { buyer, seller }, [lineOf('1', 'A', '10')]) })

/** Random business: few parties, identifiers that overlap at random, several systems. */
const randomOrders = fc.array(fc.record({
  system: fc.constantFrom('erp', 'scm', 'shop'),
  number: fc.constantFrom('1', '2', '3', '4'),
  own: fc.constantFrom('10', '11', '12'),
  glns: fc.subarray(['gln:5790000000012', 'gln:5790000000036', 'gln:5790000000043']),
  vats: fc.subarray(['vat:DE123456789', 'vat:FR99999111222']),
  name: fc.constantFrom('Nord', 'Süd', '东方贸易'),
  test: fc.boolean(),
}), { minLength: 5, maxLength: 40 })

const rows = <Row>(crm: Awaited<ReturnType<typeof startCrm>>, text: string) => crm.database.query<Row>(text)

/** A date that PostgreSQL has not. */
const impossible = (number: string, own: string): Acceptance =>
  ({ system: 'erp', document: { ...documentOf('order', number, { buyer: company(`N${own}`, own), seller: company('Seller Ltd', 'S1', 'gln:5790000000029') }, [lineOf('1', 'A', '1')]), issuedOn: '2026-02-31' } })

/** In batches of one, two and 500. */
const digestsOfRebuilds = async (url: string, crm: Awaited<ReturnType<typeof startCrm>>): Promise<readonly string[]> => {
  const digests: string[] = []
  for (const batch of [1, 2, 500]) {
    const next = await openCrm(url, rebuiltSchema)
    await catchUp(makeCrmFollower({ database: next, ...crm.journal }), crm.journal, batch)
    digests.push(await crmDigest(next))
    await next.close()
    await dropRebuilt(crm.database)
  }
  return digests
}

describe('the CRM follower', () => {
  test('writes the same rows whatever the batches, and a rebuild beside the live copy writes them again', async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
    console.log(`seed ${seed}`)
    await fc.assert(fc.asyncProperty(randomOrders, async (orders) => {
      const url = await postgres.newDatabase()
      const live = await startCrm(url)
      let last: JournalEntry | undefined
      for (const { system, number, own, glns, vats, name, test: isTest } of orders) {
        const acceptance = order(system, number, company(name, own, ...glns, ...vats))
        const former = live.journal.entries.findLast((entry) => entry.type === 'document.accepted' && entry.system === system && entry.document.number === number && entry.test === isTest)
        const replaces = former?.type === 'document.accepted' ? { replaces: former.documentId, revision: former.revision + 1 } : {}
        last = live.journal.accept({ ...acceptance, test: isTest, ...replaces })
        if (number === '1') await settle(live.follower, live.journal)
      }
      await settle(live.follower, live.journal)
      expect(last).toBeDefined()
      const digest = await crmDigest(live.database)
      for (const batch of [1, 7, 500]) {
        const database = await openCrm(url, rebuiltSchema)
        const follower = makeCrmFollower({ database, ...live.journal })
        await catchUp(follower, live.journal, batch)
        expect(await follower.outboxPending(10)).toEqual([])
        expect(await crmDigest(database)).toBe(digest)
        await database.close()
        await dropRebuilt(live.database)
      }
      await live.database.close()
    }), { seed, numRuns: 12 })
  })

  test('keeps a party of each system apart until a third record that has both keys makes them one, and redirects for ever', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    await crm.take(order('erp', '1', company('Nord GmbH', '10', 'gln:5790000000012')), order('scm', '2', company('Nord', 'x', 'vat:DE123456789')))
    const before = (await crm.parties.list({ q: 'nord', limit: 10 })).items
    expect(before).toHaveLength(2)
    await crm.take(order('shop', '3', company('N.', '7', 'vat:DE123456789', 'gln:5790000000012')))
    const [after, ...others] = (await crm.parties.list({ q: 'nord', limit: 10 })).items
    expect(others).toEqual([])
    expect(after).toMatchObject({ id: before[0]?.id, name: 'Nord GmbH', sources: 3 })
    expect(after?.identifiers.map(({ value }) => value)).toEqual(['10', '5790000000012', 'x', 'DE123456789', '7'])
    const asked = before[1]?.id ?? ''
    expect(await crm.parties.byId(asked)).toMatchObject({ id: after?.id, redirectedFrom: asked })
    expect((await crm.parties.sourcesOf(asked))?.map(({ key }) => key)).toEqual(['erp/id:10', 'scm/id:x', 'shop/id:7'])
    expect((await crm.customer(asked)).orders.items.map(({ number }) => number).sort()).toEqual(['1', '2', '3'])
  })

  test('links a known record when its GLN comes late, with a decision that names source records', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    await crm.take(order('erp', '1', company('Nord', '10', 'gln:5790000000012')), order('scm', '2', company('Norden', 'x')))
    expect((await crm.parties.list({ q: 'nord', limit: 10 })).items).toHaveLength(2)
    await crm.take(order('scm', '3', company('Norden', 'x', 'gln:5790000000012')))
    expect((await crm.parties.list({ q: 'nord', limit: 10 })).items).toMatchObject([{ name: 'Nord', sources: 2 }])
    expect(crm.journal.entries.at(-1)).toMatchObject({
      type: 'identity.decided', ordinal: 0, ruleVersion: 'keys-2', decisions: [{ action: 'link', source: 'scm/id:x', with: 'erp/id:10', rule: 'gln', evidence: 'gln:5790000000012' }],
    })
  })

  test('enters no decision for a document that brings nothing new', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    await crm.take(order('erp', '1', company('Nord', '10')))
    const length = crm.journal.entries.length
    await crm.take(order('erp', '2', company('Nord', '10')))
    expect(crm.journal.entries).toHaveLength(length + 1)
  })

  test('lets a decision take effect only when the journal has it', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    crm.journal.accept(order('erp', '1', company('Nord', '10')))
    await catchUp(crm.follower, crm.journal)
    expect((await crm.parties.list({ limit: 10 })).items).toEqual([])
    await relay(crm.follower, crm.journal)
    await catchUp(crm.follower, crm.journal)
    expect((await crm.parties.list({ limit: 10 })).items).toHaveLength(2)
  })

  test('enters a draft once when the relay dies between the journal and the outbox', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    crm.journal.accept(order('erp', '1', company('Nord', '10')))
    await catchUp(crm.follower, crm.journal)
    crm.journal.append(await crm.follower.outboxPending(10))
    const again = makeCrmFollower({ database: crm.database, ...crm.journal })
    await catchUp(again, crm.journal)
    expect(await again.outboxPending(10)).toEqual([])
    await settle(again, crm.journal)
    expect(crm.journal.entries.map(({ type }) => type)).toEqual(['document.accepted', 'identity.decided'])
  })

  test('writes nothing for an owner that was taken over, nor from a position that has passed', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    const former = crm.follower
    expect(await former.position()).toBe(0)
    const newer = makeCrmFollower({ database: crm.database, ...crm.journal })
    expect(await newer.position()).toBe(0)
    const entry = crm.journal.accept(order('erp', '1', company('Nord', '10')))
    const untouched = await crmDigest(crm.database)
    expect(await former.apply(0, [entry])).toBe(false)
    expect(await newer.apply(1, [{ ...entry, number: 2 }])).toBe(false)
    expect(await crmDigest(crm.database)).toBe(untouched)
    expect(await newer.apply(0, [entry])).toBe(true)
    expect(await newer.apply(0, [entry])).toBe(false)
    expect(await rows(crm, 'select from trade_document')).toHaveLength(1)
  })

  test('writes nothing of a batch that fails half-way', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    const entry = crm.journal.accept(order('erp', '1', company('Nord', '10')))
    const untouched = await crmDigest(crm.database)
    const broken = makeCrmFollower({ database: crm.database, ...crm.journal, answeredCauses: () => Promise.reject(new Error('The journal is away.')) })
    await expect(broken.apply(0, [entry])).rejects.toThrow('away')
    expect(await crmDigest(crm.database)).toBe(untouched)
    expect(await broken.position()).toBe(0)
  })

  test('parks the documents that PostgreSQL refuses, whatever the batches, and follows all others', async () => {
    const url = await postgres.newDatabase()
    const crm = await startCrm(url)
    const long = randomBytes(6000).toString('base64')
    const accepted = [order('erp', '1', company('Nord', '10')), impossible('2', '10'), order('erp', '3', company('Süd', '11')), order('erp', long, company('Ost', '13')), impossible('5', '14'), order('erp', '6', company('West', '12'))].map(crm.journal.accept)
    const told: (readonly [number, string])[] = []
    const follower = makeCrmFollower({ database: crm.database, ...crm.journal, onParked: ({ entry, cause }) => told.push([entry, cause]) })
    await settle(follower, crm.journal)
    expect(told).toEqual([[2, '22008'], [4, '54000'], [5, '22008']])
    expect(await rows(crm, 'select entry, state, cause from parked_entry order by entry')).toEqual(told.map(([entry, cause]) => ({ entry, state: 'parked', cause })))
    expect(await rows(crm, 'select number from trade_document order by number')).toEqual([{ number: '1' }, { number: '3' }, { number: '6' }])
    expect(await follower.position()).toBeGreaterThan(accepted.length)
    const digest = await crmDigest(crm.database)
    expect(await digestsOfRebuilds(url, crm)).toEqual([digest, digest, digest])
    await crm.database.query('delete from parked_entry where entry = 5')
    expect(await crmDigest(crm.database)).not.toBe(digest)
  })

  test('parks a document at which its own fold fails, whatever the batches, holds what comes after it, and follows all others', async () => {
    const url = await postgres.newDatabase()
    const crm = await startCrm(url)
    /** As no schema lets it through: a line that is none, and no parties at all. */
    const broken = (acceptance: Acceptance, more: object): Acceptance => ({ ...acceptance, document: { ...acceptance.document, ...more } })
    const accepted = [order('erp', '1', company('Nord', '10')), broken(order('erp', '2', company('Süd', '11')), { lines: [null] }), order('erp', '3', company('Süd', '11')), broken(order('erp', '4', company('Ost', '13')), { parties: null }), order('erp', '5', company('West', '12'))].map(crm.journal.accept)
    const told: (readonly [number, string])[] = []
    const follower = makeCrmFollower({ database: crm.database, ...crm.journal, onParked: ({ entry, cause }) => told.push([entry, cause]) })
    await settle(follower, crm.journal)
    expect(told).toEqual([[2, 'fold-error'], [4, 'fold-error']])
    expect(await rows(crm, 'select entry, state, cause, held_by from parked_entry order by entry')).toEqual([
      { entry: 2, state: 'parked', cause: 'fold-error', held_by: null }, { entry: 3, state: 'held', cause: null, held_by: 2 }, { entry: 4, state: 'parked', cause: 'fold-error', held_by: null },
    ])
    expect(await rows(crm, 'select number from trade_document order by number')).toEqual([{ number: '1' }, { number: '5' }])
    expect(await follower.position()).toBeGreaterThan(accepted.length)
    const digest = await crmDigest(crm.database)
    expect(await digestsOfRebuilds(url, crm)).toEqual([digest, digest, digest])
  })

  test('holds what comes after a parked document of its thread or between its parties, and nothing else', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    const other = company('Other Ltd', 'S9')
    const invoice: Acceptance = { system: 'erp', document: documentOf('invoice', 'I1', { buyer: company('Nord', '10'), seller: other }, [lineOf('1', 'A', '1')], refersTo('order', '1')) }
    await crm.take(impossible('1', '10'), order('erp', '2', company('Nord', '10')), order('erp', '3', company('Süd', '11')), invoice, order('erp', '5', company('Nord', '10'), other), order('erp', '6', company('Süd', '11'), other), { ...order('erp', '7', company('Nord', '10')), test: true })
    expect(await rows(crm, 'select entry, state, held_by from parked_entry order by entry')).toEqual([
      { entry: 1, state: 'parked', held_by: null }, { entry: 2, state: 'held', held_by: 1 }, { entry: 4, state: 'held', held_by: 1 }, { entry: 5, state: 'held', held_by: 4 },
    ])
    expect(await rows(crm, 'select number from trade_document order by number')).toEqual([{ number: '3' }, { number: '6' }, { number: '7' }])
  })

  test('goes on with what was held once it is decided to skip what holds it, or to retry what can be followed now', async () => {
    const url = await postgres.newDatabase()
    const crm = await startCrm(url)
    await crm.take(impossible('1', '10'), order('erp', '2', company('Nord', '10')), impossible('3', '11'), order('erp', '4', company('Süd', '11')))
    for (const [entry, action] of [[1, 'retry'], [1, 'skip'], [2, 'skip'], [1, 'retry']] as const) crm.journal.decide({ follower: 'crm', entry, action, by: 'admin' })
    crm.journal.decide({ follower: 'elsewhere', entry: 3, action: 'skip', by: 'admin' })
    await settle(crm.follower, crm.journal)
    expect(await rows(crm, 'select entry, state from parked_entry order by entry')).toEqual([{ entry: 1, state: 'skipped' }, { entry: 3, state: 'parked' }, { entry: 4, state: 'held' }])
    expect(await rows(crm, 'select number from trade_document order by number')).toEqual([{ number: '2' }])
    const digest = await crmDigest(crm.database)
    expect(await digestsOfRebuilds(url, crm)).toEqual([digest, digest, digest])
  })

  test('follows on a retry what can be followed now, and then in their order those that waited for it', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    await crm.database.query(`alter table trade_document add constraint narrow check (number <> '1')`)
    await crm.take(order('erp', '1', company('Nord', '10', 'gln:5790000000012')), order('erp', '2', company('Nord AG', '10')), order('erp', '3', company('Süd', '11')))
    expect(await rows(crm, 'select entry, state from parked_entry order by entry')).toEqual([{ entry: 1, state: 'parked' }, { entry: 2, state: 'held' }])
    await crm.database.query('alter table trade_document drop constraint narrow')
    crm.journal.decide({ follower: 'crm', entry: 1, action: 'retry', by: 'admin' })
    await settle(crm.follower, crm.journal)
    expect(await rows(crm, 'select from parked_entry')).toEqual([])
    expect((await crm.parties.list({ q: 'nord', limit: 10 })).items).toMatchObject([{ name: 'Nord AG', sources: 1 }])
    expect(await rows(crm, 'select number from trade_document order by number')).toEqual([{ number: '1' }, { number: '2' }, { number: '3' }])
  })

  test('is the same whatever the batches, whatever is parked, held and decided', async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
    console.log(`seed ${seed}`)
    const step = fc.oneof(
      fc.record({ type: fc.constant('order' as const), number: fc.integer({ min: 1, max: 9 }), own: fc.constantFrom('10', '11', '12'), bad: fc.boolean() }),
      fc.record({ type: fc.constant('decision' as const), entry: fc.integer({ min: 1, max: 12 }), action: fc.constantFrom('retry' as const, 'skip' as const) }),
    )
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), async (steps) => {
      const url = await postgres.newDatabase()
      const crm = await startCrm(url)
      for (const one of steps) {
        if (one.type === 'decision') crm.journal.decide({ follower: 'crm', entry: one.entry, action: one.action, by: 'admin' })
        else crm.journal.accept(one.bad ? impossible(`${one.number}-${crm.journal.entries.length}`, one.own) : order('erp', `${one.number}-${crm.journal.entries.length}`, company(`N${one.own}`, one.own)))
        if (crm.journal.entries.length % 5 === 0) await settle(crm.follower, crm.journal)
      }
      await settle(crm.follower, crm.journal)
      const digest = await crmDigest(crm.database)
      expect(await digestsOfRebuilds(url, crm)).toEqual([digest, digest, digest])
      await crm.database.close()
    }), { seed, numRuns: 8 })
  })

  test('stops before an identity entry that cannot be applied and leaves out none', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    const entry = crm.journal.accept(order('erp', '1', company('Nord', '10')))
    const broken: JournalEntry = { type: 'identity.decided', number: 2, recordedAt: entry.recordedAt, follower: 'crm', cause: 1.5, ordinal: 0, ruleVersion: 'keys-2', decisions: [] }
    await expect(crm.follower.apply(0, [entry, broken])).rejects.toThrow('bigint')
    expect(await crm.follower.position()).toBe(1)
    expect(await rows(crm, 'select from parked_entry')).toEqual([])
  })

  test('follows a party with 40,000 identifiers, named on head and lines, in seconds', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    const large = company('Nord', ...Array.from({ length: 40_000 }, (_, index) => `n${index}`))
    const lines = Array.from({ length: 300 }, (_, index) => lineOf(String(index), 'A', '1', { parties: { shipTo: company('Nord', 'n0', `at:${index}`) } }))
    const started = performance.now()
    await crm.take({ system: 'erp', document: documentOf('order', '1', { buyer: large, billTo: large }, lines) })
    await crm.take({ system: 'erp', document: documentOf('order', '2', { buyer: large, billTo: large }, lines) })
    expect(performance.now() - started).toBeLessThan(10_000)
    expect((await crm.parties.list({ q: 'nord', limit: 10 })).items.map(({ identifiers }) => identifiers.length)).toEqual([40_300])
  })

  test('counts the party that a record is about to join against the next one, before the journal has the decision', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    await crm.take(order('erp', '1', company('Eins', 'gln:4000001000005', 'vat:DE111111112')), order('erp', '2', company('Zwei', 'vat:DE222222221')))
    const claims = (system: string) => ['gln:4000001000005', 'vat:DE222222221'].map((key, index) => order(system, String(index), company('Böse', '666', key)))
    await crm.take(...claims('evil'))
    for (const acceptance of claims('later')) {
      crm.journal.accept(acceptance)
      await catchUp(crm.follower, crm.journal)
    }
    await settle(crm.follower, crm.journal)
    expect((await crm.parties.list({ limit: 10 })).items.filter(({ name }) => name === 'Eins' || name === 'Zwei')).toMatchObject([{ name: 'Eins', sources: 3 }, { name: 'Zwei', sources: 1 }])
  })

  test('does not let one document that claims the numbers of three parties make them one, nor several documents one by one', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    const [one, two, three] = ['gln:4000001000005', 'gln:4000001000029', 'gln:4000001000012'] as const
    await crm.take(order('erp', '1', company('Eins', one, 'vat:DE111111112')), order('erp', '2', company('Zwei', two, 'vat:DE222222221')), order('erp', '3', company('Drei', three)))
    const claims = [[one, two, three], [two, 'vat:DE222222221'], [three], ['duns:123456782', 'vat:DE222222221', two]]
    for (const together of [true, false]) {
      const documents = claims.map((keys, index) => order(`evil-${together}`, String(index), company('Böse', '666', ...keys)))
      if (together) await crm.take(...documents)
      else for (const document of documents) await crm.take(document)
    }
    const sources = async (q: string) => (await crm.parties.list({ q, limit: 10 })).items.map(({ name, sources: count }) => [name, count])
    expect(await sources('4000001000029')).toEqual(expect.arrayContaining([['Zwei', 1]]))
    expect((await crm.parties.list({ limit: 10 })).items.filter(({ name }) => ['Eins', 'Zwei', 'Drei'].includes(name ?? ''))).toMatchObject([{ name: 'Eins', sources: 3 }, { name: 'Zwei', sources: 1 }, { name: 'Drei', sources: 1 }])
  })

  test('lets test documents show parties but neither link nor rename real ones', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    await crm.take(order('erp', '1', company('Nord', '10', 'gln:5790000000012')))
    await crm.take({ ...order('erp', '2', company('Probe', '10', 'gln:5790000000036')), test: true }, { ...order('scm', '3', company('Versuch', 'x', 'gln:5790000000012')), test: true })
    expect((await crm.parties.list({ q: 'nord', limit: 10 })).items).toMatchObject([{ name: 'Nord', sources: 1, test: false }])
    expect((await crm.parties.list({ q: 'versuch', limit: 10 })).items).toMatchObject([{ test: true }])
    await crm.take(order('scm', '3', company('Norden', 'x', 'gln:5790000000012')))
    expect((await crm.parties.list({ q: 'nord', limit: 10 })).items).toMatchObject([{ name: 'Nord', sources: 2, test: false }])
  })

  test('switches to a rebuilt copy in one step, but not to one that is behind', async () => {
    const url = await postgres.newDatabase()
    const crm = await startCrm(url)
    await crm.take(order('erp', '1', company('Nord', '10')))
    const digest = await crmDigest(crm.database)
    const next = await openCrm(url, rebuiltSchema)
    expect(await switchRebuilt(crm.database)).toBe(false)
    await catchUp(makeCrmFollower({ database: next, ...crm.journal }), crm.journal)
    await next.close()
    expect(await switchRebuilt(crm.database)).toBe(true)
    expect(await crmDigest(crm.database)).toBe(digest)
    const entry = crm.journal.accept(order('erp', '2', company('Nord', '10')))
    expect(await crm.follower.apply(entry.number - 1, [entry])).toBe(false)
    await crm.follower.takeOver()
    expect(await crm.follower.apply(entry.number - 1, [entry])).toBe(true)
    expect(await rows(crm, `select from pg_namespace where nspname like '${liveSchema}%'`)).toHaveLength(1)
  })
})

describe('the list of parties', () => {
  test('finds by the beginning of a word, of an identifier, and inside Chinese names', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    await crm.take(order('erp', '1', company('Nord 100% GmbH', '0010'), company('上海东方贸易有限公司', 'gln:5790000000029')))
    const found = async (q: string) => (await crm.parties.list({ q, limit: 10 })).items.map(({ name }) => name)
    expect(await found('GMB')).toEqual(['Nord 100% GmbH'])
    expect(await found('100% g')).toEqual(['Nord 100% GmbH'])
    expect(await found('001')).toEqual(['Nord 100% GmbH'])
    expect(await found('10%g')).toEqual([])
    expect(await found('东方')).toEqual(['上海东方贸易有限公司'])
    expect(await found('57900000')).toEqual(['上海东方贸易有限公司'])
  })

  test('pages without a gap or a repeat', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    await crm.take(...Array.from({ length: 7 }, (_, index) => order('erp', String(index), company(`N${index}`, String(index)))))
    const names: (string | undefined)[] = []
    let cursor: string | undefined
    do {
      const page = await crm.parties.list({ limit: 3, ...(cursor === undefined ? {} : { cursor }) })
      names.push(...page.items.map(({ name }) => name))
      cursor = page.next
    } while (cursor !== undefined)
    expect(names.sort()).toEqual(['N0', 'N1', 'N2', 'N3', 'N4', 'N5', 'N6', 'Seller Ltd'])
  })
})

test('a journal gives its digest again on another database', async () => {
  const [one, other] = [await startCrm(await postgres.newDatabase()), await startCrm(await postgres.newDatabase())]
  const journal = makeJournal()
  const documents = [order('erp', '1', company('Nord', '10')), { system: 'erp', document: documentOf('invoice', 'I1', { buyer: company('Nord', '10') }, [lineOf('1', 'A', '1')], refersTo('order', '1')) }]
  for (const document of documents) journal.accept(document)
  for (const { database } of [one, other]) await settle(makeCrmFollower({ database, ...journal }), journal)
  expect(await crmDigest(one.database)).toBe(await crmDigest(other.database))
  journal.accept(order('erp', '2', company('Nord', '10')))
  await settle(makeCrmFollower({ database: one.database, ...journal }), journal)
  expect(await crmDigest(one.database)).not.toBe(await crmDigest(other.database))
})

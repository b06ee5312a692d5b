import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crmDigest } from '../../../hub/crm/crm-digest.js'
import { makeCrmFollower } from '../../../hub/crm/crm-follower.js'
import type { JournalEntry } from '../../../schemas/journal-entry.js'
import { digestsOfRebuilds, order, rows, settle, startCrm, type Acceptance } from '../../fixtures/crm-journal.js'
import { company, documentOf, lineOf, refersTo } from '../../fixtures/documents.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()

/** A date that PostgreSQL has not. */
const impossible = (number: string, own: string): Acceptance =>
  ({ system: 'erp', document: { ...documentOf('order', number, { buyer: company(`N${own}`, own), seller: company('Seller Ltd', 'S1', 'gln:5790000000029') }, [lineOf('1', 'A', '1')]), issuedOn: '2026-02-31' } })

describe('the CRM follower, where an entry cannot be followed,', () => {
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
})

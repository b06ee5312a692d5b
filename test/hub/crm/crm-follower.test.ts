import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crmDigest } from '../../../hub/crm/crm-digest.js'
import { makeCrmFollower } from '../../../hub/crm/crm-follower.js'
import { dropRebuilt, liveSchema, rebuiltSchema, switchRebuilt } from '../../../hub/crm/switch-rebuilt.js'
import type { JournalEntry } from '../../../schemas/journal-entry.js'
import { catchUp, makeJournal, openCrm, order, relay, rows, settle, startCrm } from '../../fixtures/crm-journal.js'
import { company, documentOf, lineOf, refersTo } from '../../fixtures/documents.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()

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

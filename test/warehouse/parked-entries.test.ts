import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import type { IdentityDecision, JournalEntry } from '../../schemas/journal-entry.js'
import type { Parked } from '../../schemas/parked-entry.js'
import type { Engine } from '../../warehouse/engines/engine.js'
import { digestOf } from '../../warehouse/load/digest.js'
import { listParked } from '../../warehouse/load/parked-entries.js'
import { makeWarehouseFollower, type WarehouseFollower } from '../../warehouse/load/warehouse-follower.js'
import { loadCubes } from '../../warehouse/model/load-cubes.js'
import { modelOf, type Model } from '../../warehouse/model/model.js'
import { openStore } from '../../warehouse/store.js'
import { makeJournal, type Acceptance, type Journal } from '../fixtures/crm-journal.js'
import { refusing } from '../fixtures/refusing-warehouse.js'
import { company, found, invoice, line, link } from './entries.js'
import { temporaryFolder, valueOf } from './temporary-warehouse.js'

const model = modelOf(await loadCubes())
const narrow = refusing(model, 'refused')

interface Open {
  readonly engine: Engine
  readonly follower: WarehouseFollower
  readonly told: Parked[]
}
const opened: Engine[] = []
afterEach(async () => { for (const engine of opened.splice(0)) await engine.close() })

const open = async (journal: Journal, kept = narrow): Promise<Open> => {
  const told: Parked[] = []
  const { engine, follower } = valueOf(await openStore(`${await temporaryFolder()}/w.duckdb`, kept, { memoryBytes: 300_000_000, entriesNumbered: journal.entriesNumbered, onParked: (parked) => told.push(parked) }))
  opened.push(engine)
  return { engine, follower, told }
}
const follow = async ({ follower }: Open, journal: Journal, batch = 500): Promise<void> => {
  for (let at = await follower.position(); at < journal.entries.length; at = await follower.position()) {
    if (!await follower.apply(at, journal.entries.slice(at, at + batch))) throw new Error(`not applied after ${at}`)
  }
}
const digest = ({ engine }: Open): Promise<string> => digestOf(engine, model)
/** In batches of one, two and 500. */
const digestsOfRebuilds = async (journal: Journal, kept?: Model): Promise<readonly string[]> => {
  const digests: string[] = []
  for (const batch of [1, 2, 500]) {
    const next = await open(journal, kept)
    await follow(next, journal, batch)
    digests.push(await digest(next))
  }
  return digests
}
const waiting = async ({ engine }: Open) => (await engine.read((tx) => listParked(tx, { states: ['parked', 'held', 'skipped'], after: 0, limit: 1000 }))).map(({ entry, state, heldBy }) => [entry, state, heldBy])
const numbers = async ({ engine }: Open) => (await engine.read((tx) => tx.rows('select number from document order by number'))).map(({ number }) => number)

const sent = (number: string, buyer = 'K1', seller = 'S1'): Acceptance => ({ system: 'erp', document: invoice(number, [line('1', '10')], { parties: { buyer: company(buyer), seller: company(seller) } }) })
const decided = (journal: Journal, cause: number, decisions: readonly IdentityDecision[]): void => { journal.append([{ type: 'identity.decided', follower: 'crm', cause, ordinal: 0, ruleVersion: 'keys-2', decisions }]) }
const decide = (journal: Journal, entry: number, action: 'retry' | 'skip', follower = 'warehouse'): void => { journal.decide({ follower, entry, action, by: 'admin' }) }
/** Takes the constraint away, which DuckDB can only do with a new table. */
const admit = (engine: Engine): Promise<void> => engine.write(async (tx) => {
  for (const sql of ['create table all_documents as from document', 'drop table document', 'alter table all_documents rename to document']) await tx.run(sql)
})

describe('the warehouse', () => {
  it('parks the documents that DuckDB refuses, whatever the batches, and follows all others', async () => {
    const journal = makeJournal()
    for (const acceptance of [sent('1'), sent('refused 2', 'K2'), sent('3', 'K3'), sent('refused 4', 'K4'), sent('refused 5', 'K5'), sent('6', 'K6')]) journal.accept(acceptance)
    const one = await open(journal)
    await follow(one, journal)
    expect(one.told.map(({ entry, cause }) => [entry, cause])).toEqual([2, 4, 5].map((entry) => [entry, 'constraint-error']))
    expect(await waiting(one)).toEqual([2, 4, 5].map((entry) => [entry, 'parked', null]))
    expect(await numbers(one)).toEqual(['1', '3', '6'])
    expect([await one.follower.position(), one.follower.waiting()]).toEqual([6, { parked: 3, held: 0 }])
    const is = await digest(one)
    expect(await digestsOfRebuilds(journal)).toEqual([is, is, is])
    await one.engine.write((tx) => tx.run('delete from parked_entry where entry = 5'))
    expect(await digest(one)).not.toBe(is)
  })

  it('takes one try for each of many refused documents that stand side by side, some ten for one that stands alone, and parks them with what they hold', async () => {
    const journal = makeJournal()
    for (let index = 0; index < 200; index++) journal.accept(sent(index === 20 || (index >= 100 && index < 180) ? `refused ${index}` : `${index}`, `K${index}`))
    // Held for the last of those that are refused.
    journal.accept(sent('behind', 'K179'))
    const one = await open(journal)
    const { write } = one.engine
    let tries = 0
    Object.assign(one.engine, { write: (work: Parameters<typeof write>[0]) => { tries++; return write(work) } })
    await follow(one, journal)
    expect(one.follower.waiting()).toEqual({ parked: 81, held: 1 })
    expect(await waiting(one)).toEqual([[21, 'parked', null], ...Array.from({ length: 80 }, (_, at) => [101 + at, 'parked', null]), [201, 'held', 180]])
    expect(tries).toBeLessThan(80 + 50)
    const is = await digest(one)
    expect(await digestsOfRebuilds(journal)).toEqual([is, is, is])
  })

  it('holds what comes after a parked document of its thread or between its parties, and nothing else', async () => {
    const journal = makeJournal()
    const credit: CanonicalDocument = { ...invoice('C', [line('1', '1')], { parties: { buyer: company('K1'), seller: company('S1') } }), kind: 'credit-note', references: [{ kind: 'invoice', number: 'refused 1', issuer: { role: 'seller' } }] }
    for (const acceptance of [sent('refused 1'), sent('2'), sent('3', 'K2'), { system: 'erp', document: credit }, sent('5', 'K1', 'S9'), { ...sent('6'), test: true }]) journal.accept(acceptance)
    const one = await open(journal)
    await follow(one, journal)
    expect(await waiting(one)).toEqual([[1, 'parked', null], [2, 'held', 1], [4, 'held', 1]])
    expect(await numbers(one)).toEqual(['3', '5', '6'])
  })

  it('holds a revision of what is parked, and tells of a document that is replaced in the same batch what it tells of one alone', async () => {
    const journal = makeJournal()
    const first = journal.accept(sent('refused 1'))
    journal.accept({ ...sent('1'), replaces: first.documentId, revision: 2 })
    const one = await open(journal)
    await follow(one, journal)
    expect(await waiting(one)).toEqual([[1, 'parked', null], [2, 'held', 1]])
    const is = await digest(one)
    expect(await digestsOfRebuilds(journal)).toEqual([is, is, is])
  })

  it('lets a decision about parties wait for nothing', async () => {
    const journal = makeJournal()
    journal.accept(sent('refused 1'))
    journal.accept(sent('2', 'K2'))
    decided(journal, 1, [link('erp/id:K1', 'erp/id:K2')])
    const one = await open(journal)
    await follow(one, journal)
    expect(await waiting(one)).toEqual([[1, 'parked', null]])
    expect(await one.engine.read((tx) => tx.rows(`select golden.member from party source join party golden on golden.key = source.golden where source.member = 'erp/id:K1'`))).toEqual([{ member: 'erp/id:K2' }])
  })

  it('goes on with what was held once it is decided to skip what holds it; nobody else\'s decision counts, and none twice', async () => {
    const journal = makeJournal()
    for (const acceptance of [sent('refused 1'), sent('2'), sent('refused 3', 'K2'), sent('4', 'K2')]) journal.accept(acceptance)
    for (const [entry, action] of [[1, 'retry'], [1, 'skip'], [2, 'skip'], [1, 'retry']] as const) decide(journal, entry, action)
    decide(journal, 3, 'skip', 'crm')
    const one = await open(journal)
    await follow(one, journal)
    expect(await waiting(one)).toEqual([[1, 'skipped', null], [3, 'parked', null], [4, 'held', 3]])
    expect(await numbers(one)).toEqual(['2'])
    expect(one.told.map(({ entry }) => entry)).toEqual([1, 3, 1])
    const is = await digest(one)
    expect(await digestsOfRebuilds(journal)).toEqual([is, is, is])
  })

  it('follows on a retry what can be followed now, and then in their order those that waited for it', async () => {
    const journal = makeJournal()
    const first = journal.accept(sent('refused 1'))
    journal.accept({ ...sent('1'), replaces: first.documentId, revision: 2 })
    journal.accept({ system: 'erp', document: invoice('3', [line('1', '5')], { parties: { buyer: company('K1', 'Renamed'), seller: company('S1') } }) })
    const one = await open(journal)
    await follow(one, journal)
    expect(await waiting(one)).toEqual([[1, 'parked', null], [2, 'held', 1], [3, 'held', 1]])
    await admit(one.engine)
    decide(journal, 1, 'retry')
    await follow(one, journal)
    expect([await waiting(one), one.follower.waiting()]).toEqual([[], { parked: 0, held: 0 }])
    expect(await one.engine.read((tx) => tx.rows(`select number, revision, first_entry, (select name from party where member = 'erp/id:K1') as name from document order by number`)))
      .toEqual([{ number: '1', revision: 2, first_entry: 1, name: 'Renamed' }, { number: '3', revision: 1, first_entry: 3, name: 'Renamed' }])
    expect(await one.engine.read((tx) => tx.rows('select count(*) as keys from parked_key'))).toEqual([{ keys: 0 }])
  })

  it('parks anew what is refused among many that a decision releases, and takes effect at once or not at all', async () => {
    const journal = makeJournal()
    journal.accept(sent('refused 1'))
    for (let at = 2; at <= 620; at += 1) journal.accept(sent(at === 300 || at === 610 ? `refused ${at}` : String(at)))
    decide(journal, 1, 'skip')
    const one = await open(journal)
    await follow(one, journal)
    const is = await waiting(one)
    expect(is.filter(([, state]) => state !== 'held')).toEqual([[1, 'skipped', null], [300, 'parked', null]])
    expect(is.filter(([, state]) => state === 'held')).toHaveLength(320)
    expect(await numbers(one)).toHaveLength(298)
    expect(one.told.map(({ entry }) => entry)).toEqual([1, 300])
  })

  it('is the same whatever the batches, whatever is parked, held, replaced and decided', async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
    console.log(`seed ${seed}`)
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ type: fc.constant('invoice' as const), number: fc.integer({ min: 1, max: 6 }), buyer: fc.constantFrom('K1', 'K2', 'K3'), isBad: fc.boolean(), isRevision: fc.boolean(), system: fc.constantFrom('erp', 'shop'), function: fc.constantFrom('original' as const, 'original' as const, 'copy' as const, 'cancel' as const), test: fc.constantFrom(false, false, false, true) }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('link' as const), one: fc.constantFrom('erp/id:K1', 'erp/id:K2', 'erp/id:S1'), other: fc.constantFrom('shop/id:K1', 'shop/id:K3', 'shop/id:S1') }) },
      { weight: 2, arbitrary: fc.record({ type: fc.constant('decision' as const), entry: fc.integer({ min: 1, max: 12 }), action: fc.constantFrom('retry' as const, 'skip' as const) }) },
    )
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const journal = makeJournal()
      const live = await open(journal)
      for (const one of steps) {
        if (one.type === 'decision') decide(journal, one.entry, one.action)
        else if (one.type === 'link') decided(journal, journal.entries.length, [found(one.one), link(one.other, one.one)])
        else {
          const document = { ...sent(`${one.isBad ? 'refused' : 'n'} ${one.number}-${one.isRevision ? '' : journal.entries.length}`, one.buyer).document, function: one.function } as CanonicalDocument
          const former = journal.entries.findLast((entry) => entry.type === 'document.accepted' && entry.system === one.system && 'number' in entry.document && entry.document.number.includes(` ${one.number}-`))
          const replaces = one.isRevision && former?.type === 'document.accepted' ? { replaces: former.documentId, revision: former.revision + 1 } : {}
          journal.accept({ system: one.system, document, test: one.test, ...replaces })
        }
        if (journal.entries.length % 5 === 0) await follow(live, journal)
      }
      await follow(live, journal)
      const is = await digest(live)
      expect(await digestsOfRebuilds(journal)).toEqual([is, is, is])
      for (const engine of opened.splice(0)) await engine.close()
    }), { seed, numRuns: 5 })
  })

  it('stops before a decision about parties that cannot be applied, applies what stands before it and parks nothing', async () => {
    const journal = makeJournal()
    journal.accept(sent('1'))
    journal.accept(sent('2', 'K2'))
    decided(journal, 2, [link('erp/id:K1', 'erp/id:K2')])
    journal.accept(sent('4', 'K3'))
    const firm = { ...model, ddl: model.ddl.map((statement) => statement.replace('golden integer not null', 'golden integer not null check (golden = key)')) }
    const one = await open(journal, firm)
    await expect(one.follower.apply(0, journal.entries)).rejects.toThrow('The identity decision 3 cannot be followed: Constraint Error')
    expect([await one.follower.position(), await waiting(one), await numbers(one)]).toEqual([2, [], ['1', '2']])
    await expect(one.follower.apply(2, journal.entries.slice(2))).rejects.toThrow('The identity decision 3')
  })

  it('parks nothing for a fault of the database, and the same batch succeeds when that is over', async () => {
    const journal = makeJournal()
    for (const number of ['1', '2', '3']) journal.accept(sent(number))
    const { engine } = await open(journal)
    const faults = ['IO Error: Could not write file "w.duckdb": No space left on device', 'Out of Memory Error: failed to allocate data of size 16.0 MiB', 'INTERRUPT Error: Interrupted!', 'FATAL Error: Failed: database has been invalidated', 'The database is closed.']
    let fault: string | undefined
    const follower = await makeWarehouseFollower({ ...engine, write: (work) => engine.write(async (tx) => {
      const value = await work(tx)
      if (fault !== undefined) throw new Error(fault)
      return value
    }) }, model, { entriesNumbered: journal.entriesNumbered })
    for (fault of faults) await expect(follower.apply(0, journal.entries)).rejects.toThrow(fault)
    fault = undefined
    expect(await follower.apply(0, journal.entries)).toBe(true)
    expect(follower.waiting()).toEqual({ parked: 0, held: 0 })
  })

  it('parks a document for which a cube fails, and goes on with the others', async () => {
    const journal = makeJournal()
    for (const acceptance of [sent('1'), sent('odd', 'K2'), sent('3', 'K3')]) journal.accept(acceptance)
    const odd = modelOf(model.cubes.map((cube) => ({ ...cube, rowsOf: (system, document) => {
      if (document.number === 'odd') throw new TypeError('Cannot read properties of undefined')
      return cube.rowsOf(system, document)
    } })))
    const one = await open(journal, odd)
    await follow(one, journal)
    expect(one.told.map(({ entry, cause }) => [entry, cause])).toEqual([[2, 'cube-error']])
    expect(await numbers(one)).toEqual(['1', '3'])
  })

  it('goes on from its file with what was parked in it', async () => {
    const journal = makeJournal()
    journal.accept(sent('refused 1'))
    const file = `${await temporaryFolder()}/w.duckdb`
    const options = { memoryBytes: 300_000_000, entriesNumbered: journal.entriesNumbered }
    const first = valueOf(await openStore(file, narrow, options))
    await first.follower.apply(0, journal.entries)
    await first.engine.close()
    const { engine, follower } = valueOf(await openStore(file, narrow, options))
    opened.push(engine)
    expect(follower.waiting()).toEqual({ parked: 1, held: 0 })
    const later: JournalEntry = journal.accept(sent('2'))
    await follower.apply(1, [later])
    expect(follower.waiting()).toEqual({ parked: 1, held: 1 })
  })
})

import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { answeredCauses, appendDecisions, entriesAfter, journalHead, lastCausedBy } from '../../../hub/central/journal.js'
import { digestCentral } from '../../../hub/central/digest.js'
import type { SourceKey } from '../../../schemas/ids.js'
import type { IdentityDraft, JournalEntry } from '../../../schemas/journal-entry.js'
import { item, newCentral, newGroupCommit, orderDocument } from '../../fixtures/central.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()

const draft = (cause: number, ordinal = 0, source = 'a/1'): IdentityDraft =>
  ({ type: 'identity.decided', follower: 'crm', cause, ordinal, ruleVersion: '1', decisions: [{ action: 'found', source: source as SourceKey }] })

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1)

describe('journal numbers (house: gapless and in commit order)', () => {
  it('have no gap and never appear late under 32 writers of which some fail', async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
    console.info(`seed ${seed}`)
    const random = fc.sample(fc.noBias(fc.integer({ min: 0, max: 999 })), { seed, numRuns: 32 * 20 }).map((whole) => whole / 1000)
    const { database } = await newCentral(postgres)
    const hubs = [newGroupCommit(database), newGroupCommit(database)]
    const seen: number[] = []
    const writing = { done: false }
    const reader = (async () => {
      for (let after = 0; !writing.done || after < await journalHead(database);) {
        const entries = await entriesAfter(database, after, 50)
        seen.push(...entries.map(({ number }) => number))
        after = entries.at(-1)?.number ?? after
      }
    })()
    let accepted = 0
    await Promise.all(Array.from({ length: 32 }, async (_, writer) => {
      for (let step = 0; step < 20; step++) {
        const chance = random[writer * 20 + step] ?? 0
        if (chance < 0.1) {
          // Fails behind its journal append, as a writer whose connection breaks there.
          await database.transaction(async (tx) => {
            await tx.query('update journal_head set number = number + 1')
            throw new Error('broken')
          }).catch(() => undefined)
        } else {
          const name = `${writer} ${step}`
          const poison = chance < 0.3 ? { body: '{"text":"\\u0000"}' } : {}
          const result = await hubs[writer % 2]?.commit(item(name, [orderDocument(name, name, poison)]))
          if (result?.ok === true && result.value.answer.outcome === 'accepted') accepted++
        }
      }
    }))
    writing.done = true
    await reader
    expect(accepted).toBeGreaterThan(200)
    expect(seen).toEqual(upTo(accepted))
  })

  it('make nobody wait and nobody skip while a writer is paused before its append, here or in another database of the server', async () => {
    const { database, url, schema } = await newCentral(postgres)
    const { commit } = newGroupCommit(database)
    await commit(item('a', [orderDocument('1')]))
    const paused = new pg.Client({ connectionString: url })
    const elsewhere = new pg.Client({ connectionString: await postgres.newDatabase() })
    await Promise.all([paused.connect(), elsewhere.connect()])
    await paused.query('begin')
    await paused.query(`insert into ${schema}.message (id, attempt, channel, system, sender, received_at, raw, raw_sha256, outcome, status, test, answer)
      values (gen_random_uuid(), gen_random_uuid(), 'demo', 'a', 'a', now(), '', '', 'accepted', 200, false, '{}')`)
    await elsewhere.query('create table if not exists open_elsewhere (id int)')
    await elsewhere.query('begin')
    await elsewhere.query('insert into open_elsewhere values (1)')
    const second = await Promise.race([commit(item('b', [orderDocument('2')])), sleep(5000)])
    expect(second).toMatchObject({ ok: true, value: { answer: { journalSeq: 2 } } })
    expect((await entriesAfter(database, 0, 10)).map(({ number }) => number)).toEqual([1, 2])
    await paused.query(`with head as (update ${schema}.journal_head set number = number + 1 returning number) insert into ${schema}.journal (number, type, recorded_at) select number, 'document.accepted', now() from head`)
    expect((await entriesAfter(database, 2, 10))).toEqual([])
    await paused.query('commit')
    expect((await entriesAfter(database, 2, 10)).map(({ number }) => number)).toEqual([3])
    await elsewhere.query('rollback')
    await Promise.all([paused.end(), elsewhere.end()])
  })
})

describe('decisions of followers', () => {
  it('are entered once each, in their order, without a gap', async () => {
    const { database } = await newCentral(postgres)
    const { commit } = newGroupCommit(database)
    await commit(item('a', [orderDocument('1')]))
    expect(await appendDecisions(database, [draft(1, 0), draft(1, 1, 'b/2'), draft(1, 0)])).toBe(2)
    expect(await appendDecisions(database, [draft(1, 1), draft(1, 2, 'c/3'), draft(1, 0)])).toBe(1)
    expect(await appendDecisions(database, [draft(1, 1)])).toBe(0)
    await commit(item('b', [orderDocument('2')]))
    const entries: readonly JournalEntry[] = await entriesAfter(database, 0, 10)
    expect(entries).toMatchObject([
      { number: 1, type: 'document.accepted' },
      { number: 2, type: 'identity.decided', follower: 'crm', cause: 1, ordinal: 0, ruleVersion: '1', decisions: [{ action: 'found', source: 'a/1' }] },
      { number: 3, ordinal: 1, decisions: [{ source: 'b/2' }] }, { number: 4, ordinal: 2 }, { number: 5, type: 'document.accepted' },
    ])
  })

  it('that eight relays enter at once beside the intake are still entered once', async () => {
    const { database } = await newCentral(postgres)
    const { commit } = newGroupCommit(database)
    const causesOf = (round: number): readonly number[] => upTo(20).map((step) => round * 20 + step)
    for (let round = 0; round < 10; round++) {
      await Promise.all([
        ...Array.from({ length: 8 }, () => appendDecisions(database, causesOf(round).map((cause) => draft(cause)))),
        ...causesOf(round).map((index) => commit(item(`m${index}`, [orderDocument(`N${index}`)]))),
      ])
    }
    const entries = await entriesAfter(database, 0, 1000)
    expect(entries.map(({ number }) => number)).toEqual(upTo(400))
    expect(entries.filter(({ type }) => type === 'identity.decided')).toHaveLength(200)
  })

  it('are found by what caused them', async () => {
    const { database } = await newCentral(postgres)
    await appendDecisions(database, [draft(3), draft(5), draft(9)])
    expect(await answeredCauses(database, 'crm', [3, 4, 9])).toEqual(new Set([3, 9]))
    expect(await answeredCauses(database, 'warehouse', [3])).toEqual(new Set())
    expect(await lastCausedBy(database, 1, 5)).toBe(2)
    expect(await lastCausedBy(database, 6, 8)).toBeUndefined()
  })
})

describe('the digest', () => {
  it('is equal for equal content whatever ids and times it was given, and differs by one document', async () => {
    const digests = await Promise.all(['x', 'x', 'y'].map(async (last) => {
      const { database } = await newCentral(postgres)
      const { commit } = newGroupCommit(database)
      await commit(item('a', [orderDocument('1')]))
      await appendDecisions(database, [draft(1)])
      await commit(item('b', [orderDocument('1', last)]))
      return digestCentral(database)
    }))
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(digests[0]).toBe(digests[1])
    expect(digests[0]).not.toBe(digests[2])
  })
})

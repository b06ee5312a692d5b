import { describe, expect, it } from 'vitest'
import pg from 'pg'
import type { CommitItem, Committed } from '../../../hub/central/commit-item.js'
import { entriesAfter, journalHead } from '../../../hub/central/journal.js'
import { messageById } from '../../../hub/central/messages.js'
import type { Result } from '../../../schemas/result.js'
import { item, newCentral, newGroupCommit, openCentral, orderDocument, partOf } from '../../fixtures/central.js'
import { commitWords, startCutter } from '../../fixtures/cutter.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()

const poisons: Readonly<Record<string, CommitItem>> = {
  'U+0000 in a document': item('nul', [orderDocument('1', 'nul', { body: '{"text":"a\\u0000b"}' })]),
  'a lone surrogate in a document': item('lone', [orderDocument('2', 'lone', { body: '{"text":"\\ud800"}' })]),
  'a number of 9,000 characters': item('long', [orderDocument(Array.from({ length: 9000 }, (_, index) => String.fromCodePoint(0x4e00 + (index * 7919) % 20_000)).join(''))]),
  'a number beyond the range of numbers': item('huge', [orderDocument('3', 'huge', { body: '{"value":1e200000}' })]),
  'an instant in the year 300000': item('year', [orderDocument('4')], { receivedAt: '+300000-01-01T00:00:00.000Z' }),
  'U+0000 in a number': item('key', [orderDocument('a\0b')]),
}

describe('one poisoned message in a batch of fifty', () => {
  it.each(Object.entries(poisons).filter(([name]) => !name.includes('year')))('fails alone and is kept with its reason: %s', async (_, poison) => {
    const { database } = await newCentral(postgres)
    const { commit } = newGroupCommit(database)
    const good = Array.from({ length: 49 }, (_, index) => item(`m${index}`, [orderDocument(`N${index}`)]))
    const results = await Promise.all([...good.slice(0, 20), poison, ...good.slice(20)].map(commit))
    expect(results.filter((result) => result.ok && result.value.answer.outcome === 'accepted')).toHaveLength(49)
    expect(results[20]).toMatchObject({ ok: true, value: { answer: { outcome: 'rejected', messageId: poison.messageId, errors: [{ code: 'not-storable' }] } } })
    expect(await messageById(database, poison.messageId)).toMatchObject({ outcome: 'rejected' })
    expect(await journalHead(database)).toBe(49)
  })

  it('fails alone without being kept where the message itself cannot be kept', async () => {
    const { database } = await newCentral(postgres)
    const { commit } = newGroupCommit(database)
    const poison = poisons['an instant in the year 300000']
    if (poison === undefined) throw new Error('no poison')
    const results = await Promise.all([item('a', [orderDocument('A')]), poison, item('b', [orderDocument('B')])].map(commit))
    expect(results).toMatchObject([{ ok: true }, { ok: false, code: 'not-storable' }, { ok: true }])
    expect(await journalHead(database)).toBe(2)
  })
})

/** What the first message of the tests holds, and what a statement of one row is answered with. */
const mark = 'the bytes of a message that is cut off'
const statement = { request: mark, reply: 'SELECT 1\0' } as const

/** They may be in several batches, the one that is cut off being stored behind the others. */
const numbersIn = (results: readonly Result<Committed>[]): readonly number[] =>
  results.flatMap((result) => result.ok && result.value.answer.journalSeq !== undefined ? [result.value.answer.journalSeq] : []).sort((a, b) => a - b)

describe('a connection that breaks in COMMIT', () => {
  it.each(['request', 'reply'] as const)('leaves each message stored once and truly answered: before the %s', async (when) => {
    const { url, database, schema } = await newCentral(postgres)
    const cutter = await startCutter(new URL(url), commitWords)
    const { commit } = newGroupCommit(openCentral(cutter.url, schema))
    await commit(item('warm', [orderDocument('0')]))
    const reused = item('other', [orderDocument('9')], { idempotencyKey: 'k' })
    await commit(item('k', [orderDocument('8')], { idempotencyKey: 'k' }))
    const refused = item('later', [], { parts: [partOf([], [{ code: 'field-missing', at: '', detail: '' }])] })
    await commit(refused)
    cutter.cutNext(when)
    const results = await Promise.all([item('a', [orderDocument('1')]), item('b', [orderDocument('2')]), reused, item('later', [orderDocument('3')])].map(commit))
    expect(cutter.cuts()).toBe(1)
    expect(results).toMatchObject([
      { value: { answer: { outcome: 'accepted', documents: [{ revision: 1 }] } } },
      { value: { answer: { outcome: 'accepted' } } },
      { value: { answer: { outcome: 'rejected', errors: [{ code: 'key-reused' }] } } },
      { value: { answer: { outcome: 'accepted', messageId: refused.messageId } } },
    ])
    expect(numbersIn(results)).toEqual([3, 4, 5])
    expect(await database.query('select count(*) from message')).toEqual([{ count: 6 }])
    expect((await entriesAfter(database, 0, 100)).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5])
    cutter.close()
  })

  it.each(['request', 'reply'] as const)('of messages of which nothing was known leaves each stored once: before the %s', async (when) => {
    const { url, database, schema } = await newCentral(postgres)
    const cutter = await startCutter(new URL(url), statement)
    const { commit } = newGroupCommit(openCentral(cutter.url, schema))
    await commit(item('warm', [orderDocument('0')]))
    cutter.cutNext(when)
    const results = await Promise.all([item(mark, [orderDocument('1')]), item('b', [orderDocument('2')])].map(commit))
    expect(cutter.cuts()).toBe(1)
    expect(results).toMatchObject([{ value: { answer: { outcome: 'accepted' } } }, { value: { answer: { outcome: 'accepted' } } }])
    expect(numbersIn(results)).toEqual([2, 3])
    expect(await database.query('select count(*) from message')).toEqual([{ count: 3 }])
    expect((await entriesAfter(database, 0, 100)).map(({ number }) => number)).toEqual([1, 2, 3])
    cutter.close()
  })

  it('that cannot be made at all says that nothing can be stored', async () => {
    const gone = newGroupCommit(openCentral('postgres://x:y@127.0.0.1:1/none', 'central'))
    expect(await gone.commit(item('a', [orderDocument('1')]))).toMatchObject({ ok: false, code: 'database-unavailable' })
  })
})

describe('a transaction that PostgreSQL breaks off for another one', () => {
  it.each([['40001', 'serialization'], ['40P01', 'deadlock']])('is run again as it is, and nobody is told (%s, %s)', async (code) => {
    const { database } = await newCentral(postgres)
    const { commit } = newGroupCommit(database)
    await database.query(`
      create sequence broken_off;
      create function break_off() returns trigger language plpgsql as $$ begin if nextval('broken_off') <= 2 then raise exception 'broken off' using errcode = '${code}'; end if; return null; end $$;
      create trigger break_off after insert on journal for each statement execute function break_off()`)
    const results = await Promise.all(Array.from({ length: 20 }, (_, index) => commit(item(`m${index}`, [orderDocument(`N${index}`)]))))
    expect(results.map((result) => result.ok && result.value.answer.outcome)).toEqual(results.map(() => 'accepted'))
    expect((await entriesAfter(database, 0, 100)).map(({ number }) => number)).toEqual(results.map((_, index) => index + 1))
    expect(await database.query('select last_value > 2 as broken from broken_off')).toEqual([{ broken: true }])
  })
})

describe('two batches that want the same rows in opposite order', () => {
  it('both come through', async () => {
    const { database } = await newCentral(postgres)
    const [one, two] = [newGroupCommit(database), newGroupCommit(database)]
    for (let round = 0; round < 10; round++) {
      const make = (name: string) => Array.from({ length: 40 }, (_, index) => item(`${name} ${round} ${index}`, [orderDocument(`N${index}`, `${name} ${round}`)], { idempotencyKey: `${name} ${round} ${index}` }))
      const results = await Promise.all([...make('a').map(one.commit), ...make('b').reverse().map(two.commit)])
      expect(results.every((result) => result.ok && result.value.answer.outcome === 'accepted')).toBe(true)
    }
    expect(await journalHead(database)).toBe(800)
    const deadlocks = new pg.Client({ connectionString: postgres.urlOf('postgres') })
    await deadlocks.connect()
    expect((await deadlocks.query('select coalesce(sum(deadlocks), 0)::int as deadlocks from pg_stat_database')).rows).toEqual([{ deadlocks: 0 }])
    await deadlocks.end()
  })
})

describe('drain', () => {
  it('resolves when all that was handed over is answered', async () => {
    const { database } = await newCentral(postgres)
    const { commit, drain } = newGroupCommit(database)
    let answered = 0
    for (let index = 0; index < 600; index++) void commit(item(`m${index}`, [orderDocument(`N${index}`)])).then(() => { answered++ })
    await drain()
    expect(answered).toBe(600)
  })
})

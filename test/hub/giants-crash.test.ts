import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import { makeRandom } from '../fixtures/chaos-clients.js'
import { orderBatch, startGiantHub, type GiantHub } from '../fixtures/giants.js'
import { ublOrder } from '../fixtures/ubl-documents.js'

const seed = Number(process.env['CHAOS_SEED'] ?? randomInt(2 ** 31))
const kills = Number(process.env['CHAOS_KILLS'] ?? 4)

/** Reads the central database past the hub. */
const centralRows = async <Row extends pg.QueryResultRow>({ folder }: GiantHub, sql: string): Promise<readonly Row[]> => {
  const file = (name: string): Promise<string> => readFile(join(folder, 'postgres', 'server', name), 'utf8')
  const port = (await file('cluster/postmaster.pid')).split('\n')[3]?.trim() ?? ''
  const client = new pg.Client({ connectionString: `postgres://chainhub:${(await file('password')).trim()}@127.0.0.1:${port}/central`, options: '-c search_path=central' })
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

/** Six slices, the last part of which is none. */
const orders = 1500
const batchOf = (name: string): string => orderBatch(name, orders).replace('</Orders>', '<Broken/></Orders>')
const batch = batchOf('A')
const followed = async ({ hub }: GiantHub): Promise<void> => {
  for (const untilMs = Date.now() + 60_000; Date.now() < untilMs;) {
    const { followers } = await hub().json('GET', '/health/ready') as { readonly followers: Readonly<Record<string, { readonly behind: number }>> }
    if (Object.values(followers).every(({ behind }) => behind === 0)) return
    await sleep(50)
  }
  throw new Error('The followers did not come to the end of the journal.')
}
const digest = (giants: GiantHub, name: string): Promise<unknown> => giants.hub().json('GET', `/digests/${name}`)

const running = async (giants: GiantHub): Promise<boolean> => (await centralRows(giants, 'select from giant where not finished')).length > 0
const partsTaken = async (giants: GiantHub): Promise<number> => (await centralRows<{ parts: number }>(giants, 'select coalesce(sum(parts), 0)::int as parts from giant'))[0]?.parts ?? 0

describe(`a large message in a hub that is killed at random instants (CHAOS_SEED=${seed}, CHAOS_KILLS=${kills})`, () => {
  it('is taken once, part by part, and stands as in a hub that nobody disturbed', async () => {
    console.log(`CHAOS_SEED=${seed} CHAOS_KILLS=${kills}`)
    const random = makeRandom(seed)
    const undisturbed = await startGiantHub()
    const giants = await startGiantHub()
    try {
      // What the CRM decides of the parties enters the journal whenever it gets there: here, before the batch.
      for (const { hub } of [undisturbed, giants]) await hub().send('ubl', ublOrder({ number: 'FIRST' }), { query: '?wait=crm,warehouse&timeoutMs=30000' })
      const calm = await undisturbed.hub().send('ubl', batch)
      expect(calm.answer).toMatchObject({ outcome: 'partial', partCounts: { accepted: orders, rejected: 1 } })
      const progress: number[] = []
      for (let kill = 0; kill < kills; kill++) {
        // A hub that has all of it goes on by itself; while it has not, the sender sends again.
        const sent = await running(giants) ? undefined : giants.hub().send('ubl', batch).catch(() => undefined)
        // The first kill is some time after the sending began, the others so many parts further on.
        const target = await partsTaken(giants) + Math.floor(random() * orders / kills)
        for (const untilMs = Date.now() + (kill === 0 ? random() * 1000 : 20_000); Date.now() < untilMs && (kill === 0 || await partsTaken(giants) < target);) await sleep(5)
        await giants.hub().end('SIGKILL')
        await sent
        await giants.restart()
        progress.push(await partsTaken(giants))
      }
      console.log(`parts taken at each start: ${progress.join(' ')}`)
      expect(progress).toEqual(progress.toSorted((a, b) => a - b))
      for (const untilMs = Date.now() + 60_000; Date.now() < untilMs && await running(giants);) await sleep(50)
      const { answer } = await giants.hub().send('ubl', batch)
      expect(answer).toMatchObject({ outcome: 'partial', partCounts: { accepted: orders, rejected: 1 } satisfies Partial<MessageAnswer['partCounts']> })
      await Promise.all([followed(giants), followed(undisturbed)])
      expect(await digest(giants, 'central')).toEqual(await digest(undisturbed, 'central'))
      // Followers know documents by ids that each hub draws for itself: they are held against what a rebuild makes of the journal.
      for (const follower of ['crm', 'warehouse']) {
        const live = await digest(giants, follower)
        expect(await (await giants.hub().request('POST', `/rebuilds/${follower}`)).text()).toContain('"step":"done"')
        expect(await digest(giants, follower)).toEqual(live)
      }
      expect(await centralRows(giants, 'select number, count(*) from document group by number having count(*) > 1')).toEqual([])
      expect(await centralRows(giants, 'select message_id from message_chunk where not exists (select from message where id = message_id)')).toEqual([])
      expect(await centralRows(giants, 'select count(*)::int as count, count(distinct document_id)::int as documents, max(number)::int as last from journal where type = \'document.accepted\'')).toMatchObject([{ count: orders + 1, documents: orders + 1 }])
    } finally {
      await Promise.all([giants.stop(), undisturbed.stop()])
    }
  }, 600_000)
})

describe('a hub that stops, and a database that fails, while a large message is taken', () => {
  let giants: GiantHub
  beforeAll(async () => { giants = await startGiantHub() })
  afterAll(async () => { await giants.stop() })

  it('goes on by itself after an orderly stop, its sender told to come back', async () => {
    const batch = batchOf('STOP')
    const sent = giants.hub().send('ubl', batch)
    for (const untilMs = Date.now() + 20_000; Date.now() < untilMs && await partsTaken(giants) === 0;) await sleep(10)
    expect(await giants.hub().end('SIGTERM')).toBe(0)
    expect(await sent).toMatchObject({ status: 503, answer: { code: 'shutting-down' } })
    await giants.restart()
    expect((await giants.hub().send('ubl', batch)).answer).toMatchObject({ partCounts: { accepted: orders, rejected: 1 } })
    expect(await centralRows(giants, 'select number from document group by number having count(*) > 1')).toEqual([])
  }, 300_000)

  it('costs a part that the database refuses, and no other', async () => {
    const batch = batchOf('FAIL')
    await centralRows(giants, 'alter table document add constraint not_this check (number <> \'FAIL-777\')')
    const { answer } = await giants.hub().send('ubl', batch)
    expect(answer).toMatchObject({ outcome: 'partial', partCounts: { accepted: orders - 1, rejected: 2 }, parts: [{ part: 778, errors: [{ code: 'not-storable' }] }, { part: orders + 1 }] })
  }, 300_000)

  it('takes the message once where its connections break', async () => {
    const batch = batchOf('LINKS')
    const before = await partsTaken(giants)
    const sent = giants.hub().send('ubl', batch)
    for (const untilMs = Date.now() + 20_000; Date.now() < untilMs && await partsTaken(giants) === before;) await sleep(10)
    await centralRows(giants, 'select pg_terminate_backend(pid) from pg_stat_activity where application_name = \'chainhub\' and datname = \'central\'')
    const { answer } = await sent
    const last = answer.partCounts === undefined ? (await giants.hub().send('ubl', batch)).answer : answer
    expect(last).toMatchObject({ partCounts: { accepted: orders, rejected: 1 } })
    expect(await centralRows(giants, 'select number from document group by number having count(*) > 1')).toEqual([])
  }, 300_000)
})

import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgresTarget, type PostgresTarget } from '../chaos/postgres-target.js'
import { databaseRows } from '../fixtures/database-rows.js'
import { makeRandom, runClient, type ChaosRecord } from '../fixtures/chaos-clients.js'
import { commitWords, startCutter, type Cutter } from '../fixtures/cutter.js'
import { company, documentOf, lineOf } from '../fixtures/documents.js'
import { startHub, type RunningHub } from '../fixtures/hub.js'

const seed = Number(process.env['CHAOS_SEED'] ?? randomInt(2 ** 31))
const json = { headers: { 'content-type': 'application/json' } }

let folder: string
let postgres: PostgresTarget
let cutter: Cutter
let hubs: readonly RunningHub[]
let record: ChaosRecord

const rows = (sql: string): Promise<readonly unknown[]> => databaseRows(postgres.urlOf('central'), 'central', sql)

/** Two intakes, one of which reaches the central database through what cuts connections. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chainhub-away-'))
  postgres = await startPostgresTarget(join(folder, 'postgres'), ['central', 'crm'])
  cutter = await startCutter(new URL(postgres.urlOf('central')), commitWords)
  const start = (name: string, central: string): Promise<RunningHub> => startHub({
    dataFolder: join(folder, name), args: ['--roles', 'intake'],
    environment: { CHAINHUB_CENTRAL_URL: central, CHAINHUB_CRM_URL: postgres.urlOf('crm'), CHAINHUB_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'), CHAINHUB_LOG_LEVEL: 'silent' },
  })
  hubs = [await start('a', postgres.urlOf('central')), await start('b', cutter.url)]
})
afterAll(async () => {
  cutter.close()
  for (const hub of hubs) await hub.end('SIGKILL')
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Lets systems send through both until `work` is done; gives what became of it. */
const underLoad = async (name: string, work: (random: () => number) => Promise<void>): Promise<ChaosRecord> => {
  const mine: ChaosRecord = { acknowledged: [], surprises: [], counts: { sent: 0, lost: 0, unavailable: 0, duplicates: 0 } }
  const random = makeRandom(seed)
  let stopped = false
  const running = Array.from({ length: 6 }, (_, index) => runClient({ url: () => hubs[Math.floor(Math.random() * 2)]?.url ?? '', random: makeRandom(seed + index + 1), name: `${name}${index + 1}`, stopped: () => stopped, answerMs: 20_000, record: mine }))
  await work(random)
  stopped = true
  await Promise.all(running)
  console.log(JSON.stringify({ name, ...mine.counts, acknowledged: mine.acknowledged.length }))
  return mine
}

const expectAllOnce = async (name: string): Promise<void> => {
  const named = (kind: string, number: string, revision: number, id: string, message: string): string => [kind, number, revision, id, message].join(' ')
  const stored = await rows(`select kind, number, revision, id, message_id from document where number like '${name}%'`) as readonly { kind: string, number: string, revision: number, id: string, message_id: string }[]
  expect(record.surprises).toEqual([])
  expect(stored.map((row) => named(row.kind, row.number, row.revision, row.id, row.message_id)).sort())
    .toEqual(record.acknowledged.map((one) => named(one.kind, one.number, one.revision, one.documentId, one.messageId)).sort())
  expect(await rows('select (select number from journal_head) = count(*) and count(*) = max(number) and min(number) = 1 as gapless, count(distinct document_id) = count(document_id) as once from journal')).toEqual([{ gapless: true, once: true }])
}

describe(`a hub whose connections to the database break (CHAOS_SEED=${seed})`, () => {
  it('in the midst of commits, before PostgreSQL has them and before it has the answer, has all that it acknowledged once', async () => {
    const wordsOf = [commitWords, { request: 'CUT' }] as const
    record = await underLoad('CUT', async (random) => {
      for (let cut = 0; cut < 24; cut++) {
        const before = cutter.cuts()
        cutter.cutNext(cut % 2 === 0 ? 'request' : 'reply', wordsOf[Math.floor(cut / 2) % 2])
        for (const untilMs = Date.now() + 10_000; Date.now() < untilMs && cutter.cuts() === before;) await sleep(5)
        await sleep(random() * 100)
      }
    })
    expect(cutter.cuts()).toBe(24)
    await expectAllOnce('CUT')
  }, 300_000)

  it('because PostgreSQL is restarted under load has all that it acknowledged once, and goes on by itself', async () => {
    record = await underLoad('RST', async (random) => {
      for (let restart = 0; restart < 3; restart++) {
        await sleep(300 + random() * 1_000)
        await postgres.restart()
      }
      await sleep(2_000)
    })
    expect(record.acknowledged.length).toBeGreaterThan(20)
    await expectAllOnce('RST')
  }, 300_000)
})

describe('two intakes that are sent the same numbers in opposite order at once', () => {
  it('take each of their batches once, and none waits for the other for ever', async () => {
    const numbers = Array.from({ length: 60 }, (_, index) => `OPP-${index}`)
    const parties = { buyer: company('Bo', 'gln:9520000001018'), seller: company('Selma', 'gln:9520000002053') }
    const batchOf = (list: readonly string[], quantity: number): string => JSON.stringify(list.map((number) => documentOf('order', number, parties, [lineOf('1', 'A', String(quantity))])))
    const rounds = 12
    for (let round = 0; round < rounds; round++) {
      const batches = [batchOf(numbers, 2 * round + 1), batchOf([...numbers].reverse(), 2 * round + 2)]
      const answers = await Promise.all(hubs.map((hub, index) => hub.send('canonical', batches[index] ?? '', json)))
      expect(answers.map(({ status, answer }) => ({ status, outcome: answer.outcome, documents: answer.documents.length }))).toEqual(Array.from({ length: 2 }, () => ({ status: 200, outcome: 'accepted', documents: 60 })))
    }
    expect(await rows("select count(*)::int as documents, count(distinct (number, revision))::int as revisions, max(revision) as last from document where number like 'OPP-%'")).toEqual([{ documents: 120 * rounds, revisions: 120 * rounds, last: 2 * rounds }])
  }, 300_000)
})

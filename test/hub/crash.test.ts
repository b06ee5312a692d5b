import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { QueryResultRow } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseRows } from '../fixtures/database-rows.js'
import { makeRandom, runClient, type ChaosRecord } from '../fixtures/chaos-clients.js'
import { makeDataFolder, startHub, type RunningHub } from '../fixtures/hub.js'

const seed = Number(process.env['CHAOS_SEED'] ?? randomInt(2 ** 31))
const kills = Number(process.env['CHAOS_KILLS'] ?? 4)
const clients = 6
const unitPrice = 25

interface Readiness { readonly journalSeq: number, readonly followers: Readonly<Record<string, { readonly behind: number }>> }
interface CubeAnswer { readonly cells: readonly { readonly revenue: string, readonly invoices: number }[] }

let folder: Awaited<ReturnType<typeof makeDataFolder>>
let hub: RunningHub
const record: ChaosRecord = { acknowledged: [], surprises: [], counts: { sent: 0, lost: 0, unavailable: 0, duplicates: 0 } }

const clusterFile = (name: string): Promise<string> => readFile(join(folder.path, 'postgres', 'server', name), 'utf8')
const postgresPid = async (): Promise<number> => Number((await clusterFile('cluster/postmaster.pid')).split('\n')[0])
const restart = async (): Promise<void> => { hub = await startHub({ dataFolder: folder.path }) }

/** Reads the central database past the hub. */
const centralRows = async <Row extends QueryResultRow>(sql: string): Promise<readonly Row[]> => {
  const port = (await clusterFile('cluster/postmaster.pid')).split('\n')[3]?.trim() ?? ''
  return databaseRows(`postgres://chainhub:${(await clusterFile('password')).trim()}@127.0.0.1:${port}/central`, 'central', sql)
}

const goneWithin = async (pid: number, timeoutMs: number): Promise<boolean> => {
  for (const untilMs = Date.now() + timeoutMs; Date.now() < untilMs;) {
    try {
      process.kill(pid, 0)
    } catch {
      return true
    }
    await sleep(20)
  }
  return false
}

/** Lets the clients go on until they have had so many answers more, at most some seconds. */
const acknowledgedMore = async (count: number): Promise<void> => {
  const target = record.acknowledged.length + count
  for (const untilMs = Date.now() + 5_000; Date.now() < untilMs && record.acknowledged.length < target;) await sleep(2)
}

const caughtUp = async (): Promise<void> => {
  for (const untilMs = Date.now() + 60_000; Date.now() < untilMs;) {
    const { followers } = await hub.json('GET', '/health/ready') as Readiness
    if (Object.values(followers).every(({ behind }) => behind === 0)) return
    await sleep(50)
  }
  throw new Error('The followers did not come to the end of the journal.')
}

const rebuild = async (follower: string): Promise<string> => (await (await hub.request('POST', `/rebuilds/${follower}`)).text()).trim().split('\n').at(-1) ?? ''
const digest = (follower: string): Promise<unknown> => hub.json('GET', `/digests/${follower}`)

describe(`a hub that is killed at random instants while ${clients} systems send (CHAOS_SEED=${seed}, CHAOS_KILLS=${kills})`, () => {
  beforeAll(async () => {
    console.log(`CHAOS_SEED=${seed} CHAOS_KILLS=${kills}`)
    folder = await makeDataFolder()
    await restart()
    const random = makeRandom(seed)
    let stopped = false
    const running = Array.from({ length: clients }, (_, index) => runClient({ url: () => hub.url, random: makeRandom(seed + index + 1), name: `S${index + 1}`, stopped: () => stopped, record }))
    for (let kill = 1; kill <= kills; kill++) {
      await acknowledgedMore(1 + Math.floor(random() * 60))
      await sleep(random() * 50)
      await hub.end('SIGKILL')
      await restart()
    }
    await acknowledgedMore(30)
    process.kill(await postgresPid(), 'SIGKILL')
    hubGone = await goneWithin(hub.pid, 30_000)
    exitCode = await hub.end('SIGKILL')
    await restart()
    await acknowledgedMore(10)
    stopped = true
    await Promise.all(running)
    console.log(JSON.stringify({ ...record.counts, acknowledged: record.acknowledged.length }))
  }, 120_000 + kills * 15_000)
  afterAll(async () => {
    await hub.end('SIGTERM')
    await folder.remove()
  })
  let hubGone = false
  let exitCode: number | null = null

  it('ends with exit code 3 when PostgreSQL is killed, and was started again', () => {
    expect({ hubGone, exitCode }).toEqual({ hubGone: true, exitCode: 3 })
  })

  it('answered nothing but accepted, duplicate or 503, and a repeat as the first time', () => {
    expect(record.surprises).toEqual([])
    expect(record.acknowledged.length).toBeGreaterThan(kills * clients)
    expect(record.counts.lost).toBeGreaterThan(0)
  })

  it('has all that it acknowledged, each document once in each revision (house: acknowledged means committed)', async () => {
    const stored = await centralRows<{ kind: string, number: string, revision: number, id: string, message_id: string }>('select kind, number, revision, id, message_id from document order by kind, number, revision')
    const named = (kind: string, number: string, revision: number, id: string, message: string): string => [kind, number, revision, id, message].join(' ')
    expect(stored.map((row) => named(row.kind, row.number, row.revision, row.id, row.message_id)).sort())
      .toEqual(record.acknowledged.map((one) => named(one.kind, one.number, one.revision, one.documentId, one.messageId)).sort())
    expect(await centralRows('select sender, kind, number, revision from document group by sender, kind, number, revision having count(*) > 1')).toEqual([])
  })

  it('has one message for each that was sent, however often, and nothing half-written', async () => {
    expect(await centralRows('select count(*)::int as messages, count(distinct (channel, sender, coalesce(idempotency_key, raw_sha256)))::int as keys from message'))
      .toEqual([{ messages: record.acknowledged.length, keys: record.acknowledged.length }])
    expect(await centralRows('select id from document where not exists (select from message where message.id = document.message_id)')).toEqual([])
    expect(await centralRows('select id from message where outcome <> \'accepted\' or not exists (select from document where document.message_id = message.id)')).toEqual([])
    expect(await centralRows('select id from document where (select count(*) from journal where journal.document_id = document.id) <> 1')).toEqual([])
  })

  it('numbered its journal without a gap (house: journal numbers are gapless and in commit order)', async () => {
    await caughtUp()
    expect(await centralRows('select (select number from journal_head) = count(*) and count(*) = max(number) and min(number) = 1 as gapless from journal')).toEqual([{ gapless: true }])
  })

  it('counted each invoice once, in its last revision', async () => {
    const last = new Map(record.acknowledged.filter(({ kind }) => kind === 'invoice').map(({ number, quantity }) => [number, quantity]))
    const { cells: [cell] } = await hub.json('POST', '/cubes/sales/query', { rows: [], measures: ['revenue', 'invoices'] }) as CubeAnswer
    expect(cell).toMatchObject({ revenue: String([...last.values()].reduce((sum, quantity) => sum + quantity * unitPrice, 0)), invoices: last.size })
  })

  it.each(['crm', 'warehouse'])('rebuilds %s from the journal into what followed it through the kills, also after a rebuild that was killed', async (follower) => {
    await caughtUp()
    const before = await digest(follower)
    const killed = rebuild(follower).catch(() => 'lost')
    await sleep(makeRandom(seed)() * 100)
    await hub.end('SIGKILL')
    await killed
    await restart()
    await caughtUp()
    expect(await digest(follower)).toEqual(before)
    expect(await rebuild(follower)).toContain('"step":"done"')
    expect(await digest(follower)).toEqual(before)
  })
})

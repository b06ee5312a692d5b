import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectFolder } from '../../schemas/project-folder.js'
import { databaseRows } from '../fixtures/database-rows.js'
import { until } from '../fixtures/deliveries.js'
import { orderBatch } from '../fixtures/giants.js'
import { adminKey, startHub, type RunningHub } from '../fixtures/hub.js'
import { startPostgres } from '../fixtures/postgres.js'
import { dedupe, startReceiver, type Receiver } from '../fixtures/receiver.js'
import { ublOrder } from '../fixtures/ubl-documents.js'

const hourMs = 3_600_000
const postgres = await startPostgres()
let folder: string
let receiver: Receiver
let central: string
let hub: RunningHub

/** Sets the hub's clock so far ahead of the machine's. */
const setClock = async (aheadMs: number): Promise<void> => {
  await writeFile(join(folder, 'clock'), String(aheadMs))
  await sleep(200)
}
const rows = (sql: string): Promise<readonly unknown[]> => databaseRows(central, 'central', sql)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chainhub-clock-'))
  receiver = await startReceiver()
  await receiver.control({ rate: 0.3, failures: ['status 500', 'reset'], seed: 5 })
  await setClock(0)
  await writeFile(join(folder, 'chainhub.yaml'), `
channels:
  - { id: ubl, formats: [ubl], giantBytes: 65536 }
endpoints:
  - id: partner
    connector: http
    settings: { url: "${receiver.url}/inbox", allowedHosts: [127.0.0.1] }
    format: canonical
    retry: { firstMs: 100, maxMs: 1000 }
`)
  central = await postgres.newDatabase()
  hub = await startHub({
    dataFolder: join(folder, 'data'), args: ['--config', join(folder, 'chainhub.yaml')],
    environment: {
      CHAINHUB_CENTRAL_URL: central, CHAINHUB_CRM_URL: await postgres.newDatabase(), CHAINHUB_LOG_LEVEL: 'silent',
      NODE_OPTIONS: `--import ${projectFolder('test', 'fixtures', 'clock-jump.mjs')}`, TEST_CLOCK_FILE: join(folder, 'clock'),
    },
  })
  await hub.request('PUT', '/subscriptions/orders', { body: JSON.stringify({ endpoint: 'partner', kinds: ['order'] }), headers: { 'content-type': 'application/json' } })
})
afterAll(async () => {
  await hub.end('SIGKILL')
  await receiver.close()
  await rm(folder, { recursive: true, force: true })
})

describe('a hub whose clock is set forward and back by hours', () => {
  it('takes and follows each message once, delivers each once and in time, and runs no job for a time that has not come', async () => {
    const numbers: string[] = []
    for (const [step, hours] of [0, 5, -5, 30, -30, 0].entries()) {
      await setClock(hours * hourMs)
      for (let one = 0; one < 4; one++) {
        const number = `CLOCK-${step}-${one}`
        const key = { headers: { 'idempotency-key': number } }
        const first = await hub.send('ubl', ublOrder({ number }), { query: '?wait=crm,warehouse&timeoutMs=20000', ...key })
        expect(first).toMatchObject({ status: 200, answer: { outcome: 'accepted', documents: [{ revision: 1 }] } })
        expect(first.answer.passed?.['warehouse']).toBeGreaterThanOrEqual(first.answer.journalSeq ?? Infinity)
        numbers.push(number)
      }
      for (const number of numbers) expect((await hub.send('ubl', ublOrder({ number }), { headers: { 'idempotency-key': number } })).answer.outcome).toBe('duplicate')
    }
    await until(async () => (await hub.json('GET', '/deliveries?limit=500') as { items: { state: string }[] }).items, (seen) => seen.length === numbers.length && seen.every(({ state }) => state === 'sent'))
    const { taken, faults } = dedupe(await receiver.arrivals())
    expect(faults).toEqual([])
    expect([...taken.values()].flat().map(({ body }) => (JSON.parse(body) as { number: string }).number).sort()).toEqual([...numbers].sort())
    expect(await rows('select (select number from journal_head) = count(*) and count(*) = max(number) as gapless from journal')).toEqual([{ gapless: true }])
    expect(await rows('select job, fire_at from job_run where fire_at > clock_timestamp() or fire_at < (select known_since from job where name = job) - interval \'1 day\'')).toEqual([])
    expect(await rows('select 1 from journal where recorded_at > clock_timestamp()')).toEqual([])
  }, 300_000)

  it('trusts a key that was revoked no longer than five seconds, though its clock goes back', async () => {
    const { key } = await hub.json('POST', '/keys', { role: 'channel', channel: 'ubl' }) as { readonly key: string }
    const sent = async (number: string): Promise<number> => (await hub.send('ubl', ublOrder({ number }), { headers: { authorization: `Bearer ${key}` } })).status
    expect(await sent('KEY-1')).toBe(200)
    await rows('update api_key set revoked_at = now() where channel = \'ubl\'')
    await setClock(-5 * hourMs)
    await expect.poll(() => sent('KEY-2'), { timeout: 8_000, interval: 500 }).toBe(401)
    await setClock(0)
  }, 300_000)

  it('takes a giant whole that is coming and being cut up meanwhile', async () => {
    const batch = orderBatch('G', 400)
    const pieces = Array.from({ length: 10 }, (_, index) => batch.slice(Math.ceil(batch.length / 10) * index, Math.ceil(batch.length / 10) * (index + 1)))
    const request = httpRequest(new URL('/in/ubl', hub.url), { method: 'POST', headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/xml' } })
    const answered = once(request, 'response') as Promise<[IncomingMessage]>
    for (const [index, piece] of pieces.entries()) {
      request.write(piece)
      if (index === 3) await setClock(5 * hourMs)
      if (index === 6) await setClock(-5 * hourMs)
    }
    request.end()
    const [answer] = await answered
    expect({ status: answer.statusCode, answer: JSON.parse(await text(answer)) as unknown }).toMatchObject({ status: 200, answer: { outcome: 'accepted', partCounts: { accepted: 400 } } })
    await setClock(0)
  }, 300_000)
})

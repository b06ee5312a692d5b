import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { afterTest } from '../fixtures/after-test.js'
import { startPostgresTarget, type PostgresTarget } from '../chaos/postgres-target.js'
import { orderBatch } from '../fixtures/giants.js'
import { startHub, type RunningHub } from '../fixtures/hub.js'
import { canMount, mountSmallDisk, type SmallDisk } from '../fixtures/small-disk.js'
import { ublInvoice, ublOrder } from '../fixtures/ubl-documents.js'

const mounted = (mebibytes: number): SmallDisk => {
  const disk = mountSmallDisk(mebibytes)
  if (disk === undefined) throw new Error('It could be mounted a moment ago.')
  return disk
}
const note = 'x'.repeat(20_000)
const wait = { query: '?wait=crm,warehouse&timeoutMs=30000' }

interface Ready { readonly status: string, readonly followers: Readonly<Record<string, { readonly behind: number, readonly failing?: { readonly reason: string } }>> }

describe.runIf(canMount)('a full disk', () => {
  let folder: string
  let disk: SmallDisk
  let warehouseDisk: SmallDisk
  let postgres: PostgresTarget
  let hub: RunningHub
  const acknowledged: string[] = []
  let sent = 0
  let ended = false

  /** An order with much text. What is acknowledged is written down. */
  const sendOne = async (): Promise<Response> => {
    const number = `FULL-${++sent}`
    const answer = await hub.request('POST', '/in/demo-ubl', { body: ublOrder({ number, note }), headers: { 'content-type': 'application/xml' } })
    if (answer.status === 200) acknowledged.push(number)
    return answer
  }
  const ready = async (): Promise<Ready> => await hub.json('GET', '/health/ready') as Ready

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chainhub-full-'))
    ;[disk, warehouseDisk] = [mounted(320), mounted(48)]
    postgres = await startPostgresTarget(join(disk.path, 'postgres'), ['central', 'crm'])
    await writeFile(join(folder, 'chainhub.yaml'), 'channels:\n  - { id: demo-ubl, formats: [ubl] }\n  - { id: giants, formats: [ubl], giantBytes: 65536 }\n')
    hub = await startHub({
      dataFolder: join(folder, 'data'), args: ['--config', join(folder, 'chainhub.yaml')],
      environment: { CHAINHUB_CENTRAL_URL: postgres.urlOf('central'), CHAINHUB_CRM_URL: postgres.urlOf('crm'), CHAINHUB_WAREHOUSE_URL: `duckdb:${join(warehouseDisk.path, 'warehouse.duckdb')}`, CHAINHUB_LOG_LEVEL: 'silent' },
    })
    void hub.ended.then(() => { ended = true })
  }, 300_000)
  afterAll(async () => {
    await hub.end('SIGKILL')
    await postgres.stop()
    disk.remove()
    warehouseDisk.remove()
    await rm(folder, { recursive: true, force: true })
  })

  it('of PostgreSQL is answered 503 with Retry-After, costs nothing that was acknowledged, and is over when there is room again', async () => {
    for (let count = 0; count < 20; count++) expect((await sendOne()).status).toBe(200)
    await disk.fill()
    // What one answer could not be written for, the next may find room: PostgreSQL gives back what a failed statement took.
    const refusals: unknown[] = []
    for (const untilMs = Date.now() + 60_000; Date.now() < untilMs && refusals.length < 10;) {
      const answer = await sendOne()
      if (answer.status !== 200) refusals.push({ status: answer.status, retryAfter: answer.headers.get('retry-after'), problem: await answer.json() as unknown })
    }
    expect(refusals).toEqual(Array.from({ length: 10 }, () => expect.objectContaining({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) as string, problem: expect.objectContaining({ code: 'database-unavailable' }) as object }) as object))
    const giant = orderBatch('GIANT', 600)
    expect((await hub.send('giants', giant)).status).toBe(503)
    await disk.free()
    await postgres.revive()
    await expect.poll(async () => (await sendOne()).status, { timeout: 60_000, interval: 250 }).toBe(200)
    expect(ended).toBe(false)
    expect(acknowledged.length).toBeGreaterThan(20)
    expect(await hub.send('giants', giant)).toMatchObject({ status: 200, answer: { outcome: 'accepted', partCounts: { accepted: 600 } } })
    const again = await Promise.all(acknowledged.map(async (number) => (await hub.send('demo-ubl', ublOrder({ number, note }))).answer.outcome))
    expect(again).toEqual(acknowledged.map(() => 'duplicate'))
    await expect.poll(async () => Object.values((await ready()).followers).filter(({ behind }) => behind > 0), { timeout: 60_000, interval: 250 }).toEqual([])
  }, 300_000)

  it('of the warehouse keeps nobody from sending, is told, and is over when there is room again', async () => {
    const first = await hub.send('demo-ubl', ublInvoice({ number: 'FULL-I0', order: 'FULL-1', quantity: 4 }), wait)
    expect(first).toMatchObject({ status: 200, answer: { outcome: 'accepted' } })
    await warehouseDisk.fill()
    let invoices = 1
    let failing: string | undefined
    for (const untilMs = Date.now() + 90_000; Date.now() < untilMs && failing === undefined;) {
      for (let count = 0; count < 20; count++) expect((await hub.send('demo-ubl', ublInvoice({ number: `FULL-I${invoices++}`, order: 'FULL-1', quantity: 4, note }))).status).toBe(200)
      failing = (await ready()).followers['warehouse']?.failing?.reason
    }
    expect(failing).toBeDefined()
    expect((await ready()).status).toBe('degraded')
    await warehouseDisk.free()
    await expect.poll(async () => (await ready()).followers['warehouse']?.behind, { timeout: 60_000, interval: 250 }).toBe(0)
    await sleep(500)
    expect(await hub.json('POST', '/cubes/sales/query', { rows: [], measures: ['revenue', 'invoices'] })).toMatchObject({ cells: [{ revenue: String(invoices * 100), invoices }] })
    const digest = await hub.json('GET', '/digests/warehouse')
    expect(await (await hub.request('POST', '/rebuilds/warehouse')).text()).toContain('"step":"done"')
    expect(await hub.json('GET', '/digests/warehouse')).toEqual(digest)
  }, 300_000)
})

describe.runIf(canMount)('a full disk of a hub that has all it needs on it', () => {
  it('refuses, or ends the hub with its reason, costs nothing that was acknowledged, and is over when there is room again', async () => {
    const disk = mounted(400)
    afterTest(() => {
      disk.remove()
      return Promise.resolve()
    })
    const start = () => startHub({ dataFolder: join(disk.path, 'data'), environment: { CHAINHUB_LOG_LEVEL: 'silent' } })
    const first = await start()
    const gone = { is: false }
    const ended = first.ended.then((code) => { gone.is = true; return code })
    const acknowledged: string[] = []
    const sendOne = async (hub: RunningHub): Promise<number> => {
      const number = `OWN-${acknowledged.length}`
      const answer = await hub.request('POST', '/in/demo-ubl', { body: ublOrder({ number, note }), headers: { 'content-type': 'application/xml' } }).catch(() => undefined)
      if (answer?.status === 200) acknowledged.push(number)
      return answer?.status ?? 0
    }
    for (let count = 0; count < 20; count++) expect(await sendOne(first)).toBe(200)
    await disk.fill()
    const refused: number[] = []
    for (const untilMs = Date.now() + 60_000; Date.now() < untilMs && refused.length < 10 && !gone.is;) {
      const status = await sendOne(first)
      if (status !== 200) refused.push(status)
    }
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.filter((status) => status !== 503 && status !== 0)).toEqual([])
    await disk.free()
    if (gone.is) {
      expect(await ended).toBe(3)
      expect(first.printed).toMatch(/No space left on device|database/)
    } else {
      await expect.poll(() => sendOne(first), { timeout: 60_000, interval: 250 }).toBe(200)
      expect(await first.end('SIGTERM')).toBe(0)
    }
    const hub = await start()
    const again = await Promise.all(acknowledged.map(async (number) => (await hub.send('demo-ubl', ublOrder({ number, note }))).answer.outcome))
    expect(again).toEqual(acknowledged.map(() => 'duplicate'))
    expect(await sendOne(hub)).toBe(200)
    await expect.poll(async () => Object.values((await hub.json('GET', '/health/ready') as Ready).followers).filter(({ behind }) => behind > 0), { timeout: 60_000, interval: 250 }).toEqual([])
    expect(await hub.end('SIGTERM')).toBe(0)
  }, 300_000)
})

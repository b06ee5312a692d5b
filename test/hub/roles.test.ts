import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adminKey, startHub, tryStartHub, type RunningHub } from '../fixtures/hub.js'
import { startPostgres } from '../fixtures/postgres.js'
import { makeRefusingFile } from '../fixtures/refusing-warehouse.js'
import { ublInvoice, ublOrder } from '../fixtures/ubl-documents.js'

interface Ready {
  readonly status: string
  readonly journalSeq: number
  readonly process: { readonly id: string, readonly roles: readonly string[] }
  readonly followers: Readonly<Record<'crm' | 'warehouse', { readonly journalSeq: number, readonly behind: number, readonly owner: string | null }>>
}

const postgres = await startPostgres()
const wait = { query: '?wait=crm,warehouse&timeoutMs=20000' }
const revenue = { rows: ['customer'], measures: ['revenue'] }
let folder: string
let environment: Readonly<Record<string, string>>
const started: RunningHub[] = []

const start = async (roles: string, data: string, more: Readonly<Record<string, string>> = {}): Promise<RunningHub> => {
  const hub = await startHub({ dataFolder: join(folder, data), args: ['--roles', roles], environment: { ...environment, ...more } })
  started.push(hub)
  return hub
}
const ready = async (hub: RunningHub): Promise<Ready> => await hub.json('GET', '/health/ready') as Ready
const ownerOf = async (hub: RunningHub, follower: 'crm' | 'warehouse'): Promise<string | null> => (await ready(hub)).followers[follower].owner

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chainhub-roles-'))
})
afterAll(async () => {
  for (const hub of started.splice(0)) await hub.end('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

describe('a hub of several processes on one PostgreSQL', () => {
  let [intakeA, intakeB, followers, web]: RunningHub[] = []
  const the = (hub: RunningHub | undefined): RunningHub => {
    if (hub === undefined) throw new Error('It was not started.')
    return hub
  }
  beforeAll(async () => {
    environment = { CHAINHUB_CENTRAL_URL: await postgres.newDatabase(), CHAINHUB_CRM_URL: await postgres.newDatabase(), CHAINHUB_SECRET_KEY: Buffer.alloc(32, 7).toString('base64') }
    ;[intakeA, intakeB] = await Promise.all([start('intake', 'a'), start('intake', 'b')])
    const file = join(folder, 'refusing.duckdb')
    await makeRefusingFile(file, 'W-')
    ;[followers, web] = await Promise.all([start('followers', 'c', { CHAINHUB_WAREHOUSE_URL: `duckdb:${file}` }), start('web,deliveries,relay', 'd')])
  })

  it('brings what comes through either intake to views and cubes that another process answers', async () => {
    const order = await the(intakeA).send('demo-ubl', ublOrder({ number: 'R-O', quantity: 4 }), wait)
    expect(order).toMatchObject({ status: 200, answer: { outcome: 'accepted', passed: { crm: expect.any(Number) as number, warehouse: expect.any(Number) as number } } })
    expect(order.answer.passed?.['warehouse']).toBeGreaterThanOrEqual(order.answer.journalSeq ?? Infinity)
    const invoice = await the(intakeB).send('demo-ubl', ublInvoice({ number: 'R-I', order: 'R-O', quantity: 4 }), wait)
    expect(invoice).toMatchObject({ status: 200, answer: { outcome: 'accepted' } })
    expect(await the(web).json('GET', `/views/threads/${order.answer.documents[0]?.threadIds[0] ?? ''}?atLeast=${invoice.answer.journalSeq ?? 0}`)).toMatchObject({ documents: [{ number: 'R-I' }, { number: 'R-O' }], missing: [] })
    expect(await the(web).json('POST', '/cubes/sales/query', revenue)).toMatchObject({ cells: [{ currency: 'CNY', revenue: '100' }], ageMs: 0 })
    expect(await the(web).json('POST', '/cubes/sales/drill', { cell: {} })).toMatchObject({ items: [{ number: 'R-I' }] })
    expect(await the(web).json('GET', '/cubes')).toMatchObject({ items: [{ name: 'orders' }, { name: 'sales' }] })
  })

  it('knows a repeat that comes through the other intake', async () => {
    expect(await the(intakeB).send('demo-ubl', ublOrder({ number: 'R-O', quantity: 4 }))).toMatchObject({ status: 200, answer: { outcome: 'duplicate' } })
    const both = await Promise.all([the(intakeA), the(intakeB)].map((hub) => hub.send('demo-ubl', ublOrder({ number: 'R-O2' }))))
    expect(both.map(({ answer }) => answer.outcome).sort()).toEqual(['accepted', 'duplicate'])
  })

  it('tells in every process what the warehouse of another has parked, and lets it be decided about', async () => {
    const order = await the(intakeA).send('demo-ubl', ublOrder({ number: 'W-O' }), wait)
    const { items: [parked] } = await the(web).json('GET', '/parked?follower=warehouse') as { readonly items: readonly { readonly entry: number }[] }
    expect(parked).toMatchObject({ follower: 'warehouse', entry: order.answer.journalSeq, state: 'parked', cause: 'constraint-error', number: 'W-O' })
    await expect.poll(async () => Promise.all([the(intakeA), the(followers), the(web)].map(async (hub) => (await ready(hub)).followers.warehouse)), { timeout: 10_000 })
      .toMatchObject([{ parked: 1, held: 0 }, { parked: 1, held: 0 }, { parked: 1, held: 0 }])
    expect(await the(web).json('POST', `/parked/warehouse/${parked?.entry ?? 0}/skip`)).toMatchObject({ state: 'skipped' })
    await expect.poll(async () => (await ready(the(intakeA))).followers.warehouse, { timeout: 10_000 }).toMatchObject({ parked: 0, held: 0 })
    // A rebuild begins with tables that refuse nothing.
    expect(await (await the(web).request('POST', '/rebuilds/warehouse')).text()).toContain('"step":"done"')
    expect(await the(web).json('GET', '/parked?follower=warehouse&state=skipped')).toEqual({ items: [] })
  })

  it('serves in each process what its roles say, and how it is in all', async () => {
    const status = async (hub: RunningHub, path: string): Promise<number> => (await hub.request('GET', path)).status
    expect(await Promise.all([the(intakeA), the(followers), the(web)].map((hub) => status(hub, '/health/ready')))).toEqual([200, 200, 200])
    expect(await Promise.all([the(intakeA), the(followers), the(web)].map((hub) => status(hub, '/messages')))).toEqual([404, 404, 200])
    expect((await the(web).send('demo-ubl', ublOrder({ number: 'R-O3' }))).status).toBe(404)
    expect((await ready(the(intakeA))).process.roles).toEqual(['intake'])
  })

  it('rebuilds and digests a follower that another process keeps', async () => {
    for (const follower of ['crm', 'warehouse']) {
      const before = await the(web).json('GET', `/digests/${follower}`)
      expect(before).toMatchObject({ database: follower, digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
      expect((await (await the(web).request('POST', `/rebuilds/${follower}`)).text()).trim().split('\n').at(-1)).toContain('"step":"done"')
      expect(await the(web).json('GET', `/digests/${follower}`)).toEqual(before)
    }
  })

  it('answers nobody but its own processes what these ask each other, and tells nobody the key', async () => {
    const ask = (headers: Readonly<Record<string, string>>) => the(followers).request('POST', '/internal/followers/warehouse/digest', { body: '{}', headers: { 'content-type': 'application/json', ...headers } })
    expect((await ask({})).status).toBe(401)
    expect((await ask({ authorization: `Bearer ${adminKey}` })).status).toBe(401)
    expect(JSON.stringify(await the(followers).json('GET', '/openapi.json'))).not.toContain('internal/followers')
    for (const hub of started) expect(hub.printed).not.toContain('chi_')
  })

  it('tells every process of the hub and who keeps what (GET /followers, /metrics)', async () => {
    const owner = await ownerOf(the(web), 'crm')
    expect(await the(web).json('GET', '/followers')).toMatchObject({ items: [{ name: 'crm', owner, behind: 0, lagMs: 0 }, { name: 'deliveries', behind: 0 }, { name: 'warehouse', owner, behind: 0 }], processes: expect.arrayContaining([expect.objectContaining({ id: owner, roles: ['followers'], url: the(followers).url })]) as unknown })
    expect(await (await the(intakeA).request('GET', '/metrics')).text()).toContain(`chainhub_follower_lag_entries{follower="crm",owner="${String(owner)}"} 0`)
  })

  it('says clearly, soon and with Retry-After when nobody keeps the warehouse, and takes messages all the same', async () => {
    await the(followers).end('SIGTERM')
    const answer = await the(web).request('POST', '/cubes/sales/query', { body: JSON.stringify(revenue), headers: { 'content-type': 'application/json' } })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(await answer.json()).toMatchObject({ code: 'no-owner', at: 'warehouse' })
    expect(await ready(the(web))).toMatchObject({ status: 'degraded', followers: { crm: { owner: null }, warehouse: { owner: null } } })
    const late = await the(intakeA).send('demo-ubl', ublInvoice({ number: 'R-I2', order: 'R-O', quantity: 4 }), { query: '?wait=crm,warehouse&timeoutMs=300' })
    expect(late).toMatchObject({ status: 200, answer: { outcome: 'accepted' } })
    expect(late.answer.passed?.['warehouse']).toBeLessThan(late.answer.journalSeq ?? 0)
    followers = await start('followers', 'c')
    expect((await the(intakeA).send('demo-ubl', ublInvoice({ number: 'R-I2', order: 'R-O', quantity: 4 }), wait)).answer.outcome).toBe('duplicate')
    await expect.poll(() => the(web).json('POST', '/cubes/sales/query', revenue), { timeout: 60_000 }).toMatchObject({ cells: [{ revenue: '200' }] })
  })

  it('has the followers of a process that was killed, or paused, taken over by another within seconds; the paused one that comes back writes nothing', async () => {
    const standby = await start('followers', 'e')
    const first = await ownerOf(the(web), 'crm')
    process.kill(the(followers).pid, 'SIGSTOP')
    try {
      await expect.poll(() => ownerOf(the(web), 'crm'), { timeout: 60_000 }).toBe((await ready(standby)).process.id)
      expect((await the(intakeA).send('demo-ubl', ublInvoice({ number: 'R-I3', order: 'R-O', quantity: 4 }), wait)).answer.outcome).toBe('accepted')
      expect(await the(web).json('POST', '/cubes/sales/query', revenue)).toMatchObject({ cells: [{ revenue: '300' }] })
    } finally {
      process.kill(the(followers).pid, 'SIGCONT')
    }
    await sleep(3_000)
    expect(await ownerOf(the(followers), 'crm')).toBe((await ready(standby)).process.id)
    await standby.end('SIGKILL')
    await expect.poll(() => ownerOf(the(web), 'warehouse'), { timeout: 60_000 }).toBe(first)
    await expect.poll(() => the(web).json('POST', '/cubes/sales/query', revenue), { timeout: 60_000 }).toMatchObject({ cells: [{ revenue: '300' }] })
  })
})

describe('roles that make no sense', () => {
  it.each([
    [['--roles', 'intake,kitchen'], {}, /--roles: The value is not one of all, intake, followers, deliveries, relay, web\./],
    [[], { CHAINHUB_ROLES: 'web' }, /--roles: The embedded PostgreSQL belongs to one process that has all roles\. .* CHAINHUB_CENTRAL_URL and CHAINHUB_CRM_URL/],
    [['--roles', 'followers', '--demo'], { CHAINHUB_CENTRAL_URL: postgres.urlOf('nowhere'), CHAINHUB_CRM_URL: postgres.urlOf('nowhere') }, /--demo: /],
  ])('%j %j is refused with exit code 2, in a sentence that says what to do', async (args, more, said) => {
    const failed = await tryStartHub({ dataFolder: join(folder, 'none'), args, environment: more })
    if ('url' in failed) await failed.end('SIGKILL')
    expect(failed).toMatchObject({ code: 2, printed: expect.stringMatching(said) as string })
    await expect(readFile(join(folder, 'none', 'hub.json'))).rejects.toThrow()
  })
})

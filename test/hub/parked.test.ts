import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectFolder } from '../../schemas/project-folder.js'
import { until } from '../fixtures/deliveries.js'
import { adminKey } from '../fixtures/hub.js'
import { oneHub } from '../fixtures/one-hub.js'
import { startPostgres } from '../fixtures/postgres.js'
import { makeRefusingFile } from '../fixtures/refusing-warehouse.js'
import { ublInvoice, ublOrder } from '../fixtures/ubl-documents.js'

const postgres = await startPostgres()
const [centralUrl, crmUrl] = [await postgres.newDatabase(), await postgres.newDatabase()]
const folder = await mkdtemp(join(tmpdir(), 'chainhub-parked-'))
const warehouseFile = join(folder, 'warehouse.duckdb')
await makeRefusingFile(warehouseFile, 'W-')
const hub = oneHub({
  configuration: `endpoints:\n  - id: drop\n    connector: file\n    settings: { folder: "${join(folder, 'drop')}" }\n    format: canonical\n`,
  environment: { CHAINHUB_CENTRAL_URL: centralUrl, CHAINHUB_CRM_URL: crmUrl, CHAINHUB_WAREHOUSE_URL: `duckdb:${warehouseFile}` },
})
afterAll(() => rm(folder, { recursive: true, force: true }))
const wait = { query: '?wait=crm,warehouse&timeoutMs=20000' }

const on = async (connectionString: string, sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString })
  await client.connect()
  await client.query(sql)
  await client.end()
}
const onCrm = (sql: string): Promise<void> => on(crmUrl, sql)

interface Parked { readonly follower: string, readonly entry: number, readonly state: string, readonly heldBy: number | null }
const parked = async (): Promise<readonly Parked[]> => (await hub.json('GET', '/parked') as { readonly items: readonly Parked[] }).items
const chainhub = (...words: readonly string[]) => {
  const { status, stdout } = spawnSync(process.execPath, [projectFolder('hub', 'chainhub.mjs'), ...words, '--url', hub.url, '--key', adminKey], { encoding: 'utf8' })
  return { status, answer: JSON.parse(stdout === '' ? 'null' : stdout) as unknown }
}

describe('a document that the CRM database refuses', () => {
  // Whatever the intake lets through that a database refuses is a fault of ours, to be found yet.
  beforeAll(() => onCrm(`alter table crm.trade_document add constraint narrow check (number not in ('P-1', 'P-2'))`))

  it('is parked with its cause, holds what is between the same parties, and lets the hub go on', async () => {
    const taken = await hub.send('demo-ubl', ublOrder({ number: 'P-1' }), wait)
    expect(taken.answer.outcome).toBe('accepted')
    await hub.send('demo-ubl', ublInvoice({ number: 'P-I', order: 'P-O', quantity: 4 }), wait)
    const [first, second] = await parked()
    expect(first).toMatchObject({ state: 'parked', cause: '23514', heldBy: null, holds: 1, kind: 'order', messageId: taken.answer.messageId })
    expect(second).toMatchObject({ state: 'held', cause: null, heldBy: first?.entry, number: 'P-I' })
    expect(await hub.json('GET', '/health/ready')).toMatchObject({ status: 'ready', followers: { crm: { behind: 0, parked: 1, held: 1 } } })
    expect(await (await hub.request('GET', '/metrics')).text()).toContain('chainhub_follower_parked_entries{follower="crm",state="held"} 1')
  })

  it('is tried again, or skipped so that what it held is followed, over HTTP and from the terminal', async () => {
    const [first, second] = await parked()
    const [entry, held] = [String(first?.entry), String(second?.entry)]
    expect(chainhub('parked', '--json')).toMatchObject({ status: 0, answer: { items: [{ entry: first?.entry }, { entry: second?.entry }] } })
    expect(await hub.json('POST', `/parked/crm/${entry}/retry`)).toMatchObject({ follower: 'crm', entry: first?.entry, state: 'parked' })
    expect(await hub.json('POST', `/parked/crm/${held}/skip`)).toMatchObject({ status: 400, code: 'request-invalid', detail: `The entry ${held} waits for ${entry}; decide about the one that has a cause of its own.` })
    expect(await hub.json('POST', '/parked/crm/999999/retry')).toMatchObject({ status: 404 })
    expect(await hub.json('POST', `/parked/warehouse/${entry}/retry`)).toMatchObject({ status: 404, detail: `The entry ${entry} is not parked by warehouse.` })
    expect(chainhub('parked', 'skip', 'crm', entry)).toMatchObject({ status: 0, answer: { state: 'skipped' } })
    expect(await parked()).toEqual([])
    expect(await hub.json('GET', '/parked?follower=crm&state=skipped')).toMatchObject({ items: [{ entry: first?.entry, state: 'skipped' }] })
    expect(await hub.json('POST', `/parked/crm/${entry}/retry`)).toMatchObject({ status: 400 })
  })

  it('is followed by a retry once it can be, and then what it held', async () => {
    await hub.send('demo-ubl', ublOrder({ number: 'P-2' }), wait)
    await hub.send('demo-ubl', ublOrder({ number: 'P-3' }), wait)
    const [first] = await parked()
    await onCrm('alter table crm.trade_document drop constraint narrow')
    expect(await hub.json('POST', `/parked/crm/${String(first?.entry)}/retry`)).toMatchObject({ entry: first?.entry, state: 'followed' })
    expect(await parked()).toEqual([])
    const { items: [party] } = await hub.json('GET', '/parties') as { readonly items: readonly { readonly id: string }[] }
    expect(JSON.stringify(await hub.json('GET', `/views/customers/${party?.id ?? ''}`))).toMatch(/P-2.*|P-3.*/)
  })

  it.each([['parked', 'forget', 'crm', '1'], ['parked', 'retry'], ['parked', 'retry', '1'], ['parked', 'retry', 'crm', '1', '2']])('%s %s %s %s %s is wrong usage', (...words) => {
    expect(chainhub(...words.filter((word) => word !== ''))).toMatchObject({ status: 2 })
  })
})

describe('a document that the warehouse refuses', () => {
  const revenue = async (): Promise<unknown> => hub.json('POST', '/cubes/sales/query', { rows: [], measures: ['revenue'] })
  const before: { invoiced?: unknown } = {}

  it('is parked with its cause, holds what is between the same parties, and is in CRM all the same', async () => {
    before.invoiced = await revenue()
    const taken = await hub.send('demo-ubl', ublOrder({ number: 'W-1' }), wait)
    expect(taken.answer).toMatchObject({ outcome: 'accepted' })
    await hub.send('demo-ubl', ublInvoice({ number: 'W-I', order: 'W-1', quantity: 4 }), wait)
    const [first, second, ...others] = await parked()
    expect(first).toMatchObject({ follower: 'warehouse', state: 'parked', cause: 'constraint-error', heldBy: null, holds: 1, kind: 'order', number: 'W-1', messageId: taken.answer.messageId })
    expect(second).toMatchObject({ follower: 'warehouse', state: 'held', cause: null, heldBy: first?.entry, number: 'W-I' })
    expect(others).toEqual([])
    expect(await hub.json('GET', '/health/ready')).toMatchObject({ status: 'ready', followers: { crm: { parked: 0, held: 0 }, warehouse: { behind: 0, parked: 1, held: 1 } } })
    expect(await hub.json('GET', '/followers')).toMatchObject({ items: [{ name: 'crm' }, { name: 'deliveries' }, { name: 'warehouse', parked: 1, held: 1 }] })
    const metrics = await (await hub.request('GET', '/metrics')).text()
    expect(metrics).toContain('chainhub_follower_parked_entries{follower="warehouse",state="held"} 1')
    expect(metrics).toContain('chainhub_follower_parked_total{follower="warehouse"} 1')
    expect(await hub.json('GET', `/views/threads/${taken.answer.documents[0]?.threadIds[0] ?? ''}`)).toMatchObject({ documents: [{ number: 'W-I' }, { number: 'W-1' }] })
  })

  it('is told of by every figure that lacks it', async () => {
    expect(await revenue()).toMatchObject({ ...before.invoiced as object, journalSeq: expect.any(Number) as number, asOf: expect.any(String) as string, waiting: 1 })
    expect(await hub.json('POST', '/cubes/orders/drill', { cell: {} })).toMatchObject({ waiting: 1 })
  })

  it('is listed page by page beside what CRM has parked of the same entries', async () => {
    await onCrm(`alter table crm.trade_document add constraint narrow check (number not in ('W-2'))`)
    await hub.send('demo-ubl', ublOrder({ number: 'W-2' }), wait)
    const seen: unknown[] = []
    let next: string | undefined
    do {
      const page = await hub.json('GET', `/parked?limit=1${next === undefined ? '' : `&cursor=${next}`}`) as { readonly items: readonly Parked[], readonly next?: string }
      seen.push(...page.items.map(({ follower, entry }) => [follower, entry]))
      next = page.next
    } while (next !== undefined)
    expect(seen).toEqual((await parked()).map(({ follower, entry }) => [follower, entry]))
    expect(seen).toHaveLength(4)
    expect(seen.slice(2).map((row) => (row as readonly unknown[])[0])).toEqual(['crm', 'warehouse'])
    expect(await hub.json('GET', '/parked?follower=crm')).toMatchObject({ items: [{ follower: 'crm', number: 'W-2' }] })
    await onCrm('alter table crm.trade_document drop constraint narrow')
    const [crm] = (await parked()).filter(({ follower }) => follower === 'crm')
    expect(await hub.json('POST', `/parked/crm/${String(crm?.entry)}/retry`)).toMatchObject({ state: 'followed' })
  })

  it('is refused again, or skipped so that what it held goes on', async () => {
    const [first, second] = await parked()
    const entry = String(first?.entry)
    expect(chainhub('parked', 'retry', 'warehouse', entry)).toMatchObject({ status: 0, answer: { follower: 'warehouse', state: 'parked' } })
    expect(await hub.json('POST', `/parked/warehouse/${String(second?.entry)}/skip`)).toMatchObject({ status: 400, code: 'request-invalid' })
    expect(await hub.json('POST', `/parked/warehouse/${entry}/skip`)).toMatchObject({ follower: 'warehouse', entry: first?.entry, state: 'skipped' })
    // The invoice that waited begins so too; the tables refuse it as a document of its own.
    expect(await parked()).toMatchObject([{ number: 'W-I', state: 'parked' }, { number: 'W-2', state: 'held' }])
  })

  it('is taken by a rebuild whose tables refuse nothing', async () => {
    expect(await (await hub.request('POST', '/rebuilds/warehouse')).text()).toContain('"step":"done"')
    expect(await parked()).toEqual([])
    expect(await hub.json('POST', '/cubes/orders/drill', { cell: {} })).toMatchObject({ waiting: 0 })
    const digest = await hub.json('GET', '/digests/warehouse')
    expect(await (await hub.request('POST', '/rebuilds/warehouse')).text()).toContain('"step":"done"')
    expect(await hub.json('GET', '/digests/warehouse')).toEqual(digest)
  })
})

describe('a document of which no delivery can be made', () => {
  const delivered = async (): Promise<readonly string[]> => {
    await until(() => hub.json('GET', '/health/ready') as Promise<{ followers: { deliveries: { behind: number } } }>, ({ followers }) => followers.deliveries.behind === 0)
    return (await hub.json('GET', '/deliveries') as { readonly items: readonly { readonly number: string }[] }).items.map(({ number }) => number).toReversed()
  }
  const openAlerts = async (): Promise<readonly unknown[]> =>
    (await hub.json('GET', '/alerts?open=true') as { readonly items: readonly { readonly kind: string, readonly subject: string }[] }).items.map(({ kind, subject }) => [kind, subject])

  it('is parked with its cause, holds what is between the same parties, and is in CRM and warehouse all the same', async () => {
    await hub.request('PUT', '/subscriptions/drop', { body: '{"endpoint":"drop"}', headers: { 'content-type': 'application/json' } })
    await on(centralUrl, `alter table central.delivery add constraint narrow check (number not in ('D-1'))`)
    const taken = await hub.send('demo-ubl', ublOrder({ number: 'D-1' }), wait)
    expect(taken.answer).toMatchObject({ outcome: 'accepted' })
    await hub.send('demo-ubl', ublOrder({ number: 'D-2' }), wait)
    expect(await delivered()).toEqual([])
    const [first, second, ...others] = await parked()
    expect(first).toMatchObject({ follower: 'deliveries', entry: taken.answer.journalSeq, state: 'parked', cause: '23514', heldBy: null, holds: 1, kind: 'order', number: 'D-1', messageId: taken.answer.messageId })
    expect(second).toMatchObject({ follower: 'deliveries', state: 'held', cause: null, heldBy: first?.entry, number: 'D-2' })
    expect(others).toEqual([])
    const counts = { behind: 0, parked: 1, held: 1 }
    expect(await hub.json('GET', '/health/ready')).toMatchObject({ status: 'ready', followers: { crm: { parked: 0 }, deliveries: counts, warehouse: { parked: 0 } } })
    expect(await hub.json('GET', '/followers')).toMatchObject({ items: [{ name: 'crm', parked: 0 }, { name: 'deliveries', ...counts }, { name: 'warehouse', parked: 0 }] })
    const metrics = await (await hub.request('GET', '/metrics')).text()
    expect(metrics).toContain('chainhub_follower_parked_entries{follower="deliveries",state="held"} 1')
    expect(metrics).toContain('chainhub_follower_parked_total{follower="deliveries"} 1')
    await until(openAlerts, (seen) => JSON.stringify(seen) === '[["documents-parked","deliveries"]]')
  })

  it('is listed beside what others have parked of the same entry, page by page', async () => {
    await onCrm(`alter table crm.trade_document add constraint narrow check (number not in ('D-3'))`)
    await hub.send('demo-ubl', ublOrder({ number: 'D-3' }), wait)
    await delivered()
    const first = await hub.json('GET', '/parked?limit=3') as { readonly items: readonly Parked[], readonly next?: string }
    expect(first.items.map(({ follower, state }) => `${follower} ${state}`)).toEqual(['deliveries parked', 'deliveries held', 'crm parked'])
    const entry = first.items[2]?.entry ?? 0
    expect(first.next).toBe(`${entry}-crm`)
    expect(await hub.json('GET', `/parked?cursor=${first.next ?? ''}`)).toMatchObject({ items: [{ follower: 'deliveries', entry, state: 'held' }] })
    expect(await hub.json('GET', `/parked?cursor=${entry}-deliveries`)).toEqual({ items: [] })
    expect(await hub.json('GET', '/parked?follower=deliveries')).toMatchObject({ items: [{ number: 'D-1' }, { number: 'D-2' }, { number: 'D-3' }] })
    await until(openAlerts, (seen) => seen.length === 2)
    await onCrm('alter table crm.trade_document drop constraint narrow')
    expect(await hub.json('POST', `/parked/crm/${entry}/retry`)).toMatchObject({ state: 'followed' })
  })

  it('is delivered by a retry, with what it held and in order, from the terminal too', async () => {
    const [first, second] = await parked()
    const entry = String(first?.entry)
    expect(await hub.json('POST', `/parked/deliveries/${entry}/retry`)).toMatchObject({ follower: 'deliveries', entry: first?.entry, state: 'parked' })
    expect(await hub.json('POST', `/parked/deliveries/${String(second?.entry)}/skip`)).toMatchObject({ status: 400, code: 'request-invalid' })
    await on(centralUrl, 'alter table central.delivery drop constraint narrow')
    expect(chainhub('parked', 'retry', 'deliveries', entry)).toMatchObject({ status: 0, answer: { follower: 'deliveries', state: 'followed' } })
    expect(await parked()).toEqual([])
    expect(await delivered()).toEqual(['D-1', 'D-2', 'D-3'])
    await until(openAlerts, (seen) => seen.length === 0)
  })

  it('is skipped so that what it held goes on', async () => {
    await on(centralUrl, `alter table central.delivery add constraint narrow check (number not in ('D-4'))`)
    const taken = await hub.send('demo-ubl', ublOrder({ number: 'D-4' }), wait)
    await hub.send('demo-ubl', ublOrder({ number: 'D-5' }), wait)
    await delivered()
    expect(await hub.json('POST', `/parked/deliveries/${String(taken.answer.journalSeq)}/skip`)).toMatchObject({ follower: 'deliveries', state: 'skipped' })
    expect(await delivered()).toEqual(['D-1', 'D-2', 'D-3', 'D-5'])
    expect(await hub.json('GET', '/parked?follower=deliveries&state=skipped')).toMatchObject({ items: [{ number: 'D-4', holds: 0 }] })
  })
})

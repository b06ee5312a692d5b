import { spawnSync } from 'node:child_process'
import pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { projectFolder } from '../../schemas/project-folder.js'
import { adminKey } from '../fixtures/hub.js'
import { oneHub } from '../fixtures/one-hub.js'
import { startPostgres } from '../fixtures/postgres.js'
import { ublInvoice, ublOrder } from '../fixtures/ubl-documents.js'

const postgres = await startPostgres()
const crmUrl = await postgres.newDatabase()
const hub = oneHub({ environment: { CHAINHUB_CENTRAL_URL: await postgres.newDatabase(), CHAINHUB_CRM_URL: crmUrl } })
const wait = { query: '?wait=crm,warehouse&timeoutMs=20000' }

const onCrm = async (sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: crmUrl })
  await client.connect()
  await client.query(sql)
  await client.end()
}

interface Parked { readonly entry: number, readonly state: string, readonly heldBy: number | null }
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
    expect(await hub.json('POST', `/parked/${entry}/retry`)).toMatchObject({ entry: first?.entry, state: 'parked' })
    expect(await hub.json('POST', `/parked/${held}/skip`)).toMatchObject({ status: 400, code: 'request-invalid', detail: `The entry ${held} waits for ${entry}; decide about the one that has a cause of its own.` })
    expect(await hub.json('POST', '/parked/999999/retry')).toMatchObject({ status: 404 })
    expect(chainhub('parked', 'skip', entry)).toMatchObject({ status: 0, answer: { state: 'skipped' } })
    expect(await parked()).toEqual([])
    expect(await hub.json('GET', '/parked?state=skipped')).toMatchObject({ items: [{ entry: first?.entry, state: 'skipped' }] })
    expect(await hub.json('POST', `/parked/${entry}/retry`)).toMatchObject({ status: 400 })
  })

  it('is followed by a retry once it can be, and then what it held', async () => {
    await hub.send('demo-ubl', ublOrder({ number: 'P-2' }), wait)
    await hub.send('demo-ubl', ublOrder({ number: 'P-3' }), wait)
    const [first] = await parked()
    await onCrm('alter table crm.trade_document drop constraint narrow')
    expect(await hub.json('POST', `/parked/${String(first?.entry)}/retry`)).toMatchObject({ entry: first?.entry, state: 'followed' })
    expect(await parked()).toEqual([])
    const { items: [party] } = await hub.json('GET', '/parties') as { readonly items: readonly { readonly id: string }[] }
    expect(JSON.stringify(await hub.json('GET', `/views/customers/${party?.id ?? ''}`))).toMatch(/P-2.*|P-3.*/)
  })

  it.each([['parked', 'forget', '1'], ['parked', 'retry'], ['parked', 'retry', '1', '2']])('%s %s %s %s is wrong usage', (...words) => {
    expect(chainhub(...words.filter((word) => word !== ''))).toMatchObject({ status: 2 })
  })
})

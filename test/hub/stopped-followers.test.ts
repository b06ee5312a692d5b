import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listAlerts } from '../../hub/central/alerts.js'
import { alertStandstills } from '../../hub/central/follower-alerts.js'
import { acquireLease, renewLease } from '../../hub/central/leases.js'
import { newCentral } from '../fixtures/central.js'
import { until } from '../fixtures/deliveries.js'
import { makeDataFolder, tryStartHub } from '../fixtures/hub.js'
import { oneHub } from '../fixtures/one-hub.js'
import { startPostgres } from '../fixtures/postgres.js'

const postgres = await startPostgres()

describe('a follower that stops', () => {
  it('opens one alert with its reason, which closes once it goes again', async () => {
    const { database } = await newCentral(postgres)
    const owner = randomUUID()
    const epoch = await acquireLease(database, 'crm', owner, 60_000) ?? 0
    const alerts = async (): Promise<readonly (readonly [string, string, boolean])[]> => {
      await alertStandstills(database)
      return (await listAlerts(database, { limit: 10 })).map(({ subject, detail, closedAt }) => [subject, detail, closedAt !== null])
    }
    expect(await alerts()).toEqual([])
    const failing = { before: 17, reason: 'The identity decision 17 cannot be followed: no such party' }
    await renewLease(database, 'crm', owner, epoch, 60_000, { position: 16, failing })
    await alerts()
    const told = `It stands still before the journal's entry 17: ${failing.reason}`
    expect(await alerts()).toEqual([['crm', told, false]])
    await renewLease(database, 'crm', owner, epoch, 60_000, { position: 18, failing: undefined })
    expect(await alerts()).toEqual([['crm', told, true]])
  })

  it('because nobody keeps it is told of once others had the time to take over', async () => {
    const { database } = await newCentral(postgres)
    await acquireLease(database, 'warehouse', randomUUID(), 1_000)
    await database.query("update lease set expires_at = clock_timestamp() - interval '10 seconds'")
    await alertStandstills(database)
    expect(await listAlerts(database, { limit: 10 })).toEqual([])
    await database.query("update lease set expires_at = clock_timestamp() - interval '40 seconds'")
    await alertStandstills(database)
    expect(await listAlerts(database, { limit: 10 })).toMatchObject([{ kind: 'follower-stopped', subject: 'warehouse', closedAt: null, detail: expect.stringContaining('No process keeps it') as unknown }])
    await acquireLease(database, 'warehouse', randomUUID(), 60_000)
    await alertStandstills(database)
    expect(await listAlerts(database, { limit: 10 })).toMatchObject([{ closedAt: expect.any(String) as unknown }])
  })
})

describe('the follower of deliveries', () => {
  const hub = oneHub()
  it('is shown beside the others', async () => {
    const { answer } = await hub.send('canonical', JSON.stringify({ kind: 'order', number: '1', function: 'original', issuedOn: '2026-04-01', lines: [{ number: '1', quantity: { value: '1', unit: 'C62' } }] }), { headers: { 'content-type': 'application/json' } })
    const followers = async () => (await hub.json('GET', '/followers') as { items: { name: string, journalSeq: number, owner: string | null }[] }).items
    const seen = await until(followers, (items) => items.some(({ name, journalSeq }) => name === 'deliveries' && journalSeq >= (answer.journalSeq ?? Infinity)))
    expect(seen.map(({ name }) => name)).toEqual(['crm', 'deliveries', 'warehouse'])
    expect(await hub.json('GET', '/health/ready')).toMatchObject({ status: 'ready', followers: { deliveries: { behind: 0, owner: expect.any(String) as unknown } } })
    expect(await (await hub.request('GET', '/metrics')).text()).toMatch(/chainhub_follower_lag_entries\{follower="deliveries",owner="[0-9a-f-]+"\} 0/)
  })
})

describe('an endpoint that is wrong in the settings', () => {
  it('is refused at its line before any database is made', async () => {
    const folder = await makeDataFolder()
    const file = join(dirname(folder.path), 'chainhub.yaml')
    await writeFile(file, 'endpoints:\n  - id: partner\n    connector: http\n    settings: { url: "ftp://partner.example/" }\n    format: ubl\n')
    const ended = await tryStartHub({ dataFolder: folder.path, args: ['--config', file] })
    expect(ended).toMatchObject({ code: 2 })
    expect('printed' in ended && ended.printed).toMatch(/chainhub\.yaml:4 endpoints\.0\.settings\.url/)
    expect(existsSync(join(folder.path, 'postgres'))).toBe(false)
    await folder.remove()
  })
})

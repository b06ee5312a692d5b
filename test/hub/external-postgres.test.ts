import { spawn } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedPostgres } from '../../hub/ops/embedded-postgres.js'
import { findAccount } from '../../hub/ops/postgres-account.js'
import { dataFolderPaths } from '../../hub/ops/postgres-data-folder.js'
import { readPidFile } from '../../hub/ops/postgres-pid-file.js'
import { programOptions } from '../../hub/ops/postgres-program.js'
import { startHub, tryStartHub } from '../fixtures/hub.js'
import { startPostgres } from '../fixtures/postgres.js'
import { ublInvoice, ublOrder } from '../fixtures/ubl-documents.js'

const invoice = ublInvoice({ number: 'EXT-I', order: 'EXT-O', quantity: 4 })
const wait = { query: '?wait=crm,warehouse&timeoutMs=20000' }

const postgres = await startPostgres()
let environment: Readonly<Record<string, string>>
let folders: string
beforeAll(async () => {
  folders = await mkdtemp(join(tmpdir(), 'chainhub-external-'))
})
afterAll(() => rm(folders, { recursive: true, force: true }))

/** Runs PostgreSQL as its owner would who wants it fast and not safe, until `work` is done: the embedded one, started anew with one setting off. */
const withUnsafePostgres = async <T>(setting: string, work: (url: string) => Promise<T>): Promise<T> => {
  const dataFolder = join(folders, `unsafe-${setting}`)
  const safe = await startEmbeddedPostgres({ dataFolder, databases: ['unsafe'], log: () => undefined, onLost: () => undefined })
  if (!safe.ok) throw new Error(safe.detail)
  const [program = '', ...args] = (await readFile(`/proc/${safe.value.pid}/cmdline`, 'utf8')).split('\0').slice(0, -1)
  await safe.value.stop()
  const { cluster } = dataFolderPaths(dataFolder)
  const account = await findAccount(cluster)
  if (!account.ok) throw new Error(account.detail)
  const child = spawn(program, args.map((word) => word.replace(`${setting}=on`, `${setting}=off`)), { ...programOptions({ cwd: cluster, account: account.value }), stdio: 'ignore' })
  const ended = new Promise((resolve) => { child.once('exit', resolve) })
  try {
    for (const untilMs = Date.now() + 20_000; Date.now() < untilMs && (await readPidFile(cluster))?.ready !== true;) await sleep(20)
    return await work(safe.value.urlOf('unsafe'))
  } finally {
    child.kill('SIGINT')
    await ended
  }
}

describe('a hub on an existing PostgreSQL (CHAINHUB_CENTRAL_URL, CHAINHUB_CRM_URL)', () => {
  beforeAll(async () => {
    environment = { CHAINHUB_CENTRAL_URL: await postgres.newDatabase(), CHAINHUB_CRM_URL: await postgres.newDatabase() }
  })

  it('brings an order and its invoice to a view and a cell, and starts no PostgreSQL of its own', async () => {
    const dataFolder = join(folders, 'one')
    const hub = await startHub({ dataFolder, environment })
    try {
      const order = await hub.send('demo-ubl', ublOrder({ number: 'EXT-O', quantity: 4 }), wait)
      expect(await hub.send('demo-ubl', invoice, wait)).toMatchObject({ status: 200, answer: { outcome: 'accepted' } })
      expect(await hub.json('GET', `/views/threads/${order.answer.documents[0]?.threadIds[0] ?? ''}`)).toMatchObject({ documents: [{ number: 'EXT-I' }, { number: 'EXT-O' }], missing: [] })
      expect(await hub.json('POST', '/cubes/sales/query', { rows: ['customer'], measures: ['revenue'] })).toMatchObject({ cells: [{ currency: 'CNY', revenue: '100' }] })
      expect(await readdir(dataFolder)).not.toContain('postgres')
    } finally {
      expect(await hub.end('SIGTERM')).toBe(0)
    }
  })

  it('finds all of it again from another data folder, whose warehouse follows the journal from its beginning', async () => {
    const hub = await startHub({ dataFolder: join(folders, 'two'), environment })
    try {
      expect(await hub.send('demo-ubl', invoice, wait)).toMatchObject({ status: 200, answer: { outcome: 'duplicate' } })
      await hub.send('demo-ubl', ublOrder({ number: 'EXT-O2' }), wait)
      expect(await hub.json('POST', '/cubes/sales/query', { rows: ['customer'], measures: ['revenue', 'invoices'] })).toMatchObject({ cells: [{ revenue: '100', invoices: 1 }] })
    } finally {
      await hub.end('SIGTERM')
    }
  })
})

describe('a server that cannot be trusted or used', () => {
  it.each(['fsync', 'full_page_writes'])('with %s off is refused in a sentence that says so (house: acknowledged means committed)', async (setting) => {
    const failed = await withUnsafePostgres(setting, (url) => tryStartHub({ dataFolder: join(folders, setting), environment: { CHAINHUB_CENTRAL_URL: url, CHAINHUB_CRM_URL: url } }))
    if ('url' in failed) await failed.end('SIGKILL')
    expect(failed).toMatchObject({ code: 2, printed: expect.stringContaining(`PostgreSQL runs with ${setting}=off and would lose messages that were acknowledged; set it to on.`) as unknown })
  })

  it('of a database that is not there is said with exit code 3', async () => {
    const failed = await tryStartHub({ dataFolder: join(folders, 'nowhere'), environment: { CHAINHUB_CENTRAL_URL: postgres.urlOf('nowhere'), CHAINHUB_CRM_URL: postgres.urlOf('nowhere') } })
    expect(failed).toMatchObject({ code: 3, printed: expect.stringContaining('"nowhere" does not exist') as unknown })
  })
})

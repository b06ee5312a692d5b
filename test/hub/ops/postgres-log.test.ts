import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, expect, it } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../hub/ops/embedded-postgres.js'
import { prepareLog, readySegments, segmentsAhead } from '../../../hub/ops/postgres-log.js'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface Started {
  readonly server: EmbeddedPostgres
  readonly client: pg.Client
  readonly told: string[]
}

const start = async (): Promise<Started> => {
  const folder = mkdtempSync(join(tmpdir(), 'chainhub-log-'))
  const told: string[] = []
  const started = await startEmbeddedPostgres({ dataFolder: join(folder, 'postgres'), databases: ['central'], log: (line) => { told.push(line) }, onLost: (reason) => { told.push(`lost: ${reason}`) } })
  if (!started.ok) throw new Error(started.detail)
  const client = new pg.Client({ connectionString: started.value.urlOf('central') })
  client.on('error', () => undefined)
  await client.connect()
  closers.push(async () => {
    await client.end().catch(() => undefined)
    await started.value.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return { server: started.value, client, told }
}

const segments = async (client: pg.Client): Promise<number> =>
  (await client.query<{ count: number }>(`select count(*)::int as count from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$'`)).rows[0]?.count ?? 0

it('a new cluster gets its log ahead of need, once, and PostgreSQL keeps what it has used', async () => {
  const { server, client, told } = await start()
  expect(await segmentsAhead(client)).toBe(0)
  await server.prepareLog()
  expect(await segmentsAhead(client)).toBe(readySegments)
  const made = await segments(client)
  await server.prepareLog()
  expect(await segments(client)).toBe(made)
  // Some 40 MB, which go into segments that are there, and come back at the next checkpoint.
  await client.query(`create table much as select string_agg(gen_random_uuid()::text, '') as text from generate_series(1, 300000) g group by g % 300`)
  await client.query('insert into much select text || 1 from much union all select text || 2 from much union all select text || 3 from much')
  expect(await segmentsAhead(client)).toBeLessThan(readySegments)
  expect(await segments(client)).toBe(made)
  await client.query('checkpoint')
  expect(await segmentsAhead(client)).toBeGreaterThan(readySegments - 2)
  expect(told).toEqual([])
})

it('the hub may stop meanwhile: nothing is lost and nothing is said', async () => {
  const { server, client, told } = await start()
  const preparing = server.prepareLog()
  while (await segments(client) < 3) await new Promise((resolve) => { setTimeout(resolve, 10) })
  await client.end()
  await server.stop()
  await preparing
  expect(told).toEqual([])
})

it('a disk with little space is left alone', async () => {
  const { client } = await start()
  await prepareLog(client, '/proc', () => false)
  expect(await segmentsAhead(client)).toBe(0)
})

import { describe, expect, it, vi } from 'vitest'
import { openDatabase, type Database } from '../../../hub/ops/database.js'
import { afterTest } from '../../fixtures/after-test.js'
import { databaseRows } from '../../fixtures/database-rows.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()

const open = (options: { readonly kept?: number }): Database => {
  const database = openDatabase({ url: postgres.urlOf('postgres'), schema: 'public', connections: 4, idleMs: 50, onIdleError: () => undefined, ...options })
  afterTest(() => database.close())
  return database
}

const pidsOf = async (): Promise<readonly number[]> => {
  const rows = await databaseRows<{ readonly pid: number }>(postgres.urlOf('postgres'), 'central', "select pid from pg_stat_activity where application_name = 'chainhub' order by pid")
  return rows.map(({ pid }) => pid)
}

const atOnce = async (database: Database): Promise<readonly number[]> => {
  const rows = await Promise.all(Array.from({ length: 4 }, () => database.query<{ readonly pid: number }>('select pg_backend_pid() as pid, pg_sleep(0.05)::text')))
  return rows.map(([row]) => row?.pid ?? 0)
}

describe('a pool of connections', () => {
  it('keeps as many open as it is told though nobody uses them, and closes the others', async () => {
    const database = open({ kept: 2 })
    const used = await atOnce(database)
    expect(new Set(used).size).toBe(4)
    await vi.waitFor(async () => { expect(await pidsOf()).toHaveLength(2) }, 5000)
    await new Promise((resolve) => { setTimeout(resolve, 200) })
    const kept = await pidsOf()
    expect(kept).toHaveLength(2)
    expect(used).toEqual(expect.arrayContaining([...kept]))
    const [row] = await database.query<{ readonly pid: number }>('select pg_backend_pid() as pid')
    expect(kept).toContain(row?.pid)
  })

  it('keeps none unless it is told', async () => {
    await atOnce(open({}))
    await vi.waitFor(async () => { expect(await pidsOf()).toHaveLength(0) }, 5000)
  })
})

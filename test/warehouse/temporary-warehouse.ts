import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JournalEntry } from '../../schemas/journal-entry.js'
import type { Result } from '../../schemas/result.js'
import { openWarehouse, type Warehouse } from '../../warehouse/open-warehouse.js'
import { afterTest } from '../fixtures/after-test.js'

/** A folder that is removed after the test. */
export const temporaryFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'warehouse-'))
  afterTest(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export const valueOf = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

/** For a warehouse in which nothing is parked. */
export const nothingParked = { entriesNumbered: (): Promise<readonly JournalEntry[]> => Promise.reject(new Error('No entry waits.')) } as const

/** A warehouse on a real DuckDB file, closed after the test. */
export const openAt = async (file: string): Promise<Warehouse> => {
  const warehouse = valueOf(await openWarehouse({ file, memoryBytes: 300_000_000, ...nothingParked }))
  afterTest(() => warehouse.close())
  return warehouse
}

/** A new warehouse that has applied the entries in batches of `batch`. */
export const warehouseOf = async (entries: readonly JournalEntry[], batch = entries.length): Promise<Warehouse> => {
  const warehouse = await openAt(`${await temporaryFolder()}/warehouse.duckdb`)
  await applyAll(warehouse, entries, batch)
  return warehouse
}

export const applyAll = async (warehouse: Warehouse, entries: readonly JournalEntry[], batch = entries.length): Promise<void> => {
  for (let at = await warehouse.follower.position(); at < entries.length; at += batch) {
    if (!await warehouse.follower.apply(at, entries.slice(at, at + batch))) throw new Error(`not applied after ${at}`)
  }
}

import { rename, rm } from 'node:fs/promises'
import { ok, type Result } from '../schemas/result.js'
import { openDuckDb, type DuckDbOptions } from './engines/duckdb.js'
import type { Engine } from './engines/engine.js'
import { makeWarehouseFollower, type WarehouseFollower, type WarehouseFollowerDeps } from './load/warehouse-follower.js'
import type { Model } from './model/model.js'

/** One open warehouse file with its tables and its follower. */
export interface Store {
  readonly engine: Engine
  readonly follower: WarehouseFollower
}

/**
 * Opens the file, or makes it with all tables and the position 0. A file built after another model is thrown away and made anew: the journal has all of it.
 * So is any file with `afresh`. Fails with `data-in-use`.
 */
export const openStore = async (file: string, model: Model, options: DuckDbOptions & WarehouseFollowerDeps, afresh = false): Promise<Result<Store>> => {
  const opened = await openDuckDb(file, options)
  if (!opened.ok) return opened
  const engine = opened.value
  if (afresh || await isOfAnotherModel(engine, model)) {
    await engine.close()
    await removeFile(file)
    return openStore(file, model, options)
  }
  await engine.write(async (tx) => {
    for (const statement of model.ddl) await tx.run(statement)
    await tx.run('insert into position select 0, null, 0, $1 where not exists (select 1 from position)', [model.version])
  })
  return ok({ engine, follower: await makeWarehouseFollower(engine, model, options) })
}

const isOfAnotherModel = (engine: Engine, model: Model): Promise<boolean> => engine.read(async (tx) => {
  const tables = await tx.rows(`select 1 as one from information_schema.tables where table_name = 'position'`)
  if (tables.length === 0) return false
  return (await tx.rows('select 1 as one from position where model <> $1', [model.version])).length > 0
})

/** Removes a warehouse file that nobody has open, with what DuckDB lays beside it. */
const removeFile = async (file: string): Promise<void> => {
  await rm(`${file}.wal`, { force: true })
  await rm(file, { force: true })
}

/** Puts a closed file in the place of another closed one. */
export const replaceFile = async (from: string, to: string): Promise<void> => {
  // A log left from the old file would be replayed into the new one.
  await rm(`${to}.wal`, { force: true })
  await rename(from, to)
}

import { join } from 'node:path'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { Config } from '../config.js'
import { makeLog } from '../ops/log.js'
import { makeMetrics } from '../ops/metrics.js'
import type { FollowerName } from './kept-follower.js'
import { closeAll, openStores, type Opened } from './open-stores.js'
import { registerProcess } from './register-process.js'
import { startFollowers } from './start-followers.js'

/** Rebuilds a follower's database while no hub runs: opens the data folder, rebuilds, switches, closes. Fails with data-in-use where a hub runs on it after all. */
export const rebuildOffline = async (config: Config, follower: FollowerName, tell: (step: object) => void): Promise<Result<void>> => {
  const log = makeLog(config.logLevel)
  const opened: Opened = { closers: [], log, lose: (failure) => { log.error(failure, 'a database was lost') } }
  try {
    const stores = await openStores(config, opened)
    if (!stores.ok) return stores
    const own = await registerProcess({ central: stores.value.central, roles: ['followers'], version: 'rebuild', alone: config.centralUrl === undefined, log })
    opened.closers.push(own.leave)
    const warehouseFile = config.warehouseFile ?? join(config.dataFolder, 'warehouse.duckdb')
    const followers = await startFollowers({ ...stores.value, warehouseFile, warehouseBytes: config.warehouseBytes, own, metrics: makeMetrics(), log, keeps: true, warehouseMustOpen: true, hurry: () => undefined })
    if (!followers.ok) return followers
    opened.closers.push(followers.value.stop)
    const kept = followers.value.kept[follower]()
    if (kept === undefined) return fail('data-in-use', follower, 'A process of the hub keeps it; say --url of one with the role web, and let it rebuild.')
    await kept.rebuild(tell)
    return ok(undefined)
  } catch (error) {
    return fail('database-unavailable', '', error instanceof Error ? error.message : String(error))
  } finally {
    await closeAll(opened)
  }
}

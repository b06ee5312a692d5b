import { join } from 'node:path'
import { fail, ok, type Result } from '../../schemas/result.js'
import { openWarehouse } from '../../warehouse/open-warehouse.js'
import { entriesAfter } from '../central/journal.js'
import type { Config } from '../config.js'
import { makeLog } from '../ops/log.js'
import { makeMetrics } from '../ops/metrics.js'
import { closeAll, openStores, type Opened } from './open-stores.js'
import { startFollowers } from './start-followers.js'

/** Rebuilds a follower's database while no hub runs: opens the data folder, rebuilds, switches, closes. Fails with data-in-use where a hub runs on it after all. */
export const rebuildOffline = async (config: Config, follower: 'crm' | 'warehouse', tell: (step: object) => void): Promise<Result<void>> => {
  const log = makeLog(config.logLevel)
  const opened: Opened = { closers: [], log, lose: (failure) => { log.error(failure, 'a database was lost') } }
  try {
    const stores = await openStores(config, opened)
    if (!stores.ok) return stores
    const warehouse = await openWarehouse({ file: config.warehouseFile ?? join(config.dataFolder, 'warehouse.duckdb') })
    if (!warehouse.ok) return warehouse
    opened.closers.push(warehouse.value.close)
    const { central } = stores.value
    if (follower === 'warehouse') {
      const rebuilt = await warehouse.value.rebuild({ entriesAfter: (after, limit) => entriesAfter(central, after, limit), progress: (journalSeq) => { tell({ step: 'applied', journalSeq }) } })
      return rebuilt.ok ? ok(undefined) : rebuilt
    }
    const followers = await startFollowers({ ...stores.value, warehouse: warehouse.value, metrics: makeMetrics(), log })
    opened.closers.push(followers.stop)
    await followers.rebuildCrm(tell)
    return ok(undefined)
  } catch (error) {
    return fail('database-unavailable', '', error instanceof Error ? error.message : String(error))
  } finally {
    await closeAll(opened)
  }
}

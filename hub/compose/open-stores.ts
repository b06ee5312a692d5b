import { join } from 'node:path'
import { projectFolder } from '../../schemas/project-folder.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import type { Logger } from 'pino'
import { checkDurability } from '../central/check-durability.js'
import type { Config } from '../config.js'
import { migrateCrm } from '../crm/migrate-crm.js'
import { liveSchema, rebuiltSchema } from '../crm/switch-rebuilt.js'
import { openDatabase, type Database } from '../ops/database.js'
import { startEmbeddedPostgres } from '../ops/embedded-postgres.js'
import { migrate } from '../ops/migrate.js'

/** What is undone at the stop, last opened first. */
export interface Opened {
  readonly closers: (() => Promise<unknown>)[]
  readonly lose: (failure: Failure) => void
  readonly log: Logger
}

/** Closes what was opened, last opened first; a failure is logged and stops nothing. */
export const closeAll = async ({ closers, log }: Opened): Promise<void> => {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
    await close().catch((error: unknown) => { log.error({ err: error }, 'closing failed') })
  }
}

const centralSchema = 'central'
const centralConnections = 10
/** As many as batches are under way. */
const freshConnections = 2
const crmConnections = 8
/** Of each pool: one that works and one beside it. */
const keptConnections = 2

/** When the hub has started, and its first messages have gone. */
const prepareLogAfterMs = 3_000

export interface Stores {
  readonly central: Database
  /** The central database for the one statement that stores fresh messages. */
  readonly fresh: Database
  readonly crm: Database
  /** Opens the CRM database once more, in the schema in which it is rebuilt; the caller closes it. */
  readonly openRebuilt: () => Database
}

/** The two PostgreSQL databases, migrated: by URL where the configuration names one, else embedded under the data folder. */
export const openStores = async (config: Config, opened: Opened): Promise<Result<Stores>> => {
  const urls = await storeUrls(config, opened)
  if (!urls.ok) return urls
  const onIdleError = (error: Error): void => { opened.log.warn({ reason: error.message }, 'a database connection broke') }
  const centralBy = (connections: number, onePlan: boolean): Database => openDatabase({ url: urls.value.central, schema: centralSchema, connections, kept: keptConnections, pipeline: true, prepare: true, onePlan, onIdleError })
  const central = centralBy(centralConnections, false)
  const fresh = centralBy(freshConnections, true)
  const crmIn = (schema: string, connections: number): Database => openDatabase({ url: urls.value.crm, schema, connections, kept: keptConnections, onIdleError })
  const crm = crmIn(liveSchema, crmConnections)
  opened.closers.push(central.close, fresh.close, crm.close)
  const durable = await checkDurability(central)
  if (!durable.ok) return durable
  // The first messages need not wait for their connections.
  await Promise.all(Array.from({ length: keptConnections }, () => fresh.query('select 1')))
  await Promise.all([migrate(central, centralSchema, projectFolder('hub', 'central', 'migrations')), migrateCrm(crm, liveSchema)])
  return ok({ central, fresh, crm, openRebuilt: () => crmIn(rebuiltSchema, 2) })
}

const storeUrls = async (config: Config, opened: Opened): Promise<Result<{ readonly central: string, readonly crm: string }>> => {
  const { centralUrl, crmUrl } = config
  if (centralUrl !== undefined && crmUrl !== undefined) return ok({ central: centralUrl, crm: crmUrl })
  const postgres = await startEmbeddedPostgres({
    dataFolder: join(config.dataFolder, 'postgres'),
    databases: ['central', 'crm'],
    log: (line) => { opened.log.info(line) },
    onLost: (reason) => { opened.lose(fail('database-unavailable', 'PostgreSQL', reason)) },
  })
  if (!postgres.ok) return postgres
  const { prepareLog, stop } = postgres.value
  const preparation = setTimeout(() => { void prepareLog() }, prepareLogAfterMs).unref()
  opened.closers.push(async () => {
    clearTimeout(preparation)
    await stop()
  })
  return ok({ central: centralUrl ?? postgres.value.urlOf('central'), crm: crmUrl ?? postgres.value.urlOf('crm') })
}

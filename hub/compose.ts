import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Received } from '../connectors/contract.js'
import { findConnectors } from '../connectors/registry.js'
import { loadBuiltTranslator } from '../mappings/engine/load-built-translator.js'
import type { Translator } from '../mappings/engine/translator.js'
import type { MessageAnswer } from '../schemas/message-answer.js'
import { projectFolder } from '../schemas/project-folder.js'
import { fail, ok, type Failure, type Result } from '../schemas/result.js'
import { openWarehouse, type Warehouse } from '../warehouse/open-warehouse.js'
import { makeAccess, newKey, sha256Of, type Caller } from './access/access.js'
import { makeSeal } from './access/seal.js'
import { apiKeyBySha256, hasApiKey, insertApiKey } from './central/api-keys.js'
import { makeGroupCommit } from './central/group-commit.js'
import { keepMappingVersions } from './central/mapping-versions.js'
import { hubFile } from './cli/hub-client.js'
import { makeIntake } from './compose/make-intake.js'
import { makeOperator } from './compose/make-operator.js'
import { makeReports } from './compose/make-reports.js'
import { makeSchemaSets } from './compose/make-schema-sets.js'
import { makeViews } from './compose/make-views.js'
import { closeAll, openStores, type Opened } from './compose/open-stores.js'
import { callerOfKey, makeSenders, readChannelCertificates } from './compose/make-senders.js'
import { openSecretKey } from './compose/secret-key.js'
import { startFollowers } from './compose/start-followers.js'
import { startKeyPurge } from './compose/start-key-purge.js'
import type { Config } from './config.js'
import { cubeOperations } from './http/cube-operations.js'
import { messageOperations } from './http/message-operations.js'
import { operatorOperations } from './http/operator-operations.js'
import { schemaOperations } from './http/schema-operations.js'
import { schemaSetOperations } from './http/schema-set-operations.js'
import { startHttp } from './http/server.js'
import { viewOperations } from './http/view-operations.js'
import { makeChannel, type Channel } from './intake/channel.js'
import { defaultChannels } from './intake/default-channels.js'
import type { Database } from './ops/database.js'
import { makeHeapGrowth, type HeapGrowth } from './ops/heap-growth.js'
import { makeLog } from './ops/log.js'
import { makeMetrics } from './ops/metrics.js'

const keyPurgeMs = 600_000

/** A hub that takes messages. */
export interface Hub {
  readonly version: string
  readonly url: string
  /** The key that was made because there was none; undefined where one was there or was given. */
  readonly firstAdminKey: string | undefined
  /** Resolves with the reason when the hub cannot go on. */
  readonly lost: Promise<Failure>
  /** Takes a message in with the operator's rights, as if it came over the network. */
  readonly send: (received: Omit<Received, 'credentials'>) => Promise<Result<MessageAnswer>>
  /** Finishes what was received, then stops everything that it started, in the opposite order. */
  readonly stop: () => Promise<void>
}

/** Opens the databases and starts every role in this process. What was opened is closed again where a later step fails. */
export const startHub = async (config: Config): Promise<Result<Hub>> => {
  const log = makeLog(config.logLevel)
  const heap = makeHeapGrowth()
  // What a start leaves behind is not needed again.
  const started = heap.tighten()
  let lose: (failure: Failure) => void = () => undefined
  const lost = new Promise<Failure>((resolve) => { lose = resolve })
  const opened: Opened = { closers: [], lose, log }
  const stop = (): Promise<void> => closeAll(opened)
  try {
    const hub = await assemble(config, opened, heap)
    if (hub.ok) return ok({ ...hub.value, lost, stop })
    await stop()
    return hub
  } catch (error) {
    await stop()
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return fail('config-invalid', '--port', `The port ${config.port} is taken; choose another with --port or CHAINHUB_PORT, 0 takes a free one.`)
    log.error({ err: error }, 'start failed')
    return fail('database-unavailable', '', error instanceof Error ? error.message : String(error))
  } finally {
    started()
  }
}

const assemble = async (config: Config, opened: Opened, heap: HeapGrowth): Promise<Result<Omit<Hub, 'lost' | 'stop'>>> => {
  await mkdir(config.dataFolder, { recursive: true, mode: 0o700 })
  const loading = loadBuiltTranslator(config.mappingsFolder)
  // Channels of one's own are checked before anything is made; the others are good, and need not keep the databases waiting.
  const checked = config.channels === undefined ? undefined : await loading
  if (checked?.ok === true) {
    const wrong = channelsOf(config, checked.value)
    if (!wrong.ok) return wrong
  }
  const [translator, connectors, stores, warehouse] = await Promise.all([loading, findConnectors(), openStores(config, opened), openReports(config, opened)])
  if (!translator.ok) return translator
  if (!stores.ok) return stores
  if (!warehouse.ok) return warehouse
  const { central, crm } = stores.value
  const channels = channelsOf(config, translator.value)
  if (!channels.ok) return channels
  const certificates = readChannelCertificates(config)
  if (!certificates.ok) return certificates
  await keepMappingVersions(central, [...translator.value.descriptionSources, ...translator.value.formats.map(({ id }) => ({ format: id, ...translator.value.sourcesOf(id) }))])

  const operatorKey = newKey()
  const firstAdminKey = await firstKey(central, config.adminKey)
  const seal = makeSeal(openSecretKey(config))
  const senders = makeSenders({ central, certificates: certificates.value, seal, settings: config.soap })
  const access = makeAccess({ keyBySha256: (sha256) => callerBy(central, sha256), messageSecurity: senders, operatorKey, nowMs: Date.now })
  const metrics = makeMetrics()
  const followers = await startFollowers({ ...stores.value, warehouse: warehouse.value, metrics, log: opened.log })
  opened.closers.push(followers.stop)
  const onAppended = (last: number): void => {
    metrics.journalReached(last)
    followers.poke()
  }
  const commit = makeGroupCommit({ database: central, log: opened.log, onAppended })
  opened.closers.push(commit.drain)
  opened.closers.push(startKeyPurge({ central, log: opened.log, nowMs: Date.now, everyMs: keyPurgeMs }).stop)
  const schemaSets = await makeSchemaSets({ central, channels: channels.value, translator: translator.value, log: opened.log })
  opened.closers.push(schemaSets.close)
  const intake = makeIntake({ central, translator: translator.value, channels: channels.value, access, commit, onAppended, checkParts: schemaSets.checkParts, followers, metrics, log: opened.log, openBytes: config.soap.openBytes, heap })
  await intake.giants.resume()

  const version = await packageVersion()
  const http = await startHttp({
    host: config.host, port: config.port, version, log: opened.log, access,
    maxBodyBytes: intake.host.maxBodyBytes,
    connectorRoutes: connectors.flatMap((connector) => connector.routes(intake.host)),
    operations: [
      ...messageOperations(intake.messages),
      ...viewOperations(makeViews(central, crm, followers)),
      ...cubeOperations(makeReports(warehouse.value, followers)),
      ...schemaOperations,
      ...schemaSetOperations(schemaSets.operations),
      ...operatorOperations(makeOperator({ ...stores.value, warehouse: warehouse.value, followers, metrics, channels: channels.value, seal })),
    ],
  })
  // Giants first: a request that waits for one would keep the server open.
  opened.closers.push(http.close, intake.giants.stop)
  await writeFile(hubFile(config.dataFolder), JSON.stringify({ url: http.url, key: operatorKey, pid: process.pid }), { mode: 0o600 })
  opened.closers.push(() => rm(hubFile(config.dataFolder), { force: true }))
  return ok({ version, url: http.url, firstAdminKey, send: (received) => intake.host.receive({ ...received, credentials: { type: 'bearer', token: operatorKey } }) })
}

const openReports = async (config: Config, { closers }: Opened): Promise<Result<Warehouse>> => {
  const warehouse = await openWarehouse({ file: config.warehouseFile ?? join(config.dataFolder, 'warehouse.duckdb') })
  if (warehouse.ok) closers.push(warehouse.value.close)
  return warehouse
}

const packageVersion = async (): Promise<string> => {
  const parsed: unknown = JSON.parse(await readFile(projectFolder('package.json'), 'utf8'))
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : '0'
}

const channelsOf = (config: Pick<Config, 'channels'>, translator: Translator): Result<ReadonlyMap<string, Channel>> => {
  const channels = config.channels?.map(({ formats, strict, ...settings }) => makeChannel({ ...settings, strict: strict === true || strict === 'yes', languages: formats })) ?? defaultChannels
  const known = new Set(translator.formats.map(({ language }) => language))
  for (const { id, languages } of channels) {
    const wrong = languages.find((language) => !known.has(language))
    if (wrong !== undefined) return fail('config-invalid', config.channels?.find((channel) => channel.id === id)?.at ?? id, `There is no format '${wrong}'; there are ${[...known].join(', ')}.`)
  }
  return ok(new Map(channels.map((channel) => [channel.id, channel])))
}

/** Makes the first admin key where there is none. Gives it only when it was drawn here, so that a given one is never printed. */
const firstKey = async (central: Database, given: string | undefined): Promise<string | undefined> => {
  if (await hasApiKey(central, 'admin')) return undefined
  const key = given ?? newKey()
  await insertApiKey(central, { id: 'admin', sha256: sha256Of(key), role: 'admin', party: undefined, channel: undefined })
  return given === undefined ? key : undefined
}

const callerBy = async (central: Database, sha256: string): Promise<Caller | undefined> => callerOfKey(await apiKeyBySha256(central, sha256))

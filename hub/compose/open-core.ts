import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connector } from '../../connectors/contract.js'
import type { Translator } from '../../mappings/engine/translator.js'
import { projectFolder } from '../../schemas/project-folder.js'
import { ok, type Result } from '../../schemas/result.js'
import { makeAccess, newKey, sha256Of, type Access, type Caller } from '../access/access.js'
import { makeSeal, type Seal } from '../access/seal.js'
import { apiKeyBySha256, hasApiKey, insertApiKey } from '../central/api-keys.js'
import { keepMappingVersions } from '../central/mapping-versions.js'
import type { Config } from '../config.js'
import type { Channel } from '../intake/channel.js'
import type { Database } from '../ops/database.js'
import { elapsedMs } from '../ops/elapsed-ms.js'
import { makeMetrics, type Metrics } from '../ops/metrics.js'
import { makeInternalKey } from './ask-owner.js'
import { checkSettings, type CheckedSettings } from './check-settings.js'
import { openEndpoints, type OpenedEndpoints } from './open-endpoints.js'
import { openStores, type Opened, type Stores } from './open-stores.js'
import { callerOfKey, makeSenders } from './make-senders.js'
import { registerProcess, type OwnProcess } from './register-process.js'
import { openSecretKey } from './secret-key.js'

/** What every process of the hub has, whatever its roles. */
export interface Core extends Stores {
  readonly version: string
  readonly own: OwnProcess
  readonly translator: Translator
  readonly channels: ReadonlyMap<string, Channel>
  /** Where documents go; nothing is called yet. */
  readonly outgoing: OpenedEndpoints
  readonly access: Access
  readonly seal: Seal
  readonly metrics: Metrics
  /** The key that `start` leaves under the data folder. */
  readonly operatorKey: string
  /** What processes of one hub show each other. */
  readonly internalKey: () => string
  readonly warehouseFile: string
  readonly warehouseBytes: number
  /** The key that was made because there was none; undefined where one was there or was given. */
  readonly firstAdminKey: string | undefined
}

/** Opens the databases, checks the settings against the mappings, opens the ways to endpoints, and enters this process in the list of those that live. */
export const openCore = async (config: Config, opened: Opened, connectors: readonly Connector[]): Promise<Result<Core>> => {
  const settings = checkAll(config, opened, connectors)
  const [checked, stores, version] = await Promise.all([settings, openCheckedStores(config, opened, settings), packageVersion()])
  if (!checked.ok) return checked
  if (!stores.ok) return stores
  const { translator, channels, certificates, outgoing } = checked.value
  const { central } = stores.value
  await keepMappingVersions(central, [...translator.descriptionSources, ...translator.formats.map(({ id }) => ({ format: id, ...translator.sourcesOf(id) }))])
  const own = await registerProcess({ central, roles: config.roles, version, alone: config.centralUrl === undefined, log: opened.log })
  opened.closers.push(own.leave)
  const secretKey = openSecretKey(config)
  const seal = makeSeal(secretKey)
  const internalKey = makeInternalKey(secretKey)
  const operatorKey = newKey()
  const senders = makeSenders({ central, certificates, seal, settings: config.soap })
  return ok({
    ...stores.value, version, own, translator, channels, outgoing, seal, operatorKey, internalKey,
    access: makeAccess({ keyBySha256: (sha256) => callerBy(central, sha256), messageSecurity: senders, operatorKey, processKey: internalKey, nowMs: elapsedMs }),
    metrics: makeMetrics(),
    warehouseFile: config.warehouseFile ?? join(config.dataFolder, 'warehouse.duckdb'),
    warehouseBytes: config.warehouseBytes,
    firstAdminKey: await firstKey(central, config.adminKey),
  })
}

const checkAll = async (config: Config, opened: Opened, connectors: readonly Connector[]): Promise<Result<CheckedSettings & Pick<Core, 'outgoing'>>> => {
  const checked = await checkSettings(config)
  if (!checked.ok) return checked
  const outgoing = await openEndpoints(config, connectors, checked.value.translator)
  if (!outgoing.ok) return outgoing
  opened.closers.push(outgoing.value.close)
  return ok({ ...checked.value, outgoing: outgoing.value })
}

/** Channels and endpoints of one's own are checked before anything is made; the others are good, and need not keep the databases waiting. */
const openCheckedStores = async (config: Config, opened: Opened, settings: Promise<Result<unknown>>): Promise<Result<Stores>> => {
  if (config.channels !== undefined || config.endpoints !== undefined) {
    const checked = await settings
    if (!checked.ok) return checked
  }
  return openStores(config, opened)
}

const packageVersion = async (): Promise<string> => {
  const parsed: unknown = JSON.parse(await readFile(projectFolder('package.json'), 'utf8'))
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : '0'
}

/** Makes the first admin key where there is none. Gives it only when it was drawn here, so that a given one is never printed. */
const firstKey = async (central: Database, given: string | undefined): Promise<string | undefined> => {
  if (await hasApiKey(central, 'admin')) return undefined
  const key = given ?? newKey()
  // Of several processes that start at once one makes it.
  const isNew = await insertApiKey(central, { id: 'admin', sha256: sha256Of(key), role: 'admin', party: undefined, channel: undefined })
  return isNew && given === undefined ? key : undefined
}

const callerBy = async (central: Database, sha256: string): Promise<Caller | undefined> => callerOfKey(await apiKeyBySha256(central, sha256))

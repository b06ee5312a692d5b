import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { findConnectors } from '../connectors/registry.js'
import type { ConnectorHost, Credentials, Received } from '../connectors/contract.js'
import { loadTranslator, type Translator } from '../mappings/engine/translator.js'
import { checkTotals } from '../schemas/check-totals.js'
import type { MessageAnswer, Outcome } from '../schemas/message-answer.js'
import { projectFolder } from '../schemas/project-folder.js'
import { fail, ok, type Failure, type Result } from '../schemas/result.js'
import { validateDocument } from '../schemas/validate-document.js'
import { openWarehouse, type Warehouse } from '../warehouse/open-warehouse.js'
import { makeAccess, newKey, roles, sha256Of, type Access, type Caller } from './access/access.js'
import { apiKeyBySha256, hasApiKey, insertApiKey } from './central/api-keys.js'
import { checkDurability } from './central/check-durability.js'
import { digestCentral } from './central/digest.js'
import { documentsByIds } from './central/documents.js'
import { makeGroupCommit, type GroupCommit } from './central/group-commit.js'
import { answeredCauses, appendDecisions, entriesAfter, journalHead, lastCausedBy } from './central/journal.js'
import { keepMappingVersions } from './central/mapping-versions.js'
import { listMessages, mappingVersionsOfMessage, messageById, rawOfMessage } from './central/messages.js'
import { hubFile } from './cli/hub-client.js'
import type { Config } from './config.js'
import { crmDigest } from './crm/crm-digest.js'
import { makeCrmFollower, type CrmFollower } from './crm/crm-follower.js'
import { makeCustomerReader } from './crm/customer-queries.js'
import { migrateCrm } from './crm/migrate-crm.js'
import { makePartyQueries } from './crm/party-queries.js'
import { dropRebuilt, liveSchema, rebuiltSchema, switchRebuilt } from './crm/switch-rebuilt.js'
import { makeThreadReader } from './crm/thread-queries.js'
import { cubeOperations } from './http/cube-operations.js'
import { messageOperations, type MessageDeps } from './http/message-operations.js'
import { operatorOperations, type OperatorDeps } from './http/operator-operations.js'
import { schemaOperations } from './http/schema-operations.js'
import { startHttp } from './http/server.js'
import { viewOperations, type ViewDeps } from './http/view-operations.js'
import { makeChannel, type Channel } from './intake/channel.js'
import { defaultChannels } from './intake/default-channels.js'
import { makeLineage } from './intake/lineage.js'
import { makeMessageStatus } from './intake/message-status.js'
import { makeReceive } from './intake/receive.js'
import { makeReplay } from './intake/replay.js'
import { startFollowLoop, type FollowLoop } from './journal/follow-loop.js'
import { drainOutbox } from './journal/outbox-relay.js'
import { progressLines } from './journal/progress-lines.js'
import { makeWaitFor } from './journal/wait-for.js'
import { openDatabase, type Database } from './ops/database.js'
import { startEmbeddedPostgres } from './ops/embedded-postgres.js'
import { makeLog } from './ops/log.js'
import { makeMetrics, type Metrics } from './ops/metrics.js'
import { migrate } from './ops/migrate.js'
import { makeCustomerView } from './views/customer-view.js'
import { makeThreadView } from './views/thread-view.js'
import type { Logger } from 'pino'

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

/** What is undone at the stop, last opened first. */
interface Opened {
  readonly closers: (() => Promise<unknown>)[]
  readonly lose: (failure: Failure) => void
  readonly log: Logger
}

const centralSchema = 'central'
const centralConnections = 12
const crmConnections = 8

/** Opens the databases and starts every role in this process. What was opened is closed again where a later step fails. */
export const startHub = async (config: Config): Promise<Result<Hub>> => {
  const log = makeLog(config.logLevel)
  let lose: (failure: Failure) => void = () => undefined
  const lost = new Promise<Failure>((resolve) => { lose = resolve })
  const opened: Opened = { closers: [], lose, log }
  const stop = async (): Promise<void> => {
    for (let close = opened.closers.pop(); close !== undefined; close = opened.closers.pop()) {
      await close().catch((error: unknown) => { log.error({ err: error }, 'closing failed') })
    }
  }
  try {
    const hub = await assemble(config, opened)
    if (hub.ok) return ok({ ...hub.value, lost, stop })
    await stop()
    return hub
  } catch (error) {
    await stop()
    log.error({ err: error }, 'start failed')
    return fail('database-unavailable', '', error instanceof Error ? error.message : String(error))
  }
}

const assemble = async (config: Config, opened: Opened): Promise<Result<Omit<Hub, 'lost' | 'stop'>>> => {
  await mkdir(config.dataFolder, { recursive: true, mode: 0o700 })
  const [translator, connectors, stores] = await Promise.all([loadTranslator(projectFolder('mappings')), findConnectors(), openStores(config, opened)])
  if (!translator.ok) return translator
  if (!stores.ok) return stores
  const { central, crm } = stores.value
  const channels = channelsOf(config, translator.value)
  if (!channels.ok) return channels
  const warehouse = await openWarehouse({ file: config.warehouseFile ?? join(config.dataFolder, 'warehouse.duckdb') })
  if (!warehouse.ok) return warehouse
  opened.closers.push(warehouse.value.close)
  await keepMappingVersions(central, translator.value.formats.map(({ id }) => ({ format: id, ...translator.value.sourcesOf(id) })))

  const operatorKey = newKey()
  const firstAdminKey = await firstKey(central, config.adminKey)
  const access = makeAccess({ keyBySha256: (sha256) => callerBy(central, sha256), operatorKey, nowMs: Date.now })
  const metrics = makeMetrics()
  const followers = await startFollowers({ ...stores.value, warehouse: warehouse.value, metrics, log: opened.log })
  opened.closers.push(followers.stop)
  const commit = makeGroupCommit({ database: central, log: opened.log, onAppended: (last) => { metrics.journalReached(last); followers.poke() } })
  opened.closers.push(commit.drain)
  const intake = makeIntake({ central, translator: translator.value, channels: channels.value, access, commit, followers, metrics, log: opened.log })

  const version = await packageVersion()
  const http = await startHttp({
    host: config.host, port: config.port, version, log: opened.log, access,
    maxBodyBytes: intake.host.maxBodyBytes,
    connectorRoutes: connectors.flatMap((connector) => connector.routes(intake.host)),
    operations: [
      ...messageOperations(intake.messages),
      ...viewOperations(makeViews(central, crm, followers)),
      ...cubeOperations({ cubes: () => ({ items: warehouse.value.cubes() }), query: aged(warehouse.value.query, followers), drill: aged(warehouse.value.drill, followers) }),
      ...schemaOperations,
      ...operatorOperations(makeOperator({ ...stores.value, warehouse: warehouse.value, followers, metrics, channels: channels.value })),
    ],
  })
  opened.closers.push(http.close)
  await writeFile(hubFile(config.dataFolder), JSON.stringify({ url: http.url, key: operatorKey, pid: process.pid }), { mode: 0o600 })
  opened.closers.push(() => rm(hubFile(config.dataFolder), { force: true }))
  return ok({ version, url: http.url, firstAdminKey, send: (received) => intake.host.receive({ ...received, credentials: { type: 'bearer', token: operatorKey } }) })
}

const packageVersion = async (): Promise<string> => {
  const parsed: unknown = JSON.parse(await readFile(projectFolder('package.json'), 'utf8'))
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : '0'
}

interface Stores {
  readonly central: Database
  readonly crm: Database
  /** Opens the CRM database once more, in the schema in which it is rebuilt; the caller closes it. */
  readonly openRebuilt: () => Database
}

/** The two PostgreSQL databases, migrated: by URL where the configuration names one, else embedded under the data folder. */
const openStores = async (config: Config, opened: Opened): Promise<Result<Stores>> => {
  const urls = await storeUrls(config, opened)
  if (!urls.ok) return urls
  const onIdleError = (error: Error): void => { opened.log.warn({ err: error }, 'a database connection broke') }
  const central = openDatabase({ url: urls.value.central, schema: centralSchema, connections: centralConnections, pipeline: true, prepare: true, onIdleError })
  const crmIn = (schema: string, connections: number): Database => openDatabase({ url: urls.value.crm, schema, connections, onIdleError })
  const crm = crmIn(liveSchema, crmConnections)
  opened.closers.push(central.close, crm.close)
  const durable = await checkDurability(central)
  if (!durable.ok) return durable
  await Promise.all([migrate(central, centralSchema, projectFolder('hub', 'central', 'migrations')), migrateCrm(crm, liveSchema)])
  return ok({ central, crm, openRebuilt: () => crmIn(rebuiltSchema, 2) })
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
  opened.closers.push(postgres.value.stop)
  return ok({ central: centralUrl ?? postgres.value.urlOf('central'), crm: crmUrl ?? postgres.value.urlOf('crm') })
}

const channelsOf = (config: Config, translator: Translator): Result<ReadonlyMap<string, Channel>> => {
  const channels = config.channels?.map(({ formats, ...settings }) => makeChannel({ ...settings, languages: formats })) ?? defaultChannels
  const known = new Set(translator.formats.map(({ language }) => language))
  for (const { id, languages } of channels) {
    const wrong = languages.find((language) => !known.has(language))
    if (wrong !== undefined) return fail('config-invalid', `channels ${id}`, `There is no format '${wrong}'; there are ${[...known].join(', ')}.`)
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

const callerBy = async (central: Database, sha256: string): Promise<Caller | undefined> => {
  const key = await apiKeyBySha256(central, sha256)
  const role = roles.find((known) => known === key?.role)
  return key === undefined || role === undefined ? undefined : { keyId: key.id, role, channel: key.channel, party: key.party }
}

interface Followers {
  readonly loops: { readonly crm: FollowLoop, readonly warehouse: FollowLoop }
  readonly poke: () => void
  /** Puts a rebuilt CRM database in place; the loop stands still meanwhile. */
  readonly rebuildCrm: (tell: (step: object) => void) => Promise<void>
  readonly stop: () => Promise<void>
}

interface FollowersDeps extends Stores {
  readonly warehouse: Warehouse
  readonly metrics: Metrics
  readonly log: Logger
}

const startFollowers = async ({ central, crm, openRebuilt, warehouse, metrics, log }: FollowersDeps): Promise<Followers> => {
  const crmOn = (database: Database): CrmFollower => makeCrmFollower({ database, answeredCauses: (follower, causes) => answeredCauses(central, follower, causes) })
  let live = crmOn(crm)
  const common = (name: string) => ({
    entriesAfter: (after: number, limit: number) => entriesAfter(central, after, limit),
    onPassed: (position: number) => { metrics.followerPassed(name, position) },
    onFailure: (error: unknown, retryInMs: number) => {
      metrics.followerFailed(name)
      log.error({ err: error, follower: name, retryInMs }, 'a follower failed and will try again')
    },
  })
  const following: FollowLoop[] = []
  const poke = (): void => { for (const loop of following) loop.poke() }
  const settle = async (): Promise<void> => {
    const moved = await drainOutbox({ pending: (limit) => live.outboxPending(limit), append: (drafts) => appendDecisions(central, drafts), remove: (drafts) => live.outboxRemove(drafts) })
    if (moved) poke()
  }
  const loops = {
    warehouse: await startFollowLoop({ ...common('warehouse'), follower: warehouse.follower, settle: () => Promise.resolve() }),
    crm: await startFollowLoop({ ...common('crm'), follower: { name: 'crm', position: () => live.position(), apply: (after, entries) => live.apply(after, entries) }, settle }),
  }
  following.push(loops.crm, loops.warehouse)
  return {
    loops,
    poke,
    rebuildCrm: (tell) => rebuildCrm({ crm, central, openRebuilt, followerOn: crmOn, loop: loops.crm, tell, adopt: () => { live = crmOn(crm) } }),
    stop: async () => { await Promise.all([loops.crm.stop(), loops.warehouse.stop()]) },
  }
}

interface RebuildCrm extends Stores {
  readonly followerOn: (database: Database) => CrmFollower
  readonly loop: FollowLoop
  readonly tell: (step: object) => void
  readonly adopt: () => void
}

/** Follows the whole journal into a second schema while the live one goes on, then changes them in one transaction. */
const rebuildCrm = async ({ crm, central, openRebuilt, followerOn, loop, tell, adopt }: RebuildCrm): Promise<void> => {
  await dropRebuilt(crm)
  const next = openRebuilt()
  try {
    await migrateCrm(next, rebuiltSchema)
    const follower = followerOn(next)
    const catchUp = async (): Promise<void> => {
      for (let position = await follower.position(); ;) {
        const entries = await entriesAfter(central, position, 500)
        const last = entries.at(-1)
        if (last === undefined) return
        if (!await follower.apply(position, entries)) throw new Error('Another rebuild took over.')
        position = last.number
        tell({ step: 'applied', journalSeq: position, head: await journalHead(central) })
      }
    }
    await catchUp()
    await loop.exclusively(async () => {
      await catchUp()
      if (!await switchRebuilt(crm)) throw new Error('The rebuilt copy did not come as far as the live one.')
      adopt()
    })
  } finally {
    await next.close()
  }
}

interface IntakeDeps {
  readonly central: Database
  readonly translator: Translator
  readonly channels: ReadonlyMap<string, Channel>
  readonly access: Access
  readonly commit: GroupCommit
  readonly followers: Followers
  readonly metrics: Metrics
  readonly log: Logger
}

const makeIntake = ({ central, translator, channels, access, commit, followers, metrics, log }: IntakeDeps): { readonly host: ConnectorHost, readonly messages: MessageDeps } => {
  const deps = {
    translator, log,
    validate: validateDocument,
    checkTotals,
    newId: () => uuidv7(),
    channel: (id: string) => channels.get(id),
    commit: commit.commit,
    waitFor: makeWaitFor({ loops: followers.loops, decider: 'crm', lastCausedBy: (first, last) => lastCausedBy(central, first, last), nowMs: Date.now }),
    nowMs: Date.now,
    messageById: (id: string) => messageById(central, id),
    rawOfMessage: (id: string) => rawOfMessage(central, id),
    mappingVersionsOf: (id: string) => mappingVersionsOfMessage(central, id),
    callerOf: (credentials: Credentials) => access.callerOf(credentials),
    authorise: (credentials: Credentials, channel: string) => access.authorise(credentials, channel),
  }
  const receive = makeReceive(deps)
  const status = makeMessageStatus(deps)
  return {
    host: {
      maxBodyBytes: Math.max(...[...channels.values()].map(({ maxBytes }) => maxBytes)),
      messageStatus: status.ofCredentials,
      receive: async (received) => {
        const startedMs = performance.now()
        const answer = await receive(received)
        metrics.messageReceived(channels.has(received.channel) ? received.channel : '?', answer.ok ? answer.value.outcome : answer.code, (performance.now() - startedMs) / 1000)
        return answer
      },
    },
    messages: {
      messages: async ({ since, cursor, limit, outcome, channel }) => {
        const sinceMs = since === undefined ? 0 : Date.parse(since)
        if (Number.isNaN(sinceMs)) return fail('request-invalid', 'since', `'${since ?? ''}' is no date or instant; write 2026-11-02 or 2026-11-02T08:00:00Z.`)
        const items = await listMessages(central, { outcome: outcome as Outcome | undefined, channel, since: since === undefined ? undefined : new Date(sinceMs).toISOString(), before: cursor, limit: limit + 1 })
        const shown = items.slice(0, limit)
        return ok({ items: shown, ...(items.length > limit ? { next: shown.at(-1)?.messageId } : {}) })
      },
      message: async (id) => orNotFound(await messageById(central, id), 'message', id),
      messageStatus: status.ofCaller,
      rawOf: async (id) => {
        const raw = await rawOfMessage(central, id)
        return raw === undefined ? fail('not-found', 'id', `There is no message '${id}'.`) : ok({ contentType: 'application/octet-stream', raw })
      },
      lineageOf: makeLineage(deps),
      replay: makeReplay(deps),
    },
  }
}

const orNotFound = <T>(value: T | undefined, what: string, id: string): Result<T> =>
  (value === undefined ? fail('not-found', 'id', `There is no ${what} '${id}'.`) : ok(value))

const makeViews = (central: Database, crm: Database, followers: Followers): ViewDeps => {
  const parties = makePartyQueries({ database: crm })
  const threadView = makeThreadView({ readThread: makeThreadReader({ database: crm }), documentsByIds: (ids) => documentsByIds(central, ids) })
  const customerView = makeCustomerView({ readCustomer: makeCustomerReader({ database: crm }) })
  const viewer = { all: true } as const
  return {
    parties: async (search, { limit, cursor }) => ok(await parties.list({ limit, ...(search === undefined ? {} : { q: search }), ...(cursor === undefined ? {} : { cursor }) })),
    party: async (id) => orNotFound(await parties.byId(id), 'party', id),
    partySources: async (id) => {
      const sources = await parties.sourcesOf(id)
      return sources === undefined ? fail('not-found', 'id', `There is no party '${id}'.`) : ok({ items: sources })
    },
    threadView: (threadId) => threadView({ threadId, viewer }),
    customerView: (partyId, { limit, cursor }) => customerView({ partyId, viewer, limit, asOf: new Date().toISOString().slice(0, 10), ...(cursor === undefined ? {} : { cursor }) }),
    waitForCrm: (number, timeoutMs) => followers.loops.crm.waitUntil(number, timeoutMs),
  }
}

/** Adds how far behind the journal the answer is: 0 when it knows of the last entry that this process has seen, else the time since its own last entry. */
const aged = <T extends { readonly journalSeq: number, readonly asOf: string | null }>(ask: (cube: string, body: unknown) => Promise<Result<T>>, followers: Followers) =>
  async (cube: string, body: unknown): Promise<Result<unknown>> => {
    const answer = await ask(cube, body)
    if (!answer.ok) return answer
    const { journalSeq, asOf } = answer.value
    const behind = followers.loops.crm.passed() > journalSeq && asOf !== null
    return ok({ ...answer.value, ageMs: behind ? Math.max(0, Date.now() - Date.parse(asOf)) : 0 })
  }

interface OperatorParts extends Stores {
  readonly warehouse: Warehouse
  readonly followers: Followers
  readonly metrics: Metrics
  readonly channels: ReadonlyMap<string, Channel>
}

const makeOperator = ({ central, crm, warehouse, followers, metrics, channels }: OperatorParts): OperatorDeps => {
  let rebuilding = false
  const work = {
    crm: followers.rebuildCrm,
    warehouse: async (tell: (step: object) => void) => {
      const rebuilt = await warehouse.rebuild({ entriesAfter: (after, limit) => entriesAfter(central, after, limit), progress: (journalSeq) => { tell({ step: 'applied', journalSeq }) } })
      if (!rebuilt.ok) throw new Error(rebuilt.detail)
    },
  }
  const digests = { central: () => digestCentral(central), crm: () => crmDigest(crm), warehouse: () => warehouse.digest() }
  return {
    createKey: async ({ role, channel, party }) => {
      if (role === 'channel' && (channel === undefined || !channels.has(channel))) return fail('request-invalid', 'channel', `A channel's key names its channel: ${[...channels.keys()].join(', ')}.`)
      const [id, key] = [randomUUID(), newKey()]
      await insertApiKey(central, { id, sha256: sha256Of(key), role, channel, party })
      return ok({ id, role, ...(channel === undefined ? {} : { channel }), ...(party === undefined ? {} : { party }), key })
    },
    digest: async (database) => {
      const name = database === 'crm' || database === 'warehouse' ? database : 'central'
      const read = async () => ({ database: name, journalSeq: name === 'central' ? await journalHead(central) : followers.loops[name].passed(), digest: await digests[name]() })
      return ok(name === 'central' ? await read() : await followers.loops[name].exclusively(read))
    },
    rebuild: (follower) => {
      if (rebuilding) return fail('data-in-use', follower, 'A rebuild is under way.')
      rebuilding = true
      return ok(progressLines(async (tell) => {
        try {
          await work[follower === 'crm' ? 'crm' : 'warehouse'](tell)
          tell({ step: 'done', follower, journalSeq: followers.loops[follower === 'crm' ? 'crm' : 'warehouse'].passed() })
        } finally {
          rebuilding = false
        }
      }))
    },
    ready: async () => {
      const head = await journalHead(central)
      const state = (loop: FollowLoop) => ({ journalSeq: loop.passed(), behind: Math.max(0, head - loop.passed()) })
      return ok({ status: 'ready', journalSeq: head, followers: { crm: state(followers.loops.crm), warehouse: state(followers.loops.warehouse) } })
    },
    metrics: async () => ({ contentType: metrics.contentType, raw: await metrics.text() }),
  }
}

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import type { Received } from '../connectors/contract.js'
import { findConnectors } from '../connectors/registry.js'
import type { MessageAnswer } from '../schemas/message-answer.js'
import { fail, ok, type Failure, type Result } from '../schemas/result.js'
import { hubFile } from './cli/hub-client.js'
import { joinDeliveries } from './compose/join-deliveries.js'
import { joinFollowers } from './compose/join-followers.js'
import { listOperations } from './compose/list-operations.js'
import { openCore, type Core } from './compose/open-core.js'
import { closeAll, type Opened } from './compose/open-stores.js'
import { startIntake } from './compose/start-intake.js'
import { startPulls } from './compose/start-pulls.js'
import { startRelay } from './compose/start-relay.js'
import type { Config } from './config.js'
import type { Wish } from './delivery/wish.js'
import { startHttp } from './http/server.js'
import { makeHeapGrowth, type HeapGrowth } from './ops/heap-growth.js'
import { makeLog } from './ops/log.js'

/** A process of the hub that does what its roles say. */
export interface Hub {
  readonly version: string
  readonly url: string
  /** The key that was made because there was none; undefined where one was there or was given. */
  readonly firstAdminKey: string | undefined
  /** Resolves with the reason when the hub cannot go on. */
  readonly lost: Promise<Failure>
  /** Takes a message in with the operator's rights, as if it came over the network; undefined in a process that takes none. */
  readonly send: ((received: Omit<Received, 'credentials'>) => Promise<Result<MessageAnswer>>) | undefined
  /** Makes a subscription with the operator's rights. */
  readonly subscribe: (id: string, wish: Wish) => Promise<Result<unknown>>
  /** Resolves when everything that is to be delivered so far was sent or parked, or after `timeoutMs`; at once in a process that delivers nothing. */
  readonly delivered: (timeoutMs: number) => Promise<void>
  /** Finishes what was received, then stops everything that it started, in the opposite order. */
  readonly stop: () => Promise<void>
}

/** Opens the databases and starts the roles of this process. What was opened is closed again where a later step fails. */
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
  const connectors = await findConnectors()
  const opening = await openCore(config, opened, connectors)
  if (!opening.ok) return opening
  const core = opening.value
  const joined = await joinFollowers(core, config.roles, await startRelay(core, config, opened), opened)
  if (!joined.ok) return joined
  const deliveries = await joinDeliveries({ core, config, joined: joined.value, opened })
  const intake = await startIntake(core, config, deliveries.poked, opened, heap)
  const http = await startHttp({
    host: config.host, port: config.port, version: core.version, log: opened.log, access: core.access,
    maxBodyBytes: Math.max(...[...core.channels.values()].map(({ maxBytes }) => maxBytes)),
    maxHeldBytes: config.heldBytes,
    connectorRoutes: intake?.takesIn === true ? connectors.flatMap((connector) => connector.routes(intake.host)) : [],
    operations: [...listOperations(core, config.roles, deliveries.poked, intake), ...deliveries.operations],
  })
  opened.closers.push(http.close)
  // Giants first: a request that waits for one would keep the server open.
  if (intake !== undefined) opened.closers.push(intake.giants.stop)
  await startPulls(connectors, core, config, joined.value, intake, opened)
  await core.own.reachedAt(config.ownUrl ?? http.url)
  if (config.roles.includes('web')) await leaveAddress(config, http.url, core, opened)
  const send = intake?.takesIn === true ? { send: (received: Omit<Received, 'credentials'>) => intake.host.receive({ ...received, credentials: { type: 'bearer', token: core.operatorKey } }) } : { send: undefined }
  const { subscribe, delivered } = deliveries
  return ok({ version: core.version, url: http.url, firstAdminKey: core.firstAdminKey, subscribe, delivered, ...send })
}

/** Tells commands on this machine where the hub is. Of several processes on one data folder the last to start is found. */
const leaveAddress = async ({ dataFolder }: Config, url: string, { operatorKey }: Core, opened: Opened): Promise<void> => {
  const file = hubFile(dataFolder)
  const text = JSON.stringify({ url, key: operatorKey, pid: process.pid })
  await writeFile(file, text, { mode: 0o600 })
  opened.closers.push(async () => { if (await readFile(file, 'utf8').catch(() => '') === text) await rm(file, { force: true }) })
}

import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { fail, ok, type Result } from '../../schemas/result.js'
import { findAccount } from './postgres-account.js'
import { copyParents, findBinariesSource, prepareBinaries } from './postgres-binaries.js'
import { dataFolderPaths, prepareDataFolder, superuser } from './postgres-data-folder.js'
import { createMissingDatabases } from './postgres-databases.js'
import { prepareLog } from './postgres-log.js'
import { type OwnerLock, probeOwner } from './postgres-owner.js'
import { disownPidFile, readPidFile } from './postgres-pid-file.js'
import { findProcess, markText, worksIn } from './postgres-process.js'
import { type RunningServer, type ServerPlan, startServer, stopServer } from './postgres-server.js'

/** A PostgreSQL that this hub started and owns. `stop` shuts it down and resolves when its process is gone. */
export interface EmbeddedPostgres {
  readonly urlOf: (database: string) => string
  readonly pid: number
  /** Makes room in the log of a new cluster ahead of need (see postgres-log.ts). Resolves when it is done, or was left; never rejects. */
  readonly prepareLog: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface EmbeddedPostgresOptions {
  /** A folder of its own, made when missing; the cluster, its password and its log lie in it. */
  readonly dataFolder: string
  /** Databases that are made when missing. */
  readonly databases: readonly string[]
  readonly log: (line: string) => void
  /** Called at most once, when the server or the hub's ownership of it is lost without `stop`. */
  readonly onLost: (reason: string) => void
}

interface Session extends ServerPlan {
  readonly cluster: string
  readonly urlOf: (port: number, database: string) => string
  readonly deadline: number
}

/** How long a killed hub's lock, back ends and shutdown may outlive it. */
const patienceMs = 15_000
const pauseMs = 100

const inUse = (session: Session, detail: string) => fail('data-in-use', session.dataFolder, detail)

/** Sees to it that no server runs on the cluster: stops one whose hub is gone, refuses where the hub lives. */
const clearTheWay = async (session: Session): Promise<Result<void>> => {
  for (;;) {
    const file = await readPidFile(session.cluster)
    if (file === undefined || await findProcess(file.pid) === undefined) return ok(undefined)
    if (await worksIn(file.pid, session.cluster) === false) {
      await disownPidFile(session.cluster)
      return ok(undefined)
    }
    const probe = await probeOwner(session.urlOf(file.port, 'postgres'), session.owner, () => undefined)
    if (probe.kind === 'alive') return inUse(session, `The hub with process ${probe.owner.split(':')[0] ?? ''} runs on this data folder; stop it, or choose another folder with --data.`)
    if (probe.kind === 'free') {
      session.log(`stopping PostgreSQL ${file.pid}, which a hub that is gone left behind`)
      await stopServer(file.pid, 5_000)
      await probe.lock.release()
      return ok(undefined)
    }
    if (Date.now() > session.deadline) return inUse(session, `A PostgreSQL runs on this data folder (process ${file.pid}) and cannot be taken over: ${probe.reason}.`)
    await sleep(pauseMs)
  }
}

const startOwned = async (session: Session, onLost: (reason: string) => void): Promise<Result<{ readonly server: RunningServer; readonly lock: OwnerLock }>> => {
  for (;;) {
    const cleared = await clearTheWay(session)
    if (!cleared.ok) return cleared
    const started = await startServer(session)
    if ('passing' in started) {
      if (!started.passing || Date.now() > session.deadline) return started.failure
      await sleep(pauseMs)
    } else if (!started.ok) {
      return started
    } else {
      const probe = await probeOwner(session.urlOf(started.value.port, 'postgres'), session.owner, onLost)
      if (probe.kind === 'free') return ok({ server: started.value, lock: probe.lock })
      await stopServer(started.value.pid)
      if (Date.now() > session.deadline) return inUse(session, probe.kind === 'alive' ? `The hub ${probe.owner} took it.` : probe.reason)
    }
  }
}

const openSession = async ({ dataFolder, log }: EmbeddedPostgresOptions): Promise<Result<Session>> => {
  const paths = dataFolderPaths(dataFolder)
  const account = await findAccount(paths.cluster)
  if (!account.ok) return account
  const source = await findBinariesSource()
  if (!source.ok) return source
  const binaries = await prepareBinaries(source.value, account.value, copyParents(dataFolder))
  if (!binaries.ok) return binaries
  const password = await prepareDataFolder(dataFolder, binaries.value, account.value)
  if (!password.ok) return password
  const self = await findProcess(process.pid)
  return ok({
    dataFolder, log,
    cluster: paths.cluster,
    binaries: binaries.value,
    account: account.value,
    // One process may start several: each start is an owner of its own.
    owner: `${markText(self ?? { pid: process.pid, startedAt: '' })}:${randomBytes(4).toString('hex')}`,
    urlOf: (port, database) => `postgres://${superuser}:${password.value}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    deadline: Date.now() + patienceMs,
  })
}

const isSystemError = (error: unknown): error is Error => error instanceof Error && 'syscall' in error

/**
 * Starts the embedded PostgreSQL on `dataFolder`, making its cluster the first time. What a killed hub left running is
 * stopped first. Fails with `data-in-use` when another hub lives on the folder, else with `database-unavailable`: no
 * binaries for this platform, no account to run as, no permission, no space; the server's last words are in the detail.
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<Result<EmbeddedPostgres>> => {
  try {
    const session = await openSession(options)
    if (!session.ok) return session
    const started = await startOwned(session.value, options.onLost)
    if (!started.ok) return started
    const { server, lock } = started.value
    let isStopped = false
    const stop = async () => {
      isStopped = true
      await lock.release()
      await stopServer(server.pid)
    }
    const created = await createMissingDatabases(lock.client, options.databases)
    if (!created.ok) {
      await stop()
      return created
    }
    const prepare = () => prepareLog(lock.client, session.value.cluster, () => isStopped).catch((error: unknown) => {
      if (!isStopped) options.log(`the log was not prepared: ${error instanceof Error ? error.message : String(error)}`)
    })
    return ok({ urlOf: database => session.value.urlOf(server.port, database), pid: server.pid, prepareLog: prepare, stop })
  } catch (error) {
    // What the disk or its permissions refuse is expected; anything else is a bug.
    if (isSystemError(error)) return fail('database-unavailable', options.dataFolder, error.message)
    throw error
  }
}

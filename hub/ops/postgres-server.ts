import { type ChildProcess, spawn } from 'node:child_process'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import type { PostgresAccount } from './postgres-account.js'
import type { PostgresBinaries } from './postgres-binaries.js'
import { clusterArgument, dataFolderPaths } from './postgres-data-folder.js'
import { readPidFile } from './postgres-pid-file.js'
import { waitForEnd } from './postgres-process.js'
import { programOptions } from './postgres-program.js'
import { serverArguments } from './postgres-settings.js'

export interface ServerPlan {
  readonly dataFolder: string
  readonly binaries: PostgresBinaries
  readonly account: PostgresAccount | undefined
  readonly owner: string
  readonly log: (line: string) => void
}

export interface RunningServer {
  readonly pid: number
  readonly port: number
}

/** A start that failed; `passing` when the reason may be gone in a moment: a port just taken, another server or its last back ends still there. */
export interface StartFailure {
  readonly passing: boolean
  readonly failure: Failure
}

/** Recovery after a crash replays up to max_wal_size, on a slow disk for minutes. */
const readyTimeoutMs = 600_000
const passingReasons = /could not bind|could not create any TCP\/IP sockets|lock file "postmaster\.pid"|pre-existing shared memory/

const freePort = (): Promise<number> => new Promise((resolve, reject) => {
  const probe = createServer()
  probe.on('error', reject)
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address()
    probe.close(() => { resolve(typeof address === 'object' && address !== null ? address.port : 0) })
  })
})

const lastLines = (text: string): string => text.trim().split('\n').slice(-12).join('\n')

interface SpawnedServer {
  readonly child: ChildProcess
  /** Why it ended; undefined while it runs. */
  readonly ended: () => string | undefined
}

const spawnServer = async (plan: ServerPlan, port: number, logFile: string): Promise<SpawnedServer> => {
  const { cluster } = dataFolderPaths(plan.dataFolder)
  const output = await open(logFile, 'w', 0o600)
  try {
    const args = ['-D', clusterArgument(cluster, plan.account), ...serverArguments(port, plan.owner)]
    const child = spawn(plan.binaries.postgres, args, { ...programOptions({ cwd: cluster, account: plan.account }), stdio: ['ignore', output.fd, output.fd] })
    child.unref()
    // Listened to before anything is waited for: a server that finds another one on its cluster is gone at once.
    let ended: string | undefined
    child.once('error', error => { ended = error.message })
    child.once('exit', (code, signal) => { ended = `it ended with ${code ?? signal ?? 'no status'}` })
    return { child, ended: () => ended }
  } finally {
    await output.close()
  }
}

/** Why the child ended before it was ready, or undefined when it takes connections. */
const waitUntilReady = async ({ child, ended }: SpawnedServer, plan: ServerPlan): Promise<string | undefined> => {
  const { cluster } = dataFolderPaths(plan.dataFolder)
  const startedAt = Date.now()
  let nextWordAt = startedAt + 5_000
  for (;;) {
    const reason = ended()
    if (reason !== undefined) return reason
    const file = await readPidFile(cluster)
    if (file !== undefined && file.pid === child.pid && file.ready) return undefined
    if (Date.now() - startedAt > readyTimeoutMs) return `it was not ready after ${readyTimeoutMs / 1000} s`
    if (Date.now() > nextWordAt) {
      plan.log(`PostgreSQL is not ready yet (${Math.round((Date.now() - startedAt) / 1000)} s); it may be recovering from a crash`)
      nextWordAt += 5_000
    }
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

/** Starts a server on the cluster, on a free port of 127.0.0.1, in a session of its own. Its log becomes postgres.log, the former one postgres.log.1. */
export const startServer = async (plan: ServerPlan): Promise<Result<RunningServer> | StartFailure> => {
  const { log } = dataFolderPaths(plan.dataFolder)
  const logFile = `${log}.new-${plan.owner.replaceAll(':', '-')}`
  const port = await freePort()
  const server = await spawnServer(plan, port, logFile)
  const { child } = server
  const reason = await waitUntilReady(server, plan)
  if (reason === undefined && child.pid !== undefined) {
    await rename(log, `${log}.1`).catch(() => undefined)
    await rename(logFile, log)
    return ok({ pid: child.pid, port })
  }
  if (child.pid !== undefined && child.exitCode === null) await stopServer(child.pid)
  const printed = await readFile(logFile, 'utf8').catch(() => '')
  await rm(logFile, { force: true })
  return { passing: passingReasons.test(printed), failure: fail('database-unavailable', 'postgres', `PostgreSQL did not start: ${reason ?? 'no process'}. ${lastLines(printed)}`.trim()) }
}

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/**
 * Stops a server: fast (SIGINT: open transactions are rolled back, a checkpoint written), after `patienceMs` at once
 * (SIGQUIT: the next start recovers), at last SIGKILL. Resolves when the process is gone.
 */
export const stopServer = async (pid: number, patienceMs = 10_000): Promise<void> => {
  for (const [signal, timeoutMs] of [['SIGINT', patienceMs], ['SIGQUIT', 5_000], ['SIGKILL', 5_000]] as const) {
    send(pid, signal)
    if (await waitForEnd(pid, timeoutMs)) return
  }
}

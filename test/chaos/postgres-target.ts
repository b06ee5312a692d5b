import { spawn, type ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEmbeddedPostgres } from '../../hub/ops/embedded-postgres.js'
import { findAccount } from '../../hub/ops/postgres-account.js'
import { dataFolderPaths } from '../../hub/ops/postgres-data-folder.js'
import { readPidFile } from '../../hub/ops/postgres-pid-file.js'
import { programOptions } from '../../hub/ops/postgres-program.js'
import { signalTree, untilTrue, type Target } from './processes.js'

export interface PostgresTarget extends Target {
  readonly urlOf: (database: string) => string
  /** As its operator does who changes a setting: whoever is connected is told to go. */
  readonly restart: () => Promise<void>
  /** As its supervisor does: starts it again where it has ended by itself. */
  readonly revive: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** A PostgreSQL that keeps its port over kills, as one by URL does: the embedded one, started with its own words by us. */
export const startPostgresTarget = async (dataFolder: string, databases: readonly string[]): Promise<PostgresTarget> => {
  const first = await startEmbeddedPostgres({ dataFolder, databases, log: () => undefined, onLost: () => undefined })
  if (!first.ok) throw new Error(first.detail)
  const [program = '', ...args] = (await readFile(`/proc/${first.value.pid}/cmdline`, 'utf8')).split('\0').slice(0, -1)
  await first.value.stop()
  const { cluster } = dataFolderPaths(dataFolder)
  const account = await findAccount(cluster)
  if (!account.ok) throw new Error(account.detail)
  let child: ChildProcess | undefined
  let paused: Promise<unknown> = Promise.resolve()
  let starting: Promise<void> = Promise.resolve()

  const start = async (): Promise<void> => {
    for (let tries = 0; tries < 100; tries++) {
      const one = spawn(program, args, { ...programOptions({ cwd: cluster, account: account.value }), stdio: 'ignore' })
      child = one
      // The last back ends of the one that was killed may still hold its memory: then it ends at once.
      while (one.exitCode === null && one.signalCode === null) {
        const file = await readPidFile(cluster)
        if (file?.pid === one.pid && file?.ready === true) return
        await sleep(20)
      }
      await sleep(200)
    }
    throw new Error('PostgreSQL does not start again.')
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const one = child
    if (one?.pid === undefined || one.exitCode !== null || one.signalCode !== null) return
    const gone = new Promise((resolve) => { one.once('exit', resolve) })
    one.kill(signal)
    signalTree(one.pid, 'SIGCONT')
    await gone
  }
  await start()
  return {
    name: 'postgres',
    mostPauseMs: 9_000,
    urlOf: first.value.urlOf,
    kill: async () => {
      await starting
      await end('SIGKILL')
      starting = start()
      await starting
    },
    restart: async () => {
      await end('SIGINT')
      await start()
    },
    revive: async () => {
      if (child?.exitCode !== null || child.signalCode !== null) await start()
    },
    pause: (forMs) => {
      const pid = child?.pid
      if (pid === undefined) return
      signalTree(pid, 'SIGSTOP')
      paused = sleep(forMs).then(() => { signalTree(pid, 'SIGCONT') })
    },
    settled: async () => {
      await paused
      await starting
      await untilTrue('PostgreSQL is ready', async () => (await readPidFile(cluster))?.ready === true)
    },
    stop: async () => {
      await paused
      await end('SIGINT')
    },
  }
}

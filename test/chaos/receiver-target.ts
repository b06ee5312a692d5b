import { spawn, type ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { projectFolder } from '../../schemas/project-folder.js'
import { freePort } from '../fixtures/free-port.js'
import type { Arrival } from '../fixtures/receiver.js'
import { makeRecovery, type Target } from './processes.js'

/** A partner's system, which keeps its port and what came to it over kills. */
export interface ReceiverTarget extends Target {
  readonly url: string
  /** Everything that ever came, in its order. */
  readonly arrivals: () => Promise<readonly Arrival[]>
  readonly stop: () => Promise<void>
}

/** It fails by itself at times, too: `seed` says when. What came stands in `file` before it is answered. */
export const startReceiverTarget = async (file: string, seed: number): Promise<ReceiverTarget> => {
  const port = await freePort()
  const control = { rate: 0.1, failures: ['status 500', 'status 503', 'reset', 'die', 'retry-after 0'], seed }
  let child: ChildProcess | undefined
  const recovery = makeRecovery()

  const start = (): Promise<void> => new Promise((resolve) => {
    const one = spawn(process.execPath, [projectFolder('test', 'fixtures', 'receiver-server.mjs'), String(port), file, JSON.stringify(control)], { stdio: ['ignore', 'pipe', 'inherit'] })
    child = one
    createInterface({ input: one.stdout }).once('line', () => { resolve() })
  })
  const end = async (): Promise<void> => {
    const one = child
    child = undefined
    if (one === undefined) return
    const gone = new Promise((resolve) => { one.once('exit', resolve) })
    one.kill('SIGKILL')
    await gone
  }
  await start()
  return {
    name: 'receiver',
    mostPauseMs: 9_000,
    url: `http://127.0.0.1:${port}`,
    arrivals: async () => (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Arrival),
    kill: async () => {
      await end()
      // Away for so long that deliveries meet it closed.
      recovery.startsBy(sleep(1_000).then(start))
    },
    pause: (forMs) => {
      const one = child
      one?.kill('SIGSTOP')
      recovery.resumesAfter(forMs, () => { one?.kill('SIGCONT') })
    },
    settled: recovery.done,
    stop: async () => {
      await recovery.done()
      await end()
    },
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { tryStartHub, type HubOptions, type RunningHub } from '../fixtures/hub.js'
import { makeRecovery, type Target } from './processes.js'

export interface HubTarget extends Target {
  /** The process that runs, or ran last. */
  readonly hub: () => RunningHub
  /** Whether it can be asked now. */
  readonly isUp: () => boolean
  /** Ends it for good. */
  readonly stop: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>
}

/** A process of the hub under a supervisor that starts it again whenever it ends. `tell` hears of ends that nobody caused. */
export const startHubTarget = async (name: string, { mostPauseMs, ...options }: HubOptions & Pick<Target, 'mostPauseMs'>, tell: (what: string) => void): Promise<HubTarget> => {
  let running: RunningHub | undefined
  let last: RunningHub | undefined
  let stopped = false
  const recovery = makeRecovery()

  const start = async (): Promise<void> => {
    while (!stopped) {
      const one = await tryStartHub(options)
      if ('url' in one) {
        running = last = one
        watch(one)
        return
      }
      if (one.code === 2) throw new Error(`${name} refuses to start: ${one.printed}`)
      // The database may just be away.
      if (one.code !== 3) tell(`${name} ended with ${String(one.code)} at its start: ${one.printed.slice(-500)}`)
      await sleep(200)
    }
  }
  const watch = (one: RunningHub): void => {
    void one.ended.then((code) => {
      if (running !== one || stopped) return
      tell(`${name} ended by itself with ${String(code)}: ${one.printed.slice(-1000)}`)
      running = undefined
      recovery.startsBy(start())
    })
  }
  await start()
  return {
    name,
    mostPauseMs,
    isUp: () => running !== undefined,
    hub: () => {
      if (last === undefined) throw new Error(`${name} never started.`)
      return last
    },
    kill: async () => {
      const one = running
      if (one === undefined) return
      running = undefined
      await one.end('SIGKILL')
      recovery.startsBy(start())
    },
    pause: (forMs) => {
      const one = running
      if (one === undefined) return
      process.kill(one.pid, 'SIGSTOP')
      recovery.resumesAfter(forMs, () => { if (running === one) process.kill(one.pid, 'SIGCONT') })
    },
    settled: recovery.done,
    stop: async (signal) => {
      stopped = true
      await recovery.done()
      const one = running
      running = undefined
      await one?.end(signal)
    },
  }
}

import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Something that can be killed and paused, and comes back. */
export interface Target {
  readonly name: string
  /** The longest pause, in ms: past whatever takes over from it, or gives up on it. */
  readonly mostPauseMs: number
  /** With -9; resolves when it is gone. It comes back by itself. */
  readonly kill: () => Promise<void>
  /** Resolves at once; it goes on after `forMs`. */
  readonly pause: (forMs: number) => void
  /** Resolves when it is there and not paused. */
  readonly settled: () => Promise<void>
}

/** What one that was killed or paused has yet to do until it is there again. */
export const makeRecovery = () => {
  let paused: Promise<unknown> = Promise.resolve()
  let starting: Promise<unknown> = Promise.resolve()
  return {
    startsBy: (start: Promise<unknown>): void => { starting = start },
    resumesAfter: (forMs: number, resume: () => void): void => { paused = sleep(forMs).then(resume) },
    /** Resolves when it has done that. */
    done: async (): Promise<void> => {
      await paused
      await starting
    },
  }
}

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone.
  }
}

export const signalTree = (pid: number, signal: NodeJS.Signals): void => {
  for (const one of [pid, ...childrenOf(pid)]) send(one, signal)
}

const childrenOf = (pid: number): readonly number[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((one) => parentOf(one) === pid)

const parentOf = (pid: number): number | undefined => {
  try {
    // The name of the program, in brackets, may hold anything.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1])
  } catch {
    return undefined
  }
}

export const untilTrue = async (what: string, isTrue: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> => {
  for (const untilMs = Date.now() + timeoutMs; Date.now() < untilMs;) {
    if (await isTrue()) return
    await sleep(50)
  }
  throw new Error(`${what}: not within ${timeoutMs} ms.`)
}

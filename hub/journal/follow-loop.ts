import type { Follower } from '../../schemas/follower.js'
import type { JournalNumber } from '../../schemas/ids.js'
import type { JournalEntry } from '../../schemas/journal-entry.js'
import { makeSignal } from './signal.js'

export interface FollowLoopDeps {
  readonly follower: Follower
  /** Entries after a number, in order and without a gap, at most `limit`. */
  readonly entriesAfter: (after: JournalNumber, limit: number) => Promise<readonly JournalEntry[]>
  /** What must be done before the position counts as passed, such as sending off what the follower decided. */
  readonly settle: () => Promise<void>
  readonly onPassed: (position: JournalNumber) => void
  /** `before` is the first entry of the batch that failed. */
  readonly onFailure: (error: unknown, before: JournalNumber, retryInMs: number) => void
  /**
   * For how long, in ms, entries gather after a batch before the next one is read: a batch costs much the same with one entry or a hundred. Whoever
   * waits for a number cuts it short, and a backlog of a full batch or more is worked off without it.
   */
  readonly gatherMs: number
}

/** Why a loop stands still: what its last attempt failed with, and the entry that it stands before. */
export interface Standstill {
  readonly before: JournalNumber
  readonly reason: string
}

export interface FollowLoop {
  /** Undefined while batches are applied. */
  readonly standstill: () => Standstill | undefined
  /** Says that the journal may have grown. */
  readonly poke: () => void
  /** The last number whose effect is committed and settled. */
  readonly passed: () => JournalNumber
  /** True once `number` is passed, false when `timeoutMs` ran out before. */
  readonly waitUntil: (number: JournalNumber, timeoutMs: number) => Promise<boolean>
  /** Runs `work` while the loop stands still between two batches. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>
  /** Resolves when the batch under way is done. */
  readonly stop: () => Promise<void>
}

interface Waiter {
  readonly number: JournalNumber
  readonly done: (passed: boolean) => void
}

/** More at once would keep the process from answering for too long. */
const batchSize = 250
/** How often the journal is looked at without a poke: another process may have written. */
const idleMs = 250
const retryMs = { first: 100, last: 10_000 } as const

/** Starts to follow at once; what comes after a quiet time is applied at once too. Failures are retried with back-off; the position never moves past what was not applied. */
export const startFollowLoop = async (deps: FollowLoopDeps): Promise<FollowLoop> => {
  const [grown, hurry] = [makeSignal(), makeSignal()]
  const waiters = new Set<Waiter>()
  let position = await deps.follower.position()
  let stopped = false
  let standstill: Standstill | undefined
  let queue: Promise<unknown> = Promise.resolve()

  const pass = (next: JournalNumber): void => {
    position = next
    deps.onPassed(next)
    for (const waiter of waiters) if (waiter.number <= next) waiter.done(true)
  }
  /** Applies one batch and gives how many entries it had. */
  const step = async (): Promise<number> => {
    const entries = await deps.entriesAfter(position, batchSize)
    const last = entries.at(-1)
    if (last === undefined) return 0
    const applied = await deps.follower.apply(position, entries)
    await deps.settle()
    pass(applied ? last.number : await deps.follower.position())
    return entries.length
  }
  const pause = async (entries: number): Promise<void> => {
    if (entries === 0) await grown.wait(idleMs)
    else if (entries < batchSize && waiters.size === 0) await hurry.wait(deps.gatherMs)
  }
  const inQueue = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(work)
    queue = done.catch(() => undefined)
    return done
  }
  const run = async (): Promise<void> => {
    let retryInMs: number = retryMs.first
    while (!isStopped()) {
      try {
        const entries = await inQueue(step)
        standstill = undefined
        retryInMs = retryMs.first
        await pause(entries)
      } catch (error) {
        if (isStopped()) return
        standstill = { before: position + 1, reason: error instanceof Error ? error.message : String(error) }
        deps.onFailure(error, standstill.before, retryInMs)
        await grown.wait(retryInMs)
        retryInMs = Math.min(retryInMs * 2, retryMs.last)
      }
    }
  }
  const isStopped = (): boolean => stopped
  await deps.settle()
  pass(position)
  const running = run()
  return {
    standstill: () => standstill,
    poke: grown.raise,
    passed: () => position,
    waitUntil: (number, timeoutMs) => (position >= number ? Promise.resolve(true) : new Promise((resolve) => {
      const waiter: Waiter = { number, done: (passed) => { clearTimeout(timer); waiters.delete(waiter); resolve(passed) } }
      const timer = setTimeout(() => { waiter.done(false) }, timeoutMs)
      waiters.add(waiter)
      hurry.raise()
    })),
    exclusively: (work) => inQueue(async () => {
      const value = await work()
      pass(await deps.follower.position())
      return value
    }),
    stop: async () => {
      stopped = true
      grown.raise()
      hurry.raise()
      await running
      await queue
      for (const waiter of waiters) waiter.done(false)
    },
  }
}

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
  readonly onFailure: (error: unknown, retryInMs: number) => void
}

export interface FollowLoop {
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

const batchSize = 500
/** How often the journal is looked at without a poke: another process may have written. */
const idleMs = 250
const retryMs = { first: 100, last: 10_000 } as const

/** Starts to follow at once. Failures are retried with back-off; the position never moves past what was not applied. */
export const startFollowLoop = async (deps: FollowLoopDeps): Promise<FollowLoop> => {
  const signal = makeSignal()
  const waiters = new Set<Waiter>()
  let position = await deps.follower.position()
  let stopped = false
  let queue: Promise<unknown> = Promise.resolve()

  const pass = (next: JournalNumber): void => {
    position = next
    deps.onPassed(next)
    for (const waiter of waiters) if (waiter.number <= next) waiter.done(true)
  }
  /** True when there may be more to do at once. */
  const step = async (): Promise<boolean> => {
    const entries = await deps.entriesAfter(position, batchSize)
    const last = entries.at(-1)
    if (last === undefined) return false
    const applied = await deps.follower.apply(position, entries)
    await deps.settle()
    pass(applied ? last.number : await deps.follower.position())
    return true
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
        const more = await inQueue(step)
        retryInMs = retryMs.first
        if (!more) await signal.wait(idleMs)
      } catch (error) {
        if (isStopped()) return
        deps.onFailure(error, retryInMs)
        await signal.wait(retryInMs)
        retryInMs = Math.min(retryInMs * 2, retryMs.last)
      }
    }
  }
  const isStopped = (): boolean => stopped
  await deps.settle()
  pass(position)
  const running = run()
  return {
    poke: signal.raise,
    passed: () => position,
    waitUntil: (number, timeoutMs) => (position >= number ? Promise.resolve(true) : new Promise((resolve) => {
      const waiter: Waiter = { number, done: (passed) => { clearTimeout(timer); waiters.delete(waiter); resolve(passed) } }
      const timer = setTimeout(() => { waiter.done(false) }, timeoutMs)
      waiters.add(waiter)
    })),
    exclusively: (work) => inQueue(async () => {
      const value = await work()
      pass(await deps.follower.position())
      return value
    }),
    stop: async () => {
      stopped = true
      signal.raise()
      await running
      await queue
      for (const waiter of waiters) waiter.done(false)
    },
  }
}

import type { Follower } from '../../schemas/follower.js'
import type { JournalNumber } from '../../schemas/ids.js'
import type { JournalEntry } from '../../schemas/journal-entry.js'
import { elapsedMs } from '../ops/elapsed-ms.js'
import type { FollowerView } from './follower-view.js'
import { makeSignal } from './signal.js'
import { makeWaiters } from './waiters.js'

export interface FollowLoopDeps {
  readonly follower: Follower
  /** Entries after a number, in order and without a gap, at most `limit`. */
  readonly entriesAfter: (after: JournalNumber, limit: number) => Promise<readonly JournalEntry[]>
  /** What must be done before the position counts as passed, such as sending off what the follower decided. */
  readonly settle: () => Promise<void>
  readonly onPassed: (position: JournalNumber) => void
  /** `before` is the first entry of the batch that failed. */
  readonly onFailure: (error: unknown, before: JournalNumber, retryInMs: number) => void
  /** Another owner has taken the follower over; the loop has ended. */
  readonly onOusted?: () => void
  /**
   * How much later than a batch, in ms, the next one begins at the earliest, so that entries gather: a batch costs much the same with one entry or a hundred. Whoever
   * waits for a number cuts it short, and a backlog of a full batch or more is worked off without it.
   */
  readonly gatherMs: number
  /** The same after a batch of `busyEntries` or more, where much comes; by default no other. */
  readonly busyGatherMs?: number
}

/** Why a loop stands still: what its last attempt failed with, and the entry that it stands before. */
export interface Standstill {
  readonly before: JournalNumber
  readonly reason: string
}

export interface FollowLoop extends FollowerView {
  /** Undefined while batches are applied. */
  readonly standstill: () => Standstill | undefined
  /** Says that the journal may have grown. */
  readonly poke: () => void
  /** Runs `work` while the loop stands still between two batches. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>
  /** Resolves when the batch under way is done. */
  readonly stop: () => Promise<void>
}

/** More at once would keep the process from answering for too long. */
const batchSize = 500
const busyEntries = 10
/** Whoever takes longer than it gathers leaves the process to others for so long. */
const leastPauseMs = 20
/** How often the journal is looked at without a poke: another process may have written. */
const idleMs = 250
const retryMs = { first: 100, last: 10_000 } as const

/** Starts to follow at once; what comes after a quiet time is applied at once too. Failures are retried with back-off; the position never moves past what was not applied. */
export const startFollowLoop = async (deps: FollowLoopDeps): Promise<FollowLoop> => {
  const [grown, hurry] = [makeSignal(), makeSignal()]
  const waiters = makeWaiters()
  let position = await deps.follower.position()
  let stopped = false
  let standstill: Standstill | undefined
  let queue: Promise<unknown> = Promise.resolve()

  const pass = (next: JournalNumber): void => {
    position = next
    deps.onPassed(next)
    waiters.passed(next)
  }
  /** Applies one batch and gives how many entries it had. */
  const step = async (): Promise<number> => {
    const entries = await deps.entriesAfter(position, batchSize)
    const last = entries.at(-1)
    if (last === undefined) return 0
    if (await deps.follower.apply(position, entries)) {
      await deps.settle()
      pass(last.number)
    } else await resume()
    return entries.length
  }
  /** The follower was not where the loop took it to be: a COMMIT took place of which the reply was lost, or another owner writes. */
  const resume = async (): Promise<void> => {
    if (await deps.follower.isOwned?.() === false) {
      stopped = true
      deps.onOusted?.()
      return
    }
    await deps.settle()
    pass(await deps.follower.position())
  }
  const pause = async (entries: number, tookMs: number): Promise<void> => {
    if (entries === 0) await grown.wait(idleMs)
    else if (entries < batchSize && !waiters.isAny()) await hurry.wait(Math.max((entries < busyEntries ? deps.gatherMs : deps.busyGatherMs ?? deps.gatherMs) - tookMs, leastPauseMs))
  }
  const inQueue = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(work)
    queue = done.catch(() => undefined)
    return done
  }
  const fail = async (error: unknown, retryInMs: number): Promise<void> => {
    standstill = { before: position + 1, reason: error instanceof Error ? error.message : String(error) }
    deps.onFailure(error, standstill.before, retryInMs)
    await grown.wait(retryInMs)
  }
  const run = async (): Promise<void> => {
    for (let retryInMs: number = retryMs.first; !isStopped();) {
      try {
        const begunMs = elapsedMs()
        const entries = await inQueue(step)
        const tookMs = elapsedMs() - begunMs
        standstill = undefined
        retryInMs = retryMs.first
        if (!isStopped()) await pause(entries, tookMs)
      } catch (error) {
        if (isStopped()) return
        await fail(error, retryInMs)
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
    waitUntil: (number, timeoutMs) => {
      if (position >= number) return Promise.resolve(true)
      const waiting = waiters.wait(number, timeoutMs)
      hurry.raise()
      return waiting
    },
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
      waiters.end()
    },
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { JournalNumber } from '../../schemas/ids.js'

/** How far a follower is, whichever process keeps it. */
export interface FollowerView {
  /** The last number whose effect is committed and settled, as far as this process knows. */
  readonly passed: () => JournalNumber
  /** True once `number` is passed, false when `timeoutMs` ran out before. */
  readonly waitUntil: (number: JournalNumber, timeoutMs: number) => Promise<boolean>
}

export interface FollowerViewDeps {
  /** The follower where this process keeps it. */
  readonly local: () => FollowerView | undefined
  /** What the owner last said, told with what every other process asks for at the same time. */
  readonly published: () => Promise<JournalNumber>
  readonly lastPublished: () => JournalNumber
  /** Tells the owner that somebody waits; what becomes of that is seen in what it publishes. */
  readonly hurry: (number: JournalNumber, timeoutMs: number) => void
  readonly nowMs: () => number
}

/** How often what the owner published is looked at while somebody waits. */
const lookMs = 20
/** How long a wait at the own follower may last before it is looked at whether it is still the own one. */
const ownMs = 1_000

export const makeFollowerView = (deps: FollowerViewDeps): FollowerView => ({
  passed: () => deps.local()?.passed() ?? deps.lastPublished(),
  waitUntil: async (number, timeoutMs) => {
    const untilMs = deps.nowMs() + timeoutMs
    const leftMs = (): number => Math.max(0, untilMs - deps.nowMs())
    let told = false
    for (;;) {
      const local = deps.local()
      if (local !== undefined) {
        if (await local.waitUntil(number, Math.min(leftMs(), ownMs))) return true
      } else {
        if (await deps.published() >= number) return true
        if (!told) deps.hurry(number, leftMs())
        told = true
      }
      if (leftMs() === 0) return false
      if (local === undefined) await sleep(Math.min(lookMs, leftMs()))
    }
  },
})

/** Answers all who ask while an answer is under way with that answer's successor: one statement for however many wait. */
export const shareReading = <T>(read: () => Promise<T>): (() => Promise<T>) => {
  let under: Promise<T> | undefined
  let next: Promise<T> | undefined
  const start = (): Promise<T> => {
    const reading = read().finally(() => { if (under === reading) under = undefined })
    under = reading
    return reading
  }
  return () => {
    if (under === undefined) return start()
    // What is under way may have looked before the caller's own writes.
    next ??= under.catch(() => undefined).then(() => {
      next = undefined
      return start()
    })
    return next
  }
}

import type { JournalNumber } from '../../schemas/ids.js'

/** Those who wait until a number is passed. */
export interface Waiters {
  /** True once `number` is passed, false when `timeoutMs` ran out before, or nobody will pass anything any more. */
  readonly wait: (number: JournalNumber, timeoutMs: number) => Promise<boolean>
  readonly passed: (number: JournalNumber) => void
  readonly isAny: () => boolean
  readonly end: () => void
}

interface Waiter {
  readonly number: JournalNumber
  readonly done: (passed: boolean) => void
}

export const makeWaiters = (): Waiters => {
  const waiters = new Set<Waiter>()
  return {
    wait: (number, timeoutMs) => new Promise((resolve) => {
      const waiter: Waiter = { number, done: (passed) => { clearTimeout(timer); waiters.delete(waiter); resolve(passed) } }
      const timer = setTimeout(() => { waiter.done(false) }, timeoutMs)
      waiters.add(waiter)
    }),
    passed: (number) => { for (const waiter of waiters) if (waiter.number <= number) waiter.done(true) },
    isAny: () => waiters.size > 0,
    end: () => { for (const waiter of waiters) waiter.done(false) },
  }
}

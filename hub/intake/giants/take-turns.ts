import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long small messages may wait for the processor, in ms. */
const turnMs = 5

export interface Turns {
  readonly isOver: () => boolean
  /** Gives the processor away, and begins the next turn. */
  readonly next: () => Promise<void>
}

/** Cuts long work into turns of 5 ms, between which the process does what else has come. */
export const takeTurns = (nowMs: () => number): Turns => {
  let endsMs = nowMs() + turnMs
  return {
    isOver: () => nowMs() >= endsMs,
    next: async () => {
      await nextTurn()
      endsMs = nowMs() + turnMs
    },
  }
}

import type { JournalEntry } from './journal-entry.js'
import type { JournalNumber } from './ids.js'

/**
 * What reads the journal and keeps its own position. A follower is a pure function of the journal: no clock, randomness, network or setting.
 * Position and effect are one transaction.
 */
export interface Follower {
  readonly name: string
  /** The number of the last entry whose effect is committed; 0 before the first. */
  readonly position: () => Promise<JournalNumber>
  /**
   * Applies entries, numbered `after + 1`, `after + 2`, … without a gap, and moves the position from `after` to the last of them in the same
   * transaction, by compare-and-set. False when the position is not `after` or another owner has taken over: then nothing was written.
   */
  readonly apply: (after: JournalNumber, entries: readonly JournalEntry[]) => Promise<boolean>
  /** False where another owner has taken over; missing where there can be no other. */
  readonly isOwned?: () => Promise<boolean>
}

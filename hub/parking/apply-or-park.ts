import type { Follower } from '../../schemas/follower.js'
import type { JournalNumber } from '../../schemas/ids.js'
import type { Parked } from '../../schemas/parked-entry.js'
import type { Tx } from '../ops/database.js'
import type { FollowEntries } from './follow-with-decisions.js'
import { refusedData } from './refused-data.js'

interface ApplyDeps {
  /** Moves the position from `after` to `last` and does the work, or neither; undefined where the position is another or somebody else's. */
  readonly inTransaction: (after: JournalNumber, last: JournalNumber, work: (tx: Tx) => Promise<readonly Parked[]>) => Promise<readonly Parked[] | undefined>
  readonly entries: FollowEntries
  /** Told of each document that PostgreSQL refused or that cannot be folded, once it is parked. */
  readonly onParked?: ((parked: Parked) => void) | undefined
}

/** The number of the identity decision at which the follower stops; undefined for any other error. */
const refusedEntryOf = (error: unknown): JournalNumber | undefined =>
  (error instanceof Error && 'refusedEntry' in error && typeof error.refusedEntry === 'number' ? error.refusedEntry : undefined)

/** Applies all of a batch at once where nothing is refused; else each document that is refused is parked, and what stands before an identity decision that is is applied. */
export const makeApplyOrPark = ({ inTransaction, entries, onParked }: ApplyDeps): Follower['apply'] => {
  const applied = async (after: JournalNumber, last: JournalNumber, work: (tx: Tx) => Promise<readonly Parked[]>): Promise<boolean> => {
    const parked = await inTransaction(after, last, work)
    for (const one of parked ?? []) onParked?.(one)
    return parked !== undefined
  }
  const apply: Follower['apply'] = async (after, batch) => {
    const last = batch.at(-1)
    if (last === undefined) return true
    try {
      return await applied(after, last.number, (tx) => entries.follow(tx, batch))
    } catch (error) {
      if (refusedData(error) === undefined) throw error
    }
    try {
      return await applied(after, last.number, (tx) => entries.followOrPark(tx, batch))
    } catch (error) {
      // What stands before the entry at which the follower stops is good.
      const good = (refusedEntryOf(error) ?? 0) - after - 1
      if (good > 0 && !await apply(after, batch.slice(0, good))) return false
      throw error
    }
  }
  return apply
}

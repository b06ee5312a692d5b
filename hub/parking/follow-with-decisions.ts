import type { JournalNumber } from '../../schemas/ids.js'
import type { JournalEntry, ParkedDecided } from '../../schemas/journal-entry.js'
import { isFact, runsOf, type Parked } from '../../schemas/parked-entry.js'
import type { Tx } from '../ops/database.js'
import type { FollowFacts } from './follow-facts.js'
import type { ParkedTable } from './parked-table.js'

interface FollowWithDecisionsDeps {
  /** Whose decisions are followed. */
  readonly follower: string
  readonly table: ParkedTable
  /** The entries of these numbers, in order: the first of them at least. */
  readonly entriesNumbered: (tx: Tx, numbers: readonly JournalNumber[]) => Promise<readonly JournalEntry[]>
  readonly facts: FollowFacts
  /** For those that waited. */
  readonly again: FollowFacts
}

/** Follows entries in a transaction that is open, and gives what it parked. */
export interface FollowEntries {
  /** Rejects where any fact is refused; for the usual case that none is. */
  readonly follow: (tx: Tx, entries: readonly JournalEntry[]) => Promise<readonly Parked[]>
  /** Parks each document that is refused. Rejects at an identity decision that is, see identityRefused. */
  readonly followOrPark: (tx: Tx, entries: readonly JournalEntry[]) => Promise<readonly Parked[]>
}

/** How many entries that waited are followed at a time. */
const batchSize = 250

/** Follows facts, and what was decided about those that are parked. */
export const makeFollowWithDecisions = ({ follower: name, table, entriesNumbered, facts, again }: FollowWithDecisionsDeps): FollowEntries => {
  /** Takes entries out of where they wait and follows them, those that still have to wait excepted. */
  const followAgain = async (tx: Tx, numbers: readonly JournalNumber[]): Promise<readonly Parked[]> => {
    await table.remove(tx, numbers)
    const parked: Parked[] = []
    for (let left = numbers; left.length > 0;) {
      const entries = await entriesNumbered(tx, left.slice(0, batchSize))
      const last = entries.at(-1)?.number ?? Infinity
      parked.push(...await again.followOrPark(tx, entries.filter(isFact)))
      left = left.filter((number) => number > last)
    }
    return parked
  }
  /** Only what is parked for a cause of its own is decided about, and once: a second decision of the same finds it gone. */
  const followDecision = async (tx: Tx, { follower, entry, action }: ParkedDecided): Promise<readonly Parked[]> => {
    if (follower !== name || (await table.statesOf(tx, [entry])).get(entry) !== 'parked') return []
    const behind = await table.heldFor(tx, entry)
    if (action === 'retry') return followAgain(tx, [entry, ...behind])
    await table.skip(tx, entry)
    return followAgain(tx, behind)
  }
  const followWith = async (tx: Tx, entries: readonly JournalEntry[], followSome: FollowFacts['follow']): Promise<readonly Parked[]> => {
    const parked: Parked[] = []
    for (const run of runsOf(entries)) parked.push(...await ('facts' in run ? followSome(tx, run.facts) : followDecision(tx, run.decision)))
    return parked
  }
  return {
    follow: (tx, entries) => followWith(tx, entries, facts.follow),
    followOrPark: (tx, entries) => followWith(tx, entries, facts.followOrPark),
  }
}

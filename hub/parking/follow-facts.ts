import { holdEntries, keysOf } from '../../schemas/hold-entries.js'
import type { FactEntry } from '../../schemas/journal-entry.js'
import { identityRefused, type Parked, type WaitingEntry } from '../../schemas/parked-entry.js'
import type { Tx } from '../ops/database.js'
import type { ParkedTable } from './parked-table.js'
import { refusedData } from './refused-data.js'

interface FollowFactsDeps {
  readonly table: ParkedTable
  /** Writes the effect of entries that need not wait. Rejects where any of it is refused, see refusedData. */
  readonly apply: (tx: Tx, entries: readonly FactEntry[]) => Promise<void>
  /** Told which entries were written down because they wait, in the same transaction. */
  readonly onWaiting?: (tx: Tx, entries: readonly FactEntry[]) => Promise<unknown>
}

/** Follows facts in a transaction that is open, and gives what it parked. */
export interface FollowFacts {
  /** Rejects where any of them is refused; for the usual case that none is. */
  readonly follow: (tx: Tx, entries: readonly FactEntry[]) => Promise<readonly Parked[]>
  /** Parks what is refused. Rejects at an identity decision that is, see identityRefused. */
  readonly followOrPark: (tx: Tx, entries: readonly FactEntry[]) => Promise<readonly Parked[]>
}

/** Those that have to wait for others are held; what PostgreSQL refuses, or cannot be folded, is parked where that is asked for. */
export const makeFollowFacts = ({ table, apply, onWaiting }: FollowFactsDeps): FollowFacts => {
  const write = async (tx: Tx, waiting: readonly WaitingEntry[]): Promise<void> => {
    await table.insert(tx, waiting)
    await onWaiting?.(tx, waiting.map(({ entry }) => entry))
  }
  const followFree = async (tx: Tx, entries: readonly FactEntry[]): Promise<void> => {
    const { free, held } = await table.anyWaits(tx) ? await divide(table, tx, entries) : { free: entries, held: [] }
    if (held.length > 0) await write(tx, held.map(({ entry, by, keys }) => ({ entry, state: 'held', cause: undefined, detail: undefined, heldBy: by, keys })))
    await apply(tx, free)
  }
  const park = async (tx: Tx, entry: FactEntry, cause: string, error: unknown): Promise<Parked> => {
    if (entry.type !== 'document.accepted') throw identityRefused(entry.number, error)
    await write(tx, [{ entry, state: 'parked', cause, detail: error instanceof Error ? error.message : String(error), heldBy: undefined, keys: keysOf(entry) }])
    return { entry: entry.number, cause, error }
  }
  /** What is refused is halved until the document at fault stands alone. */
  const followOrPark = async (tx: Tx, entries: readonly FactEntry[]): Promise<readonly Parked[]> => {
    const [first] = entries
    if (first === undefined) return []
    await tx.query('savepoint followed')
    try {
      await followFree(tx, entries)
      await tx.query('release savepoint followed')
      return []
    } catch (error) {
      const cause = refusedData(error)
      if (cause === undefined) throw error
      await tx.query('rollback to savepoint followed; release savepoint followed')
      if (entries.length === 1) return [await park(tx, first, cause, error)]
      const half = entries.length >> 1
      return [...await followOrPark(tx, entries.slice(0, half)), ...await followOrPark(tx, entries.slice(half))]
    }
  }
  return {
    follow: async (tx, entries) => {
      await followFree(tx, entries)
      return []
    },
    followOrPark,
  }
}

const divide = async (table: ParkedTable, tx: Tx, entries: readonly FactEntry[]): Promise<ReturnType<typeof holdEntries>> => {
  const holders = await table.holdersOf(tx, entries.flatMap(keysOf))
  const causes = entries.flatMap((entry) => (entry.type === 'identity.decided' ? [entry.cause] : []))
  const waiting = causes.length === 0 ? [] : [...await table.statesOf(tx, causes)].filter(([, state]) => state !== 'skipped')
  return holdEntries(entries, { holders, waiting: new Set(waiting.map(([entry]) => entry)) })
}

import type { JournalNumber } from '../../schemas/ids.js'
import { holdEntries, keysOf } from '../../schemas/hold-entries.js'
import type { FactEntry, IdentityDraft, JournalEntry, ParkedDecided } from '../../schemas/journal-entry.js'
import { identityRefused, isFact, runsOf, type Parked } from '../../schemas/parked-entry.js'
import type { Tx } from '../ops/database.js'
import { followerName, foldEntries, partiesNamedIn } from './fold-entries.js'
import { loadState } from './load-state.js'
import { anyWaits, deleteParked, heldFor, holdersOf, insertParked, skipParked, stateOfParked, waitingAmong } from './parked-entries.js'
import { refusedData } from './refused-data.js'
import { deleteDrafts, insertDrafts, writeChanges } from './write-changes.js'

export interface FollowDeps {
  /** Which of these journal numbers the journal already holds a decision of this follower for. */
  readonly answeredCauses: (follower: string, causes: readonly JournalNumber[]) => Promise<ReadonlySet<JournalNumber>>
  /** The entries of these numbers, in order. */
  readonly entriesNumbered: (numbers: readonly JournalNumber[]) => Promise<readonly JournalEntry[]>
}

/** The number of the identity decision at which the follower stops; undefined for any other error. */
export const refusedEntryOf = (error: unknown): JournalNumber | undefined =>
  (error instanceof Error && 'refusedEntry' in error && typeof error.refusedEntry === 'number' ? error.refusedEntry : undefined)

/** How many entries that waited are followed at a time. */
const batchSize = 250

/** Follows entries in a transaction that is open. All of them at once where nothing is refused; else each that is refused is parked, which `tell` hears of. */
export const makeFollowEntries = (deps: FollowDeps) => {
  const keepUnanswered = async (tx: Tx, drafts: readonly IdentityDraft[]): Promise<void> => {
    if (drafts.length === 0) return
    const answered = await deps.answeredCauses(followerName, drafts.map(({ cause }) => cause))
    const open = drafts.filter(({ cause }) => !answered.has(cause))
    if (open.length > 0) await insertDrafts(tx, open)
  }
  /** Follows what need not wait; rejects where any of it is refused. */
  const followFacts = async (tx: Tx, entries: readonly FactEntry[]): Promise<void> => {
    const { free, held } = await anyWaits(tx) ? await divide(tx, entries) : { free: entries, held: [] }
    if (held.length > 0) await insertParked(tx, held.map(({ entry, by, keys }) => ({ entry, state: 'held', cause: undefined, detail: undefined, heldBy: by, keys })))
    const named = partiesNamedIn(free)
    const changes = foldEntries(await loadState(tx, free, named), free, named)
    await writeChanges(tx, changes)
    await keepUnanswered(tx, changes.drafts)
    const followed = free.flatMap((entry) => (entry.type === 'identity.decided' && entry.follower === followerName ? [entry] : []))
    if (followed.length > 0) await deleteDrafts(tx, followed)
  }
  const park = async (tx: Tx, entry: FactEntry, cause: string, error: unknown): Promise<Parked> => {
    if (entry.type !== 'document.accepted') throw identityRefused(entry.number, error)
    await insertParked(tx, [{ entry, state: 'parked', cause, detail: error instanceof Error ? error.message : String(error), heldBy: undefined, keys: keysOf(entry) }])
    return { entry: entry.number, cause, error }
  }
  /** What PostgreSQL refuses is halved until the document that it refuses stands alone and can be parked. */
  const followOrPark = async (tx: Tx, entries: readonly FactEntry[]): Promise<readonly Parked[]> => {
    const [first] = entries
    if (first === undefined) return []
    await tx.query('savepoint followed')
    try {
      await followFacts(tx, entries)
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
  /** Takes entries out of where they wait and follows them, those that still have to wait excepted. */
  const followAgain = async (tx: Tx, numbers: readonly JournalNumber[]): Promise<readonly Parked[]> => {
    await deleteParked(tx, numbers)
    const parked: Parked[] = []
    for (let from = 0; from < numbers.length; from += batchSize) {
      const entries = await deps.entriesNumbered(numbers.slice(from, from + batchSize))
      parked.push(...await followOrPark(tx, entries.filter(isFact)))
    }
    return parked
  }
  /** Only what is parked for a cause of its own is decided about, and once: a second decision of the same finds it gone. */
  const followDecision = async (tx: Tx, { follower, entry, action }: ParkedDecided): Promise<readonly Parked[]> => {
    if (follower !== followerName || (await stateOfParked(tx, entry))?.state !== 'parked') return []
    const behind = await heldFor(tx, entry)
    if (action === 'retry') return followAgain(tx, [entry, ...behind])
    await skipParked(tx, entry)
    return followAgain(tx, behind)
  }
  const followWith = async (tx: Tx, entries: readonly JournalEntry[], followSome: (tx: Tx, facts: readonly FactEntry[]) => Promise<readonly Parked[] | undefined>): Promise<readonly Parked[]> => {
    const parked: Parked[] = []
    for (const run of runsOf(entries)) parked.push(...('facts' in run ? await followSome(tx, run.facts) ?? [] : await followDecision(tx, run.decision)))
    return parked
  }
  return {
    /** Rejects where any of them is refused; for the usual case that none is. */
    follow: (tx: Tx, entries: readonly JournalEntry[]) => followWith(tx, entries, async (on, facts) => { await followFacts(on, facts); return undefined }),
    /** Rejects at an identity decision that is refused, see refusedEntryOf. */
    followOrPark: (tx: Tx, entries: readonly JournalEntry[]) => followWith(tx, entries, followOrPark),
  }
}

const divide = async (tx: Tx, entries: readonly FactEntry[]): Promise<ReturnType<typeof holdEntries>> => {
  const holders = await holdersOf(tx, entries.flatMap(keysOf))
  const waiting = await waitingAmong(tx, entries.flatMap((entry) => (entry.type === 'identity.decided' ? [entry.cause] : [])))
  return holdEntries(entries, { holders, waiting })
}

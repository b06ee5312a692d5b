import { holdEntries, keysOf } from '../../schemas/hold-entries.js'
import type { JournalNumber } from '../../schemas/ids.js'
import type { DocumentAccepted, FactEntry, JournalEntry, ParkedDecided } from '../../schemas/journal-entry.js'
import { runsOf, type Parked, type WaitingEntry } from '../../schemas/parked-entry.js'
import type { Writer } from '../engines/engine.js'
import type { Model } from '../model/model.js'
import { foldEntries } from './fold-entries.js'
import type { KnownRows } from './known-rows.js'
import { deleteParked, heldFor, holdersOf, insertParked, isParked, skipParked } from './parked-entries.js'
import { writeBatch } from './write-batch.js'

export const followerName = 'warehouse'

interface FollowDeps {
  readonly model: Model
  readonly known: KnownRows
  /** The entries of these numbers, in order. */
  readonly entriesNumbered: (numbers: readonly JournalNumber[]) => Promise<readonly JournalEntry[]>
}

/** Why an entry is refused. */
export type Refusal = Omit<Parked, 'entry'>

/** A document that is refused, and why. */
export interface Refused {
  readonly entry: DocumentAccepted
  readonly refusal: Refusal
}

/** What earlier tries of the same entries have taught: DuckDB has no savepoints, so each try is a transaction of its own and begins anew. */
export interface Lessons {
  /** Followed each by itself, as one of them was refused among others. */
  readonly alone: Set<JournalNumber>
  readonly refused: Map<JournalNumber, Refusal>
  /** What is being followed. */
  under: readonly FactEntry[]
}

/** How many entries that waited are followed at a time. */
const batchSize = 250

/** Follows entries in a transaction that is open, and gives what it parked. Rejects where one is refused that `lessons` do not know as such. */
export const makeFollowEntries = ({ model, known, entriesNumbered }: FollowDeps) => {
  const insert = async (tx: Writer, waiting: readonly WaitingEntry[]): Promise<void> => {
    await insertParked(tx, waiting)
    known.waitingChanged()
  }
  const park = async (tx: Writer, refused: readonly Refused[]): Promise<readonly Parked[]> => {
    if (refused.length > 0) {
      await insert(tx, refused.map(({ entry, refusal: { cause, error } }) => ({ entry, state: 'parked', cause, detail: error instanceof Error ? error.message : String(error), heldBy: undefined, keys: keysOf(entry) })))
    }
    return refused.map(({ entry, refusal }) => ({ entry: entry.number, ...refusal }))
  }
  /** Follows what need not wait, be it for one of those that are `refused` and not yet parked. */
  const followFacts = async (tx: Writer, entries: readonly FactEntry[], refused: readonly Refused[] = []): Promise<void> => {
    const { parked, held } = await known.waiting(tx)
    const free = parked + held + refused.length === 0 ? entries : await withoutHeld(tx, entries, parked + held > 0, refused)
    if (free.length > 0) await writeBatch(tx, model, foldEntries(model, free), known)
  }
  /** Decisions about parties never wait: they need no document, and what is told of the parties that they join hangs on their order. */
  const withoutHeld = async (tx: Writer, entries: readonly FactEntry[], anyWaits: boolean, refused: readonly Refused[]): Promise<readonly FactEntry[]> => {
    const documents = entries.filter(isDocument)
    const holders = [...anyWaits ? await holdersOf(tx, documents.flatMap(keysOf)) : [], ...refused.map(({ entry }) => ({ entry: entry.number, keys: keysOf(entry) }))]
    const { held } = holdEntries(documents, { holders, waiting: new Set() })
    if (held.length === 0) return entries
    await insert(tx, held.map(({ entry, by, keys }) => ({ entry, state: 'held', cause: undefined, detail: undefined, heldBy: by, keys })))
    const waiting = new Set(held.map(({ entry }) => entry))
    return entries.filter((entry) => !waiting.has(entry))
  }
  /** Takes entries out of where they wait and follows them, those that still have to wait excepted. */
  const followAgain = async (tx: Writer, numbers: readonly JournalNumber[], lessons: Lessons): Promise<readonly Parked[]> => {
    await deleteParked(tx, numbers)
    known.waitingChanged()
    const parked: Parked[] = []
    for (let from = 0; from < numbers.length; from += batchSize) {
      const documents = (await entriesNumbered(numbers.slice(from, from + batchSize))).filter(isDocument)
      for (const together of cutAround(documents, lessons.alone)) {
        lessons.under = together
        const [first] = together
        const refusal = first === undefined ? undefined : lessons.refused.get(first.number)
        if (first === undefined || refusal === undefined) await followFacts(tx, together)
        else parked.push(...await park(tx, [{ entry: first, refusal }]))
      }
    }
    return parked
  }
  /** Only what is parked for a cause of its own is decided about, and once: a second decision of the same finds it gone. */
  const followDecision = async (tx: Writer, { follower, entry, action }: ParkedDecided, lessons: Lessons): Promise<readonly Parked[]> => {
    if (follower !== followerName || !await isParked(tx, entry)) return []
    const behind = await heldFor(tx, entry)
    if (action === 'retry') return followAgain(tx, [entry, ...behind], lessons)
    await skipParked(tx, entry)
    return followAgain(tx, behind, lessons)
  }
  return {
    follow: async (tx: Writer, entries: readonly JournalEntry[], lessons: Lessons = { alone: new Set(), refused: new Map(), under: [] }): Promise<readonly Parked[]> => {
      const parked: Parked[] = []
      for (const run of runsOf(entries)) {
        if ('facts' in run) await followFacts(tx, run.facts)
        else parked.push(...await followDecision(tx, run.decision, lessons))
      }
      return parked
    },
    /** Follows facts behind documents that are refused, and only then parks these: where one of the facts is refused, nothing was spent on the parking. */
    followBehind: async (tx: Writer, refused: readonly Refused[], facts: readonly FactEntry[]): Promise<readonly Parked[]> => {
      await followFacts(tx, facts, refused)
      return park(tx, refused)
    },
  }
}

const isDocument = (entry: JournalEntry): entry is DocumentAccepted => entry.type === 'document.accepted'

/** Entries in runs, with those in `alone` each in a run of its own. */
const cutAround = (entries: readonly DocumentAccepted[], alone: ReadonlySet<JournalNumber>): readonly (readonly DocumentAccepted[])[] => {
  const runs: DocumentAccepted[][] = []
  let open: DocumentAccepted[] | undefined
  for (const entry of entries) {
    if (open === undefined || alone.has(entry.number)) runs.push(open = [])
    open.push(entry)
    if (alone.has(entry.number)) open = undefined
  }
  return runs
}

import type { Follower } from '../../schemas/follower.js'
import type { JournalEntry } from '../../schemas/journal-entry.js'
import type { JournalNumber } from '../../schemas/ids.js'
import { identityRefused, type Parked, type WaitingCounts } from '../../schemas/parked-entry.js'
import type { Engine, Writer } from '../engines/engine.js'
import type { Model } from '../model/model.js'
import { untoldCauseOf } from './fold-entries.js'
import { followerName, makeFollowEntries, type Lessons, type Refusal } from './follow-entries.js'
import { makeKnownRows } from './known-rows.js'
import { countParked } from './parked-entries.js'

export interface WarehouseFollowerDeps {
  /** The entries of these numbers, in order. */
  readonly entriesNumbered: (numbers: readonly JournalNumber[]) => Promise<readonly JournalEntry[]>
  /** Told of each document that the warehouse refused, once it is parked. */
  readonly onParked?: (parked: Parked) => void
}

export interface WarehouseFollower extends Follower {
  /** How many entries wait, as of the last batch. */
  readonly waiting: () => WaitingCounts
}

/**
 * The follower that keeps the warehouse. Making it takes over: from then on whoever followed before writes nothing. The tables must be there.
 * It looks at nothing but entries, and its rows are the same however they are cut into batches.
 */
export const makeWarehouseFollower = async (engine: Engine, model: Model, deps: WarehouseFollowerDeps): Promise<WarehouseFollower> => {
  const epoch = await engine.write(takeOver)
  let waiting = await engine.read(countParked)
  const known = makeKnownRows()
  const entries = makeFollowEntries({ model, known, entriesNumbered: deps.entriesNumbered })

  /** Moves the position and does the work, or neither; false where the position is not `after` or not ours. */
  const inTransaction = async (after: JournalNumber, last: JournalEntry | undefined, work: (tx: Writer) => Promise<readonly Parked[]>): Promise<boolean> => {
    try {
      const done = await engine.write(async (tx) => (await advance(tx, after, last, epoch) ? { parked: await work(tx), waiting: await known.waiting(tx) } : undefined))
      if (done === undefined) return false
      waiting = done.waiting
      for (const one of done.parked) deps.onParked?.(one)
      return true
    } catch (error) {
      // It may know of rows that were taken back.
      known.forget()
      throw error
    }
  }
  const refusalOf = (error: unknown): Refusal | undefined => {
    const cause = untoldCauseOf(error) ?? engine.refusalOf(error)
    return cause === undefined ? undefined : { cause, error }
  }
  /** What is refused is halved, each half a transaction of its own, until what is refused stands alone. */
  const apply = async (after: JournalNumber, batch: readonly JournalEntry[]): Promise<boolean> => {
    const last = lastOf(after, batch)
    try {
      return await inTransaction(after, last, (tx) => entries.follow(tx, batch))
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal === undefined) throw error
      const half = batch.length >> 1
      return half === 0 ? applyRefused(after, last, refusal) : await apply(after, batch.slice(0, half)) && await apply(after + half, batch.slice(half))
    }
  }
  const applyRefused = (after: JournalNumber, entry: JournalEntry | undefined, refusal: Refusal): Promise<boolean> => {
    switch (entry?.type) {
      case 'document.accepted': return inTransaction(after, entry, async (tx) => [await entries.park(tx, entry, refusal)])
      case 'parked.decided': return applyDecision(after, entry)
      case 'identity.decided': throw identityRefused(entry.number, refusal.error)
      case undefined: throw refusal.error
      default: return entry satisfies never
    }
  }
  /** What a decision releases takes effect at once or not at all: whatever of it is refused is found in tries that are taken back. */
  const applyDecision = async (after: JournalNumber, decision: JournalEntry): Promise<boolean> => {
    for (const lessons: Lessons = { alone: new Set(), refused: new Map(), under: [] }; ;) {
      try {
        return await inTransaction(after, decision, (tx) => entries.follow(tx, [decision], lessons))
      } catch (error) {
        const refusal = refusalOf(error)
        if (refusal === undefined || !learn(lessons, refusal)) throw error
      }
    }
  }

  return {
    name: followerName,
    position: () => engine.read(async (tx) => numberOf(await tx.rows('select number from position'), 'number')),
    apply,
    waiting: () => waiting,
  }
}

/** False where the try before had learned it already. */
const learn = ({ alone, refused, under }: Lessons, refusal: Refusal): boolean => {
  const [first, ...others] = under
  if (first === undefined || refused.has(first.number)) return false
  if (others.length === 0) refused.set(first.number, refusal)
  for (const { number } of under) alone.add(number)
  return true
}

const takeOver = async (tx: Writer): Promise<number> => {
  await tx.run('update position set epoch = epoch + 1')
  return numberOf(await tx.rows('select epoch from position'), 'epoch')
}

const numberOf = (rows: readonly Readonly<Record<string, unknown>>[], name: string): number => {
  const [row] = rows
  if (row === undefined) throw new Error('The warehouse has no position.')
  return Number(row[name])
}

const advance = async (tx: Writer, after: JournalNumber, last: JournalEntry | undefined, epoch: number): Promise<boolean> =>
  await tx.run('update position set number = $1, recorded_at = coalesce($2, recorded_at) where number = $3 and epoch = $4', [last?.number ?? after, last?.recordedAt ?? null, after, epoch]) === 1

const lastOf = (after: JournalNumber, entries: readonly JournalEntry[]): JournalEntry | undefined => {
  for (const [at, entry] of entries.entries()) {
    if (entry.number !== after + 1 + at) throw new Error(`Entry ${entry.number} came where ${after + 1 + at} was due.`)
  }
  return entries.at(-1)
}

import type { Follower } from '../../schemas/follower.js'
import type { JournalEntry } from '../../schemas/journal-entry.js'
import type { JournalNumber } from '../../schemas/ids.js'
import { identityRefused, isFact, type Parked, type WaitingCounts } from '../../schemas/parked-entry.js'
import type { Engine, Writer } from '../engines/engine.js'
import type { Model } from '../model/model.js'
import { untoldCauseOf } from './fold-entries.js'
import { followerName, makeFollowEntries, type Lessons, type Refusal, type Refused } from './follow-entries.js'
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

  const refusalOf = (error: unknown): Refusal | undefined => {
    const cause = untoldCauseOf(error) ?? engine.refusalOf(error)
    return cause === undefined ? undefined : { cause, error }
  }
  /** Moves the position and does the work, or neither; false where the position is not `after` or not ours. */
  const inTransaction = async (after: JournalNumber, last: JournalEntry | undefined, work: (tx: Writer) => Promise<readonly Parked[]>): Promise<boolean> => {
    try {
      const done = await engine.write(async (tx) => (await advance(tx, after, last, epoch) ? { parked: await work(tx), waiting: await known.waiting(tx) } : undefined))
      known.committed()
      if (done === undefined) return false
      waiting = done.waiting
      for (const one of done.parked) deps.onParked?.(one)
      return true
    } catch (error) {
      // What was refused was taken back; of any other error nobody knows.
      if (refusalOf(error) === undefined) known.forget()
      else known.takenBack()
      throw error
    }
  }
  const apply = async (after: JournalNumber, batch: readonly JournalEntry[]): Promise<boolean> => {
    try {
      return await inTransaction(after, lastOf(after, batch), (tx) => entries.follow(tx, batch))
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal === undefined) throw error
      return batch.length > 1 ? applyCarefully(after, batch) : applyRefused(after, batch[0], refusal)
    }
  }
  /**
   * What is refused is halved until the culprit stands alone; behind it the steps grow again. Each step that succeeds is a transaction of its own, and parks the culprits before it. So each
   * culprit costs a few tries, and where they stand side by side one.
   */
  const applyCarefully = async (after: JournalNumber, batch: readonly JournalEntry[]): Promise<boolean> => {
    const steps = stepsOver(batch.length)
    let refused: readonly Refused[] = []
    /** Takes a step, and parks what is refused before it. */
    const step = async (from: number, to: number): Promise<boolean> => {
      const next = batch.slice(from, to)
      const last = next.at(-1) ?? batch[from - 1]
      const isFollowed = await inTransaction(after + from - refused.length, last, (tx) => (next.every(isFact) ? entries.followBehind(tx, refused, next) : entries.follow(tx, next)))
      if (isFollowed) refused = []
      return isFollowed
    }
    for (let [from, to] = steps.next(); from < batch.length; [from, to] = steps.next()) {
      // A decision has to find what it decides about.
      if (refused.length > 0 && !batch.slice(from, to).every(isFact) && !await step(from, from)) return false
      try {
        if (!await step(from, to)) return false
        steps.passed()
      } catch (error) {
        const refusal = refusalOf(error)
        if (refusal === undefined) throw error
        const first = batch[from]
        if (to - from === 1 && first?.type === 'document.accepted') refused = [...refused, { entry: first, refusal }]
        else if (to - from === 1 && !(await parkedBefore(step, from, refused) && await applyRefused(after + from, first, refusal))) return false
        steps.refused()
      }
    }
    return refused.length === 0 || step(batch.length, batch.length)
  }
  const parkedBefore = async (step: (from: number, to: number) => Promise<boolean>, from: number, refused: readonly Refused[]): Promise<boolean> => refused.length === 0 || step(from, from)
  const applyRefused = (after: JournalNumber, entry: JournalEntry | undefined, refusal: Refusal): Promise<boolean> => {
    switch (entry?.type) {
      case 'document.accepted': return inTransaction(after, entry, (tx) => entries.followBehind(tx, [{ entry, refusal }], []))
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

/** Steps over a batch: half of what is refused, and twice the last that was not. */
const stepsOver = (length: number) => {
  let [from, size, refusedTo]: [number, number, number] = [0, length, length]
  const to = (): number => Math.min(length, refusedTo > from ? from + Math.max(1, (refusedTo - from) >> 1) : from + size)
  return {
    next: (): readonly [number, number] => [from, to()],
    passed: (): void => {
      const passed = to()
      size = Math.max(1, (passed - from) * 2)
      from = passed
    },
    refused: (): void => {
      if (to() - from > 1) refusedTo = to()
      else [from, size] = [from + 1, 1]
    },
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

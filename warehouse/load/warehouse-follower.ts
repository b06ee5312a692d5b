import type { Follower } from '../../schemas/follower.js'
import type { JournalEntry } from '../../schemas/journal-entry.js'
import type { JournalNumber } from '../../schemas/ids.js'
import type { Engine, Writer } from '../engines/engine.js'
import type { Model } from '../model/model.js'
import { foldEntries } from './fold-entries.js'
import { makeKnownRows } from './known-rows.js'
import { writeBatch } from './write-batch.js'

/**
 * The follower that keeps the warehouse. Making it takes over: from then on whoever followed before writes nothing. The tables must be there.
 * It looks at nothing but entries, and its rows are the same however they are cut into batches.
 */
export const makeWarehouseFollower = async (engine: Engine, model: Model): Promise<Follower> => {
  const epoch = await engine.write(takeOver)
  let known = makeKnownRows()
  return {
    name: 'warehouse',
    position: () => engine.read(async (tx) => numberOf(await tx.rows('select number from position'), 'number')),
    apply: async (after, entries) => {
      const last = lastOf(after, entries)
      const batch = foldEntries(model, entries)
      try {
        return await engine.write(async (tx) => {
          if (!await advance(tx, after, last, epoch)) return false
          await writeBatch(tx, model, batch, known)
          return true
        })
      } catch (error) {
        // It may know of rows that were taken back.
        known = makeKnownRows()
        throw error
      }
    },
  }
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

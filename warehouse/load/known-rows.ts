import type { WaitingCounts } from '../../schemas/parked-entry.js'
import type { Writer } from '../engines/engine.js'
import { makeNumberFilter, type NumberFilter } from './number-filter.js'
import { countParked } from './parked-entries.js'

/** A member of a dimension as its table has it. */
export interface KnownMember {
  readonly key: number
  readonly attributes: Readonly<Record<string, string | null>>
}

/**
 * What a follower remembers of tables that nobody but it writes, so that a batch that tells nothing new of what is there reads nothing: a scan for each batch costs more than
 * all that it adds. Good as long as every transaction that used it is committed; after any other it has to forget.
 */
export interface KnownRows {
  /** Members by name; those that are not in it may be in the table. */
  readonly membersOf: (table: string) => Map<string, KnownMember>
  /** The first of `count` keys that no row of the table has. */
  readonly takeKeys: (tx: Writer, table: string, count: number) => Promise<number>
  /** Those of the numbers of new documents that a document before them may have; to be asked before they are written, and once. */
  readonly metBefore: (tx: Writer, numbers: readonly string[]) => Promise<readonly string[]>
  /** How many entries wait: mostly none, and then none needs to be asked for what it holds. */
  readonly waiting: (tx: Writer) => Promise<WaitingCounts>
  /** To be called by whoever writes of entries that wait. */
  readonly waitingChanged: () => void
  /** Of a transaction that was taken back. */
  readonly forget: () => void
}

/** Of one dimension. */
const mostMembers = 50_000

export const makeKnownRows = (): KnownRows => {
  const members = new Map<string, Map<string, KnownMember>>()
  const nextKeys = new Map<string, number>()
  let numbers: NumberFilter | undefined
  let waiting: WaitingCounts | undefined
  return {
    membersOf: (table) => {
      const before = members.get(table)
      if (before !== undefined && before.size <= mostMembers) return before
      const empty = new Map<string, KnownMember>()
      members.set(table, empty)
      return empty
    },
    takeKeys: async (tx, table, count) => {
      const next = nextKeys.get(table) ?? Number((await tx.rows(`select coalesce(max(key), 0) + 1 as key from ${table}`))[0]?.['key'])
      nextKeys.set(table, next + count)
      return next
    },
    metBefore: async (tx, asked) => {
      if (numbers === undefined || numbers.isFull()) numbers = await readNumbers(tx)
      const { meet } = numbers
      return asked.filter(meet)
    },
    waiting: async (tx) => (waiting ??= await countParked(tx)),
    waitingChanged: () => { waiting = undefined },
    forget: () => {
      members.clear()
      nextKeys.clear()
      waiting = undefined
      // The numbers stay: to take one for met that was taken back costs a look, to read all of them anew for each try of a batch would cost minutes.
    },
  }
}

const readNumbers = async (tx: Writer): Promise<NumberFilter> => {
  const filter = makeNumberFilter(Number((await tx.rows('select count(*) as count from document'))[0]?.['count']))
  for await (const rows of tx.stream('select number from document')) for (const { number } of rows) filter.meet(String(number))
  return filter
}

import type { WaitingCounts } from '../../schemas/parked-entry.js'
import type { Writer } from '../engines/engine.js'
import { makeNumberFilter, type NumberFilter } from './number-filter.js'
import { countParked } from './parked-entries.js'

/** A member of a dimension as its table has it. */
export interface KnownMember {
  readonly key: number
  readonly attributes: Readonly<Record<string, string | null>>
}

/** Members of a table by name; those that it does not know may be in the table. */
export interface KnownMembers {
  readonly get: (member: string) => KnownMember | undefined
  /** Whether it is known that the table has no such member. */
  readonly lacks: (member: string) => boolean
  /** Notes what the table has. */
  readonly learn: (member: string, row: KnownMember) => void
  /** Notes what the transaction that is open has written. */
  readonly put: (member: string, row: KnownMember) => void
}

/**
 * What a follower remembers of tables that nobody but it writes, so that a batch that tells nothing new of what is there reads nothing: a scan for each batch costs more than
 * all that it adds. To be told how each transaction that used it ended.
 */
export interface KnownRows {
  readonly membersOf: (table: string) => KnownMembers
  /** The first of `count` keys that no row of the table has. */
  readonly takeKeys: (tx: Writer, table: string, count: number) => Promise<number>
  /** Those of the numbers of new documents that a document before them may have; to be asked before they are written, and once. */
  readonly metBefore: (tx: Writer, numbers: readonly string[]) => Promise<readonly string[]>
  /** How many entries wait: mostly none, and then none needs to be asked for what it holds. */
  readonly waiting: (tx: Writer) => Promise<WaitingCounts>
  /** To be called by whoever writes of entries that wait. */
  readonly waitingChanged: () => void
  /** The transaction was committed. */
  readonly committed: () => void
  /** The transaction was taken back: what it wrote is not there. */
  readonly takenBack: () => void
  /** Nobody knows how the transaction ended. */
  readonly forget: () => void
}

/** Of one dimension. */
const mostMembers = 50_000

export const makeKnownRows = (): KnownRows => {
  const members = new Map<string, Map<string, KnownMember>>()
  const lacking = new Map<string, Set<string>>()
  /** How the open transaction's share of all this is taken back, in the order in which it came. */
  let undo: (() => void)[] = []
  const nextKeys = new Map<string, number>()
  let numbers: NumberFilter | undefined
  let waiting: WaitingCounts | undefined
  const rowsOf = (table: string): Map<string, KnownMember> => {
    const before = members.get(table)
    if (before !== undefined && before.size <= mostMembers) return before
    const empty = new Map<string, KnownMember>()
    members.set(table, empty)
    return empty
  }
  const lackingIn = (table: string): Set<string> => {
    const before = lacking.get(table)
    if (before !== undefined && before.size <= mostMembers) return before
    const empty = new Set<string>()
    lacking.set(table, empty)
    return empty
  }
  return {
    membersOf: (table) => {
      const [rows, absent] = [rowsOf(table), lackingIn(table)]
      return {
        get: (member) => rows.get(member),
        lacks: (member) => absent.has(member),
        learn: (member, row) => { rows.set(member, row) },
        put: (member, row) => {
          const before = rows.get(member)
          rows.set(member, row)
          absent.delete(member)
          undo.push(() => {
            if (before !== undefined) rows.set(member, before)
            else {
              rows.delete(member)
              absent.add(member)
            }
          })
        },
      }
    },
    takeKeys: async (tx, table, count) => {
      const next = nextKeys.get(table) ?? Number((await tx.rows(`select coalesce(max(key), 0) + 1 as key from ${table}`))[0]?.['key'])
      nextKeys.set(table, next + count)
      undo.push(() => { nextKeys.set(table, next) })
      return next
    },
    metBefore: async (tx, asked) => {
      if (numbers === undefined || numbers.isFull()) numbers = await readNumbers(tx)
      const { meet } = numbers
      return asked.filter(meet)
    },
    waiting: async (tx) => (waiting ??= await countParked(tx)),
    waitingChanged: () => {
      const before = waiting
      waiting = undefined
      undo.push(() => { waiting = before })
    },
    committed: () => { undo = [] },
    takenBack: () => {
      for (const one of undo.reverse()) one()
      undo = []
    },
    forget: () => {
      members.clear()
      lacking.clear()
      nextKeys.clear()
      waiting = undefined
      undo = []
      // The numbers stay: to take one for met that was taken back costs a look, to read all of them anew for each try of a batch would cost minutes.
    },
  }
}

const readNumbers = async (tx: Writer): Promise<NumberFilter> => {
  const filter = makeNumberFilter(Number((await tx.rows('select count(*) as count from document'))[0]?.['count']))
  for await (const rows of tx.stream('select number from document')) for (const { number } of rows) filter.meet(String(number))
  return filter
}

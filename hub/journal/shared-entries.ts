import type { JournalNumber } from '../../schemas/ids.js'
import type { JournalEntry } from '../../schemas/journal-entry.js'

export type ReadEntries = (after: JournalNumber, limit: number) => Promise<readonly JournalEntry[]>

/** The journal as several followers read it who are about equally far: each entry is fetched once. */
export interface SharedEntries {
  /** Entries after a number, in order and without a gap, at most `limit`. */
  readonly entriesAfter: ReadEntries
  /** Says that everybody has passed this number. */
  readonly forget: (upTo: JournalNumber) => void
}

/** How many entries are held for who comes later: those of more than a second at full load. Whoever is further behind reads for himself. */
const most = 2000

export const shareEntries = (read: ReadEntries): SharedEntries => {
  let held: readonly JournalEntry[] = []
  let reading: Promise<unknown> = Promise.resolve()
  /** Whether the last reading was cut off by its limit. */
  let goesOn = false

  const heldAfter = (after: JournalNumber, limit: number): readonly JournalEntry[] => {
    const first = held[0]
    return first === undefined || after + 1 < first.number ? [] : held.slice(after + 1 - first.number, after + 1 - first.number + limit)
  }
  const hold = (fresh: readonly JournalEntry[]): void => {
    const [first, last] = [fresh[0]?.number, held.at(-1)?.number]
    if (first === undefined || (last !== undefined && first <= last)) return
    held = (last === first - 1 ? [...held, ...fresh] : fresh).slice(-most)
  }
  const readOn = async (after: JournalNumber, limit: number): Promise<readonly JournalEntry[]> => {
    const known = heldAfter(after, limit)
    // What little came since is for the next turn: whoever comes later would else read each time, and each time next to nothing.
    if (known.length === limit || (known.length > 0 && !goesOn)) return known
    const fresh = await read(after + known.length, limit - known.length)
    goesOn = fresh.length === limit - known.length
    hold(fresh)
    return [...known, ...fresh]
  }
  return {
    entriesAfter: (after, limit) => {
      // One at a time: who asks while another reads finds what that one fetched.
      const result = reading.then(() => readOn(after, limit))
      reading = result.catch(() => undefined)
      return result
    },
    forget: (upTo) => {
      held = held.filter(({ number }) => number > upTo)
    },
  }
}

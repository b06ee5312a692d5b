import type { JournalNumber } from '../../schemas/ids.js'
import type { JournalEntry } from '../../schemas/journal-entry.js'
import { readRecord } from './journal-records.js'
import type { LogRecord, TopicLog } from './topic-log.js'

export interface TopicEntriesDeps {
  readonly open: () => Promise<TopicLog>
  /** One entry from the table, whose document is too large for a record. */
  readonly entryOf: (number: JournalNumber) => Promise<JournalEntry | undefined>
}

export interface TopicEntries {
  /**
   * Entries after a number, in order and without a gap, at most `limit`; none where the next one has not come yet. `gone` where the topic begins behind it. Rejects where Kafka fails; the next call
   * connects anew.
   */
  readonly entriesAfter: (after: JournalNumber, limit: number) => Promise<readonly JournalEntry[] | 'gone'>
  readonly close: () => Promise<void>
}

/** Where a reader goes on who wants one number next. */
interface Place {
  /** Read already and not taken. */
  readonly ahead: readonly LogRecord[]
  readonly next: number
  /** Whether the number is known to stand nowhere before. Else a place may be among repeats, behind which the next number does not come. */
  readonly isFirst: boolean
}

const pieceBytes = 2_097_152
const probeBytes = 65_536
/** How many records at the end may be repeats of a relay that woke up late; more than it sends at once. */
const endSpan = 1_000
/** How long one call waits for records where there are none. */
const waitMs = 100
/** Readers at different numbers: the followers, and rebuilds. */
const mostPlaces = 8
/** What one call gives at most, beyond its first entry. */
const mostBytes = 8_388_608

/** The journal as its topic tells it. Of the records exactly the one is taken whose number is next; lower ones are repeats, and higher ones are repeated once what is missing has been written. */
export const makeTopicEntries = (deps: TopicEntriesDeps): TopicEntries => {
  let log: TopicLog | undefined
  const places = new Map<JournalNumber, Place>()
  const close = async (): Promise<void> => {
    const open = log
    log = undefined
    places.clear()
    await open?.close()
  }
  const read = async (after: JournalNumber, limit: number): Promise<readonly JournalEntry[] | 'gone'> => {
    log ??= await deps.open()
    const place = places.get(after + 1) ?? await findPlace(log, after + 1)
    if (place === undefined) return 'gone'
    places.delete(after + 1)
    const taken = await takeFrom(log, place, after, limit)
    const entries = await Promise.all(taken.records.map(({ number, value }) => entryAt(number, value)))
    if (places.size >= mostPlaces) places.clear()
    if (taken.place !== undefined) places.set(after + 1 + entries.length, taken.place)
    return entries
  }
  const entryAt = async (number: JournalNumber, value: Uint8Array): Promise<JournalEntry> => {
    const told = readRecord(value)
    if (told?.number !== number) throw new Error(`The record of entry ${number} in the journal's topic cannot be read.`)
    const entry = told.entry ?? await deps.entryOf(number)
    if (entry === undefined) throw new Error(`The journal has no entry ${number}, of which the topic tells.`)
    return entry
  }
  return {
    close,
    entriesAfter: async (after, limit) => {
      try {
        return await read(after, limit)
      } catch (error) {
        await close().catch(() => undefined)
        throw error
      }
    },
  }
}

type Numbered = LogRecord & { readonly number: number }

interface Taken {
  readonly records: readonly Numbered[]
  /** Where the number after these is to be looked for; undefined where that must be found anew. */
  readonly place: Place | undefined
}

const takeFrom = async (log: TopicLog, { isFirst, ...place }: Place, after: JournalNumber, limit: number): Promise<Taken> => {
  const records: Numbered[] = []
  let [{ ahead, next }, bytes, patienceMs] = [place, 0, waitMs]
  for (;;) {
    for (const [index, { number, ...record }] of ahead.entries()) {
      const wanted = after + records.length + 1
      if (number !== undefined && number > wanted && !isFirst) return { records, place: undefined }
      if (number !== wanted) continue
      if (records.length === limit || (records.length > 0 && bytes + record.value.length > mostBytes)) return { records, place: { ahead: ahead.slice(index), next, isFirst } }
      records.push({ ...record, number })
      bytes += record.value.length
    }
    const from = next
    if (records.length < limit) ({ records: ahead, next } = await log.read(from, { waitMs: records.length === 0 ? patienceMs : 0, mostBytes: pieceBytes }))
    if (next === from) return { records, place: { ahead: [], next, isFirst } }
    patienceMs = 0
  }
}

/** Where to read on for a number: at one of its records, or at the end where it has not come. Undefined where the topic begins with a later one. */
const findPlace = async (log: TopicLog, number: JournalNumber): Promise<Place | undefined> => {
  const { low, high } = await log.range()
  const first = await firstFrom(log, low, high)
  if (first === undefined) return low === 0 || number > 1 ? { ahead: [], next: high, isFirst: low === 0 } : undefined
  if (first.number > number) return undefined
  const at = await firstNotBelow(log, number, low, high)
  if (at?.number === number) return { ahead: [], next: at.offset, isFirst: false }
  const found = await searchBack(log, number, at === undefined ? Math.max(low, high - endSpan) : low, at?.offset ?? high)
  return { ahead: [], next: found ?? at?.offset ?? high, isFirst: found === undefined && at !== undefined }
}

/** The first record at or behind an offset that has a number. */
const firstFrom = async (log: TopicLog, from: number, high: number): Promise<Numbered | undefined> => {
  for (let offset = from; offset < high;) {
    const { records, next } = await log.read(offset, { waitMs: 0, mostBytes: probeBytes })
    const found = records.find((record): record is Numbered => record.number !== undefined)
    if (found !== undefined) return found
    if (next === offset) return undefined
    offset = next
  }
  return undefined
}

/** A record of at least this number, with a lower one before it, by halving. Repeats may make it another than the first; where numbers fall back it may be a later one. */
const firstNotBelow = async (log: TopicLog, number: JournalNumber, low: number, high: number): Promise<Numbered | undefined> => {
  let [below, above] = [low - 1, high]
  let found: Numbered | undefined
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2)
    const record = await firstFrom(log, middle, high)
    if (record === undefined || record.number >= number) {
      found = record ?? found
      above = middle
    } else below = record.offset
  }
  return found
}

/** Where a number stands before an offset, from there back to `low` in ever larger steps. */
const searchBack = async (log: TopicLog, number: JournalNumber, low: number, before: number): Promise<number | undefined> => {
  for (let [to, step] = [before, endSpan]; to > low; step *= 4) {
    const begin = Math.max(low, to - step)
    for (let offset = begin; offset < to;) {
      const { records, next } = await log.read(offset, { waitMs: 0, mostBytes: pieceBytes })
      const found = records.find((record) => record.number === number && record.offset < to)
      if (found !== undefined) return found.offset
      if (next === offset) break
      offset = next
    }
    to = begin
  }
  return undefined
}

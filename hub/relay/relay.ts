import type { Follower } from '../../schemas/follower.js'
import type { JournalNumber } from '../../schemas/ids.js'
import type { JournalEntry } from '../../schemas/journal-entry.js'
import { readRecord, recordsOf, type OutgoingRecord, type RecordForm } from './journal-records.js'
import { readEnd, type TopicEnd } from './read-end.js'
import type { TopicLog } from './topic-log.js'

/** The topics while the relay is connected to them. */
export interface RelaySession {
  readonly journal: TopicLog
  readonly form: RecordForm
  /** What was recorded before has been removed from the topic by now, or will be; -Infinity where it keeps for ever. */
  readonly keptSinceMs: () => number
  /** Of all records of one send, in bytes. */
  readonly mostSendBytes: number
  /** Writes records, those of each topic in the order given; resolves when all of them are kept by as many brokers as the topics ask for. Gives the first record's offset, which says something of a topic with one partition. */
  readonly send: (records: readonly OutgoingRecord[]) => Promise<number>
  readonly close: () => Promise<void>
}

export interface RelayDeps {
  /** Connects, and makes the topics that are missing. */
  readonly open: () => Promise<RelaySession>
  /** The journal's table. */
  readonly entriesAfter: (after: JournalNumber, limit: number) => Promise<readonly JournalEntry[]>
  /** Told when records stand in the topic that this relay did not write since it looked. */
  readonly onRival: () => void
}

/** A follower whose effect is records in Kafka. */
export interface Relay extends Follower {
  readonly close: () => Promise<void>
}

/** How many entries go out with one send at most; twice as many records are looked at when the end of the topic is read. */
const sendEntries = 250

interface Connected {
  readonly session: RelaySession
  /** The last number that the topic is known to have. */
  position: JournalNumber
  nextOffset: number
}

/**
 * Brings entries to Kafka in their order. Where to go on is read from the topic alone, whenever it connects and whenever somebody else has written. Each entry is sent when the one before is
 * known to be kept, the documents' topics before the journal's: whatever is killed, and however many relays run, entries are repeated at worst, and what a consumer
 * is left with once it drops the numbers that it has had is in order and complete.
 */
export const makeRelay = (deps: RelayDeps): Relay => {
  let connected: Connected | undefined
  const disconnect = async (): Promise<void> => {
    const { session } = connected ?? {}
    connected = undefined
    await session?.close()
  }
  const connect = async (): Promise<Connected> => {
    const session = await deps.open()
    try {
      return connected = { session, ...await whereToGoOn(session, deps) }
    } catch (error) {
      await session.close()
      throw error
    }
  }
  return {
    name: 'relay',
    // Kafka may be away at the start of a hub; the first batch connects.
    position: () => Promise.resolve(connected?.position ?? 0),
    apply: async (after, entries) => {
      try {
        const state = connected ?? await connect()
        if (state.position !== after) return false
        for (const batch of batchesOf(entries, state.session)) {
          if (!await sendBatch(state, batch)) {
            deps.onRival()
            Object.assign(state, await whereToGoOn(state.session, deps))
            return false
          }
        }
        return true
      } catch (error) {
        await disconnect().catch(() => undefined)
        throw error
      }
    },
    close: disconnect,
  }
}

/** Reads the end of the topic and holds it against the journal. Rejects where the topic tells of another journal. */
const whereToGoOn = async (session: RelaySession, { entriesAfter }: RelayDeps): Promise<Pick<Connected, 'position' | 'nextOffset'>> => {
  const { last, nextOffset } = await readEnd(session.journal, 2 * sendEntries)
  if (last === undefined) return { position: nextOffset === 0 ? 0 : await lastBefore(session.keptSinceMs(), entriesAfter), nextOffset }
  const [known] = await entriesAfter(last.number - 1, 1)
  if (known === undefined || !tellsOf(last, known)) throw new Error(`The topic ${session.form.topicPrefix}.journal holds another journal: its entry ${last.number} is ${known === undefined ? 'none of this hub\'s' : 'another one here'}. Give this hub a topicPrefix of its own, or delete the topics.`)
  return { position: last.number, nextOffset }
}

/** The last entry that was recorded before an instant; 0 where none was. */
const lastBefore = async (sinceMs: number, entriesAfter: RelayDeps['entriesAfter']): Promise<JournalNumber> => {
  const isBefore = async (number: JournalNumber): Promise<boolean> => {
    const [entry] = await entriesAfter(number - 1, 1)
    return entry !== undefined && Date.parse(entry.recordedAt) < sinceMs
  }
  let [before, after] = [0, 1]
  while (await isBefore(after)) [before, after] = [after, after * 2]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (await isBefore(middle)) before = middle
    else after = middle
  }
  return before
}

const tellsOf = ({ value }: NonNullable<TopicEnd['last']>, known: JournalEntry): boolean => {
  const told = readRecord(value)
  return told?.recordedAt === known.recordedAt && told.type === known.type
}

interface SendBatch {
  readonly last: JournalNumber
  readonly documents: readonly OutgoingRecord[]
  readonly journal: readonly OutgoingRecord[]
}

/** False where the records did not come to stand right behind those that were known: somebody else wrote, or the end of the topic was lost. */
const sendBatch = async (state: Connected, { last, documents, journal }: SendBatch): Promise<boolean> => {
  if (documents.length > 0) await state.session.send(documents)
  const offset = await state.session.send(journal)
  if (offset !== state.nextOffset) return false
  state.nextOffset += journal.length
  state.position = last
  return true
}

/** Per record, beyond its value: key, headers and Kafka's own. */
const recordOverheadBytes = 512

const batchesOf = (entries: readonly JournalEntry[], { form, mostSendBytes }: RelaySession): readonly SendBatch[] => {
  const batches: { last: JournalNumber, bytes: number, documents: OutgoingRecord[], journal: OutgoingRecord[] }[] = []
  for (const entry of entries) {
    const { journal, document } = recordsOf(entry, form)
    const bytes = Math.max(Buffer.byteLength(journal.value), Buffer.byteLength(document?.value ?? '')) + recordOverheadBytes
    let batch = batches.at(-1)
    if (batch === undefined || batch.bytes + bytes > mostSendBytes || batch.journal.length === sendEntries) batches.push(batch = { last: 0, bytes: 0, documents: [], journal: [] })
    batch.last = entry.number
    batch.bytes += bytes
    batch.journal.push(journal)
    if (document !== undefined) batch.documents.push(document)
  }
  return batches
}

import type { JournalNumber } from '../../schemas/ids.js'
import type { JournalEntry } from '../../schemas/journal-entry.js'
import type { TopicEntries } from './topic-entries.js'

type ReadEntries = (after: JournalNumber, limit: number) => Promise<readonly JournalEntry[]>

export interface JournalSourceDeps {
  readonly topic: Pick<TopicEntries, 'entriesAfter'>
  readonly table: ReadEntries
  /** For how long the topic may lack what the table has, or fail, before the table steps in; and how long it then stays, in ms. */
  readonly patienceMs: number
  readonly nowMs: () => number
  readonly onSwitch: (using: JournalSourceState) => void
}

/** What is read, and why where it is not the topic. */
export type JournalSourceState = { readonly using: 'kafka' } | { readonly using: 'table', readonly reason: string }

export interface JournalSource {
  readonly entriesAfter: ReadEntries
  readonly state: () => JournalSourceState
}

/** The journal from its topic, and from the table where the topic is away, behind or begins later. */
export const makeJournalSource = ({ topic, table, patienceMs, nowMs, onSwitch }: JournalSourceDeps): JournalSource => {
  let state: JournalSourceState = { using: 'kafka' }
  let troubledSinceMs: number | undefined
  let tableUntilMs = 0
  const turnTo = (next: JournalSourceState): void => {
    if (next.using !== state.using) onSwitch(next)
    state = next
  }
  const fromTable = (reason: string, after: JournalNumber, limit: number): Promise<readonly JournalEntry[]> => {
    turnTo({ using: 'table', reason })
    return table(after, limit)
  }
  const isPatient = (): boolean => nowMs() - (troubledSinceMs ??= nowMs()) < patienceMs
  const fromTopic = async (after: JournalNumber, limit: number): Promise<readonly JournalEntry[]> => {
    const entries = await topic.entriesAfter(after, limit).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    if (entries instanceof Error) {
      if (isPatient()) throw entries
      tableUntilMs = nowMs() + patienceMs
      return fromTable(`Kafka cannot be read: ${entries.message}`, after, limit)
    }
    // What is older than the topic is read from the table without waiting for anything.
    if (entries === 'gone') return fromTable(`The topic begins behind entry ${after + 1}.`, after, limit)
    if (entries.length > 0) {
      troubledSinceMs = undefined
      turnTo({ using: 'kafka' })
      return entries
    }
    if (isPatient()) return []
    const [missing] = await table(after, 1)
    if (missing === undefined) {
      troubledSinceMs = undefined
      turnTo({ using: 'kafka' })
      return []
    }
    tableUntilMs = nowMs() + patienceMs
    return fromTable(`The topic does not have entry ${after + 1} yet.`, after, limit)
  }
  return {
    state: () => state,
    entriesAfter: (after, limit) => (nowMs() < tableUntilMs ? table(after, limit) : fromTopic(after, limit)),
  }
}

import type { JournalNumber } from './ids.js'
import type { FactEntry, JournalEntry, ParkedDecided } from './journal-entry.js'
import { cutText } from './storable.js'

export const parkedStates = ['parked', 'held', 'skipped'] as const
/** `parked`: its own cause keeps it; `held`: one before it does; `skipped`: it was decided to leave it out for good. */
export type ParkedState = (typeof parkedStates)[number]

/** A document that a follower's database refused, as it is told of once it is parked. `cause` is the database's own class of the refusal. */
export interface Parked {
  readonly entry: JournalNumber
  readonly cause: string
  readonly error: unknown
}

/** An entry that a follower writes down because it waits. */
export interface WaitingEntry {
  readonly entry: FactEntry
  readonly state: 'parked' | 'held'
  readonly cause: string | undefined
  /** What the database said, for people; no part of the digest. */
  readonly detail: string | undefined
  readonly heldBy: JournalNumber | undefined
  /** What it holds, see hold-entries.ts. */
  readonly keys: readonly string[]
}

/** As it is shown. */
export interface ParkedRow {
  readonly entry: JournalNumber
  readonly state: ParkedState
  readonly cause: string | null
  readonly detail: string | null
  readonly heldBy: JournalNumber | null
  /** How many entries wait for this one. */
  readonly holds: number
  readonly documentId: string | null
  readonly messageId: string | null
  readonly system: string | null
  readonly kind: string | null
  readonly number: string | null
}

/** Which of them are asked for: those of these states after `after`, in journal order. */
export interface ParkedWish {
  readonly states: readonly ParkedState[]
  readonly after: JournalNumber
  readonly limit: number
}

/** How many entries of a follower wait. */
export interface WaitingCounts {
  readonly parked: number
  readonly held: number
}

/** What an entry is known by to people. A number may itself be what the database refuses. */
export const shownOf = (entry: FactEntry): Partial<Record<'documentId' | 'messageId' | 'system' | 'kind' | 'number', string>> => (entry.type !== 'document.accepted' ? {} : {
  documentId: entry.documentId, messageId: entry.messageId, system: entry.system, kind: entry.document.kind,
  ...('number' in entry.document ? { number: cutText(entry.document.number, mostShown) } : {}),
})
const mostShown = 200

export const isFact = (entry: JournalEntry): entry is FactEntry => entry.type !== 'parked.decided'

/** Facts that are followed together, or a decision about a parked entry. */
export type Run = { readonly facts: readonly FactEntry[] } | { readonly decision: ParkedDecided }

/** Decisions about parked entries stand alone: what comes after them must find what they released. */
export const runsOf = (entries: readonly JournalEntry[]): readonly Run[] => {
  const runs: Run[] = []
  let facts: FactEntry[] = []
  for (const entry of entries) {
    if (isFact(entry)) {
      if (facts.length === 0) runs.push({ facts })
      facts.push(entry)
    } else {
      runs.push({ decision: entry })
      facts = []
    }
  }
  return runs
}

/** An identity decision that cannot be followed is not parked: without it everything after it would be told of the wrong parties. */
export const identityRefused = (refusedEntry: JournalNumber, cause: unknown): Error =>
  Object.assign(new Error(`The identity decision ${refusedEntry} cannot be followed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause }), { refusedEntry })

import { errorEntry, type ErrorCode } from './error-registry.js'
import type { DocumentId, JournalNumber, MessageId, ThreadId } from './ids.js'
import type { DocumentKind } from './canonical/canonical-document.js'

export type Outcome = 'accepted' | 'duplicate' | 'partial' | 'rejected'

/** What the hub answers for a message, in every protocol with the same names. */
export interface MessageAnswer {
  readonly messageId: MessageId
  readonly outcome: Outcome
  readonly documents: readonly AnsweredDocument[]
  /** Of a giant, how many parts have each outcome; `parts` then names the first of those that were not taken, and `documents` none. */
  readonly partCounts?: PartCounts
  /** One for each part, where the message was an envelope. */
  readonly parts?: readonly AnsweredPart[]
  /** The last journal number that the message caused; absent when it caused none. */
  readonly journalSeq?: JournalNumber
  /** How far each awaited follower had come when the answer was given. */
  readonly passed?: Readonly<Record<string, JournalNumber>>
  readonly errors: readonly Issue[]
}

export type PartCounts = Readonly<Record<Outcome, number>>

export interface AnsweredDocument {
  readonly kind: DocumentKind
  readonly id: DocumentId
  readonly number: string
  readonly revision: number
  readonly threadIds: readonly ThreadId[]
  /** The very same document had been accepted before; nothing changed. */
  readonly duplicate?: true
}

export interface AnsweredPart {
  readonly part: number
  readonly outcome: Outcome
  readonly documents: readonly AnsweredDocument[]
  readonly errors: readonly Issue[]
}

/** An error or, with `severity: warning`, something that was accepted all the same. */
export interface Issue {
  readonly code: ErrorCode
  readonly at: string
  readonly detail: string
  readonly severity?: 'warning'
  /** Where a registered schema is broken: the line in the message as received, from 1. */
  readonly line?: number
  /** From below the root of the document, `.` for the root itself. */
  readonly path?: string
  /** The clause of XML Schema (`cvc-enumeration-valid`) or the keyword of JSON Schema (`minLength`). */
  readonly rule?: string
  /** What to do, in a sentence for whoever writes the document. */
  readonly fix?: { readonly en: string, readonly zh: string }
}

/** The HTTP status of an answer: 200 for whatever was taken, else that of the first error. */
export const statusOfAnswer = ({ outcome, errors }: Pick<MessageAnswer, 'outcome' | 'errors'>): number => {
  if (outcome !== 'rejected') return 200
  const first = errors.find(({ severity }) => severity !== 'warning')
  return first === undefined ? 422 : errorEntry(first.code).status
}

import type { CanonicalDocument } from './canonical/canonical-document.js'
import type { DocumentId, JournalNumber, MessageId, SourceKey } from './ids.js'

/** What all entries carry. `recordedAt` is UTC, set by the commit, and the only clock a follower may look at. */
interface EntryHead {
  readonly number: JournalNumber
  readonly recordedAt: string
}

/** A document was accepted. `replaces` names the revision before, which no longer counts anywhere. */
export interface DocumentAccepted extends EntryHead {
  readonly type: 'document.accepted'
  readonly messageId: MessageId
  readonly documentId: DocumentId
  /** The system that sent it, whose names for parties the document carries. */
  readonly system: string
  readonly channel: string
  /** Marked by its sender as a test: kept and shown, in no business figure. */
  readonly test: boolean
  readonly revision: number
  readonly replaces: DocumentId | undefined
  readonly document: CanonicalDocument
}

/**
 * What a follower found out about source records that a document brought, entered once under (follower, cause, ordinal).
 * It names source records and never golden parties.
 */
export interface IdentityDecided extends EntryHead {
  readonly type: 'identity.decided'
  readonly follower: string
  /** The entry that led to the decision. */
  readonly cause: JournalNumber
  readonly ordinal: number
  readonly ruleVersion: string
  readonly decisions: readonly IdentityDecision[]
}

/**
 * `found`: the source record begins a golden party of its own. `link`: it is the same party as `with`; where both have a golden party already
 * these merge, and the one that was founded first (see foundingPlace) keeps its id; where neither has one, `with` begins it.
 */
export type IdentityDecision =
  | { readonly action: 'found', readonly source: SourceKey }
  | { readonly action: 'link', readonly source: SourceKey, readonly with: SourceKey, readonly rule: string, readonly evidence: string }

/**
 * An operator decided about an entry that a follower has parked because it cannot follow it: it tries once more, or leaves it out for good. Either way what waited
 * for it goes on. It stands in the journal so that a rebuild does the same at the same place.
 */
export interface ParkedDecided extends EntryHead {
  readonly type: 'parked.decided'
  readonly follower: string
  /** The parked entry. */
  readonly entry: JournalNumber
  readonly action: 'retry' | 'skip'
  /** The key that decided. */
  readonly by: string
}

/** What tells of the world, and not of the hub's own work. */
export type FactEntry = DocumentAccepted | IdentityDecided
export type JournalEntry = FactEntry | ParkedDecided

/** The `parked.decided` entry before the journal gives it a number. */
export type ParkedDecision = Omit<ParkedDecided, 'number' | 'recordedAt' | 'type'>

/** The `identity.decided` entry before the journal gives it a number. */
export type IdentityDraft = Omit<IdentityDecided, 'number' | 'recordedAt'>

/** How many decisions one entry can hold, so that a place in the order of all decisions is one number. */
const decisionsOfAnEntry = 1_000_000

/** Where a decision stands among all that were ever made: the `index`-th, from 0, of the entry `number`. */
export const foundingPlace = (number: JournalNumber, index: number): number => number * decisionsOfAnEntry + index

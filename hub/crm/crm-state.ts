import type { IdentityDraft } from '../../schemas/journal-entry.js'
import type { DocumentId, JournalNumber, PartyId, SourceKey } from '../../schemas/ids.js'
import type { DocumentRows } from './document-rows.js'
import type { GoldenParty, SourceRecord } from './source-record.js'

/** As much of the database as a batch of entries touches; the fold works on it in memory and the changes are written at once. */
export interface CrmState {
  readonly records: Map<SourceKey, SourceRecord>
  /** For each match key of the batch the oldest record that has it. */
  readonly oldestHolders: Map<string, SourceKey>
  readonly parties: Map<PartyId, GoldenParty>
  /** What the records of each golden party share with others. Read only where a record of the batch shows a match key that is new to it. */
  readonly partyKeys: Map<PartyId, Set<string>>
  /** Of each document that one of the batch replaces, the entry with which its first revision came. */
  readonly firstEntries: ReadonlyMap<DocumentId, JournalNumber>
}

export interface Merge {
  readonly loser: PartyId
  readonly survivor: PartyId
}

/** What a batch of entries changes. */
export interface CrmChanges {
  readonly records: readonly SourceRecord[]
  /** Records that were named again with nothing new. */
  readonly seen: readonly Pick<SourceRecord, 'key' | 'lastEntry'>[]
  readonly newMatchKeys: readonly { readonly record: SourceRecord, readonly matchKey: string }[]
  readonly newTerms: readonly { readonly key: SourceKey, readonly term: string }[]
  readonly founded: readonly GoldenParty[]
  /** Each survivor is one at the end of the batch. */
  readonly merges: readonly Merge[]
  readonly rows: DocumentRows
  readonly drafts: readonly IdentityDraft[]
}

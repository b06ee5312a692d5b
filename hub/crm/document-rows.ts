import { isTradeDocument } from '../../schemas/canonical/canonical-document.js'
import type { TradeDocument } from '../../schemas/canonical/trade-document.js'
import type { DocumentId, JournalNumber, SourceKey } from '../../schemas/ids.js'
import type { DocumentAccepted } from '../../schemas/journal-entry.js'
import { issuerKeyOf, keyedPartiesOf, keyedReferencesOf, type KeyedParty } from '../../schemas/source-key.js'
import { threadAnchorsOf, threadIdOf } from '../../schemas/thread-id.js'
import { documentTermsOf } from './document-terms.js'
import { dueOnOf, payableOf } from './payable.js'

export interface DocumentRow {
  readonly document_id: DocumentId
  readonly entry: JournalNumber
  readonly first_entry: JournalNumber
  readonly message_id: string
  readonly system: string
  readonly kind: string
  readonly number: string
  readonly function: string
  readonly revision: number
  readonly replaces: DocumentId | null
  readonly test: boolean
  readonly issuer_key: SourceKey | null
  readonly buyer_key: SourceKey | null
  readonly debtor_key: SourceKey | null
  readonly issued_on: string
  readonly due_on: string | null
  readonly currency: string | null
  readonly payable: string | null
}

export interface PartyRow {
  readonly document_id: DocumentId
  readonly role: string
  readonly line: string
  readonly source_key: SourceKey
}

export interface ReferenceRow {
  readonly document_id: DocumentId
  readonly ordinal: number
  readonly reference_no: number
  readonly from_line: string | null
  readonly to_line: string | null
  readonly kind: string
  readonly number: string
  readonly issuer_key: SourceKey | null
}

export interface AnchorRow {
  readonly thread_id: string
  readonly system: string
  readonly issuer_key: SourceKey | null
  readonly kind: string
  readonly number: string
  readonly first_entry: JournalNumber
}

/** What documents of an entry are found by. */
export interface SearchRow {
  readonly entry: JournalNumber
  readonly message_id: string
  readonly terms: readonly string[]
}

/** What the index keeps of trade documents, and the search of all, as rows named by column. */
export interface DocumentRows {
  readonly documents: readonly DocumentRow[]
  readonly parties: readonly PartyRow[]
  readonly references: readonly ReferenceRow[]
  readonly anchors: readonly AnchorRow[]
  readonly searches: readonly SearchRow[]
}

const referenceRows = (entry: DocumentAccepted, document: TradeDocument): readonly ReferenceRow[] => {
  let referenceNo = -1
  return keyedReferencesOf(entry.system, document).map((reference, ordinal) => {
    if (!reference.counterpart) referenceNo += 1
    return {
      document_id: entry.documentId, ordinal, reference_no: referenceNo,
      from_line: reference.fromLine ?? null, to_line: reference.toLine ?? null, kind: reference.kind, number: reference.number, issuer_key: reference.issuer ?? null,
    }
  })
}

/** Each once, though lines of one number may name the same. */
const partyRows = (document: DocumentId, parties: readonly KeyedParty[]): readonly PartyRow[] => {
  const rows = parties.map(({ role, line, key }) => ({ document_id: document, role, line: line ?? '', source_key: key }))
  const isOnHead = parties.every(({ line }) => line === undefined)
  return isOnHead ? rows : [...new Map(rows.map((row) => [JSON.stringify([row.role, row.line, row.source_key]), row])).values()]
}

const keyInRoles = (parties: readonly KeyedParty[], roles: readonly string[]): SourceKey | null => {
  for (const role of roles) {
    const found = parties.find((party) => party.role === role && party.line === undefined)
    if (found !== undefined) return found.key
  }
  return null
}

const documentRow = (entry: DocumentAccepted, firstEntry: JournalNumber, document: TradeDocument, parties: readonly KeyedParty[]): DocumentRow => {
  const payable = payableOf(document)
  return {
    document_id: entry.documentId, entry: entry.number, first_entry: firstEntry, message_id: entry.messageId, system: entry.system, kind: document.kind, number: document.number,
    function: document.function, revision: entry.revision, replaces: entry.replaces ?? null, test: entry.test,
    issuer_key: issuerKeyOf(entry.system, document) ?? null, buyer_key: keyInRoles(parties, ['buyer']), debtor_key: keyInRoles(parties, ['billTo', 'payer', 'buyer']),
    issued_on: document.issuedOn, due_on: dueOnOf(document) ?? null, currency: payable?.currency ?? null, payable: payable?.value ?? null,
  }
}

export const searchRowOf = (entry: DocumentAccepted): SearchRow => ({ entry: entry.number, message_id: entry.messageId, terms: documentTermsOf(entry) })

/** The rows that one accepted document, whose first revision came with `firstEntry`, adds to the index; for party and product documents that of the search alone. */
export const documentRowsOf = (entry: DocumentAccepted, firstEntry: JournalNumber): DocumentRows => {
  const { document, system, documentId } = entry
  if (!isTradeDocument(document)) return { documents: [], parties: [], references: [], anchors: [], searches: [searchRowOf(entry)] }
  const parties = keyedPartiesOf(system, document)
  return {
    documents: [documentRow(entry, firstEntry, document, parties)],
    parties: partyRows(documentId, parties),
    references: referenceRows(entry, document),
    anchors: threadAnchorsOf(system, document).map((anchor) => ({
      thread_id: threadIdOf(system, anchor), system, issuer_key: anchor.issuer ?? null, kind: anchor.kind, number: anchor.number, first_entry: entry.number,
    })),
    searches: [searchRowOf(entry)],
  }
}

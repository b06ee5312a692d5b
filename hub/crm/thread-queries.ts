import type { DocumentId, JournalNumber, MessageId, PartyId, ThreadId } from '../../schemas/ids.js'
import type { ReferenceKind, TradeDocument, TradeKind } from '../../schemas/canonical/trade-document.js'
import type { Database, Tx } from '../ops/database.js'
import { readSnapshot } from './snapshot.js'

/**
 * Whoever a document or reference means as its issuer or party, as believed at the time of reading: the golden party's id, before it is
 * decided the source key, and where nobody is named `system …`.
 */
export type Node = string

/** What a number belongs to. Two names are of one document when all three are equal. */
export interface ThreadName {
  readonly issuer: Node
  readonly kind: ReferenceKind
  readonly number: string
}

export interface IndexedReference {
  /** References with the same number here name one document twice: by either side's number. */
  readonly referenceNo: number
  readonly fromLine: string | null
  readonly toLine: string | null
  readonly kind: ReferenceKind
  readonly number: string
  readonly issuer: Node
}

/** A trade document as the index knows it. */
export interface IndexedDocument {
  readonly id: DocumentId
  readonly messageId: MessageId
  readonly entry: JournalNumber
  /** The entry with which its first revision came. */
  readonly firstEntry: JournalNumber
  readonly system: string
  readonly kind: TradeKind
  readonly number: string
  readonly function: TradeDocument['function']
  readonly revision: number
  readonly current: boolean
  readonly test: boolean
  readonly issuedOn: string
  readonly issuer: Node
  readonly issuerParty: PartyId | null
  readonly issuerName: string | null
  readonly parties: readonly Node[]
  readonly references: readonly IndexedReference[]
}

export interface IndexedAnchor extends ThreadName {
  readonly threadId: ThreadId
  readonly firstEntry: JournalNumber
}

export type NumberedKind = Pick<ThreadName, 'kind' | 'number'>

const nodeOf = (party: string, key: string, system: string): string => `coalesce(${party}::text, ${key}, 'system ' || ${system})`

/**
 * The documents of `candidate` (document_id, meant) that are meant anyhow or in which one of $3 has a part. Candidates are found by their numbers
 * first and their parties looked up one by one: to begin with all documents of a party would read half the database for a large seller.
 */
const documentsAmong = (candidate: string): string => `
  with candidate as materialized (${candidate})
  select d.document_id as id, d.message_id as "messageId", d.entry, d.first_entry as "firstEntry", d.system, d.kind, d.number, d.function, d.revision, d.current, d.test, d.issued_on as "issuedOn",
         ${nodeOf('issuer.party_id', 'd.issuer_key', 'd.system')} as issuer, issuer.party_id as "issuerParty", issuer.name as "issuerName", part.nodes as parties,
         array(select jsonb_build_object('referenceNo', r.reference_no, 'fromLine', r.from_line, 'toLine', r.to_line, 'kind', r.kind, 'number', r.number,
                      'issuer', ${nodeOf('by.party_id', 'r.issuer_key', 'd.system')})
                 from trade_reference r left join source_record by on by.key = r.issuer_key where r.document_id = d.document_id order by r.ordinal) as "references"
    from candidate join trade_document d using (document_id) left join source_record issuer on issuer.key = d.issuer_key
   cross join lateral (select array(select distinct coalesce(named.party_id::text, p.source_key)
                                      from document_party p join source_record named on named.key = p.source_key
                                     where p.document_id = d.document_id order by 1) as nodes) part
   where candidate.meant or ${nodeOf('issuer.party_id', 'd.issuer_key', 'd.system')} = any($3::text[]) or part.nodes && $3::text[]
   order by d.document_id`

const selectNumbered = (tx: Tx, kinds: readonly string[], numbers: readonly string[], nodes: readonly Node[]) => tx.query<IndexedDocument>(documentsAmong(
  'select d.document_id, false as meant from unnest($1::text[], $2::text[]) wanted(kind, number) join trade_document d using (kind, number)'), [kinds, numbers, nodes])

const selectReferring = (tx: Tx, kinds: readonly string[], numbers: readonly string[], nodes: readonly Node[]) => tx.query<IndexedDocument>(documentsAmong(
  `select r.document_id, bool_or(${nodeOf('by.party_id', 'r.issuer_key', 'd.system')} = any($3::text[])) as meant
     from unnest($1::text[], $2::text[]) wanted(kind, number) join trade_reference r using (kind, number) join trade_document d using (document_id)
     left join source_record by on by.key = r.issuer_key group by r.document_id`), [kinds, numbers, nodes])

const anchorColumns = `a.thread_id as "threadId", ${nodeOf('issuer.party_id', 'a.issuer_key', 'a.system')} as issuer, a.kind, a.number, a.first_entry as "firstEntry"
  from thread_anchor a left join source_record issuer on issuer.key = a.issuer_key`

const selectAnchor = (tx: Tx, id: ThreadId) => tx.query<IndexedAnchor>(`select ${anchorColumns} where a.thread_id = $1`, [id])

const selectAnchorsNamed = (tx: Tx, names: readonly ThreadName[]) => tx.query<IndexedAnchor>(
  `select ${anchorColumns}
    where (a.kind, a.number, ${nodeOf('issuer.party_id', 'a.issuer_key', 'a.system')}) in (select * from unnest($1::text[], $2::text[], $3::text[]))
    order by a.first_entry, a.thread_id`,
  [names.map(({ kind }) => kind), names.map(({ number }) => number), names.map(({ issuer }) => issuer)])

/** What the thread view asks, all in one snapshot. */
export interface ThreadQueries {
  readonly journalSeq: JournalNumber
  readonly anchor: (id: ThreadId) => Promise<IndexedAnchor | undefined>
  /** Oldest first. */
  readonly anchorsNamed: (names: readonly ThreadName[]) => Promise<readonly IndexedAnchor[]>
  /** Documents so numbered, in all revisions, that one of `nodes` issued or has a part in. */
  readonly documentsNumbered: (numbered: readonly NumberedKind[], nodes: readonly Node[]) => Promise<readonly IndexedDocument[]>
  /** Documents that refer to one so numbered, where one of `nodes` is meant as its issuer or has a part in the referring document. */
  readonly documentsReferringTo: (numbered: readonly NumberedKind[], nodes: readonly Node[]) => Promise<readonly IndexedDocument[]>
}

const threadQueriesOn = (tx: Tx, journalSeq: JournalNumber): ThreadQueries => {
  const asked = (select: typeof selectNumbered) => async (numbered: readonly NumberedKind[], nodes: readonly Node[]) =>
    (numbered.length === 0 || nodes.length === 0 ? [] : select(tx, numbered.map(({ kind }) => kind), numbered.map(({ number }) => number), nodes))
  return {
    journalSeq,
    anchor: async (id) => (await selectAnchor(tx, id))[0],
    anchorsNamed: (names) => selectAnchorsNamed(tx, names),
    documentsNumbered: asked(selectNumbered),
    documentsReferringTo: asked(selectReferring),
  }
}

/** Gives `read` the index of documents as it stands after one journal number. */
export const makeThreadReader = ({ database }: { readonly database: Database }) => <T>(read: (queries: ThreadQueries) => Promise<T>): Promise<T> =>
  readSnapshot(database, ({ tx, journalSeq }) => read(threadQueriesOn(tx, journalSeq)))

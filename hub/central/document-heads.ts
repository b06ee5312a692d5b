import type { DocumentId, ThreadId } from '../../schemas/ids.js'
import type { Tx } from '../ops/database.js'
import type { CommitDocument } from './commit-item.js'

/** A document that wants to be the current one of its sender, kind and number. */
export interface Candidate {
  readonly document: CommitDocument
  /** The place among the revisions that it already has; undefined when it is new and comes last. */
  readonly position: number | undefined
}

export interface RaisedHead {
  readonly documentId: DocumentId
  readonly revision: number
  readonly replaces: DocumentId | null
  readonly position: number
}

/**
 * Makes each candidate the current document, unless the current one has the same content or a later place. Gives those that were raised. The
 * heads of all stay locked until the end of the transaction. No two candidates may be of one sender, kind and number.
 */
export const raiseHeads = (tx: Tx, candidates: readonly Candidate[]): Promise<readonly RaisedHead[]> =>
  tx.query<RaisedHead>(`
    insert into document_head as head (sender, kind, number, document_id, revision, content_sha256, position)
    select sender, kind, number, document_id, 1, content_sha256, coalesce(position, nextval('message_position'))
    from unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::bigint[]) as given (sender, kind, number, document_id, content_sha256, position)
    order by sender, kind, number
    on conflict (sender, kind, number) do update
    set document_id = excluded.document_id, revision = head.revision + 1, replaces = head.document_id, content_sha256 = excluded.content_sha256,
      position = case when excluded.position = head.position then head.position else greatest(head.position + 1, excluded.position) end
    where head.content_sha256 <> excluded.content_sha256 and head.position <= excluded.position
    returning document_id as "documentId", revision, replaces, position`, [
    candidates.map(({ document }) => document.sender), candidates.map(({ document }) => document.kind), candidates.map(({ document }) => document.number),
    candidates.map(({ document }) => document.id), candidates.map(({ document }) => document.contentSha256), candidates.map(({ position }) => position ?? null),
  ])

export interface CurrentHead {
  readonly sender: string
  readonly kind: string
  readonly number: string
  readonly documentId: DocumentId
  readonly revision: number
  readonly contentSha256: string
  /** Null where the document is written later in this transaction. */
  readonly threadIds: readonly ThreadId[] | null
}

export const currentHeads = (tx: Tx, documents: readonly CommitDocument[]): Promise<readonly CurrentHead[]> =>
  tx.query<CurrentHead>(`
    select head.sender, head.kind, head.number, head.document_id as "documentId", head.revision, head.content_sha256 as "contentSha256", document.thread_ids::text[] as "threadIds"
    from document_head head join unnest($1::text[], $2::text[], $3::text[]) as given (sender, kind, number) using (sender, kind, number)
    left join document on document.id = head.document_id`,
  [documents.map(({ sender }) => sender), documents.map(({ kind }) => kind), documents.map(({ number }) => number)])

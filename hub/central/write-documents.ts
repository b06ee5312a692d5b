import type { MessageId } from '../../schemas/ids.js'
import type { Tx } from '../ops/database.js'
import type { CommitDocument, CommitItem, CommitPart } from './commit-item.js'
import type { Placement } from './place-documents.js'

/** A document that was accepted, with where it comes from and its place. */
export interface DocumentToWrite {
  readonly messageId: MessageId
  readonly item: Pick<CommitItem, 'channel' | 'system'>
  readonly part: CommitPart
  readonly document: CommitDocument
  readonly placement: Extract<Placement, { readonly type: 'new' }>
}

export const insertDocuments = (tx: Tx, documents: readonly DocumentToWrite[]): Promise<unknown> =>
  tx.query(`
    insert into document (id, message_id, part, position, channel, system, sender, kind, number, issuer_key, revision, replaces, function, thread_ids, content_sha256,
      format, mapping_version, test, body)
    select id, message_id, part, position, channel, system, sender, kind, number, issuer_key, revision, replaces, function, thread_ids::uuid[], content_sha256,
      format, mapping_version, test, body
    from unnest($1::uuid[], $2::uuid[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::int[], $12::uuid[],
      $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::bool[], $19::jsonb[])
      as given (id, message_id, part, position, channel, system, sender, kind, number, issuer_key, revision, replaces, function, thread_ids, content_sha256,
        format, mapping_version, test, body)`, [
    documents.map(({ document }) => document.id), documents.map(({ messageId }) => messageId), documents.map(({ part }) => part.ordinal),
    documents.map(({ placement }) => placement.position), documents.map(({ item }) => item.channel), documents.map(({ item }) => item.system),
    documents.map(({ document }) => document.sender), documents.map(({ document }) => document.kind), documents.map(({ document }) => document.number),
    documents.map(({ document }) => document.issuerKey), documents.map(({ placement }) => placement.revision), documents.map(({ placement }) => placement.replaces),
    // Rows of different length make no PostgreSQL array of arrays.
    documents.map(({ document }) => document.function), documents.map(({ document }) => `{${document.threadIds.join(',')}}`),
    documents.map(({ document }) => document.contentSha256), documents.map(({ part }) => part.format ?? ''), documents.map(({ part }) => part.mappingVersion ?? ''),
    documents.map(({ document }) => document.test), documents.map(({ document }) => document.body),
  ])

export const insertReferences = (tx: Tx, documents: readonly DocumentToWrite[]): Promise<unknown> => {
  const rows = documents.flatMap(({ document }) => document.references.map((reference, index) => ({ ...reference, documentId: document.id, ordinal: index + 1 })))
  return tx.query(`
    insert into document_reference (document_id, ordinal, from_line, kind, number, issuer_key, to_line)
    select * from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])`, [
    rows.map(({ documentId }) => documentId), rows.map(({ ordinal }) => ordinal), rows.map(({ fromLine }) => fromLine), rows.map(({ kind }) => kind),
    rows.map(({ number }) => number), rows.map(({ issuer }) => issuer), rows.map(({ toLine }) => toLine),
  ])
}

/**
 * Enters accepted documents into the journal, in their order, and gives the number of the first. Raises the one-row head, whose lock is held
 * until COMMIT: must be the last statement of its transaction, so that numbers are gapless and in commit order.
 */
export const appendDocuments = async (tx: Tx, documents: readonly DocumentToWrite[]): Promise<number> => {
  const rows = await tx.query<{ number: number }>(`
    with head as (update journal_head set number = number + cardinality($1::uuid[]) returning number - cardinality($1::uuid[]) as base)
    insert into journal (number, type, recorded_at, message_id, document_id)
    select head.base + given.ordinal, 'document.accepted', clock_timestamp(), message_id, document_id
    from head, unnest($1::uuid[], $2::uuid[]) with ordinality as given (message_id, document_id, ordinal)
    order by given.ordinal
    returning number`, [documents.map(({ messageId }) => messageId), documents.map(({ document }) => document.id)])
  return Math.min(...rows.map(({ number }) => number))
}

import type { CanonicalDocument, DocumentKind } from '../../schemas/canonical/canonical-document.js'
import type { DocumentId, MessageId, ThreadId } from '../../schemas/ids.js'
import type { Tx } from '../ops/database.js'

/** A revision of a document as it was accepted. */
export interface StoredDocument {
  readonly id: DocumentId
  readonly messageId: MessageId
  readonly part: number
  readonly channel: string
  readonly system: string
  readonly sender: string
  readonly kind: DocumentKind
  readonly number: string
  readonly revision: number
  readonly replaces: DocumentId | null
  readonly threadIds: readonly ThreadId[]
  readonly format: string
  readonly mappingVersion: string
  readonly test: boolean
  readonly document: CanonicalDocument
}

/** In no particular order; ids that are not stored are left out. */
export const documentsByIds = (tx: Tx, ids: readonly string[]): Promise<readonly StoredDocument[]> =>
  tx.query<StoredDocument>(`
    select id, message_id as "messageId", part, channel, system, sender, kind, number, revision, replaces, thread_ids::text[] as "threadIds", format,
      mapping_version as "mappingVersion", test, body as document
    from document where id = any($1::uuid[])`, [ids])

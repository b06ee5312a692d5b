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

const columns = `
  id, message_id as "messageId", part, channel, system, sender, kind, number, revision, replaces, thread_ids::text[] as "threadIds", format,
  mapping_version as "mappingVersion", test, body as document`

/** In no particular order; ids that are not stored are left out. */
export const documentsByIds = (tx: Tx, ids: readonly string[]): Promise<readonly StoredDocument[]> =>
  tx.query<StoredDocument>(`select ${columns} from document where id = any($1::uuid[])`, [ids])

/** What the parts of a message after one, at most `limit` of them, were made into: of each document the last that the message brought, in the order of the parts. */
export const documentsOfMessage = (tx: Tx, messageId: string, { after, limit }: { readonly after: number, readonly limit: number }): Promise<readonly StoredDocument[]> =>
  tx.query<StoredDocument>(`
    select * from (
      select distinct on (sender, kind, number) ${columns} from document
      where message_id = $1 and part in (select distinct part from document where message_id = $1 and part > $2 order by part limit $3)
      order by sender, kind, number, position desc, revision desc
    ) latest order by part, id`, [messageId, after, limit])

import type { DocumentId } from '../../../schemas/ids.js'
import type { Tx } from '../../ops/database.js'

/** Those of the documents that came in a part whose envelope asks for an acknowledgement. */
export const acknowledgementWished = async (tx: Tx, documentIds: readonly DocumentId[]): Promise<ReadonlySet<DocumentId>> => {
  const rows = await tx.query<{ id: DocumentId }>(`
    select document.id from document join part on part.message_id = document.message_id and part.ordinal = document.part
    where document.id = any($1::uuid[]) and part.ack_wanted`, [documentIds])
  return new Set(rows.map(({ id }) => id))
}

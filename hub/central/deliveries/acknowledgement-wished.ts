import type { DocumentId } from '../../../schemas/ids.js'
import type { SegmentFamily } from '../../../schemas/segment-separators.js'
import type { Tx } from '../../ops/database.js'

/** Those of the documents that came in a part whose envelope asks for an acknowledgement. */
export const acknowledgementWished = async (tx: Tx, documentIds: readonly DocumentId[]): Promise<ReadonlySet<DocumentId>> => {
  const rows = await tx.query<{ id: DocumentId }>(`
    select document.id from document join part on part.message_id = document.message_id and part.ordinal = document.part
    where document.id = any($1::uuid[]) and part.ack_wanted`, [documentIds])
  return new Set(rows.map(({ id }) => id))
}

/** Those of the documents whose language has interchanges, with the standard of these. */
export const documentsOfLanguages = async (tx: Tx, documentIds: readonly DocumentId[], familyOf: (language: string) => SegmentFamily | undefined): Promise<ReadonlyMap<DocumentId, SegmentFamily>> => {
  const rows = await tx.query<{ id: DocumentId, language: string }>("select id, split_part(format, '/', 1) as language from document where id = any($1::uuid[])", [documentIds])
  return new Map(rows.flatMap(({ id, language }) => {
    const family = familyOf(language)
    return family === undefined ? [] : [[id, family]]
  }))
}

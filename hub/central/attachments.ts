import type { MessageId } from '../../schemas/ids.js'
import type { Tx } from '../ops/database.js'
import type { CommitAttachment } from './commit-item.js'

interface AttachmentToWrite {
  readonly messageId: MessageId
  /** From 1. */
  readonly ordinal: number
  readonly attachment: CommitAttachment
}

/** Stores contents that are not stored yet, sorted so that batches cannot deadlock. */
export const insertAttachments = (tx: Tx, rows: readonly AttachmentToWrite[]): Promise<unknown> => {
  const contents = [...new Map(rows.map(({ attachment }) => [attachment.sha256, attachment])).values()].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))
  const lengths = contents.map(({ bytes }) => bytes.length)
  let end = 0
  const starts = lengths.map((length) => (end += length) - length + 1)
  // As one binary parameter, like the bytes of messages.
  return tx.query('insert into attachment (sha256, bytes) select sha256, substring($1::bytea from start for length) from unnest($2::text[], $3::int[], $4::int[]) as given (sha256, start, length) on conflict (sha256) do nothing',
    [Buffer.concat(contents.map(({ bytes }) => bytes)), contents.map(({ sha256 }) => sha256), starts, lengths])
}

/** Says which contents came with which message; a message that is tried again has them already. */
export const insertMessageAttachments = (tx: Tx, rows: readonly AttachmentToWrite[]): Promise<unknown> =>
  tx.query(`
    insert into message_attachment (message_id, ordinal, name, content_type, sha256)
    select * from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[]) on conflict do nothing`, [
    rows.map(({ messageId }) => messageId), rows.map(({ ordinal }) => ordinal), rows.map(({ attachment }) => attachment.name),
    rows.map(({ attachment }) => attachment.contentType), rows.map(({ attachment }) => attachment.sha256),
  ])

export interface StoredAttachment {
  readonly ordinal: number
  readonly name: string | null
  readonly contentType: string | null
  readonly sha256: string
  /** Null where they were dropped. */
  readonly bytes: number | null
}

/** The files that came with a message, without their bytes. */
export const attachmentsOfMessage = (tx: Tx, messageId: string): Promise<readonly StoredAttachment[]> =>
  tx.query<StoredAttachment>(`
    select ordinal, name, content_type as "contentType", attached.sha256, octet_length(bytes) as bytes
    from (select message_id, ordinal, name, content_type, coalesce(sha256, dropped_sha256) as sha256 from message_attachment) attached left join attachment using (sha256)
    where message_id = $1 order by ordinal`, [messageId])

/** The bytes of a file by their SHA-256, in hex. */
export const bytesOfAttachment = async (tx: Tx, sha256: string): Promise<Buffer | undefined> => {
  const [row] = await tx.query<{ bytes: Buffer }>('select bytes from attachment where sha256 = $1', [sha256])
  return row?.bytes
}

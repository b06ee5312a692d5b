import type { MessageId } from '../../../schemas/ids.js'
import type { Tx } from '../../ops/database.js'

/** A giant that is to be run, with how far it has come. */
export interface GiantRow {
  readonly messageId: MessageId
  readonly attempt: string
  readonly again: boolean
  readonly bytes: number
  readonly pieces: number
  readonly parts: number
  readonly finished: boolean
  readonly channel: string
  readonly system: string
  readonly sender: string
  readonly caller: string | null
  readonly contentType: string | null
  readonly contentEncoding: string | null
  /** Whether a document could be read so far. */
  readonly taken: boolean
}

export const giantById = async (tx: Tx, messageId: string): Promise<GiantRow | undefined> => {
  const [row] = await tx.query<GiantRow>(`
    select message_id as "messageId", giant.attempt, again, bytes, pieces, parts, finished, taken, channel, system, sender, caller, content_type as "contentType", content_encoding as "contentEncoding"
    from giant join message on message.id = giant.message_id where message_id = $1`, [messageId])
  return row
}

/** The giants that are not finished, the first to come first. */
export const unfinishedGiants = async (tx: Tx): Promise<readonly MessageId[]> =>
  (await tx.query<{ messageId: MessageId }>('select message_id as "messageId" from giant where not finished order by message_id')).map(({ messageId }) => messageId)

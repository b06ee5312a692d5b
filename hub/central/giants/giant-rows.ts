import type { MessageId } from '../../../schemas/ids.js'
import type { Tx } from '../../ops/database.js'
import { ownerIsGone } from '../processes.js'

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
  /** The version of one format's mapping that reads it; null where it is today's. */
  readonly mapping: string | null
}

export const giantById = async (tx: Tx, messageId: string): Promise<GiantRow | undefined> => {
  const [row] = await tx.query<GiantRow>(`
    select message_id as "messageId", giant.attempt, again, bytes, pieces, parts, finished, taken, giant.run_mapping as mapping, channel, system, sender, caller, content_type as "contentType", content_encoding as "contentEncoding"
    from giant join message on message.id = giant.message_id where message_id = $1`, [messageId])
  return row
}

/** Makes a process the owner of the giants that are not finished and that nobody works on any more; gives these, the first to come first. */
export const adoptGiants = async (tx: Tx, owner: string): Promise<readonly MessageId[]> =>
  (await tx.query<{ messageId: MessageId }>(
    `update giant set owner = $1 where not finished and owner is distinct from $1 and ${ownerIsGone('giant')} returning message_id as "messageId"`, [owner]))
    .map(({ messageId }) => messageId).sort()

/** Makes a process the owner of a giant that nobody else works on; false where another does. */
export const adoptGiant = async (tx: Tx, messageId: string, owner: string): Promise<boolean> =>
  (await tx.query(`update giant set owner = $2 where message_id = $1 and (owner = $2 or ${ownerIsGone('giant')}) returning message_id`, [messageId, owner])).length > 0

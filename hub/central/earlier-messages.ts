import type { JournalNumber, MessageId } from '../../schemas/ids.js'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import type { Tx } from '../ops/database.js'
import type { StoredOutcome } from './messages.js'

/** A message that is stored already, and where its documents stand among their revisions. */
export interface EarlierMessage {
  readonly messageId: MessageId
  readonly attempt: string
  readonly position: number
  readonly outcome: StoredOutcome
  readonly answer: MessageAnswer
  readonly first: JournalNumber | null
  readonly last: JournalNumber | null
  readonly documents: readonly { readonly sender: string, readonly kind: string, readonly number: string, readonly position: number }[]
}

/** Holds these messages until the end of the transaction. */
export const lockMessages = (tx: Tx, ids: readonly string[]): Promise<unknown> =>
  tx.query('select id from message where id = any($1::uuid[]) order by id for update', [ids])

/** Reads messages that were locked in a statement before, so that what their last holder wrote is seen. */
export const earlierMessages = (tx: Tx, ids: readonly string[]): Promise<readonly EarlierMessage[]> =>
  tx.query<EarlierMessage>(`
    select message.id as "messageId", attempt, message.position, outcome, answer, entries.first, entries.last, coalesce(own.documents, '[]') as documents
    from message
    cross join lateral (select min(number) as first, max(number) as last from journal where message_id = message.id) entries
    cross join lateral (
      select json_agg(json_build_object('sender', sender, 'kind', kind, 'number', number, 'position', position)) as documents
      from (select document.sender, kind, number, max(document.position) as position from document where message_id = message.id group by 1, 2, 3) each
    ) own
    where message.id = any($1::uuid[])`, [ids])

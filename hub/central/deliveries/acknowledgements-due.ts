import type { Tx } from '../../ops/database.js'

/** Messages, or giants, whose envelopes ask for an acknowledgement and whose outcome is known, locked for whoever makes it. */
export const acknowledgementsDue = async (tx: Tx, { limit, giants }: { readonly limit: number, readonly giants: boolean }): Promise<readonly string[]> => {
  const rows = await tx.query<{ id: string }>(`
    select due.message_id as id from acknowledgement_due due join message on message.id = due.message_id where message.outcome <> 'running'
      and exists (select from giant where giant.message_id = due.message_id) = $2
    order by due.message_id limit $1 for update of due skip locked`, [limit, giants])
  return rows.map(({ id }) => id)
}

/** Of these messages all is said that is to be said. */
export const acknowledgementsMade = (tx: Tx, messageIds: readonly string[]): Promise<unknown> => tx.query('delete from acknowledgement_due where message_id = any($1::uuid[])', [messageIds])

import type { Tx } from '../../ops/database.js'

/** Messages whose envelopes ask for an acknowledgement and whose outcome is known, locked for whoever makes it. */
export const acknowledgementsDue = async (tx: Tx, limit: number): Promise<readonly string[]> => {
  const rows = await tx.query<{ id: string }>(`
    select due.message_id as id from acknowledgement_due due join message on message.id = due.message_id where message.outcome <> 'running'
    order by due.message_id limit $1 for update of due skip locked`, [limit])
  return rows.map(({ id }) => id)
}

/** Of these messages all is said that is to be said. */
export const acknowledgementsMade = (tx: Tx, messageIds: readonly string[]): Promise<unknown> => tx.query('delete from acknowledgement_due where message_id = any($1::uuid[])', [messageIds])

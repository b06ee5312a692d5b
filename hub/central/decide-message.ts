import type { Tx } from '../ops/database.js'

/** Writes down what becomes of a message that could not be taken, or not wholly. What was decided before stays so. */
export const decideMessage = (tx: Tx, decision: { readonly messageId: string, readonly by: string, readonly reason: string, readonly mendedBy: string | undefined }): Promise<unknown> => tx.query(`
  insert into message_decision (message_id, decided_by, reason, mended_by)
  select id, $2, $3, $4 from message where id = $1 and outcome in ('partial', 'rejected') on conflict (message_id) do nothing`,
[decision.messageId, decision.by, decision.reason, decision.mendedBy ?? null])

import type { JournalNumber } from '../../schemas/ids.js'
import type { Database, Tx } from '../ops/database.js'

/** The CRM database as it stood after one journal number. */
export interface CrmSnapshot {
  readonly tx: Tx
  readonly journalSeq: JournalNumber
}

/** Runs reads that belong together in one snapshot. */
export const readSnapshot = <T>(database: Database, read: (snapshot: CrmSnapshot) => Promise<T>): Promise<T> => database.transaction(async (tx) => {
  await tx.query('set transaction isolation level repeatable read read only')
  const rows = await tx.query<{ position: JournalNumber }>('select position from follower_position')
  return read({ tx, journalSeq: rows[0]?.position ?? 0 })
})

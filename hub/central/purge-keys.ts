import type { Tx } from '../ops/database.js'

/**
 * Removes at most `limit` idempotency keys whose window is over at `now` (UTC), and gives how many they were. Keys that a commit is just taking again are left to it.
 * Messages stay: what comes again under a purged key is told by its documents, as duplicates or revisions.
 */
export const purgeExpiredKeys = async (tx: Tx, now: string, limit: number): Promise<number> => {
  const rows = await tx.query<{ purged: number }>(`
    with expired as (select channel, sender, key from idempotency_key where expires_at <= $1 limit $2 for update skip locked),
      gone as (delete from idempotency_key held using expired where (held.channel, held.sender, held.key) = (expired.channel, expired.sender, expired.key) returning 1)
    select count(*)::int as purged from gone`, [now, limit])
  return rows[0]?.purged ?? 0
}

import type { Tx } from '../ops/database.js'

/** Far more than the greatest age that a setting allows. */
const keptHours = 3

/**
 * Enters what may be used once, by its SHA-256; gives whether none of it had been used, by whatever process. A statement of its own:
 * it is committed when this resolves. What it enters stays entered where another of them had been used.
 */
export const useNonces = async (tx: Tx, hashes: readonly Uint8Array[]): Promise<boolean> => {
  const rows = await tx.query(`
    insert into used_nonce (sha256, expires_at) select sha256, now() + interval '${keptHours} hours' from unnest($1::bytea[]) as given (sha256) order by sha256
    on conflict do nothing returning 1`, [hashes])
  return rows.length === hashes.length
}

/** Removes what is too old to be taken again anyway. */
export const deleteExpiredNonces = (tx: Tx): Promise<unknown> =>
  tx.query('delete from used_nonce where sha256 in (select sha256 from used_nonce where expires_at < now() for update skip locked)')

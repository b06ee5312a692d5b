import type { Tx } from '../ops/database.js'

/** A key by the SHA-256 of its text, in hex; the text itself is never stored. */
export interface ApiKey {
  readonly id: string
  readonly sha256: string
  readonly role: string
  readonly party: string | undefined
  readonly channel: string | undefined
}

/** Does nothing where a key of this hash is stored already. */
export const insertApiKey = (tx: Tx, key: ApiKey): Promise<unknown> =>
  tx.query('insert into api_key (id, sha256, role, party, channel) values ($1, $2, $3, $4, $5) on conflict (sha256) do nothing',
    [key.id, key.sha256, key.role, key.party ?? null, key.channel ?? null])

/** The key of this hash, unless it was revoked. */
export const apiKeyBySha256 = async (tx: Tx, sha256: string): Promise<ApiKey | undefined> => {
  const [row] = await tx.query<{ id: string, role: string, party: string | null, channel: string | null }>(
    'select id, role, party, channel from api_key where sha256 = $1 and revoked_at is null', [sha256])
  return row === undefined ? undefined : { id: row.id, sha256, role: row.role, party: row.party ?? undefined, channel: row.channel ?? undefined }
}

/** Whether any key of this role is good. */
export const hasApiKey = async (tx: Tx, role: string): Promise<boolean> =>
  (await tx.query('select from api_key where role = $1 and revoked_at is null limit 1', [role])).length > 0

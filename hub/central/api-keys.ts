import type { Tx } from '../ops/database.js'

/** A key by the SHA-256 of its text, in hex; the text itself is never stored. */
export interface ApiKey {
  readonly id: string
  readonly sha256: string
  readonly role: string
  readonly party: string | undefined
  readonly channel: string | undefined
  /** `DOMAIN:IDENTITY`, where the key is shown in the header of documents too. */
  readonly headerIdentity?: string | undefined
}

/** By whose digests SOAP clients show the same key. */
interface SoapUser {
  readonly name: string
  readonly sealedPassword: Uint8Array
}

/** Gives whether it was stored: not where a key of this hash, or the user, is stored already. */
export const insertApiKey = async (tx: Tx, key: ApiKey, user?: SoapUser): Promise<boolean> => {
  const rows = await tx.query('insert into api_key (id, sha256, role, party, channel, soap_user, soap_password, header_identity) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning 1',
    [key.id, key.sha256, key.role, key.party ?? null, key.channel ?? null, user?.name ?? null, user?.sealedPassword ?? null, key.headerIdentity ?? null])
  return rows.length > 0
}

/** The key of a SOAP user with the sealed password, unless it was revoked. */
export const apiKeyBySoapUser = async (tx: Tx, name: string): Promise<{ readonly key: ApiKey, readonly sealedPassword: Uint8Array } | undefined> => {
  const [row] = await tx.query<{ id: string, sha256: string, role: string, party: string | null, channel: string | null, sealed: Buffer }>(
    'select id, sha256, role, party, channel, soap_password as sealed from api_key where soap_user = $1 and revoked_at is null', [name])
  return row === undefined ? undefined : { key: { id: row.id, sha256: row.sha256, role: row.role, party: row.party ?? undefined, channel: row.channel ?? undefined }, sealedPassword: row.sealed }
}

/** The key of this hash, unless it was revoked. */
export const apiKeyBySha256 = async (tx: Tx, sha256: string): Promise<ApiKey | undefined> => {
  const [row] = await tx.query<{ id: string, role: string, party: string | null, channel: string | null, header_identity: string | null }>(
    'select id, role, party, channel, header_identity from api_key where sha256 = $1 and revoked_at is null', [sha256])
  return row === undefined ? undefined : { id: row.id, sha256, role: row.role, party: row.party ?? undefined, channel: row.channel ?? undefined, headerIdentity: row.header_identity ?? undefined }
}

/** Whether any key of this role is good. */
export const hasApiKey = async (tx: Tx, role: string): Promise<boolean> =>
  (await tx.query('select from api_key where role = $1 and revoked_at is null limit 1', [role])).length > 0

import { createHash } from 'node:crypto'
import type { Tx } from '../ops/database.js'
import type { CommitItem } from './commit-item.js'

/** How long a key keeps its message, counted from its receipt; the same key later is a new message. Expired keys are purged every now and then. */
export const keyWindowDays = 90

/** What is known of a message before it is read. */
export type KeyedItem = Pick<CommitItem, 'messageId' | 'channel' | 'sender' | 'idempotencyKey' | 'rawSha256' | 'attachments' | 'receivedAt'>

/** What a message must have in common with another to be its repeat, in hex: its bytes, and its attachments where it has any. */
export const contentSha256Of = ({ rawSha256, attachments = [] }: Pick<CommitItem, 'rawSha256' | 'attachments'>): string => {
  if (attachments.length === 0) return rawSha256
  return createHash('sha256').update(JSON.stringify([rawSha256, attachments.map(({ name, contentType, sha256 }) => [name, contentType, sha256])])).digest('hex')
}

/** The key under which a message's repeats are known. The two kinds never meet. */
export const keyOf = (item: Pick<CommitItem, 'idempotencyKey' | 'rawSha256' | 'attachments'>): string =>
  item.idempotencyKey === undefined ? `raw ${contentSha256Of(item)}` : `key ${item.idempotencyKey}`

/** Takes the keys that are free or expired and gives the ids of the messages that have theirs now. Waits for whoever is just taking one of them. */
export const claimKeys = async (tx: Tx, items: readonly KeyedItem[]): Promise<ReadonlySet<string>> => {
  const rows = await tx.query<{ messageId: string }>(`
    insert into idempotency_key as held (channel, sender, key, content_sha256, message_id, expires_at)
    select channel, sender, key, content_sha256, message_id, received_at + interval '${keyWindowDays} days'
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[])
      as given (channel, sender, key, content_sha256, message_id, received_at)
    order by channel, sender, key
    on conflict (channel, sender, key) do update
    set content_sha256 = excluded.content_sha256, message_id = excluded.message_id, expires_at = excluded.expires_at, repeats = 0, last_repeat_at = null
    where held.expires_at <= excluded.expires_at - interval '${keyWindowDays} days'
    returning message_id as "messageId"`, [
    items.map((item) => item.channel), items.map((item) => item.sender), items.map(keyOf),
    items.map(contentSha256Of), items.map((item) => item.messageId), items.map((item) => item.receivedAt),
  ])
  return new Set(rows.map((row) => row.messageId))
}

export interface HeldKey {
  readonly channel: string
  readonly sender: string
  readonly key: string
  readonly contentSha256: string
  readonly messageId: string
}

/** Who has the keys of these items. */
export const holdersOfKeys = (tx: Tx, items: readonly KeyedItem[]): Promise<readonly HeldKey[]> =>
  tx.query<HeldKey>(`
    select channel, sender, key, held.content_sha256 as "contentSha256", held.message_id as "messageId"
    from idempotency_key held join unnest($1::text[], $2::text[], $3::text[]) as given (channel, sender, key) using (channel, sender, key)`,
  [items.map((item) => item.channel), items.map((item) => item.sender), items.map(keyOf)])

/** Counts a repeat for each of these messages. */
export const countRepeats = (tx: Tx, items: readonly KeyedItem[]): Promise<unknown> =>
  tx.query(`
    update idempotency_key held set repeats = repeats + 1, last_repeat_at = given.received_at
    from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) as given (channel, sender, key, received_at)
    where (held.channel, held.sender, held.key) = (given.channel, given.sender, given.key)`,
  [items.map((item) => item.channel), items.map((item) => item.sender), items.map(keyOf), items.map((item) => item.receivedAt)])

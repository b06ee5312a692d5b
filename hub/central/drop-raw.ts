import type { Database, Tx } from '../ops/database.js'
import { chunkTableOf, limitWaiting, type Partition } from './partitions.js'

/** Whose bytes are dropped, and when: so many days after they came. */
export interface DropRule {
  readonly channel: string
  readonly outcome: string
  readonly days: number
  /** In words, for whoever asks for what was dropped. */
  readonly rule: string
}

/** What there is bytes of: every channel with every outcome. */
export const heldKinds = (tx: Tx): Promise<readonly Pick<DropRule, 'channel' | 'outcome'>[]> => tx.query<Pick<DropRule, 'channel' | 'outcome'>>(`
  select distinct channel, outcome from raw_block where dropped_at is null
  union select distinct channel, outcome from giant join message on message.id = giant.message_id where message.raw_block is null and finished`)

/** Of one transaction. */
const mostBlocks = 100

interface DroppedBlock {
  readonly id: number
  readonly messages: number
  readonly firstId: string
  readonly lastId: string
}

/** Drops the bytes of some blocks whose time is over, and the files that came with their messages; gives of how many messages. 0 where none is left. */
export const dropBlocks = (database: Database, { channel, outcome, days, rule }: DropRule): Promise<number> => database.transaction(async (tx) => {
  const blocks = await tx.query<DroppedBlock>(`
    update raw_block set bytes = null, dropped_at = clock_timestamp(), rule = $4
    where id in (
      select id from raw_block where channel = $1 and outcome = $2 and dropped_at is null and last_received_at < clock_timestamp() - make_interval(days => $3)
      order by last_received_at limit ${mostBlocks} for update)
    returning id, messages, first_id as "firstId", last_id as "lastId"`, [channel, outcome, days, rule])
  for (const { id, firstId, lastId } of blocks) {
    await dropAttachments(tx, `select id from message where id between $1 and $2 and raw_block = $3`, [firstId, lastId, id])
  }
  return blocks.reduce((sum, { messages }) => sum + messages, 0)
})

/** Drops the bytes of one giant whose time is over and that somebody decided on; gives 0 where none is left. */
export const dropGiant = (database: Database, { channel, outcome, days, rule }: DropRule): Promise<number> => database.transaction(async (tx) => {
  const [giant] = await tx.query<{ id: string, receivedAt: string, bytes: number }>(`
    select message.id, received_at as "receivedAt", giant.bytes from giant join message on message.id = giant.message_id
    where finished and raw_block is null and channel = $1 and outcome = $2 and received_at < clock_timestamp() - make_interval(days => $3)
      and (outcome in ('accepted', 'duplicate') or exists (select from message_decision where message_decision.message_id = message.id))
    limit 1 for update of giant, message`, [channel, outcome, days])
  if (giant === undefined) return 0
  const [block] = await tx.query<{ id: number }>(`
    insert into raw_block (channel, outcome, first_id, last_id, last_received_at, messages, raw_bytes, dropped_at, rule) values ($1, $2, $3, $3, $4, 1, $5, clock_timestamp(), $6) returning id`,
  [channel, outcome, giant.id, giant.receivedAt, giant.bytes, rule])
  await tx.query('update message set raw_block = $2, raw_start = 0, raw_length = 0, raw = \'\', large_raw = null where id = $1', [giant.id, block?.id])
  await tx.query('delete from message_chunk where message_id = $1', [giant.id])
  await dropAttachments(tx, 'select $1::uuid', [giant.id])
  return 1
})

/** A file that another message refers to stays. One that a message is just bringing again makes this fail, by the foreign key, and the next round does it. */
const dropAttachments = async (tx: Tx, messages: string, values: readonly unknown[]): Promise<void> => {
  const dropped = await tx.query<{ sha256: string }>(`
    update message_attachment set dropped_sha256 = sha256, sha256 = null where message_id in (${messages}) and sha256 is not null returning dropped_sha256 as sha256`, values)
  if (dropped.length === 0) return
  await tx.query('delete from attachment where sha256 = any($1::text[]) and not exists (select from message_attachment used where used.sha256 = attachment.sha256)', [dropped.map(({ sha256 }) => sha256)])
}

/** Drops the table of pieces of a time that is over where nothing is left in it but bytes that were packed from there. */
export const dropEmptyChunkTable = (database: Database, { name }: Pick<Partition, 'name'>): Promise<boolean> => database.transaction(async (tx) => {
  const table = chunkTableOf(name)
  const [found] = await tx.query<{ there: boolean }>('select to_regclass($1) is not null as there', [table])
  if (found?.there !== true) return false
  await tx.query(`delete from ${table} piece using message where message.id = piece.message_id and message.raw_block is not null`)
  await limitWaiting(tx)
  await tx.query('lock table only message_chunk in access exclusive mode')
  const [left] = await tx.query<{ some: boolean }>(`select exists (select from ${table}) as some`)
  if (left?.some === true) return false
  await tx.query(`drop table ${table}`)
  return true
})

import type { Database, Tx } from '../ops/database.js'
import { dropTaken } from './early-bytes.js'
import { looseLength, looseRaw } from './messages.js'
import { expandPiece } from './packed-piece.js'
import { boundsOf, limitWaiting, type Partition } from './partitions.js'
import { storeBlocks, type LooseRaw, type PackedRaw } from './raw-blocks.js'

interface LooseRow extends LooseRaw {
  readonly raw: Buffer
  /** Of its bytes when they are expanded; null where they stand as they came. */
  readonly length: number | null
  /** Whether its bytes may go into a block: it was taken, or somebody said what becomes of it. Not a giant's, whose bytes stand elsewhere. */
  readonly packable: boolean
}

/** What is read at a time: of the bytes of messages, at most so many beyond the first. */
const most = { rows: 2048, bytes: 16 * 1024 * 1024 } as const

const decided = `(outcome in ('accepted', 'duplicate') or exists (select from message_decision where message_id = message.id))`
const looseColumns = `id, channel, outcome, received_at as "receivedAt", ${looseRaw} as raw, ${looseLength} as length, ${decided} and octet_length(${looseRaw}) > 0 as packable`

/** For whoever looks in it for what a partner sent and for errors; a table that messages still come into can't afford them. */
const indexes = [
  ['channel', '(channel, id)'], ['sender', '(sender, id)'], ['caller', '(caller, id)'],
  ['codes', 'using gin (jsonb_path_query_array(answer::jsonb, \'$.errors[*].code\')) where json_array_length(answer->\'errors\') > 0'],
] as const

/**
 * Rewrites a table of messages that is old: the bytes of decided messages go into blocks, the rest stays as it is, and the old table is dropped. What is done stays done
 * when it is stopped, and the next call goes on there. Messages may be processed again meanwhile. Gives how many were packed, undefined where it was stopped.
 */
export const packPartition = async (database: Database, partition: Partition, isStopped: () => boolean): Promise<number | undefined> => {
  const packedName = `${partition.name}_packed`
  await beginPacking(database, partition.name, packedName)
  const columns = await columnsOf(database)
  let packed = 0
  for (;;) {
    if (isStopped()) return undefined
    const batch = await packBatch(database, { name: partition.name, packedName, columns })
    if (batch === undefined) break
    packed += batch
  }
  for (const [name, on] of indexes) await database.query(`create index if not exists ${packedName}_${name} on ${packedName} ${on}`)
  await database.transaction((tx) => swapTables(tx, partition, packedName))
  return packed
}

const beginPacking = (database: Database, name: string, packedName: string): Promise<void> => database.transaction(async (tx) => {
  await limitWaiting(tx)
  await tx.query(`create or replace trigger note_touched after insert or update on ${name} for each row execute function note_touched_message()`)
  await tx.query(`create table if not exists ${packedName} (like message including all)`)
})

const columnsOf = async (tx: Tx): Promise<readonly string[]> =>
  (await tx.query<{ name: string }>('select attname as name from pg_attribute where attrelid = \'message\'::regclass and attnum > 0 and not attisdropped order by attnum')).map(({ name }) => name)

interface Packing {
  readonly name: string
  readonly packedName: string
  readonly columns: readonly string[]
}

/** Packs the next messages, and gives how many of them went into blocks; undefined where there are none left. */
const packBatch = (database: Database, packing: Packing): Promise<number | undefined> => database.transaction(async (tx) => {
  const rows = await nextRows(tx, packing)
  const last = rows.at(-1)
  if (last === undefined) return undefined
  const packed = await storeBlocks(tx, await packableOf(rows))
  await copyRows(tx, packing, rows.map(({ id }) => id), packed)
  await keep(tx, rows.filter(({ packable, raw }) => !packable && raw.length > 0).map(({ id }) => id))
  return packed.length
})

const packableOf = (rows: readonly LooseRow[]): Promise<readonly LooseRaw[]> =>
  Promise.all(rows.filter(({ packable }) => packable).map(async (row) => ({ ...row, raw: await expandPiece({ bytes: row.raw, length: row.length }) })))

const nextRows = (tx: Tx, { name, packedName }: Packing): Promise<readonly LooseRow[]> => tx.query<LooseRow>(`
  select * from (
    select message.*, row_number() over (order by id) as place, sum(coalesce(length, octet_length(raw))) over (order by id) as bytes from (
      select ${looseColumns} from ${name} message where id > coalesce((select id from ${packedName} order by id desc limit 1), '00000000-0000-0000-0000-000000000000') order by id limit ${most.rows}
    ) message
  ) listed where place = 1 or bytes <= ${most.bytes} order by id`)

const replaced: Readonly<Record<string, string>> = {
  raw: 'case when packed.id is null then message.raw else \'\' end', large_raw: 'case when packed.id is null then message.large_raw end',
  raw_block: 'coalesce(packed.block, message.raw_block)', raw_start: 'coalesce(packed.start, message.raw_start)', raw_length: 'coalesce(packed.length, message.raw_length)',
}

const copyRows = (tx: Tx, { name, packedName, columns }: Packing, ids: readonly string[], packed: readonly PackedRaw[]): Promise<unknown> => tx.query(`
  insert into ${packedName} (${columns.join(', ')})
  select ${columns.map((column) => replaced[column] ?? `message.${column}`).join(', ')}
  from ${name} message left join unnest($2::uuid[], $3::bigint[], $4::int[], $5::int[]) as packed (id, block, start, length) on packed.id = message.id
  where message.id = any($1::uuid[])`, [ids, packed.map(({ id }) => id), packed.map(({ block }) => block), packed.map(({ start }) => start), packed.map(({ length }) => length)])

const keep = (tx: Tx, ids: readonly string[]): Promise<unknown> =>
  tx.query('insert into message_kept (message_id) select * from unnest($1::uuid[]) on conflict do nothing', [ids])

/** Puts the packed table in the old one's place. The intake waits meanwhile, for as long as it takes to look at a few rows and to rename. */
const swapTables = async (tx: Tx, partition: Partition, packedName: string): Promise<void> => {
  const { name } = partition
  const { from, to } = await boundsOf(tx, partition)
  // Before the table is locked: with it the rows need not be looked at while it is.
  await tx.query(`alter table ${packedName} drop constraint if exists of_its_time`)
  await tx.query(`alter table ${packedName} add constraint of_its_time check (${from === 'minvalue' ? '' : `id >= ${from} and `}id < ${to})`)
  await limitWaiting(tx)
  await tx.query('lock table only message in access exclusive mode')
  const touched = (await tx.query<{ id: string }>('delete from message_touched where partition = $1 returning message_id as id', [name])).map(({ id }) => id)
  if (touched.length > 0) {
    await tx.query(`delete from ${packedName} where id = any($1::uuid[])`, [touched])
    await tx.query(`insert into ${packedName} select * from ${name} where id = any($1::uuid[])`, [touched])
    await keep(tx, touched)
  }
  await tx.query(`alter table message detach partition ${name}`)
  await tx.query(`drop table ${name}`)
  await tx.query(`alter table ${packedName} rename to ${name}`)
  await tx.query(`alter table message attach partition ${name} for values from (${from}) to (${to})`)
  await tx.query('update message_partition set packed_at = clock_timestamp() where name = $1', [name])
}

/** Packs what was left out when its table was packed and has been decided by now; gives how many messages that were. */
export const packKept = (database: Database): Promise<number> => database.transaction(async (tx) => {
  const rows = await tx.query<LooseRow>(`
    select ${looseColumns} from message where id in (
      select message_id from message_kept join message on message.id = message_id where ${decided} order by message_id limit 64)
    order by id for update of message`)
  const packed = await storeBlocks(tx, await packableOf(rows))
  await tx.query(`
    update message set raw = '', large_raw = null, raw_block = packed.block, raw_start = packed.start, raw_length = packed.length
    from unnest($1::uuid[], $2::bigint[], $3::int[], $4::int[]) as packed (id, block, start, length) where message.id = packed.id`,
  [packed.map(({ id }) => id), packed.map(({ block }) => block), packed.map(({ start }) => start), packed.map(({ length }) => length)])
  await dropTaken(tx, packed.map(({ id }) => id))
  await tx.query('delete from message_kept where message_id = any($1::uuid[])', [rows.map(({ id }) => id)])
  return rows.length
})

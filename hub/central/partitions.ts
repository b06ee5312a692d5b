import type { Database, Tx } from '../ops/database.js'

/** A table of messages of a time, and the one of giants' pieces beside it. */
export interface Partition {
  /** Of the table of messages. */
  readonly name: string
  /** UTC; null: whatever is older. */
  readonly fromAt: string | null
  /** UTC, itself not within. */
  readonly toAt: string
  readonly packedAt: string | null
}

/** The oldest first. */
export const listPartitions = (tx: Tx): Promise<readonly Partition[]> =>
  tx.query<Partition>('select name, from_at as "fromAt", to_at as "toAt", packed_at as "packedAt" from message_partition order by to_at')

/** The table of giants' pieces beside a table of messages. */
export const chunkTableOf = (name: string): string => name.replace(/^message_/, 'message_chunk_')

/** From where to where the ids of a time go, as SQL. */
export const boundsOf = async (tx: Tx, { fromAt, toAt }: Pick<Partition, 'fromAt' | 'toAt'>): Promise<{ readonly from: string, readonly to: string }> => {
  const [row] = await tx.query<{ from: string | null, to: string }>('select first_id_at($1::timestamptz)::text as "from", first_id_at($2::timestamptz)::text as "to"', [fromAt, toAt])
  if (row === undefined) throw new Error('There are no bounds.')
  return { from: row.from === null ? 'minvalue' : `'${row.from}'`, to: `'${row.to}'` }
}

/** Of one that cannot be had at once, so that nobody waits behind it for long. */
export const limitWaiting = (tx: Tx): Promise<unknown> => tx.query('set local lock_timeout = \'3s\'')

/**
 * Makes the next tables of `days` each, until there are some for `aheadDays` from now on, by PostgreSQL's clock; gives their names. What came meanwhile with ids of
 * their time moves into them.
 */
export const makePartitionsAhead = async (database: Database, days: number, aheadDays: number): Promise<readonly string[]> => {
  const made: string[] = []
  for (;;) {
    const name = await database.transaction(async (tx) => {
      await limitWaiting(tx)
      await tx.query('select pg_advisory_xact_lock(hashtext(\'chainhub message partitions\'))')
      const [next] = await tx.query<{ fromAt: string, toAt: string, name: string }>(`
        select max(to_at) as "fromAt", max(to_at) + make_interval(days => $1) as "toAt", 'message_' || to_char(max(to_at) at time zone 'UTC', 'YYYYMMDD') as name
        from message_partition having max(to_at) < now() + make_interval(days => $2)`, [days, aheadDays])
      if (next === undefined) return undefined
      await addTable(tx, { parent: 'message', id: 'id', name: next.name }, await boundsOf(tx, next))
      await addTable(tx, { parent: 'message_chunk', id: 'message_id', name: chunkTableOf(next.name) }, await boundsOf(tx, next))
      await tx.query('insert into message_partition (name, from_at, to_at) values ($1, $2, $3)', [next.name, next.fromAt, next.toAt])
      return next.name
    })
    if (name === undefined) return made
    made.push(name)
  }
}

interface TableOfTime {
  readonly parent: string
  /** The column that it goes by. */
  readonly id: string
  readonly name: string
}

const addTable = async (tx: Tx, { parent, id, name }: TableOfTime, { from, to }: { readonly from: string, readonly to: string }): Promise<void> => {
  await tx.query(`create table ${name} (like ${parent} including all)`)
  await tx.query(`with moved as (delete from ${parent}_default where ${id} >= ${from} and ${id} < ${to} returning *) insert into ${name} select * from moved`)
  await tx.query(`alter table ${parent} attach partition ${name} for values from (${from}) to (${to})`)
}

import type { Tx } from '../ops/database.js'

/** A process of the hub as the others see it. */
export interface ProcessRow {
  readonly id: string
  readonly roles: readonly string[]
  readonly url: string | null
  readonly version: string
  readonly host: string
  readonly pid: number
  readonly startedAt: string
  readonly heartbeatAt: string
}

/** A process that was not heard of for so long, in ms, is taken for dead. Leases are lost sooner. */
const deadAfterMs = 15_000

const alive = `heartbeat_at > clock_timestamp() - interval '${deadAfterMs} milliseconds'`

export const insertProcess = (tx: Tx, { id, roles, url, version, host, pid }: Omit<ProcessRow, 'startedAt' | 'heartbeatAt'>): Promise<unknown> =>
  tx.query('insert into process (id, roles, url, version, host, pid) values ($1, $2, $3, $4, $5, $6) on conflict (id) do update set url = excluded.url', [id, roles, url, version, host, pid])

/** Says that the process lives; gives whether it was still listed, and how many others live. */
export const beat = async (tx: Tx, id: string): Promise<{ readonly listed: boolean, readonly others: number }> => {
  const [row] = await tx.query<{ listed: boolean, others: number }>(
    `with mine as (update process set heartbeat_at = clock_timestamp() where id = $1 returning id)
     select exists (select from mine) as listed, (select count(*) from process where id <> $1 and ${alive}) as others`, [id])
  return row ?? { listed: false, others: 0 }
}

export const setProcessUrl = (tx: Tx, id: string, url: string): Promise<unknown> => tx.query('update process set url = $2 where id = $1', [id, url])

export const deleteProcess = (tx: Tx, id: string): Promise<unknown> => tx.query('delete from process where id = $1', [id])

/** Forgets those that were not heard of for a day. */
export const deleteOldProcesses = (tx: Tx): Promise<unknown> => tx.query(`delete from process where heartbeat_at < clock_timestamp() - interval '1 day'`)

/** For a process that knows that it is the only one: whatever others left behind is nobody's. */
export const disownAll = async (tx: Tx): Promise<void> => {
  await tx.query('delete from process')
  await tx.query('update lease set owner = null')
}

/** The processes that live, the oldest first. */
export const liveProcesses = (tx: Tx): Promise<readonly ProcessRow[]> => tx.query<ProcessRow>(
  `select id, roles, url, version, host, pid, started_at as "startedAt", heartbeat_at as "heartbeatAt" from process where ${alive} order by started_at, id`)

/** A condition on rows that bear the `owner` who works on them: that nobody does any more. */
export const ownerIsGone = (table: string): string => `not exists (select from process where process.id = ${table}.owner and process.${alive})`

import { statfs } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'

/** Segments of the write-ahead log, 16 MiB each, that stand ready. PostgreSQL keeps as many (`min_wal_size`). */
export const readySegments = 16
/** Disks with less free space, in bytes, are left alone: the log would take from them what the data needs. */
const leastFreeBytes = 4 * 1024 ** 3
/** Between two segments, in ms: what is being committed goes first. */
const pauseMs = 50

/**
 * Makes segments of the log before they are needed. PostgreSQL makes one when it begins it, by writing 16 MiB of zeros while all that commits waits, and uses those again that a checkpoint has finished with: a new cluster
 * has none of these for its first 2 GB. Segments are begun and left, and a checkpoint makes them those that come next. `isStopped` ends it early.
 */
export const prepareLog = async (client: pg.Client, cluster: string, isStopped: () => boolean): Promise<void> => {
  const { bavail, bsize } = await statfs(cluster)
  if (bavail * bsize < leastFreeBytes || await segmentsAhead(client) > 0) return
  for (let left = readySegments; left > 0 && !isStopped(); left--) {
    // A segment that has nothing in it is not left.
    await client.query(`select pg_logical_emit_message(false, 'chainhub', '')`)
    await client.query('select pg_switch_wal()')
    await sleep(pauseMs)
  }
  if (!isStopped()) await client.query('checkpoint')
}

/** How many segments there are beyond the one that is written. */
export const segmentsAhead = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ ahead: number }>(`select count(*)::int as ahead from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$' and name > pg_walfile_name(pg_current_wal_insert_lsn())`)
  return rows[0]?.ahead ?? 0
}

import type { JournalNumber } from '../../schemas/ids.js'
import type { WaitingCounts } from '../../schemas/parked-entry.js'
import type { Tx } from '../ops/database.js'

/** What an owner says of its follower. */
export interface LeaseState {
  readonly position: JournalNumber
  readonly failing: { readonly before: JournalNumber, readonly reason: string } | undefined
  /** What waits, where nobody but the owner can look. */
  readonly waiting?: WaitingCounts | undefined
}

/** A follower as every process sees it. */
export interface FollowerRow {
  readonly name: string
  /** Null where nobody keeps it at the moment. */
  readonly owner: string | null
  readonly url: string | null
  readonly epoch: number
  /** As of the owner's last word, some ms old, or a second where it has no other process to tell. */
  readonly journalSeq: JournalNumber
  readonly head: JournalNumber
  /** For how long, in ms, the first entry that it has not passed waits; 0 where it has passed all. */
  readonly lagMs: number
  readonly failing: LeaseState['failing'] | null
  readonly waiting: WaitingCounts | null
}

/** Takes a lease that is free or has run out, for `forMs`; gives the new epoch, undefined where another holds it. */
export const acquireLease = async (tx: Tx, name: string, owner: string, forMs: number): Promise<number | undefined> => {
  const [row] = await tx.query<{ epoch: number }>(
    `insert into lease (name, owner, epoch, expires_at) values ($1, $2, 1, clock_timestamp() + $3 * interval '1 millisecond')
     on conflict (name) do update set owner = excluded.owner, epoch = lease.epoch + 1, expires_at = excluded.expires_at, failing = null
       where lease.owner is null or lease.expires_at < clock_timestamp()
     returning epoch`, [name, owner, forMs])
  return row?.epoch
}

/** Prolongs a lease and says how far its follower is, as far as that is known; false where another has taken it. */
export const renewLease = async (tx: Tx, name: string, owner: string, epoch: number, forMs: number, state: LeaseState | undefined): Promise<boolean> =>
  (await tx.query(
    `update lease set expires_at = clock_timestamp() + $4 * interval '1 millisecond', position = coalesce($5, position), failing = $6, waiting = coalesce($7, waiting) where name = $1 and owner = $2 and epoch = $3 returning epoch`,
    [name, owner, epoch, forMs, state?.position ?? null, jsonOf(state?.failing), jsonOf(state?.waiting)])).length > 0

const jsonOf = (value: object | undefined): string | null => (value === undefined ? null : JSON.stringify(value))

/** Says how far the follower is between two renewals. Whatever a crash of the database takes back comes again with the next renewal. */
export const publishPosition = (tx: Tx, name: string, owner: string, epoch: number, position: JournalNumber): Promise<unknown> => tx.query(
  `update lease set position = $4 from (select set_config('synchronous_commit', 'off', true)) quick where name = $1 and owner = $2 and epoch = $3`, [name, owner, epoch, position])

export const releaseLease = (tx: Tx, name: string, owner: string, epoch: number): Promise<unknown> =>
  tx.query('update lease set owner = null where name = $1 and owner = $2 and epoch = $3', [name, owner, epoch])

/** Where the followers are, those that nobody ever kept left out. */
export const positionsOfLeases = async (tx: Tx): Promise<Readonly<Record<string, JournalNumber>>> =>
  Object.fromEntries((await tx.query<{ name: string, position: JournalNumber }>('select name, position from lease')).map(({ name, position }) => [name, position]))

/** All leases with their owners, how far they are behind the journal, and since when. */
export const followerRows = (tx: Tx): Promise<readonly FollowerRow[]> => tx.query<FollowerRow>(
  `select lease.name, holder.owner, process.url, lease.epoch, lease.position as "journalSeq", head.number as head, lease.failing, lease.waiting,
          coalesce(greatest(0, (extract(epoch from clock_timestamp() - next.recorded_at) * 1000)::bigint), 0) as "lagMs"
     from lease cross join journal_head head
     cross join lateral (select case when lease.expires_at > clock_timestamp() then lease.owner end as owner) holder
     left join process on process.id = holder.owner
     left join journal next on next.number = lease.position + 1
    order by lease.name`)

/** Where the owner of a follower is reached; undefined where nobody holds the lease. */
export const ownerOfLease = async (tx: Tx, name: string): Promise<{ readonly id: string, readonly url: string | undefined } | undefined> => {
  const [row] = await tx.query<{ id: string, url: string | null }>(
    `select lease.owner as id, process.url from lease left join process on process.id = lease.owner where name = $1 and owner is not null and expires_at > clock_timestamp()`, [name])
  return row === undefined ? undefined : { id: row.id, url: row.url ?? undefined }
}

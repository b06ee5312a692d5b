import type { WaitingCounts } from '../../schemas/parked-entry.js'
import type { Tx } from '../ops/database.js'

const kind = 'follower-stopped'

/** Nobody keeps it for so long, in seconds: others take over within five. */
const unkeptSeconds = 30

/**
 * Opens an alert for each follower that stands still, because it fails before an entry (an identity decision that cannot be applied among them) or because no process keeps it, and closes it once
 * the follower goes again. Owners say how theirs are each second.
 */
export const alertStandstills = async (tx: Tx): Promise<void> => {
  await tx.query(`
    insert into alert (kind, subject, detail)
    select $1, name, left(case when failing is not null then 'It stands still before the journal''s entry ' || (failing->>'before') || ': ' || (failing->>'reason')
      else 'No process keeps it since ' || to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC.' end, 2000)
    from lease where (owner is not null and failing is not null) or expires_at < clock_timestamp() - $2 * interval '1 second'
    on conflict (kind, subject) where closed_at is null do nothing`, [kind, unkeptSeconds])
  await tx.query(`
    update alert set closed_at = clock_timestamp() from lease
    where alert.kind = $1 and alert.closed_at is null and lease.name = alert.subject and lease.failing is null and lease.owner is not null and lease.expires_at > clock_timestamp()`, [kind])
}

const parkedKind = 'documents-parked'

/** What a follower has parked, and what waits for it. */
export interface FollowerWaiting extends WaitingCounts {
  readonly follower: string
}

/** Opens an alert for each of these followers that has parked a document, and closes it once none is parked any more. */
export const alertParked = async (tx: Tx, waiting: readonly FollowerWaiting[]): Promise<void> => {
  await tx.query(`
    insert into alert (kind, subject, detail)
    select $1, follower, 'It has parked documents that it cannot follow: ' || parked || ', for which ' || held || ' more wait. See their causes (chainhub parked --follower ' || follower || '), then retry or skip each.'
    from unnest($2::text[], $3::bigint[], $4::bigint[]) given (follower, parked, held)
    where parked > 0 and not exists (select from alert known where known.kind = $1 and known.subject = follower and known.closed_at is null)
    on conflict (kind, subject) where closed_at is null do nothing`, [parkedKind, waiting.map(({ follower }) => follower), waiting.map(({ parked }) => parked), waiting.map(({ held }) => held)])
  await tx.query('update alert set closed_at = clock_timestamp() where kind = $1 and closed_at is null and subject = any($2::text[])', [parkedKind, waiting.flatMap(({ follower, parked }) => (parked === 0 ? [follower] : []))])
}

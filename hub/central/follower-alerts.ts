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

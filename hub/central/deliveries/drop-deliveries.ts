import type { Database } from '../../ops/database.js'

/** Of one transaction. */
const most = 500

/**
 * Drops bytes and attempts of some deliveries that are done for so many days by PostgreSQL's clock, and gives of how many; 0 where none is left. One that waits, is parked, is refused without
 * anybody having acted on it, or was not received, understood or answered though its subscription expects it, keeps them.
 */
export const dropDeliveries = (database: Database, days: number): Promise<number> => database.transaction(async (tx) => {
  const rows = await tx.query<{ id: string }>(`
    update delivery set payload = null, own_document = null, dropped_at = clock_timestamp()
    where id in (
      select id from delivery where state in ('sent', 'skipped') and dropped_at is null and coalesce(sent_at, created_at) < clock_timestamp() - make_interval(days => $1)
        and (state = 'skipped' or rejected or ((expect_received_ms is null or received_at is not null) and (expect_understood_ms is null or understood_at is not null) and (expect_answered_ms is null or answered_at is not null)))
        and refusal is distinct from 'open'
      order by coalesce(sent_at, created_at) limit ${most} for update)
    returning id`, [days])
  if (rows.length > 0) await tx.query('delete from delivery_attempt where delivery_id = any($1::uuid[])', [rows.map(({ id }) => id)])
  return rows.length
})

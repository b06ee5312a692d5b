import type { JournalNumber } from '../../../schemas/ids.js'
import type { OwedEntry } from '../../delivery/delivery-follower.js'
import type { Tx } from '../../ops/database.js'

/** Notes of entries that wait that nothing of them is done: neither for the subscriptions that go along with the follower, nor what hangs on none. */
export const oweAll = (tx: Tx, entries: readonly JournalNumber[]): Promise<unknown> => tx.query(`
  with live as (select id from subscription where reached is null and not paused for key share)
  insert into delivery_owed (entry, subscription)
  select entry, due.subscription from unnest($1::bigint[]) entry, (select id as subscription from live union all select null) due
  on conflict do nothing`, [entries])

/** Notes that a subscription has come past entries that wait. */
export const oweTo = (tx: Tx, subscription: string, entries: readonly JournalNumber[]): Promise<unknown> =>
  tx.query('insert into delivery_owed (entry, subscription) select entry, $2 from unnest($1::bigint[]) entry on conflict do nothing', [entries, subscription])

/** What is owed of each of these entries, to subscriptions as they are now. */
export const owedOf = async (tx: Tx, entries: readonly JournalNumber[]): Promise<ReadonlyMap<JournalNumber, OwedEntry>> => {
  const rows = await tx.query<OwedEntry & { readonly entry: JournalNumber }>(`
    select owed.entry, bool_or(owed.subscription is null) as "isWhole",
      coalesce(jsonb_agg(jsonb_build_object('id', subscription.id, 'wish', subscription.wish, 'paused', subscription.paused, 'reached', subscription.reached) order by subscription.id) filter (where subscription.id is not null), '[]') as subscriptions
    from delivery_owed owed left join subscription on subscription.id = owed.subscription where owed.entry = any($1::bigint[]) group by owed.entry`, [entries])
  return new Map(rows.map(({ entry, ...owed }) => [entry, owed]))
}

/** Says that all that was owed of these entries is done. */
export const settleOwed = (tx: Tx, entries: readonly JournalNumber[]): Promise<unknown> => tx.query('delete from delivery_owed where entry = any($1::bigint[])', [entries])

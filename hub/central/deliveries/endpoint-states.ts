import type { Health } from '../../delivery/breaker.js'
import type { Tx } from '../../ops/database.js'

/** How endpoints fare, locked until the transaction ends. */
export const lockHealth = async (tx: Tx, endpoints: readonly string[]): Promise<ReadonlyMap<string, Health>> => {
  await tx.query('insert into endpoint_state (endpoint) select given from unnest($1::text[]) given where not exists (select from endpoint_state where endpoint = given) order by given on conflict do nothing', [endpoints])
  const rows = await tx.query<Health & { readonly endpoint: string }>('select endpoint, failures, open from endpoint_state where endpoint = any($1::text[]) order by endpoint for update', [endpoints])
  return new Map(rows.map(({ endpoint, failures, open }) => [endpoint, { failures, open }]))
}

export interface NewHealth extends Health {
  readonly endpoint: string
  /** Until the next probe, in ms, where it is open. */
  readonly probeMs: number
  /** How long it asked to be left alone, in ms. */
  readonly holdMs: number | undefined
}

export const writeHealth = (tx: Tx, { endpoint, failures, open, probeMs, holdMs }: NewHealth): Promise<unknown> =>
  tx.query(`
    update endpoint_state set failures = $2, open = $3, probe_at = case when $3 then clock_timestamp() + $4 * interval '1 millisecond' end,
      held_until = case when $5::bigint is null then held_until else greatest(held_until, clock_timestamp() + $5 * interval '1 millisecond') end,
      bad_since = case when $3 then coalesce(bad_since, clock_timestamp()) end
    where endpoint = $1`, [endpoint, failures, open, probeMs, holdMs ?? null])

export interface EndpointCounts {
  readonly endpoint: string
  readonly failures: number
  readonly open: boolean
  readonly probeAt: string | null
  readonly heldUntil: string | null
  readonly badSince: string | null
  readonly waiting: number
  readonly parked: number
  readonly oldestParked: string | null
}

/** Every endpoint that ever had a delivery or an attempt: its state, and what waits there or is parked. */
export const endpointCounts = (tx: Tx): Promise<readonly EndpointCounts[]> =>
  tx.query<EndpointCounts>(`
    with lanes as (select endpoint, sum(last_sequence - next_sequence + 1)::bigint as ahead from delivery_lane where next_sequence <= last_sequence group by endpoint),
    parked as (select endpoint, count(*) as parked, (array_agg(id order by position))[1] as oldest from delivery where state = 'parked' group by endpoint)
    select endpoint, coalesce(failures, 0) as failures, coalesce(open, false) as open, probe_at as "probeAt", held_until as "heldUntil", bad_since as "badSince",
      coalesce(ahead, 0) - coalesce(parked, 0) as waiting, coalesce(parked, 0) as parked, oldest as "oldestParked"
    from endpoint_state full join lanes using (endpoint) full join parked using (endpoint) order by endpoint`)

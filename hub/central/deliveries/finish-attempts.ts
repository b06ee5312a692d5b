import type { Verdict } from '../../delivery/judge-attempt.js'
import type { Tx } from '../../ops/database.js'

/** What an attempt came to. */
export interface FinishedAttempt {
  readonly lane: number
  readonly lease: number
  readonly deliveryId: string
  readonly sequence: number
  readonly endpoint: string
  readonly verdict: Verdict
  /** Of a success: whether the partner has said with it that it was received, and will not say so later. */
  readonly received: boolean
  readonly tookMs: number
  readonly status: number | undefined
  /** Undefined where it succeeded. */
  readonly failure: { readonly code: string, readonly at: string, readonly detail: string } | undefined
  /** The beginning of what came back. */
  readonly answer: string | undefined
  /** Whether the queue is given back: after a failure, or the last of a run. */
  readonly releases: boolean
}

/** Of the queues of these attempts those whose claim still holds, locked in the order of their names. */
export const lockHeldLanes = async (tx: Tx, lanes: readonly { readonly lane: number, readonly lease: number }[]): Promise<ReadonlySet<string>> => {
  const rows = await tx.query<{ id: number, lease: number }>(`
    select id, lease from delivery_lane where id = any($1::bigint[]) and leased_until is not null order by endpoint, key for update`, [[...new Set(lanes.map(({ lane }) => lane))]])
  return new Set(rows.map(({ id, lease }) => claimName({ lane: id, lease })))
}

export const claimName = ({ lane, lease }: { readonly lane: number, readonly lease: number }): string => `${lane} ${lease}`

const milliseconds = (column: string): string => `${column} * interval '1 millisecond'`

/** Writes what became of each delivery, and the attempt into its history. Sent is received too, unless the partner says that later; he may have done so by now. */
export const finishDeliveries = (tx: Tx, attempts: readonly FinishedAttempt[]): Promise<unknown> =>
  tx.query(`
    with given as (
      select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::int[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[])
        as listed (id, verdict, in_ms, took_ms, status, code, at, detail, answer, received)
    ), done as (
      update delivery set
        state = case given.verdict when 'sent' then 'sent' when 'park' then 'parked' else 'waiting' end,
        tries = tries + 1, attempts = attempts + 1, first_attempt_at = coalesce(first_attempt_at, clock_timestamp() - ${milliseconds('given.took_ms')}),
        failure = case when given.code is not null then jsonb_build_object('code', given.code, 'at', given.at, 'detail', given.detail) end,
        sent_at = case when given.verdict = 'sent' then clock_timestamp() end, received_at = case when given.verdict = 'sent' and given.received then clock_timestamp() else received_at end,
        overdue_at = case when given.verdict <> 'sent' or answered_at is not null or rejected then null else clock_timestamp() + ${milliseconds(`least(
          case when received_at is null and not given.received then expect_received_ms end, case when understood_at is null then expect_understood_ms end, expect_answered_ms)`)} end
      from given where delivery.id = given.id and state = 'waiting'
      returning delivery.id, tries
    )
    insert into delivery_attempt (delivery_id, ordinal, took_ms, status, code, at, detail, answer, retry_at)
    select done.id, done.tries, given.took_ms, given.status, given.code, given.at, given.detail, given.answer, case when given.verdict = 'retry' then clock_timestamp() + ${milliseconds('given.in_ms')} end
    from done join given on given.id = done.id`, [
    attempts.map(({ deliveryId }) => deliveryId), attempts.map(({ verdict }) => verdict.type), attempts.map(({ verdict }) => (verdict.type === 'retry' ? verdict.inMs : null)),
    attempts.map(({ tookMs }) => Math.round(tookMs)), attempts.map(({ status }) => status ?? null), attempts.map(({ failure }) => failure?.code ?? null),
    attempts.map(({ failure }) => failure?.at ?? null), attempts.map(({ failure }) => failure?.detail ?? null), attempts.map(({ answer }) => answer ?? null), attempts.map(({ received }) => received),
  ])

/** How a queue goes on. */
export interface LaneChange {
  readonly lane: number
  /** The first sequence that is not done, as far as the sender knows. */
  readonly next: number
  /** Of the first delivery: undefined while the claim is kept. */
  readonly then: 'due' | 'parked' | { readonly inMs: number } | undefined
}

/** Moves queues on. Deliveries that were skipped in between are passed over. */
export const moveLanes = (tx: Tx, changes: readonly LaneChange[]): Promise<unknown> =>
  tx.query(`
    with given as (select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[]) as listed (lane, next, what, in_ms)),
    ahead as (
      select given.*, coalesce((select min(sequence) from delivery where delivery.lane = given.lane and sequence >= given.next and state in ('waiting', 'parked')), last_sequence + 1) as first, last_sequence as last
      from given join delivery_lane on delivery_lane.id = given.lane
    )
    update delivery_lane set
      next_sequence = ahead.first,
      leased_until = case when ahead.what is null then leased_until end,
      lost = 0,
      due_at = case when ahead.what is null then due_at when ahead.what = 'parked' or ahead.first > ahead.last then null
        else clock_timestamp() + ${milliseconds('coalesce(ahead.in_ms, 0)')} end
    from ahead where delivery_lane.id = ahead.lane`, [
    changes.map(({ lane }) => lane), changes.map(({ next }) => next), changes.map(({ then }) => (then === undefined ? null : typeof then === 'string' ? then : 'later')),
    changes.map(({ then }) => (typeof then === 'object' ? then.inMs : null)),
  ])

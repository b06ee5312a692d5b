import type { CanonicalDocument } from '../../../schemas/canonical/canonical-document.js'
import type { Tx } from '../../ops/database.js'

/** The queue of an endpoint and key that one sender has to itself for a while. */
export interface ClaimedLane {
  readonly id: number
  readonly endpoint: string
  readonly key: string
  readonly nextSequence: number
  readonly lease: number
  /** Claims in a row before this one that nobody brought to an end. */
  readonly lost: number
}

export interface Slots {
  readonly endpoint: string
  readonly slots: number
}

/**
 * Claims queues whose first delivery is due by PostgreSQL's clock, those due longest first, as many of each endpoint as it has slots. Of an endpoint whose
 * breaker is open one is claimed when its probe is due, and none of one that asked to be left alone.
 */
export const claimLanes = (tx: Tx, wanted: readonly Slots[], leaseMs: number): Promise<readonly ClaimedLane[]> =>
  tx.query<ClaimedLane>(`
    with given as (select * from unnest($1::text[], $2::int[]) as listed (endpoint, slots)),
    probing as (
      update endpoint_state set probe_at = clock_timestamp() + $3 * interval '1 millisecond'
      where endpoint = any($1::text[]) and open and probe_at <= clock_timestamp() and (held_until is null or held_until <= clock_timestamp())
        and exists (select from delivery_lane lane where lane.endpoint = endpoint_state.endpoint and lane.due_at <= clock_timestamp())
      returning endpoint
    ), allowed as (
      select given.endpoint, case when state.held_until > clock_timestamp() then 0 when state.open then (select count(*)::int from probing where probing.endpoint = given.endpoint) else given.slots end as slots
      from given left join endpoint_state state on state.endpoint = given.endpoint
    ), chosen as (
      select due.id from allowed cross join lateral (
        select id from delivery_lane where delivery_lane.endpoint = allowed.endpoint and due_at <= clock_timestamp() order by due_at limit allowed.slots for update skip locked
      ) due
    )
    update delivery_lane set lease = lease + 1, due_at = clock_timestamp() + $3 * interval '1 millisecond', leased_until = clock_timestamp() + $3 * interval '1 millisecond',
      lost = case when leased_until is null then 0 else lost + 1 end
    from chosen where delivery_lane.id = chosen.id
    returning delivery_lane.id, endpoint, key, next_sequence as "nextSequence", lease, lost`,
  [wanted.map(({ endpoint }) => endpoint), wanted.map(({ slots }) => slots), leaseMs])

/**
 * Keeps claims for as long again; those that another has by now are left. A queue that a transaction is putting deliveries into is kept as long as its claim lasts, and the
 * other claims do not wait for it: that may be long, where much is released that waited.
 */
export const renewLeases = async (tx: Tx, claims: readonly Pick<ClaimedLane, 'id' | 'lease'>[], leaseMs: number): Promise<ReadonlySet<number>> => {
  const rows = await tx.query<{ id: number }>(`
    with held as (
      select delivery_lane.id from delivery_lane join unnest($1::bigint[], $2::bigint[]) as given (id, lease) on given.id = delivery_lane.id and given.lease = delivery_lane.lease
      where leased_until is not null order by endpoint, key for update of delivery_lane skip locked
    ), renewed as (
      update delivery_lane set due_at = clock_timestamp() + $3 * interval '1 millisecond', leased_until = clock_timestamp() + $3 * interval '1 millisecond'
      from held where held.id = delivery_lane.id returning delivery_lane.id
    )
    select id from renewed
    union
    select given.id from unnest($1::bigint[], $2::bigint[]) as given (id, lease) join delivery_lane on delivery_lane.id = given.id and delivery_lane.lease = given.lease
    where leased_until > clock_timestamp()`, [claims.map(({ id }) => id), claims.map(({ lease }) => lease), leaseMs])
  return new Set(rows.map(({ id }) => id))
}

/** A delivery of a claimed queue, with all that is needed to send it. */
export interface DueDelivery {
  readonly id: string
  readonly lane: number
  readonly sequence: number
  /** Attempts that failed since it was made, or resumed. */
  readonly failed: number
  /** Since the first of them, in ms. */
  readonly ageMs: number
  readonly control: number
  /** Of the interchange that it leaves in, once one was drawn. */
  readonly interchangeNumber: number | null
  readonly test: boolean
  readonly kind: string | null
  /** The document; null once there are bytes, or where the document is gone. */
  readonly document: CanonicalDocument | Readonly<Record<string, unknown>> | null
  /** Compressed with gzip. */
  readonly payload: Buffer | null
  readonly payloadType: 'xml' | 'json' | 'csv' | 'text' | null
}

/** The first deliveries of claimed queues, in their order. Has to be a statement of its own, behind the claim: it must see what was written before that. */
export const dueDeliveries = (tx: Tx, lanes: readonly ClaimedLane[], most: number): Promise<readonly DueDelivery[]> =>
  tx.query<DueDelivery>(`
    select due.id, due.lane, due.sequence, due.attempts as failed, coalesce(extract(epoch from clock_timestamp() - due.first_attempt_at) * 1000, 0)::float8 as "ageMs", due.control, due.interchange_number as "interchangeNumber", due.test, due.kind,
      case when due.payload is null then coalesce(due.own_document, document.body) end as document, due.payload, due.payload_type as "payloadType"
    from unnest($1::bigint[], $2::bigint[]) as given (lane, sequence)
    cross join lateral (
      select * from delivery where delivery.lane = given.lane and delivery.sequence >= given.sequence and delivery.state = 'waiting' order by delivery.sequence limit $3
    ) due
    left join document on due.payload is null and document.id = due.document_id
    order by due.lane, due.sequence`, [lanes.map(({ id }) => id), lanes.map(({ nextSequence }) => nextSequence), most])

export interface PreparedPayload {
  readonly id: string
  readonly payload: Uint8Array
  readonly payloadType: 'xml' | 'json' | 'csv' | 'text'
  readonly format: string
  readonly mappingVersion: string
  readonly controlNumber: string
}

/** Keeps what is about to leave for the first time; what was kept before stays. The bytes of all go as one parameter: an array of them would go as text. */
export const keepPayloads = (tx: Tx, prepared: readonly PreparedPayload[]): Promise<unknown> => {
  const lengths = prepared.map(({ payload }) => payload.length)
  let end = 0
  const starts = lengths.map((length) => (end += length) - length + 1)
  return tx.query(`
    update delivery set payload = substring($1::bytea from given.start for given.length), payload_type = given.type, format = given.format, mapping_version = given.version, control_number = given.control
    from unnest($2::int[], $3::int[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[]) as given (start, length, id, type, format, version, control)
    where delivery.id = given.id and delivery.payload is null`, [
    Buffer.concat(prepared.map(({ payload }) => payload)), starts, lengths, prepared.map(({ id }) => id), prepared.map(({ payloadType }) => payloadType),
    prepared.map(({ format }) => format), prepared.map(({ mappingVersion }) => mappingVersion), prepared.map(({ controlNumber }) => controlNumber),
  ])
}

/** Whether any delivery waits for its turn, for its time, or for its end. */
export const anythingDue = async (tx: Tx): Promise<boolean> => (await tx.query('select 1 as one from delivery_lane where due_at is not null limit 1')).length > 0

import type { Tx } from '../../ops/database.js'

/** A delivery that is to be made. */
export interface NewDelivery {
  readonly id: string
  readonly endpoint: string
  readonly key: string
  readonly source: string
  readonly cause: number
  readonly messageId: string | undefined
  readonly documentId: string | undefined
  /** Where no message brought the document. */
  readonly ownDocument: object | undefined
  readonly kind: string | undefined
  readonly number: string | undefined
  readonly issuerKey: string | undefined
  readonly test: boolean
  readonly expectReceivedMs: number | undefined
  readonly expectUnderstoodMs: number | undefined
  readonly expectAnsweredMs: number | undefined
}

/**
 * Puts deliveries at the end of the queues of their endpoints and keys, in the order given, and gives how many of them are new: one of a source and cause
 * that is there already is left as it is and takes no place. Queues are locked in the order of their names.
 */
export const putDeliveries = async (tx: Tx, deliveries: readonly NewDelivery[]): Promise<number> => {
  if (deliveries.length === 0) return 0
  const column = <Name extends keyof NewDelivery>(name: Name) => deliveries.map((delivery) => delivery[name] ?? null)
  const rows = await tx.query(`
    with given as (
      select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::uuid[], $7::uuid[], $8::jsonb[], $9::text[], $10::text[], $11::text[], $12::boolean[], $13::bigint[], $14::bigint[], $15::bigint[])
        with ordinality as listed (id, endpoint, key, source, cause, message_id, document_id, own_document, kind, number, issuer_key, test, expect_received_ms, expect_understood_ms, expect_answered_ms, ordinal)
    ), fresh as (
      select *, row_number() over (partition by endpoint, key order by ordinal) as step, count(*) over (partition by endpoint, key) as total
      from given where not exists (select from delivery known where (known.source, known.cause) = (given.source, given.cause))
    ), lanes as (
      insert into delivery_lane (endpoint, key, last_sequence, next_sequence, due_at)
      select endpoint, key, count(*), 1, clock_timestamp() from fresh group by endpoint, key order by endpoint collate "C", key collate "C"
      on conflict (endpoint, key) do update set
        last_sequence = delivery_lane.last_sequence + excluded.last_sequence,
        due_at = case when delivery_lane.next_sequence > delivery_lane.last_sequence then clock_timestamp() else delivery_lane.due_at end
      returning id as lane, endpoint, key, last_sequence
    )
    insert into delivery (id, lane, sequence, endpoint, key, source, cause, message_id, document_id, own_document, kind, number, issuer_key, test, expect_received_ms, expect_understood_ms, expect_answered_ms)
    select id, lane, last_sequence - total + step, endpoint, key, source, cause, message_id, document_id, own_document, kind, number, issuer_key, test, expect_received_ms, expect_understood_ms, expect_answered_ms
    from fresh join lanes using (endpoint, key) order by ordinal
    returning id`, [
    column('id'), column('endpoint'), column('key'), column('source'), column('cause'), column('messageId'), column('documentId'),
    deliveries.map(({ ownDocument }) => (ownDocument === undefined ? null : JSON.stringify(ownDocument))),
    column('kind'), column('number'), column('issuerKey'), column('test'), column('expectReceivedMs'), column('expectUnderstoodMs'), column('expectAnsweredMs'),
  ])
  return rows.length
}

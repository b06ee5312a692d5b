import { isUuid } from '../../../schemas/ids.js'
import type { Answerable } from '../../delivery/answers.js'
import type { Tx } from '../../ops/database.js'
import { closeAlert, raiseAlert } from '../alerts.js'
import type { Refusal } from './read-deliveries.js'

/** Deliveries that were written to leave and have one of these texts as their document's number, control number or id, locked in the order of their ids. */
export const answerableDeliveries = (tx: Tx, numbers: readonly string[]): Promise<readonly Answerable[]> =>
  tx.query<Answerable>(`
    select id, endpoint, kind, number, issuer_key as "issuerKey", control_number as "controlNumber", interchange_number is not null as "isInterchange" from delivery
    where control_number is not null and (number = any($1::text[]) or control_number = any($1::text[]) or id = any($2::uuid[]))
    order by id for update`, [numbers, numbers.filter(isUuid)])

export interface AnsweredDelivery {
  readonly id: string
  /** UTC, of the entry. */
  readonly at: string
  /** Null where no document says it, but a receipt. */
  readonly documentId: string | null
  readonly stage: 'received' | 'understood' | 'answered'
  readonly rejected: boolean
  readonly reasons: readonly string[]
}

/**
 * Brings a delivery to the stage that an answer means; the first answer of a stage is what counts, a rejection always, and what was understood was received. What is refused is waited for no longer, and told of
 * once. What was said before is no other answer.
 */
export const markAnswered = async (tx: Tx, { id, at, documentId, stage, rejected, reasons }: AnsweredDelivery): Promise<void> => {
  await tx.query(`
    insert into delivery_answer (delivery_id, document_id, at, stage, rejected, reasons) select $1::uuid, $2::uuid, $3::timestamptz, $4::text, $5::boolean, $6::jsonb
    where not exists (select from delivery_answer said where said.delivery_id = $1 and said.stage = $4 and said.rejected = $5 and said.reasons = $6::jsonb and said.stage = 'received') on conflict do nothing`,
  [id, documentId, at, stage, rejected, JSON.stringify(reasons)])
  const [isUnderstood, isFinal] = [stage !== 'received', stage === 'answered']
  const [marked] = await tx.query<{ endpoint: string, key: string, refusal: Refusal | null, before: Refusal | null }>(`
    update delivery set
      received_at = coalesce(delivery.received_at, $2),
      understood_at = case when $6 then coalesce(delivery.understood_at, $2) else delivery.understood_at end, understood_by = case when $6 then coalesce(delivery.understood_by, $3) else delivery.understood_by end,
      answered_at = case when $4 then coalesce(delivery.answered_at, $2) else delivery.answered_at end, answered_by = case when $4 then coalesce(delivery.answered_by, $3) else delivery.answered_by end,
      rejected = delivery.rejected or $5,
      refusal = case when $5 and not delivery.rejected then 'open' when not $5 and $6 and delivery.refusal = 'open' then 'accepted' else delivery.refusal end,
      refused_at = case when $5 and not delivery.rejected then $2 else delivery.refused_at end,
      refusal_settled_at = case when not $5 and $6 and delivery.refusal = 'open' then clock_timestamp() else delivery.refusal_settled_at end,
      overdue_at = case when $4 or $5 or delivery.rejected or delivery.answered_at is not null then null
        else delivery.sent_at + least(case when not $6 and delivery.understood_at is null then delivery.expect_understood_ms end, delivery.expect_answered_ms) * interval '1 millisecond' end
    from delivery before where delivery.id = $1 and before.id = delivery.id returning delivery.endpoint, delivery.key, delivery.refusal, before.refusal as before`, [id, at, documentId, isFinal, rejected, isUnderstood])
  await closeAlert(tx, { kind: 'received-overdue', subject: id })
  if (isUnderstood || rejected) await closeAlert(tx, { kind: 'understood-overdue', subject: id })
  if (isFinal || rejected) await closeAlert(tx, { kind: 'answered-overdue', subject: id })
  if (marked === undefined || marked.refusal === marked.before) return
  if (marked.refusal !== 'open') await closeAlert(tx, { kind: 'delivery-rejected', subject: id })
  else await raiseAlert(tx, { kind: 'delivery-rejected', subject: id, detail: refusalOf(marked, reasons) })
}

const refusalOf = ({ endpoint, key }: { readonly endpoint: string, readonly key: string }, reasons: readonly string[]): string =>
  `The partner refuses the delivery of ${key} to ${endpoint}${reasons.length === 0 ? '' : `: ${reasons.join(' ')}`}. Send it again mended (edit), as it would be written now (resume), or say that nothing more is to be done (skip).`.slice(0, 2_000)

export interface OverdueDelivery {
  readonly id: string
  readonly endpoint: string
  readonly key: string
  readonly sentAt: string
  readonly notReceived: boolean
  readonly notUnderstood: boolean
  readonly notAnswered: boolean
}

const due = (stage: string): string => `sent_at + expect_${stage}_ms * interval '1 millisecond'`

/** Deliveries of which a stage has become overdue by PostgreSQL's clock, with all that is overdue of them; each is given once for each stage. */
export const takeOverdue = (tx: Tx, limit: number): Promise<readonly OverdueDelivery[]> =>
  tx.query<OverdueDelivery>(`
    with late as (
      select id, clock_timestamp() as now, case when received_at is null then ${due('received')} end as received_due, case when understood_at is null then ${due('understood')} end as understood_due, ${due('answered')} as answer_due
      from delivery where overdue_at <= clock_timestamp() order by overdue_at limit $1 for update skip locked
    )
    update delivery set overdue_at = least(case when received_due > now then received_due end, case when understood_due > now then understood_due end, case when answer_due > now then answer_due end)
    from late where delivery.id = late.id
    returning delivery.id, endpoint, key, sent_at as "sentAt", coalesce(received_due <= now, false) as "notReceived", coalesce(understood_due <= now, false) as "notUnderstood", coalesce(answer_due <= now, false) as "notAnswered"`, [limit])

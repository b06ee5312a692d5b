import { isUuid } from '../../../schemas/ids.js'
import type { Answerable } from '../../delivery/answers.js'
import type { Tx } from '../../ops/database.js'
import { closeAlert, raiseAlert } from '../alerts.js'

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

/** Brings a delivery to the stage that an answer means; the first answer of a stage is what counts, a rejection always. What is refused is waited for no longer, and told of once. */
export const markAnswered = async (tx: Tx, { id, at, documentId, stage, rejected, reasons }: AnsweredDelivery): Promise<void> => {
  await tx.query('insert into delivery_answer (delivery_id, document_id, at, stage, rejected, reasons) values ($1, $2, $3, $4, $5, $6) on conflict do nothing', [id, documentId, at, stage, rejected, JSON.stringify(reasons)])
  if (stage === 'received' && !rejected) return
  const isFinal = stage === 'answered'
  const [marked] = await tx.query<{ endpoint: string, key: string, wasRejected: boolean }>(`
    update delivery set
      understood_at = coalesce(delivery.understood_at, $2), understood_by = coalesce(delivery.understood_by, $3),
      answered_at = case when $4 then coalesce(delivery.answered_at, $2) else delivery.answered_at end, answered_by = case when $4 then coalesce(delivery.answered_by, $3) else delivery.answered_by end,
      rejected = delivery.rejected or $5,
      overdue_at = case when $4 or $5 or delivery.rejected or delivery.answered_at is not null then null else delivery.sent_at + delivery.expect_answered_ms * interval '1 millisecond' end
    from delivery before where delivery.id = $1 and before.id = delivery.id returning delivery.endpoint, delivery.key, before.rejected as "wasRejected"`, [id, at, documentId, isFinal, rejected])
  await closeAlert(tx, { kind: 'understood-overdue', subject: id })
  if (isFinal || rejected) await closeAlert(tx, { kind: 'answered-overdue', subject: id })
  if (!rejected) await closeAlert(tx, { kind: 'delivery-rejected', subject: id })
  else if (marked?.wasRejected === false) await raiseAlert(tx, { kind: 'delivery-rejected', subject: id, detail: refusalOf(marked, reasons) })
}

const refusalOf = ({ endpoint, key }: { readonly endpoint: string, readonly key: string }, reasons: readonly string[]): string =>
  `The partner refuses the delivery of ${key} to ${endpoint}${reasons.length === 0 ? '' : `: ${reasons.join(' ')}`}. Send it again mended (edit), as it would be written now (resume), or say that nothing more is to be done (skip).`.slice(0, 2_000)

export interface OverdueDelivery {
  readonly id: string
  readonly endpoint: string
  readonly key: string
  readonly sentAt: string
  readonly notUnderstood: boolean
  readonly notAnswered: boolean
}

/** Deliveries of which a stage has become overdue by PostgreSQL's clock, with all that is overdue of them; each is given once for each stage. */
export const takeOverdue = (tx: Tx, limit: number): Promise<readonly OverdueDelivery[]> =>
  tx.query<OverdueDelivery>(`
    with late as (
      select id, coalesce(understood_at is null and sent_at + expect_understood_ms * interval '1 millisecond' <= clock_timestamp(), false) as not_understood, sent_at + expect_answered_ms * interval '1 millisecond' as answer_due
      from delivery where overdue_at <= clock_timestamp() order by overdue_at limit $1 for update skip locked
    )
    update delivery set overdue_at = case when late.answer_due > clock_timestamp() then late.answer_due end
    from late where delivery.id = late.id
    returning delivery.id, endpoint, key, sent_at as "sentAt", late.not_understood as "notUnderstood", coalesce(late.answer_due <= clock_timestamp(), false) as "notAnswered"`, [limit])

import { uuidOf } from '../../../schemas/ids.js'
import type { Database, Tx } from '../../ops/database.js'
import { closeAlert } from '../alerts.js'
import { putDeliveries, type NewDelivery } from './put-deliveries.js'
import type { DeliveryState, Refusal } from './read-deliveries.js'

/** What somebody does to a delivery. */
export type DeliveryAction =
  | { readonly type: 'resume' }
  | { readonly type: 'skip' }
  /** Without bytes it is mapped again. */
  | { readonly type: 'edit', readonly payload: Uint8Array | undefined, readonly payloadType: 'xml' | 'json' | 'csv' | 'text' | undefined, readonly by: string }

interface Held {
  readonly lane: number
  readonly sequence: number
  readonly endpoint: string
  readonly state: DeliveryState
  readonly refusal: Refusal | null
  readonly busy: boolean
}

const lockDelivery = async (tx: Tx, id: string): Promise<Held | undefined> => {
  const [row] = await tx.query<Held>(`
    select lane.id as lane, delivery.sequence, delivery.endpoint, delivery.state, delivery.refusal, coalesce(lane.leased_until > clock_timestamp(), false) as busy
    from delivery join delivery_lane lane on lane.id = delivery.lane where delivery.id = $1 for update of lane`, [id])
  if (row === undefined) return undefined
  // Read again behind the lock of its queue: whoever had that may have finished it.
  const [now] = await tx.query<Pick<Held, 'state' | 'refusal'>>('select state, refusal from delivery where id = $1 for update', [id])
  return now === undefined ? undefined : { ...row, ...now }
}

const waitAgain = (tx: Tx, id: string) => tx.query("update delivery set state = 'waiting', attempts = 0, first_attempt_at = null, rejected = false, refusal = null, refused_at = null where id = $1", [id])

const skip = (tx: Tx, id: string) => tx.query("update delivery set state = 'skipped', overdue_at = null where id = $1", [id])

const editPayload = (tx: Tx, id: string, { payload, payloadType, by }: Extract<DeliveryAction, { readonly type: 'edit' }>) =>
  tx.query('update delivery set payload = $2::bytea, payload_type = coalesce($3, payload_type), edited_by = $4 where id = $1', [id, payload ?? null, payloadType ?? null, by])

type Nullable<T> = { readonly [Name in keyof T]: T[Name] | null }

type Repeated = Pick<NewDelivery, 'endpoint' | 'key' | 'test'> & Nullable<Pick<NewDelivery, 'messageId' | 'documentId' | 'ownDocument' | 'kind' | 'number' | 'issuerKey' | 'expectReceivedMs' | 'expectUnderstoodMs' | 'expectAnsweredMs'>>

/**
 * Puts another delivery of the same document at the end of the queue, and gives its id: who refused one has its id and its numbers, and drops what comes under them again.
 */
const putAgain = async (tx: Tx, id: string): Promise<string> => {
  const [row] = await tx.query<Repeated>(`
    select endpoint, key, test, message_id as "messageId", document_id as "documentId", own_document as "ownDocument", kind, number, issuer_key as "issuerKey",
      expect_received_ms as "expectReceivedMs", expect_understood_ms as "expectUnderstoodMs", expect_answered_ms as "expectAnsweredMs" from delivery where id = $1`, [id])
  if (row === undefined) throw new Error(`The delivery ${id} is locked and not there.`)
  const again = uuidOf(`delivery ${JSON.stringify(['again', id])}`)
  const { endpoint, key, test } = row
  await putDeliveries(tx, [{
    id: again, endpoint, key, test, source: `again:${id}`, cause: 1, messageId: row.messageId ?? undefined, documentId: row.documentId ?? undefined, ownDocument: row.ownDocument ?? undefined,
    kind: row.kind ?? undefined, number: row.number ?? undefined, issuerKey: row.issuerKey ?? undefined, expectReceivedMs: row.expectReceivedMs ?? undefined, expectUnderstoodMs: row.expectUnderstoodMs ?? undefined, expectAnsweredMs: row.expectAnsweredMs ?? undefined,
  }])
  return again
}

/** Bytes that somebody gives bear the numbers of those that they were made of. */
const keepNumbers = (tx: Tx, again: string, id: string) =>
  tx.query('update delivery set control_number = earlier.control_number, interchange_number = earlier.interchange_number, format = earlier.format from delivery earlier where delivery.id = $1 and earlier.id = $2', [again, id])

const settleRefusal = (tx: Tx, id: string, refusal: Refusal, resentAs: string | undefined) =>
  tx.query('update delivery set refusal = $2, refusal_settled_at = clock_timestamp(), resent_as = $3 where id = $1', [id, refusal, resentAs ?? null])

/** What somebody does about a delivery that was sent and that the partner refused. */
const actOnRefused = async (tx: Tx, id: string, action: DeliveryAction): Promise<Acted> => {
  await closeAlert(tx, { kind: 'delivery-rejected', subject: id })
  if (action.type === 'skip') {
    await settleRefusal(tx, id, 'skipped', undefined)
    return { id }
  }
  const again = await putAgain(tx, id)
  await settleRefusal(tx, id, 'resent', again)
  if (action.type === 'edit') await editPayload(tx, again, action)
  if (action.type === 'edit' && action.payload !== undefined) await keepNumbers(tx, again, id)
  return { id: again }
}

/** The queue goes on with its first delivery that is not done, at once. */
const wakeLane = (tx: Tx, lane: number) => tx.query(`
    with ahead as (select min(sequence) as first from delivery where lane = $1 and sequence >= (select next_sequence from delivery_lane where id = $1) and state in ('waiting', 'parked'))
    update delivery_lane set next_sequence = coalesce(ahead.first, last_sequence + 1), leased_until = null, lost = 0,
      due_at = case when ahead.first is null or exists (select from delivery where lane = $1 and sequence = ahead.first and state = 'parked') then null else clock_timestamp() end
    from ahead where delivery_lane.id = $1`, [lane])

const hasParked = async (tx: Tx, endpoint: string): Promise<boolean> => (await tx.query("select 1 as one from delivery where endpoint = $1 and state = 'parked' limit 1", [endpoint])).length > 0

/** The delivery that there is now: another one where what was refused is sent again. */
interface Acted {
  readonly id: string
}

/** Acts on a delivery that waits or is parked, or that its partner refused. `busy` while it may be under way, `done` once it was sent or skipped; undefined where there is none. */
export const actOnDelivery = (database: Database, id: string, action: DeliveryAction): Promise<Acted | 'busy' | 'done' | undefined> => database.transaction(async (tx) => {
  const held = await lockDelivery(tx, id)
  if (held === undefined) return undefined
  if (held.state === 'sent' || held.state === 'skipped') return held.refusal === 'open' ? actOnRefused(tx, id, action) : 'done'
  if (held.busy) return 'busy'
  if (action.type === 'edit') await editPayload(tx, id, action)
  await (action.type === 'skip' ? skip(tx, id) : waitAgain(tx, id))
  if (action.type === 'skip' && held.refusal === 'open') await settleRefusal(tx, id, 'skipped', undefined)
  await wakeLane(tx, held.lane)
  await closeAlert(tx, { kind: 'delivery-rejected', subject: id })
  if (!await hasParked(tx, held.endpoint)) await closeAlert(tx, { kind: 'deliveries-parked', subject: held.endpoint })
  return { id }
})

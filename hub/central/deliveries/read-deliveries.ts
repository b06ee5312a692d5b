import type { Tx } from '../../ops/database.js'
import type { DueDelivery } from './claim-lanes.js'

export type DeliveryState = 'waiting' | 'parked' | 'sent' | 'skipped'

/** What became of a partner's refusal: nobody acted on it; he took it later; the document was sent again; nothing more is to be done. */
export type Refusal = 'open' | 'accepted' | 'resent' | 'skipped'

/** A delivery without its bytes. Instants are UTC. */
export interface StoredDelivery {
  readonly id: string
  readonly endpoint: string
  readonly key: string
  readonly sequence: number
  readonly source: string
  readonly journalSeq: number | null
  readonly messageId: string | null
  readonly documentId: string | null
  readonly kind: string | null
  readonly number: string | null
  readonly test: boolean
  readonly state: DeliveryState
  readonly createdAt: string
  /** Since it was resumed last. */
  readonly attempts: number
  /** When it is tried next; null where it is not first in its queue, or not waiting. */
  readonly dueAt: string | null
  readonly controlNumber: string | null
  readonly format: string | null
  readonly mappingVersion: string | null
  readonly editedBy: string | null
  readonly failure: { readonly code: string, readonly at: string, readonly detail: string } | null
  readonly sentAt: string | null
  readonly receivedAt: string | null
  readonly understoodAt: string | null
  readonly answeredAt: string | null
  readonly rejected: boolean
  /** Null where the partner refused nothing. */
  readonly refusal: Refusal | null
  readonly refusedAt: string | null
  readonly refusalSettledAt: string | null
  /** The delivery that takes its place. */
  readonly resentAs: string | null
  readonly understoodBy: string | null
  readonly answeredBy: string | null
  /** When its bytes and attempts were dropped, as retention says. */
  readonly droppedAt: string | null
}

const columns = `
  delivery.id, delivery.endpoint, delivery.key, delivery.sequence, source, case when source like 'alerts:%' or source like 'acknowledge:%/%' or source like 'again:%' then null else cause end as "journalSeq", message_id as "messageId", document_id as "documentId",
  kind, number, test, state, created_at as "createdAt", attempts, case when state = 'waiting' and lane.next_sequence = delivery.sequence then lane.due_at end as "dueAt",
  control_number as "controlNumber", format, mapping_version as "mappingVersion", edited_by as "editedBy", failure, sent_at as "sentAt", received_at as "receivedAt", understood_at as "understoodAt",
  answered_at as "answeredAt", rejected, refusal, refused_at as "refusedAt", refusal_settled_at as "refusalSettledAt", resent_as as "resentAs", understood_by as "understoodBy", answered_by as "answeredBy", dropped_at as "droppedAt"`

const tables = 'delivery join delivery_lane lane on lane.id = delivery.lane'

export interface DeliveryFilter {
  readonly id?: string | undefined
  readonly state?: string | undefined
  readonly refusal?: string | undefined
  readonly endpoint?: string | undefined
  readonly key?: string | undefined
  readonly message?: string | undefined
  readonly document?: string | undefined
  /** The id of the last delivery of the page before. */
  readonly before?: string | undefined
  readonly limit: number
}

/** What each member of a filter asks for; only what is asked for is said, so that its index serves. */
const conditions = {
  id: (place: string) => `delivery.id = ${place}::uuid`,
  state: (place: string) => `state = ${place}`,
  refusal: (place: string) => `refusal = ${place}`,
  endpoint: (place: string) => `delivery.endpoint = ${place}`,
  key: (place: string) => `delivery.lane in (select id from delivery_lane where key = ${place})`,
  message: (place: string) => `message_id = ${place}::uuid`,
  document: (place: string) => `document_id = ${place}::uuid`,
  before: (place: string) => `position < (select position from delivery before where before.id = ${place}::uuid)`,
} as const

const filterNames = ['id', 'state', 'refusal', 'endpoint', 'key', 'message', 'document', 'before'] as const

/** Deliveries that pass the filter, the latest first. */
export const listDeliveries = (tx: Tx, filter: DeliveryFilter): Promise<readonly StoredDelivery[]> => {
  const asked = filterNames.flatMap((name) => (filter[name] === undefined ? [] : [{ name, value: filter[name] }]))
  const where = ['true', ...asked.map(({ name }, index) => conditions[name](`$${index + 2}`))].join(' and ')
  return tx.query<StoredDelivery>(`select ${columns} from ${tables} where ${where} order by position desc limit $1`, [filter.limit, ...asked.map(({ value }) => value)])
}

export interface DeliveryAttempt {
  readonly ordinal: number
  readonly endedAt: string
  readonly tookMs: number
  readonly status: number | null
  readonly code: string | null
  readonly at: string | null
  readonly detail: string | null
  readonly answer: string | null
  readonly retryAt: string | null
}

/** What was said to a delivery. */
export interface DeliveryAnswered {
  readonly at: string
  readonly stage: 'received' | 'understood' | 'answered'
  readonly rejected: boolean
  readonly reasons: readonly string[]
  /** The document that says it. */
  readonly documentId: string | null
}

export interface DeliveryHistory {
  readonly history: readonly DeliveryAttempt[]
  readonly answers: readonly DeliveryAnswered[]
}

export const deliveryById = async (tx: Tx, id: string): Promise<StoredDelivery & DeliveryHistory | undefined> => {
  const [history, answers] = await Promise.all([
    tx.query<DeliveryAttempt>(`
      select ordinal, ended_at as "endedAt", took_ms as "tookMs", status, code, at, detail, answer, retry_at as "retryAt" from delivery_attempt where delivery_id = $1 order by ordinal`, [id]),
    tx.query<DeliveryAnswered>('select at, stage, rejected, reasons, document_id as "documentId" from delivery_answer where delivery_id = $1 order by id', [id]),
  ])
  // Afterwards: a delivery never knows less than its answers say.
  const [delivery] = await tx.query<StoredDelivery>(`select ${columns} from ${tables} where delivery.id = $1`, [id])
  return delivery === undefined ? undefined : { ...delivery, history, answers }
}

/** The bytes that leave, compressed with gzip; null until it was tried. */
export const payloadOf = async (tx: Tx, id: string): Promise<{ readonly payload: Buffer | null, readonly droppedAt: string | null } | undefined> =>
  (await tx.query<{ payload: Buffer | null, droppedAt: string | null }>('select payload, dropped_at as "droppedAt" from delivery where id = $1', [id]))[0]

/** What a delivery is written from, and where it goes. */
export const documentToWrite = async (tx: Tx, id: string): Promise<DueDelivery & { readonly endpoint: string } | undefined> =>
  (await tx.query<DueDelivery & { readonly endpoint: string }>(`
    select delivery.id, lane, sequence, attempts as failed, 0 as "ageMs", control, interchange_number as "interchangeNumber", delivery.test, delivery.kind, endpoint, coalesce(own_document, document.body) as document, null as payload, null as "payloadType"
    from delivery left join document on document.id = delivery.document_id where delivery.id = $1`, [id]))[0]

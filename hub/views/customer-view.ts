import type { Amount } from '../../schemas/canonical/common.js'
import type { DocumentId, JournalNumber, MessageId, PartyId, SourceKey, ThreadId } from '../../schemas/ids.js'
import { isUuid } from '../../schemas/ids.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { threadIdOf } from '../../schemas/thread-id.js'
import type { CustomerBalance, CustomerOrder, CustomerRecord, OrderPlace } from '../crm/customer-queries.js'
import type { PartySummary } from '../crm/summarise-party.js'
import type { Viewer } from './viewer.js'

export interface CustomerViewDeps {
  readonly readCustomer: (id: string, page: { readonly asOf: string, readonly after: OrderPlace | undefined, readonly limit: number }) => Promise<CustomerRecord | undefined>
}

export interface CustomerViewRequest {
  readonly partyId: string
  readonly viewer: Viewer
  /** The business date at which invoices are overdue that were due before it. */
  readonly asOf: string
  readonly limit: number
  readonly cursor?: string
}

export interface CustomerViewOrder {
  readonly documentId: DocumentId
  readonly messageId: MessageId
  readonly threadId: ThreadId
  readonly number: string
  readonly system: string
  readonly function: CustomerOrder['function']
  readonly test: boolean
  readonly issuedOn: string
  readonly payable?: Amount
}

export interface CustomerView extends PartySummary {
  readonly redirectedFrom?: PartyId
  readonly sourceRecords: readonly { readonly key: SourceKey, readonly system: string, readonly name?: string, readonly firstEntry: JournalNumber, readonly lastEntry: JournalNumber, readonly test: boolean }[]
  /** Newest first. */
  readonly orders: { readonly items: readonly CustomerViewOrder[], readonly next?: string }
  /** By currency: payable of invoices less that of credit notes, prepayments off. */
  readonly balances: readonly CustomerBalance[]
  readonly counts: Readonly<Record<string, number>>
  readonly asOf: string
  readonly journalSeq: JournalNumber
}

const cursorOf = ({ issuedOn, documentId }: CustomerOrder): string => Buffer.from(`${issuedOn} ${documentId}`).toString('base64url')

const placeOf = (cursor: string): OrderPlace | undefined => {
  const [issuedOn = '', documentId = ''] = Buffer.from(cursor, 'base64url').toString().split(' ')
  return /^\d{4}-\d\d-\d\d$/.test(issuedOn) && isUuid(documentId) ? { issuedOn, documentId } : undefined
}

const listedOrder = (order: CustomerOrder): CustomerViewOrder => ({
  documentId: order.documentId, messageId: order.messageId, number: order.number, system: order.system, function: order.function, test: order.test, issuedOn: order.issuedOn,
  threadId: threadIdOf(order.system, { issuer: order.issuerKey ?? undefined, kind: 'order', number: order.number }),
  ...(order.payable === null || order.currency === null ? {} : { payable: { value: order.payable, currency: order.currency } }),
})

const ordersOf = (orders: readonly CustomerOrder[], limit: number): CustomerView['orders'] => {
  const last = orders.slice(0, limit).at(-1)
  return { items: orders.slice(0, limit).map(listedOrder), ...(orders.length > limit && last !== undefined ? { next: cursorOf(last) } : {}) }
}

/**
 * A golden party as a customer, as of one journal number. Fails with `not-found` for an id that was never given, and with `request-invalid` for
 * a cursor that no page gave.
 */
export const makeCustomerView = (deps: CustomerViewDeps) => async ({ partyId, asOf, limit, cursor }: CustomerViewRequest): Promise<Result<CustomerView>> => {
  const after = cursor === undefined ? undefined : placeOf(cursor)
  if (cursor !== undefined && after === undefined) return fail('request-invalid', 'cursor', 'The cursor is none that a page of this list gave.')
  const record = await deps.readCustomer(partyId, { asOf, after, limit: limit + 1 })
  if (record === undefined) return fail('not-found', 'partyId', `There is no party '${partyId.slice(0, 60)}'.`)
  return ok({
    ...record.party,
    ...(record.party.id === partyId ? {} : { redirectedFrom: partyId as PartyId }),
    sourceRecords: record.sources.map(({ key, system, name, firstEntry, lastEntry, test }) => ({ key, system, ...(name === null ? {} : { name }), firstEntry, lastEntry, test })),
    orders: ordersOf(record.orders, limit),
    balances: record.balances,
    counts: Object.fromEntries(record.counts.map(({ kind, count }) => [kind, count])),
    asOf, journalSeq: record.journalSeq,
  })
}

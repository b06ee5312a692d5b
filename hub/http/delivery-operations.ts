import { Type } from '@sinclair/typebox'
import type { Result } from '../../schemas/result.js'
import { alertListAnswer, deliveryActedAnswer, deliveryAnswer, deliveryListAnswer, deliveryPayloadAnswer, endpointListAnswer, messageDeliveryListAnswer } from './delivery-answers.js'
import type { Operation, RawReply } from './operation.js'
import { countCursor, idText, limitText, messageParams, pageSize } from './parameters.js'

export interface DeliveryListFilter {
  readonly state: string | undefined
  readonly refusal: string | undefined
  readonly endpoint: string | undefined
  readonly key: string | undefined
  readonly message: string | undefined
  readonly document: string | undefined
  readonly cursor: string | undefined
  readonly limit: number
}

/** What is to be sent instead; without it the document is mapped again. */
export interface DeliveryEdit {
  readonly payload: string
  readonly type?: 'xml' | 'json' | 'csv' | 'text'
}

export interface DeliveryDeps {
  readonly list: (filter: DeliveryListFilter) => Promise<Result<unknown>>
  readonly ofMessage: (messageId: string) => Promise<Result<unknown>>
  readonly byId: (id: string) => Promise<Result<unknown>>
  readonly payloadOf: (id: string) => Promise<Result<RawReply>>
  readonly resume: (id: string) => Promise<Result<unknown>>
  readonly skip: (id: string) => Promise<Result<unknown>>
  readonly edit: (id: string, edit: DeliveryEdit | undefined, by: string) => Promise<Result<unknown>>
  readonly endpoints: () => Promise<Result<unknown>>
  readonly alerts: (filter: { readonly open: boolean | undefined, readonly before: number | undefined, readonly limit: number }) => Promise<Result<unknown>>
}

const someId = '00000000-0000-7000-8000-000000000001'
const closed = { additionalProperties: false } as const
const deliveryParams = Type.Object({ id: idText('The `id` of a delivery; listDeliveries has them all.') })
const listQuery = Type.Object({
  state: Type.Optional(Type.String({ enum: ['waiting', 'parked', 'sent', 'skipped'], examples: ['sent'] })),
  refusal: Type.Optional(Type.String({ enum: ['open', 'accepted', 'resent', 'skipped'], description: 'What became of the partner\'s refusal; `open` where nobody has acted on it.', examples: ['open'] })),
  endpoint: Type.Optional(Type.String({ maxLength: 63, examples: ['demo-folder'] })),
  key: Type.Optional(Type.String({ maxLength: 800, description: 'The business key within which deliveries keep their order.', examples: ['order:PO-2026-0815@demo-ubl/gln:9520000001018'] })),
  message: Type.Optional(idText('The message that caused it.', someId)),
  document: Type.Optional(idText('The document that it carries.', someId)),
  limit: Type.Optional(limitText),
  cursor: Type.Optional(idText('The `next` of the page before.')),
}, closed)
const editBody = Type.Unsafe<DeliveryEdit | null>({
  ...Type.Object({ payload: Type.String({ minLength: 1, maxLength: 8_388_608, description: 'The text that is to leave instead.' }), type: Type.Optional(Type.String({ enum: ['xml', 'json', 'csv', 'text'] })) }, closed),
  type: ['object', 'null'], description: 'Without a body the document is mapped again with today\'s mapping.',
})
const alertQuery = Type.Object({
  open: Type.Optional(Type.String({ enum: ['true', 'false'], examples: ['true'] })),
  limit: Type.Optional(limitText),
  cursor: Type.Optional({ ...countCursor, examples: ['1000'] }),
}, closed)

/** What goes out: deliveries, the endpoints that they go to, and alerts. */
export const deliveryOperations = (deps: DeliveryDeps): readonly Operation[] => [
  {
    id: 'listDeliveries', method: 'GET', path: '/deliveries', tag: 'deliveries', audience: 'admin', query: listQuery,
    summary: 'Deliveries, newest first, each with its stages',
    answer: deliveryListAnswer,
    handle: ({ query }) => deps.list({ state: query['state'], refusal: query['refusal'], endpoint: query['endpoint'], key: query['key'], message: query['message'], document: query['document'], cursor: query['cursor'], limit: pageSize(query['limit']) }),
  },
  {
    id: 'getDelivery', method: 'GET', path: '/deliveries/:id', tag: 'deliveries', audience: 'admin', params: deliveryParams,
    summary: 'One delivery: its stages, every attempt, the message that caused it',
    answer: deliveryAnswer,
    handle: ({ params }) => deps.byId(params['id'] ?? ''),
  },
  {
    id: 'getDeliveryPayload', method: 'GET', path: '/deliveries/:id/payload', tag: 'deliveries', audience: 'admin', params: deliveryParams,
    summary: 'The bytes that leave, the same at each attempt; before the first, as today\'s mapping would write them',
    answer: deliveryPayloadAnswer,
    handle: ({ params }) => deps.payloadOf(params['id'] ?? ''),
  },
  {
    id: 'listEndpoints', method: 'GET', path: '/endpoints', tag: 'deliveries', audience: 'admin',
    summary: 'The endpoints of the settings, and those that have deliveries: how each fares, how many wait or are parked',
    answer: endpointListAnswer,
    handle: () => deps.endpoints(),
  },
  {
    id: 'editDelivery', method: 'POST', path: '/deliveries/:id/edit', tag: 'deliveries', audience: 'admin', params: deliveryParams, body: editBody,
    bodyDescription: () => ({ schema: editBody, examples: { mappedAgain: null, otherBytes: { payload: '<Order/>', type: 'xml' } } }),
    summary: 'Gives a delivery other bytes, or has its document mapped again; then as resume',
    answer: deliveryActedAnswer,
    handle: ({ params, body, caller }) => deps.edit(params['id'] ?? '', (body as DeliveryEdit | null | undefined) ?? undefined, caller?.keyId ?? ''),
  },
  {
    id: 'resumeDelivery', method: 'POST', path: '/deliveries/:id/resume', tag: 'deliveries', audience: 'admin', params: deliveryParams,
    summary: 'Tries a delivery that waits or is parked again at once, its attempts counted anew; one that the partner refused is sent again as another delivery',
    answer: deliveryActedAnswer,
    handle: ({ params }) => deps.resume(params['id'] ?? ''),
  },
  {
    id: 'skipDelivery', method: 'POST', path: '/deliveries/:id/skip', tag: 'deliveries', audience: 'admin', params: deliveryParams,
    summary: 'Takes a delivery that waits or is parked out of the way: it is not sent, and its key goes on; of one that the partner refused the alert closes',
    answer: deliveryActedAnswer,
    handle: ({ params }) => deps.skip(params['id'] ?? ''),
  },
  {
    id: 'listMessageDeliveries', method: 'GET', path: '/messages/:id/deliveries', tag: 'deliveries', audience: 'admin', params: messageParams,
    summary: 'The deliveries that a message caused, newest first',
    answer: messageDeliveryListAnswer,
    handle: ({ params }) => deps.ofMessage(params['id'] ?? ''),
  },
  {
    id: 'listAlerts', method: 'GET', path: '/alerts', tag: 'operations', audience: 'admin', query: alertQuery,
    summary: 'Alerts, newest first: each opened once and closed once',
    answer: alertListAnswer,
    handle: ({ query }) => deps.alerts({ open: query['open'] === undefined ? undefined : query['open'] === 'true', before: query['cursor'] === undefined ? undefined : Number(query['cursor']), limit: pageSize(query['limit']) }),
  },
]

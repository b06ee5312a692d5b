import { Type } from '@sinclair/typebox'
import type { StoredAlert } from '../central/alerts.js'
import type { DeliveryAnswered, DeliveryAttempt, StoredDelivery } from '../central/deliveries/read-deliveries.js'
import type { EndpointView } from '../delivery/endpoint-view.js'
import { documentKind, instant, listOf, named, objectOf, oneOf, orNull, uuid } from './answer-shapes.js'
import type { AnswerDescription } from './operation.js'

/** What the operations on deliveries answer. */

const maybeInstant = (description?: string) => Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time', ...(description === undefined ? {} : { description }) })
const maybeUuid = (description?: string) => Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid', ...(description === undefined ? {} : { description }) })
const failure = () => Type.Union([Type.Object({ code: Type.String(), at: Type.String(), detail: Type.String() }), Type.Null()], { description: 'Why the last attempt failed, or why it is parked.' })

const members = () => ({
  id: uuid(),
  endpoint: Type.String(),
  key: Type.String({ description: 'The business key; deliveries of one endpoint and key keep their order.' }),
  sequence: Type.Integer({ minimum: 1, description: 'Within endpoint and key.' }),
  source: Type.String({ description: 'The subscription; `acknowledge:` or `alerts:` and the endpoint for what is the hub\'s own; `again:` and the delivery that was refused where it is sent again.' }),
  journalSeq: orNull('integer'),
  messageId: maybeUuid(),
  documentId: maybeUuid(),
  kind: Type.Union([documentKind(), Type.Null()]),
  number: orNull('string'),
  test: Type.Boolean(),
  state: oneOf(['waiting', 'parked', 'sent', 'skipped']),
  createdAt: instant(),
  attempts: Type.Integer({ minimum: 0, description: 'Since it was made or resumed.' }),
  dueAt: maybeInstant('When it is tried next; null where it is not the first of its key, or does not wait.'),
  controlNumber: orNull('string'),
  format: orNull('string'),
  mappingVersion: orNull('string'),
  editedBy: orNull('string'),
  failure: failure(),
  sentAt: maybeInstant(),
  receivedAt: maybeInstant(),
  understoodAt: maybeInstant(),
  answeredAt: maybeInstant(),
  rejected: Type.Boolean({ description: 'Whether an answer said no.' }),
  refusal: Type.Unsafe<StoredDelivery['refusal']>({ type: ['string', 'null'], enum: ['open', 'accepted', 'resent', 'skipped', null], description: 'What became of a refusal: nobody acted on it (`open`), the partner took it later, its document was sent again, or nothing more is to be done; null where there was none.' }),
  refusedAt: maybeInstant(),
  refusalSettledAt: maybeInstant('When it was no longer open.'),
  resentAs: maybeUuid('The delivery that takes its place.'),
  understoodBy: maybeUuid('The document that said so.'),
  answeredBy: maybeUuid('The document that said so.'),
  droppedAt: maybeInstant('When its bytes and attempts were dropped, as the retention of the settings says.'),
})

const delivery = () => named('Delivery', objectOf<StoredDelivery>(members(), { title: 'A document on its way to an endpoint' }))

const attempt = () => named('DeliveryAttempt', objectOf<DeliveryAttempt>({
  ordinal: Type.Integer({ minimum: 1 }),
  endedAt: instant(),
  tookMs: Type.Integer({ minimum: 0 }),
  status: Type.Unsafe<number | null>({ ...orNull('integer'), description: 'Of HTTP.' }),
  code: Type.Unsafe<string | null>({ ...orNull('string'), description: 'Null where it succeeded.' }),
  at: orNull('string'),
  detail: orNull('string'),
  answer: Type.Unsafe<string | null>({ ...orNull('string'), description: 'The beginning of what came back.' }),
  retryAt: maybeInstant(),
}, { title: 'One attempt to deliver' }))

const answered = () => named('DeliveryAnswered', objectOf<DeliveryAnswered>({
  at: instant(),
  stage: oneOf(['received', 'understood', 'answered']),
  rejected: Type.Boolean(),
  reasons: Type.Unsafe<readonly string[]>(Type.Array(Type.String(), { description: 'In the partner\'s words, or what his codes mean.' })),
  documentId: maybeUuid('The document that says it.'),
}, { title: 'What was said to a delivery' }))

const cause = () => Type.Union([Type.Object({ messageId: uuid(), channel: Type.String(), system: Type.String(), sender: Type.String(), receivedAt: instant(), format: orNull('string') }), Type.Null()], { description: 'The message that caused it.' })

const example = {
  id: '3e7f8c2a-5d1b-8f4e-9a60-1c2d3e4f5a6b', endpoint: 'demo-folder', key: 'order:PO-2026-0815@demo-ubl/gln:9520000001018', sequence: 1, source: 'demo-orders', journalSeq: 1,
  messageId: '01a20081-0b2f-7000-a905-98d673f2cdf3', documentId: '01a20081-0bae-7000-8c21-b741b1c0f325', kind: 'order', number: 'PO-2026-0815', test: false, state: 'sent',
  createdAt: '2026-11-21T23:46:26.735Z', attempts: 1, dueAt: null, controlNumber: '3e7f8c2a-5d1b-8f4e-9a60-1c2d3e4f5a6b', format: 'shop-json/order', mappingVersion: '049af283f73e2de2', editedBy: null,
  failure: null, sentAt: '2026-11-21T23:46:26.912Z', receivedAt: '2026-11-21T23:46:26.912Z', understoodAt: null, answeredAt: null, rejected: false, refusal: null, refusedAt: null, refusalSettledAt: null, resentAs: null, understoodBy: null, answeredBy: null, droppedAt: null,
}

export const deliveryListAnswer = (): AnswerDescription => ({
  description: '`{items, next?}`, newest first.',
  schema: listOf(delivery()),
  example: { items: [example], next: example.id },
  links: [{ to: 'listDeliveries', parameter: 'cursor', from: '/next' }, ...['getDelivery', 'getDeliveryPayload'].map((to) => ({ to, parameter: 'id', from: '/items/0/id' })), { to: 'listMessageDeliveries', parameter: 'id', from: '/items/0/messageId' }],
})

export const messageDeliveryListAnswer = (): AnswerDescription => ({ description: 'The deliveries of the message.', schema: listOf(delivery()), example: { items: [example] } })

export const deliveryAnswer = (): AnswerDescription => ({
  description: 'The delivery with its history.',
  schema: Type.Object({ ...members(), history: Type.Array(attempt()), answers: Type.Array(answered()), message: cause() }),
  example: {
    ...example, history: [{ ordinal: 1, endedAt: example.sentAt, tookMs: 12, status: 200, code: null, at: null, detail: null, answer: null, retryAt: null }], answers: [],
    message: { messageId: example.messageId, channel: 'demo-ubl', system: 'demo-ubl', sender: 'operator', receivedAt: '2026-11-21T23:46:26.702Z', format: 'ubl/order' },
  },
})

export const deliveryPayloadAnswer = (): AnswerDescription => ({
  description: 'The bytes, as XML, JSON or CSV.',
  contentType: 'application/octet-stream',
  schema: { type: 'string', contentMediaType: 'application/octet-stream' },
  example: '{"orderId":"PO-2026-0815"}',
})

export const deliveryActedAnswer = (): AnswerDescription => ({ description: 'The delivery as it is now, or the one that takes the place of one that was refused.', schema: delivery(), example: { ...example, state: 'waiting', attempts: 0, sentAt: null, receivedAt: null } })

export const endpointListAnswer = (): AnswerDescription => ({
  description: 'The endpoints, by id.',
  schema: listOf(named('Endpoint', objectOf<EndpointView>({
    id: Type.String(),
    configured: Type.Boolean({ description: 'Whether the settings have it; the deliveries of one that they do not have wait.' }),
    format: Type.Optional(Type.String()),
    system: Type.Optional(Type.String()),
    breaker: oneOf(['closed', 'open']),
    failures: Type.Integer({ minimum: 0, description: 'In a row.' }),
    probeAt: maybeInstant('When it is tried again, where its breaker is open.'),
    heldUntil: maybeInstant('It asked not to be called before.'),
    badSince: maybeInstant(),
    waiting: Type.Integer({ minimum: 0 }),
    parked: Type.Integer({ minimum: 0 }),
    oldestParked: maybeUuid('The delivery that somebody has to look at first.'),
  }, { title: 'Where deliveries go' }))),
  example: { items: [{ id: 'demo-folder', configured: true, format: 'shop-json', breaker: 'closed', failures: 0, probeAt: null, heldUntil: null, badSince: null, waiting: 0, parked: 1, oldestParked: example.id }] },
  links: ['editDelivery', 'resumeDelivery', 'skipDelivery'].map((to) => ({ to, parameter: 'id', from: '/items/0/oldestParked' })),
})

export const alertListAnswer = (): AnswerDescription => ({
  description: '`{items, next?}`, newest first.',
  schema: listOf(named('Alert', objectOf<StoredAlert>({
    id: Type.Integer({ minimum: 1 }),
    kind: Type.String({ description: '`endpoint-bad`, `deliveries-parked`, `delivery-rejected`, `received-overdue`, `understood-overdue`, `answered-overdue`, and those of other parts of the hub.' }),
    subject: Type.String({ description: 'An endpoint, or the id of a delivery.' }),
    detail: Type.String(),
    openedAt: instant(),
    closedAt: maybeInstant('Null while it is open.'),
  }, { title: 'Something that somebody has to look at' }))),
  example: { items: [{ id: 1, kind: 'endpoint-bad', subject: 'nordlicht', detail: '5 attempts in a row failed; the last: partner-unavailable at answer: The answer is HTTP 503.', openedAt: '2026-11-21T23:46:26.735Z', closedAt: null }] },
})

import { Type } from '@sinclair/typebox'
import { answeredPartSchema, issueSchema, messageAnswerSchema, partCountsSchema } from '../../schemas/wire/wire-schema.js'
import type { StoredAttachment } from '../central/attachments.js'
import type { StoredDocument } from '../central/documents.js'
import type { MessageDecision, StoredMessage } from '../central/messages.js'
import type { MessageLineage } from '../intake/lineage.js'
import { documentKind, instant, listOf, named, objectOf, oneOf, orNull, uuid } from './answer-shapes.js'
import { replayDiffSchema } from './replay-answers.js'
import type { AnswerDescription } from './operation.js'

/** What the message browser answers, with the demo chain's first order as the example. */

const decision = () => named('MessageDecision', objectOf<MessageDecision>({ at: instant(), by: Type.String({ description: 'The id of the key.' }), reason: Type.String(), mendedBy: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid' }) }))

const storedMessage = () => named('StoredMessage', objectOf<StoredMessage & { readonly progress?: unknown }>({
  messageId: uuid(),
  channel: Type.String(),
  system: Type.String({ description: 'The system that the channel stands for; the documents are its.' }),
  sender: Type.String(),
  caller: orNull('string'),
  idempotencyKey: orNull('string'),
  receivedAt: instant(),
  contentType: orNull('string'),
  contentEncoding: orNull('string'),
  rawBytes: Type.Integer({ minimum: 0 }),
  rawSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  outcome: Type.Unsafe<StoredMessage['outcome']>({ ...oneOf(['accepted', 'duplicate', 'partial', 'rejected', 'running']), description: '`running`: a giant whose parts are still being taken.' }),
  status: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'The HTTP status of the answer; null while the message is running.' }),
  format: orNull('string'),
  mappingVersion: orNull('string'),
  test: Type.Boolean(),
  attempts: Type.Integer({ minimum: 1 }),
  schemaSets: Type.Unsafe<StoredMessage['schemaSets']>({
    type: ['array', 'null'], items: Type.Object({ part: Type.Integer({ minimum: 1 }), name: Type.String(), version: Type.String() }),
    description: 'The registered schemas that its parts were held against when it was processed last.',
  }),
  giant: Type.Boolean({ description: 'Whether it was too large to be held and was taken in slices.' }),
  rawDropped: Type.Union([Type.Object({ at: instant(), rule: Type.String() }), Type.Null()], { description: 'When its bytes were dropped, and by which rule of retention; null where they are kept.' }),
  decision: Type.Union([decision(), Type.Null()], { description: 'What somebody said becomes of it, where it could not be taken or not wholly.' }),
  progress: Type.Optional(Type.Object({ pieces: Type.Integer(), parts: Type.Integer(), partCounts: partCountsSchema }, { description: 'Of a giant that is running, asked for alone.' })),
  answer: Type.Union([messageAnswerSchema, Type.Null()], { description: 'What its sender was told; null while the message is running.' }),
}, { title: 'A message as it was received, without its bytes' }))

const exampleAnswer = {
  messageId: '01a20081-0b2f-7000-a905-98d673f2cdf3', outcome: 'accepted',
  documents: [{ kind: 'order', id: '01a20081-0bae-7000-8c21-b741b1c0f325', number: 'PO-2026-0815', revision: 1, threadIds: ['08c38b2d-e896-8b1a-bc55-642146abb5a3'] }],
  journalSeq: 1, errors: [],
}

const exampleMessage = {
  messageId: exampleAnswer.messageId, channel: 'demo-ubl', system: 'demo-ubl', sender: 'operator', caller: 'operator', idempotencyKey: null,
  receivedAt: '2026-11-21T23:46:26.735Z', contentType: 'application/xml', contentEncoding: null, rawBytes: 9122,
  rawSha256: '4040c8b007b8c27928f59f0a1911101ccca4c9a3072555e30c95fcc96f19eb40', outcome: 'accepted', status: 200, format: 'ubl/order', mappingVersion: '049af283f73e2de2',
  test: false, attempts: 1, giant: false, schemaSets: null, rawDropped: null, decision: null, answer: exampleAnswer,
}

export const messageListAnswer = (): AnswerDescription => ({
  description: '`{items, next?}`, newest first; each item is a message without its bytes.',
  schema: listOf(storedMessage()),
  example: { items: [exampleMessage], next: exampleMessage.messageId },
  links: [
    { to: 'listMessages', parameter: 'cursor', from: '/next' },
    ...['getMessage', 'listMessageParts', 'getMessageBytes', 'listAttachments', 'getMessageLineage', 'getMessageDocuments', 'replayMessage', 'discardMessage'].map((to) => ({ to, parameter: 'id', from: '/items/0/messageId' })),
    { to: 'getDocument', parameter: 'id', from: '/items/0/answer/documents/0/id' },
  ],
})

export const messageAnswer = (): AnswerDescription => ({
  description: 'The message; for a channel\'s key the answer that the message was given.',
  schema: Type.Union([storedMessage(), messageAnswerSchema]),
  example: exampleMessage,
})

export const partListAnswer = (): AnswerDescription => ({
  description: '`{items, next?}`, in the order of the message. A message that is no envelope is its own only part.',
  schema: listOf(answeredPartSchema),
  example: { items: [{ part: 1, outcome: 'accepted', documents: exampleAnswer.documents, errors: [] }] },
})

export const messageBytesAnswer = (): AnswerDescription => ({
  description: 'The bytes, never interpreted.',
  contentType: 'application/octet-stream',
  schema: { type: 'string', format: 'binary', minLength: 1 },
  example: '<?xml version="1.0" encoding="UTF-8"?>\n<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2">…</Order>',
})

/** The file that comes with the demo chain's receipt advice. */
export const exampleAttachment = { ordinal: 1, name: 'damage.txt', contentType: 'text/plain; charset=utf-8', sha256: '5c02604ab9891327d29bf0e9185796623ff8256605f27a4c8637a88383923b04', bytes: 43 }

export const attachmentListAnswer = (): AnswerDescription => ({
  description: '`{items}`, in the order in which they came.',
  schema: listOf(objectOf<StoredAttachment>({
    ordinal: Type.Integer({ minimum: 1 }),
    name: orNull('string'),
    contentType: orNull('string'),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    bytes: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'How many; null where they were dropped.' }),
  })),
  example: { items: [exampleAttachment] },
})

export const attachmentAnswer = (): AnswerDescription => ({
  description: 'The bytes, never interpreted.',
  contentType: 'application/octet-stream',
  schema: { type: 'string', format: 'binary', minLength: 1 },
  example: 'One panel of line 1 is broken at a corner.\n',
})

export const lineageAnswer = (): AnswerDescription => ({
  description: 'The lineage of each part, computed by the mapping version that it was mapped by.',
  schema: objectOf<MessageLineage>({
    messageId: uuid(),
    parts: Type.Array(objectOf<MessageLineage['parts'][number]>({
      part: Type.Integer({ minimum: 1 }),
      format: Type.Optional(Type.String()),
      mappingVersion: Type.Optional(Type.String()),
      todaysMappingVersion: Type.Optional(Type.Union([Type.String(), Type.Null()], { description: 'Today\'s version, where it is another one; null where the format is gone.' })),
      functionsChanged: Type.Optional(Type.Literal(true, { description: 'The functions beside the map are others today; only those of today were run.' })),
      engineChanged: Type.Optional(Type.Literal(true, { description: 'The engine reads maps otherwise today than when this version was kept.' })),
      lineage: Type.Array(Type.Object({
        target: Type.String({ description: 'The field of the canonical document.' }),
        source: Type.String({ description: 'The path in the source.' }),
        line: Type.Integer(),
        column: Type.Integer(),
        value: Type.String({ description: 'As sent.' }),
      })),
      errors: Type.Array(issueSchema),
    })),
  }),
  example: {
    messageId: exampleMessage.messageId,
    parts: [{ part: 1, format: 'ubl/order', mappingVersion: '049af283f73e2de2', lineage: [{ target: 'number', source: 'cbc:ID', line: 6, column: 3, value: 'PO-2026-0815' }], errors: [] }],
  },
})

export const canonicalAnswer = (): AnswerDescription => ({
  description: '`{items, next?}`, in the order of the parts; of each document the last that the message brought.',
  schema: listOf(objectOf<StoredDocument>({
    id: uuid(), messageId: uuid(), part: Type.Integer({ minimum: 1 }), channel: Type.String(), system: Type.String(), sender: Type.String(), kind: documentKind(), number: Type.String(),
    revision: Type.Integer({ minimum: 1 }), replaces: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid' }), threadIds: Type.Array(uuid()), format: Type.String(), mappingVersion: Type.String(), test: Type.Boolean(),
    document: Type.Object({}, { additionalProperties: true, description: 'As /schemas/{kind} has it.' }),
  })),
  example: {
    items: [{
      id: exampleAnswer.documents[0]?.id, messageId: exampleAnswer.messageId, part: 1, channel: 'demo-ubl', system: 'demo-ubl', sender: 'demo-ubl/gln:4012345000009', kind: 'order', number: 'PO-2026-0815', revision: 1, replaces: null,
      threadIds: ['08c38b2d-e896-8b1a-bc55-642146abb5a3'], format: 'ubl/order', mappingVersion: '049af283f73e2de2', test: false, document: { kind: 'order', number: 'PO-2026-0815' },
    }],
  },
})

export const decisionAnswer = (): AnswerDescription => ({
  description: 'What was decided, first of all; null where the message was taken and nothing is to be decided.',
  schema: Type.Object({ messageId: uuid(), outcome: oneOf(['accepted', 'duplicate', 'partial', 'rejected', 'running']), decision: Type.Union([decision(), Type.Null()]) }),
  example: { messageId: exampleAnswer.messageId, outcome: 'rejected', decision: { at: '2026-11-22T08:12:01.003Z', by: 'operator', reason: 'Sent to us by mistake.', mendedBy: null } },
})

export const replayAnswer = (): AnswerDescription => ({
  description: 'The answer, as for a message sent: what was refused may be accepted today, what has not changed is a duplicate. Of a dry run, what would change.',
  schema: Type.Union([messageAnswerSchema, replayDiffSchema()]),
  example: { ...exampleAnswer, outcome: 'duplicate', documents: exampleAnswer.documents.map((document) => ({ ...document, duplicate: true })) },
})

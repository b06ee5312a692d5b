import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { idempotencyKeyPattern } from '../idempotency-key.js'
import type { Node } from '../node.js'

/** The namespace of every element of our own that goes over the wire; a change that breaks a caller gets another one. */
export const wireNamespace = 'urn:chainhub:v1'

/*
 * What chainhub.xsd says, for the program: members stand in the order of the XSD's sequence. A test holds the two together.
 */

/** xs:token: white space around and in runs counts for nothing. */
const token = Type.String({ minLength: 1, maxLength: 512, whiteSpace: 'collapse' })
const many = <T extends TSchema>(item: T) => Type.Unsafe<readonly Static<T>[]>(Type.Array(item))

const outcome = Type.Union([Type.Literal('accepted'), Type.Literal('duplicate'), Type.Literal('partial'), Type.Literal('rejected')])

/** In /openapi.json these are components, named by their `$id`. */
export const issueSchema = Type.Object({
  code: Type.String(),
  at: Type.String(),
  detail: Type.String(),
  severity: Type.Optional(Type.Literal('warning')),
  line: Type.Optional(Type.Integer()),
  path: Type.Optional(Type.String()),
  rule: Type.Optional(Type.String()),
  fix: Type.Optional(Type.Object({ en: Type.String(), zh: Type.String() })),
}, { $id: 'Issue' })

const answeredDocumentSchema = Type.Object({
  kind: Type.String(),
  id: Type.String(),
  number: Type.String(),
  revision: Type.Integer(),
  threadIds: many(Type.String()),
  duplicate: Type.Optional(Type.Literal(true)),
}, { $id: 'AnsweredDocument' })

export const answeredPartSchema = Type.Object({
  part: Type.Integer(),
  outcome,
  documents: many(answeredDocumentSchema),
  errors: many(issueSchema),
}, { $id: 'AnsweredPart' })

export const partCountsSchema = Type.Object({ accepted: Type.Integer(), duplicate: Type.Integer(), partial: Type.Integer(), rejected: Type.Integer() })

/** MessageAnswer, as JSON Schema and as the complex type MessageAnswer of the XSD. */
export const messageAnswerSchema = Type.Object({
  messageId: Type.String(),
  outcome,
  documents: many(answeredDocumentSchema),
  partCounts: Type.Optional(partCountsSchema),
  parts: Type.Optional(many(answeredPartSchema)),
  journalSeq: Type.Optional(Type.Integer()),
  passed: Type.Optional(Type.Object({ crm: Type.Optional(Type.Integer()), warehouse: Type.Optional(Type.Integer()) })),
  errors: many(issueSchema),
}, { $id: 'MessageAnswer', title: 'The answer to a message', xml: { name: 'messageAnswer', namespace: wireNamespace } })

/** xs:base64Binary: its text, or by MTOM a reference to a part; which of them is for the operation to say. */
const binary = Type.Unsafe<Node>(Type.Any({ encoding: 'base64' }))

export const attachmentSchema = Type.Object({ name: Type.Optional(token), contentType: Type.Optional(token), content: binary })

export const submitDocumentSchema = Type.Object({
  channel: token,
  idempotencyKey: Type.Optional(Type.String({ pattern: idempotencyKeyPattern, whiteSpace: 'collapse' })),
  wait: Type.Optional(token),
  timeoutMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 60_000 })),
  /** One element of any namespace, or text; which of them is for the operation to say. */
  document: Type.Unsafe<Node>(Type.Any()),
  attachment: Type.Optional(many(attachmentSchema)),
})

export const getMessageStatusSchema = Type.Object({ messageId: token })

export const pingSchema = Type.Object({ message: Type.Optional(Type.String({ maxLength: 10_000 })) })

/** What a SOAP fault carries as its detail. */
export const faultSchema = Type.Object({ code: Type.String(), at: Type.String(), detail: Type.String() })

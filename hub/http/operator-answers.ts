import { Type } from '@sinclair/typebox'
import { roles } from '../access/access.js'
import { documentKind, journalNumber, listOf, oneOf, uuid } from './answer-shapes.js'
import type { AnswerDescription } from './operation.js'

/** What operators' and the model's operations answer. */

export const keyAnswer = (): AnswerDescription => ({
  description: 'The key, and of a SOAP user the password; both are told this once.',
  schema: Type.Object({ id: uuid(), role: oneOf(roles), channel: Type.Optional(Type.String()), party: Type.Optional(Type.String()), key: Type.String({ minLength: 20 }), soapUser: Type.Optional(Type.String()), soapPassword: Type.Optional(Type.String()), cxmlIdentity: Type.Optional(Type.String()) }),
  example: { id: '6f0d7a2e-1f6e-4d53-9b0a-3c1f4f9f2f10', role: 'channel', channel: 'demo-ubl', key: 'chk_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG' },
})

export const digestAnswer = (): AnswerDescription => ({
  description: 'The digest, and the journal number that the database had come to.',
  schema: Type.Object({ database: oneOf(['central', 'crm', 'warehouse']), journalSeq: journalNumber(), digest: Type.String({ pattern: '^[0-9a-f]{64}$' }) }),
  example: { database: 'crm', journalSeq: 13, digest: 'c67a057e32c7ca3f994d620520e87cf003372119eff1fa3eac8355d33ef2d171' },
})

export const rebuildAnswer = (): AnswerDescription => ({
  description: 'A line of JSON for each step, while it runs; the last is `done`, or `failed` with the reason. The schema is that of a line.',
  contentType: 'application/x-ndjson',
  schema: Type.Object({
    step: oneOf(['applied', 'done', 'failed']), journalSeq: Type.Optional(journalNumber()), head: Type.Optional(Type.Integer({ minimum: 0, description: 'Where the journal ends.' })),
    follower: Type.Optional(oneOf(['crm', 'warehouse'])), detail: Type.Optional(Type.String()),
  }),
  example: '{"step":"applied","journalSeq":13,"head":13}\n{"step":"done","follower":"crm","journalSeq":13}\n',
})

export const homeAnswer = (): AnswerDescription => ({
  description: 'The page.',
  contentType: 'text/html',
  schema: Type.String({ pattern: '^<!doctype html>' }),
  example: '<!doctype html>\n<html lang="en">…</html>',
})

export const schemaListAnswer = (): AnswerDescription => ({
  description: '`{items}`.',
  schema: listOf(Type.Object({ kind: documentKind(), href: Type.String({ pattern: '^/schemas/' }) })),
  example: { items: [{ kind: 'order', href: '/schemas/order' }] },
  links: [{ to: 'getSchema', parameter: 'kind', from: '/items/0/kind' }],
})

export const schemaAnswer = (): AnswerDescription => ({
  description: 'A JSON Schema, closed: a member that it does not name is refused.',
  contentType: 'application/schema+json',
  schema: Type.Object({
    $schema: Type.String({ format: 'uri' }), $id: documentKind(), title: Type.String(), type: Type.Literal('object'), required: Type.Array(Type.String()),
    properties: Type.Record(Type.String(), Type.Object({}, { additionalProperties: true })), additionalProperties: Type.Literal(false),
  }, { additionalProperties: true }),
  example: {
    $schema: 'http://json-schema.org/draft-07/schema#', $id: 'order', title: 'order', type: 'object', required: ['kind', 'number'],
    properties: { kind: { const: 'order', type: 'string' }, number: { minLength: 1, maxLength: 200, type: 'string' } }, additionalProperties: false,
  },
})

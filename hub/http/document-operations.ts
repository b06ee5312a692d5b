import { Type } from '@sinclair/typebox'
import type { Result } from '../../schemas/result.js'
import type { StoredDocument } from '../central/documents.js'
import { documentKind, named, objectOf, orNull, uuid } from './answer-shapes.js'
import type { AnswerDescription, Operation } from './operation.js'
import { idText } from './parameters.js'

export interface DocumentDeps {
  readonly document: (id: string) => Promise<Result<StoredDocument>>
}

const documentParams = Type.Object({ id: idText('The id of a document: of an answer, a view, or a record in Kafka.') })

/** Canonical documents, one by one. */
export const documentOperations = ({ document }: DocumentDeps): readonly Operation[] => [{
  id: 'getDocument', method: 'GET', path: '/documents/:id', tag: 'messages', audience: 'admin', params: documentParams,
  summary: 'One revision of a document as it was accepted, and the message that brought it',
  answer: documentAnswer,
  handle: ({ params }) => document(params['id'] ?? ''),
}]

const documentAnswer = (): AnswerDescription => ({
  description: 'The document with what the hub knows of it.',
  schema: named('StoredDocument', objectOf<StoredDocument>({
    id: uuid(), messageId: uuid(), part: Type.Integer({ minimum: 1 }), channel: Type.String(), system: Type.String(), sender: Type.String(),
    kind: documentKind(), number: Type.String(), revision: Type.Integer({ minimum: 1 }), replaces: orNull('string'), threadIds: Type.Array(uuid()),
    format: Type.String(), mappingVersion: Type.String(), test: Type.Boolean(),
    document: Type.Object({ kind: documentKind() }, { additionalProperties: true, description: 'As `GET /schemas/{kind}` describes it.' }),
  }, { title: 'A canonical document as it was accepted' })),
  example: {
    id: '01a20081-0bae-7000-8c21-b741b1c0f325', messageId: '01a20081-0b2f-7000-a905-98d673f2cdf3', part: 1, channel: 'demo-ubl', system: 'demo-ubl', sender: 'demo-ubl/gln:9520000001018',
    kind: 'order', number: 'PO-2026-0815', revision: 1, replaces: null, threadIds: ['08c38b2d-e896-8b1a-bc55-642146abb5a3'], format: 'ubl/order', mappingVersion: '049af283f73e2de2', test: false,
    document: { kind: 'order', number: 'PO-2026-0815', function: 'original', lines: [] },
  },
})

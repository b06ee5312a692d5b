import { Type } from '@sinclair/typebox'
import type { Result } from '../../schemas/result.js'
import type { Operation, RawReply } from './operation.js'
import { idParams, idText, pageQuery, pageSize } from './parameters.js'
import type { Caller } from '../access/access.js'

export interface MessageFilter {
  readonly outcome: string | undefined
  readonly channel: string | undefined
  /** ISO 8601, UTC. */
  readonly since: string | undefined
  readonly limit: number
  readonly cursor: string | undefined
}

export interface MessageDeps {
  readonly messages: (filter: MessageFilter) => Promise<Result<unknown>>
  readonly message: (id: string) => Promise<Result<unknown>>
  readonly messageStatus: (id: string, caller: Caller) => Promise<Result<unknown>>
  readonly rawOf: (id: string) => Promise<Result<RawReply>>
  readonly lineageOf: (id: string) => Promise<Result<unknown>>
  readonly replay: (id: string) => Promise<Result<unknown>>
}

const outcomes = Type.String({ enum: ['accepted', 'partial', 'rejected'] })

/** The message browser. */
export const messageOperations = (deps: MessageDeps): readonly Operation[] => [
  {
    id: 'listMessages', method: 'GET', path: '/messages', tag: 'messages', audience: 'admin',
    summary: 'Messages as received, newest first',
    query: Type.Object({ outcome: Type.Optional(outcomes), channel: Type.Optional(Type.String()), since: Type.Optional(Type.String({ description: 'A date or instant in ISO 8601.' })), ...pageQuery, cursor: Type.Optional(idText) }, { additionalProperties: false }),
    answer: { description: '`{items, next?}`; each item is a message without its bytes.' },
    handle: ({ query }) => deps.messages({ outcome: query['outcome'], channel: query['channel'], since: query['since'], cursor: query['cursor'], limit: pageSize(query['limit']) }),
  },
  {
    id: 'getMessage', method: 'GET', path: '/messages/:id', tag: 'messages', audience: 'any-key', params: idParams,
    summary: 'One message: its state, its answer, its documents; a channel\'s key gets the answer of its own messages',
    answer: { description: 'The message.' },
    handle: ({ params, caller }) => (caller?.role === 'channel' ? deps.messageStatus(params['id'] ?? '', caller) : deps.message(params['id'] ?? '')),
  },
  {
    id: 'getMessageBytes', method: 'GET', path: '/messages/:id/raw', tag: 'messages', audience: 'admin', params: idParams,
    summary: 'The bytes of a message, exactly as received',
    answer: { description: 'The bytes, never interpreted.', contentType: 'application/octet-stream' },
    handle: ({ params }) => deps.rawOf(params['id'] ?? ''),
  },
  {
    id: 'getMessageLineage', method: 'GET', path: '/messages/:id/lineage', tag: 'messages', audience: 'admin', params: idParams,
    summary: 'Which source field gave which field of the canonical documents, recomputed from the bytes and the mapping version',
    answer: { description: 'The lineage of each part.' },
    handle: ({ params }) => deps.lineageOf(params['id'] ?? ''),
  },
  {
    id: 'replayMessage', method: 'POST', path: '/messages/:id/replay', tag: 'messages', audience: 'admin', params: idParams,
    summary: 'Sends a message through today\'s mapping again; never goes back behind a later message',
    answer: { description: 'The answer, as for a message sent.' },
    handle: ({ params }) => deps.replay(params['id'] ?? ''),
  },
]

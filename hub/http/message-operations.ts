import { Type, type Static } from '@sinclair/typebox'
import { uuidPattern } from '../../schemas/ids.js'
import { fail, type Result } from '../../schemas/result.js'
import type { MessageSearch } from '../intake/search-messages.js'
import type { Operation, RawReply } from './operation.js'
import { attachmentAnswer, attachmentListAnswer, canonicalAnswer, decisionAnswer, exampleAttachment, lineageAnswer, messageAnswer, messageBytesAnswer, messageListAnswer, partListAnswer, replayAnswer } from './message-answers.js'
import { messageFilterMembers, readMessageFilter } from './message-filter.js'
import { countCursor, idText, limitText, messageParams, pageSize } from './parameters.js'
import { versionOf } from './replay-operations.js'
import type { Caller } from '../access/access.js'

export interface PartFilter {
  readonly outcome: string | undefined
  readonly limit: number
  readonly cursor: string | undefined
}

export interface MessageDeps {
  readonly messages: (search: MessageSearch, page: { readonly cursor: string | undefined, readonly limit: number }) => Promise<Result<unknown>>
  readonly message: (id: string) => Promise<Result<unknown>>
  readonly messageStatus: (id: string, caller: Caller) => Promise<Result<unknown>>
  readonly partsOf: (id: string, filter: PartFilter) => Promise<Result<unknown>>
  /** With stars in the place of secrets, unless they are to be shown. */
  readonly rawOf: (id: string, secretsShown: boolean) => Promise<Result<RawReply>>
  readonly attachmentsOf: (id: string) => Promise<Result<unknown>>
  readonly attachment: (sha256: string) => Promise<Result<RawReply>>
  /** Of one part where it is named, from 1. */
  readonly lineageOf: (id: string, part: number | undefined) => Promise<Result<unknown>>
  readonly canonicalOf: (id: string, filter: Omit<PartFilter, 'outcome'>) => Promise<Result<unknown>>
  /** Through a version of one format's mapping where it is named. */
  readonly replay: (id: string, options: { readonly mapping: string | undefined }) => Promise<Result<unknown>>
  readonly replayDiff: (id: string, mapping: string | undefined) => Promise<Result<unknown>>
  readonly discard: (id: string, decision: { readonly reason: string, readonly mendedBy?: string | undefined }, by: string) => Promise<Result<unknown>>
}

const listQuery = Type.Object({ ...messageFilterMembers, limit: Type.Optional(limitText), cursor: Type.Optional(idText('The `next` of the page before.')) }, { additionalProperties: false })
const partsQuery = Type.Object({
  outcome: Type.Optional(Type.String({ enum: ['accepted', 'duplicate', 'partial', 'rejected'], examples: ['accepted'] })),
  limit: Type.Optional(limitText),
  cursor: Type.Optional({ ...countCursor, examples: ['0'] }),
}, { additionalProperties: false })

const rawQuery = Type.Object({ secrets: Type.Optional(Type.String({ enum: ['masked', 'shown'], examples: ['masked'] })) }, { additionalProperties: false })

const lineageQuery = Type.Object({ part: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,6}$', description: 'Which part of the message, from 1; all without it. Of a giant it has to be said.', examples: ['1'] })) }, { additionalProperties: false })

const canonicalQuery = Type.Object({ limit: Type.Optional(limitText), cursor: Type.Optional({ ...countCursor, examples: ['0'] }) }, { additionalProperties: false })

const replayQuery = Type.Object({
  dryRun: Type.Optional(Type.String({ enum: ['true', 'false'], description: 'Says what would change, and changes nothing.', examples: ['true'] })),
  mapping: Type.Optional(Type.String({ pattern: '^([0-9a-f]{16}|today)$', description: 'The version of one format\'s mapping that is to read its documents; today\'s without it.', examples: ['today'] })),
}, { additionalProperties: false })

const discardBody = Type.Object({
  reason: Type.String({ minLength: 1, maxLength: 1000 }),
  mendedBy: Type.Optional(Type.String({ pattern: uuidPattern, description: 'The accepted message that says it rightly.' })),
}, { additionalProperties: false })

const attachmentParams = Type.Object({ sha256: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Of the bytes, as listAttachments has it.', examples: [exampleAttachment.sha256] }) })

/** The message browser. */
export const messageOperations = (deps: MessageDeps): readonly Operation[] => [
  {
    id: 'listMessages', method: 'GET', path: '/messages', tag: 'messages', audience: 'admin',
    summary: 'Messages as received, newest first, found by what they have and by what their documents say; all filters that are given hold together',
    query: listQuery,
    answer: messageListAnswer,
    handle: async ({ query: { limit, cursor, ...asked } }) => {
      const search = readMessageFilter(asked)
      return search.ok ? deps.messages(search.value, { cursor, limit: pageSize(limit) }) : search
    },
  },
  {
    id: 'getMessage', method: 'GET', path: '/messages/:id', tag: 'messages', audience: 'any-key', params: messageParams,
    summary: 'One message: its state, its answer, its documents; a channel\'s key gets the answer of its own messages',
    answer: messageAnswer,
    handle: ({ params, caller }) => (caller?.role === 'channel' ? deps.messageStatus(params['id'] ?? '', caller) : deps.message(params['id'] ?? '')),
  },
  {
    id: 'listMessageParts', method: 'GET', path: '/messages/:id/parts', tag: 'messages', audience: 'admin', params: messageParams,
    summary: 'The parts of a message in their order, each with its outcome, documents and errors; of a giant that is running, those taken so far',
    query: partsQuery,
    answer: partListAnswer,
    handle: ({ params, query }) => deps.partsOf(params['id'] ?? '', { outcome: query['outcome'], cursor: query['cursor'], limit: pageSize(query['limit']) }),
  },
  {
    id: 'getMessageBytes', method: 'GET', path: '/messages/:id/raw', tag: 'messages', audience: 'admin', params: messageParams,
    summary: 'The bytes of a message, exactly as received but for secrets, whose place stars take; `secrets=shown` shows an admin\'s key those too',
    query: rawQuery,
    answer: messageBytesAnswer,
    handle: ({ params, query, caller }) => {
      const isShown = query['secrets'] === 'shown'
      return isShown && caller?.role !== 'admin' ? Promise.resolve(fail('forbidden', 'secrets', 'Secrets are shown to an admin\'s key alone.')) : deps.rawOf(params['id'] ?? '', isShown)
    },
  },
  {
    id: 'listAttachments', method: 'GET', path: '/messages/:id/attachments', tag: 'messages', audience: 'admin', params: messageParams,
    summary: 'The files that came with a message',
    answer: attachmentListAnswer,
    handle: ({ params }) => deps.attachmentsOf(params['id'] ?? ''),
  },
  {
    id: 'getAttachment', method: 'GET', path: '/attachments/:sha256', tag: 'messages', audience: 'admin', params: attachmentParams,
    summary: 'The bytes of a file that came with a message, exactly as received, by their SHA-256',
    answer: attachmentAnswer,
    handle: ({ params }) => deps.attachment(params['sha256'] ?? ''),
  },
  {
    id: 'getMessageLineage', method: 'GET', path: '/messages/:id/lineage', tag: 'messages', audience: 'admin', params: messageParams,
    summary: 'Which source field gave which field of the canonical documents, recomputed from the bytes and the mapping version',
    query: lineageQuery,
    answer: lineageAnswer,
    handle: ({ params, query }) => deps.lineageOf(params['id'] ?? '', query['part'] === undefined ? undefined : Number(query['part'])),
  },
  {
    id: 'getMessageDocuments', method: 'GET', path: '/messages/:id/canonical', tag: 'messages', audience: 'admin', params: messageParams,
    summary: 'The canonical documents that a message was made into',
    query: canonicalQuery,
    answer: canonicalAnswer,
    handle: ({ params, query }) => deps.canonicalOf(params['id'] ?? '', { cursor: query['cursor'], limit: pageSize(query['limit']) }),
  },
  {
    id: 'replayMessage', method: 'POST', path: '/messages/:id/replay', tag: 'messages', audience: 'admin', params: messageParams,
    summary: 'Sends a message through today\'s or an earlier mapping again, or says what would change; never goes back behind a later message',
    query: replayQuery,
    answer: replayAnswer,
    handle: ({ params, query }) => {
      const [id, mapping] = [params['id'] ?? '', versionOf(query['mapping'])]
      return query['dryRun'] === 'true' ? deps.replayDiff(id, mapping) : deps.replay(id, { mapping })
    },
  },
  {
    id: 'discardMessage', method: 'POST', path: '/messages/:id/discard', tag: 'messages', audience: 'admin', params: messageParams, body: discardBody,
    bodyDescription: () => ({ schema: discardBody, examples: { nothingToDo: { reason: 'Sent to us by mistake.' } } }),
    summary: 'Says what becomes of a message that could not be taken, or not wholly: nothing of it is dropped before. What was taken needs no such word',
    answer: decisionAnswer,
    handle: ({ params, body, caller }) => deps.discard(params['id'] ?? '', body as Static<typeof discardBody>, caller?.keyId ?? ''),
  },
]

import { Type, type Static } from '@sinclair/typebox'
import { uuidPattern } from '../../schemas/ids.js'
import { fail, type Result } from '../../schemas/result.js'
import type { MessageSearch } from '../intake/search-messages.js'
import { readMessageFilter, messageFilterBody } from './message-filter.js'
import type { Operation } from './operation.js'
import { idText, limitText, pageSize } from './parameters.js'
import { replayItemsAnswer, replayListAnswer, replayRunAnswer } from './replay-answers.js'

const replayBody = Type.Object({
  filter: Type.Optional(messageFilterBody),
  ids: Type.Optional(Type.Array(Type.String({ pattern: uuidPattern }), { minItems: 1, maxItems: 1000 })),
  mapping: Type.Optional(Type.String({ pattern: '^([0-9a-f]{16}|today)$', description: 'The version of one format\'s mapping that is to read its documents; today\'s without it.' })),
  dryRun: Type.Optional(Type.Boolean({ description: 'Says what would change, and changes nothing.' })),
}, { additionalProperties: false })

const replayExamples = { whatWouldChange: { filter: { channel: 'demo-ubl' }, dryRun: true }, ofOneKind: { filter: { kind: 'order', outcome: 'accepted' }, mapping: 'today', dryRun: true } }

interface ReplayWish {
  readonly ids: readonly string[] | undefined
  readonly search: MessageSearch | undefined
  readonly asked: unknown
  readonly mapping: string | undefined
  readonly dryRun: boolean
  readonly askedBy: string
}

export interface ReplaysDeps {
  readonly start: (wish: ReplayWish) => Promise<Result<unknown>>
  readonly list: (cursor: string | undefined, limit: number) => Promise<Result<unknown>>
  readonly byId: (id: string) => Promise<Result<unknown>>
  readonly items: (id: string, cursor: string | undefined, limit: number) => Promise<Result<unknown>>
}

export const versionOf = (mapping: string | undefined): string | undefined => (mapping === 'today' ? undefined : mapping)

const startReplay = async (deps: ReplaysDeps, { filter, ids, mapping, dryRun }: Static<typeof replayBody>, askedBy: string): Promise<Result<unknown>> => {
  if ((filter === undefined) === (ids === undefined)) return fail('request-invalid', 'body', 'Say which messages are meant: by a filter or by their ids.')
  const search = filter === undefined ? undefined : readMessageFilter(filter)
  if (search?.ok === false) return search
  return deps.start({ ids, search: search?.value, asked: filter === undefined ? { ids } : { filter }, mapping: versionOf(mapping), dryRun: dryRun === true, askedBy })
}

const replayParams = Type.Object({ id: idText('The id that startReplay gave.') })
const pageQuery = Type.Object({ limit: Type.Optional(limitText), cursor: Type.Optional(idText('The `next` of the page before.')) }, { additionalProperties: false })
const itemsQuery = Type.Object({ limit: Type.Optional(limitText), cursor: Type.Optional(idText('The `next` of the page before: the id of a message.', '00000000-0000-7000-8000-000000000000')) }, { additionalProperties: false })

/** Replays of many messages. */
export const replayOperations = (deps: ReplaysDeps): readonly Operation[] => [
  {
    id: 'startReplay', method: 'POST', path: '/replays', tag: 'messages', audience: 'admin', body: replayBody, bodyDescription: () => ({ schema: replayBody, examples: replayExamples }),
    summary: 'Sends a selection of messages through today\'s or an earlier mapping again, in the order in which they came, each once; or says what would change',
    answer: replayRunAnswer,
    handle: ({ body, caller }) => startReplay(deps, body as Static<typeof replayBody>, caller?.keyId ?? ''),
  },
  {
    id: 'listReplays', method: 'GET', path: '/replays', tag: 'messages', audience: 'admin', query: pageQuery,
    summary: 'Replays of selections, newest first, with how far each is',
    answer: replayListAnswer,
    handle: ({ query }) => deps.list(query['cursor'], pageSize(query['limit'])),
  },
  {
    id: 'getReplay', method: 'GET', path: '/replays/:id', tag: 'messages', audience: 'admin', params: replayParams,
    summary: 'How far a replay is, and how many messages came to which outcome',
    answer: replayRunAnswer,
    handle: ({ params }) => deps.byId(params['id'] ?? ''),
  },
  {
    id: 'listReplayItems', method: 'GET', path: '/replays/:id/items', tag: 'messages', audience: 'admin', params: replayParams, query: itemsQuery,
    summary: 'What became of each message of a replay, or would: of a dry run with its diff',
    answer: replayItemsAnswer,
    handle: ({ params, query }) => deps.items(params['id'] ?? '', query['cursor'], pageSize(query['limit'])),
  },
]

import { Type } from '@sinclair/typebox'
import { fail, type Failure, type Result } from '../../schemas/result.js'
import type { Operation, OperationRequest } from './operation.js'
import { countCursor, cursorText, journalText, limitText, pageSize, partyParams, threadParams } from './parameters.js'
import { customerAnswer, partyAnswer, partyListAnswer, partySourcesAnswer, threadAnswer } from './view-answers.js'

export interface Page {
  readonly limit: number
  readonly cursor: string | undefined
}

export interface ViewDeps {
  readonly parties: (search: string | undefined, page: Page) => Promise<Result<unknown>>
  readonly party: (id: string) => Promise<Result<unknown>>
  readonly partySources: (id: string) => Promise<Result<unknown>>
  readonly threadView: (id: string) => Promise<Result<unknown>>
  readonly customerView: (id: string, page: Page) => Promise<Result<unknown>>
  /** True once the customer-relationship database has passed the number. */
  readonly waitForCrm: (number: number, timeoutMs: number) => Promise<boolean>
}

const atLeastMs = 10_000
const atLeast = Type.Optional(journalText)
const limit = Type.Optional(limitText)
const closed = { additionalProperties: false } as const
const searchText = Type.String({ maxLength: 200, description: 'The beginning of a word of a name, or of an identifier.', examples: ['9520000001018'] })

/** Golden parties and the views of threads and customers. */
export const viewOperations = (deps: ViewDeps): readonly Operation[] => {
  const fresh = async (request: OperationRequest, view: (id: string) => Promise<Result<unknown>>): Promise<Result<unknown>> => {
    const wanted = Number(request.query['atLeast'] ?? '0')
    return await deps.waitForCrm(wanted, atLeastMs) ? view(request.params['id'] ?? '') : notYet(wanted)
  }
  return [
    {
      id: 'listParties', method: 'GET', path: '/parties', tag: 'parties', audience: 'admin',
      summary: 'Golden parties, found by name or identifier',
      query: Type.Object({ q: Type.Optional(searchText), limit, cursor: Type.Optional(countCursor) }, closed),
      answer: partyListAnswer,
      handle: ({ query }) => deps.parties(query['q'], { limit: pageSize(query['limit']), cursor: query['cursor'] }),
    },
    {
      id: 'getParty', method: 'GET', path: '/parties/:id', tag: 'parties', audience: 'admin', params: partyParams,
      summary: 'One golden party; the id of a merged one leads to the party that it became',
      answer: partyAnswer,
      handle: ({ params }) => deps.party(params['id'] ?? ''),
    },
    {
      id: 'getPartySources', method: 'GET', path: '/parties/:id/sources', tag: 'parties', audience: 'admin', params: partyParams,
      summary: 'The source records behind a golden party',
      answer: partySourcesAnswer,
      handle: ({ params }) => deps.partySources(params['id'] ?? ''),
    },
    {
      id: 'getThreadView', method: 'GET', path: '/views/threads/:id', tag: 'views', audience: 'admin', params: threadParams, query: Type.Object({ atLeast }, closed),
      summary: 'A business transaction: quantities per order line, its documents, what is missing',
      answer: threadAnswer,
      handle: (request) => fresh(request, deps.threadView),
    },
    {
      id: 'getCustomerView', method: 'GET', path: '/views/customers/:id', tag: 'views', audience: 'admin', params: partyParams, query: Type.Object({ atLeast, limit, cursor: Type.Optional(cursorText) }, closed),
      summary: 'A customer: who it is, its orders, its open amount',
      answer: customerAnswer,
      handle: (request) => fresh(request, (id) => deps.customerView(id, { limit: pageSize(request.query['limit']), cursor: request.query['cursor'] })),
    },
  ]
}

const notYet = (wanted: number): Failure => fail('timeout', 'atLeast', `The journal number ${wanted} was not reached within ${atLeastMs} ms.`)

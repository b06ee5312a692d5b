import { Type } from '@sinclair/typebox'
import { fail, type Failure, type Result } from '../../schemas/result.js'
import type { Operation, OperationRequest } from './operation.js'
import { countText, idParams, pageQuery, pageSize } from './parameters.js'

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
const atLeast = Type.Object({ atLeast: Type.Optional(countText), ...pageQuery }, { additionalProperties: false })

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
      query: Type.Object({ q: Type.Optional(Type.String({ maxLength: 200 })), ...pageQuery, cursor: Type.Optional(countText) }, { additionalProperties: false }),
      answer: { description: '`{items, next?}`.' },
      handle: ({ query }) => deps.parties(query['q'], { limit: pageSize(query['limit']), cursor: query['cursor'] }),
    },
    {
      id: 'getParty', method: 'GET', path: '/parties/:id', tag: 'parties', audience: 'admin', params: idParams,
      summary: 'One golden party; the id of a merged one leads to the party that it became',
      answer: { description: 'The golden party.' },
      handle: ({ params }) => deps.party(params['id'] ?? ''),
    },
    {
      id: 'getPartySources', method: 'GET', path: '/parties/:id/sources', tag: 'parties', audience: 'admin', params: idParams,
      summary: 'The source records behind a golden party',
      answer: { description: '`{items}`: each record as its system knows it, and why it belongs here.' },
      handle: ({ params }) => deps.partySources(params['id'] ?? ''),
    },
    {
      id: 'getThreadView', method: 'GET', path: '/views/threads/:id', tag: 'views', audience: 'admin', params: idParams, query: atLeast,
      summary: 'A business transaction: quantities per order line, its documents, what is missing',
      answer: { description: 'The thread, current to `journalSeq`.' },
      handle: (request) => fresh(request, deps.threadView),
    },
    {
      id: 'getCustomerView', method: 'GET', path: '/views/customers/:id', tag: 'views', audience: 'admin', params: idParams, query: atLeast,
      summary: 'A customer: who it is, its orders, its open amount',
      answer: { description: 'The customer, current to `journalSeq`.' },
      handle: (request) => fresh(request, (id) => deps.customerView(id, { limit: pageSize(request.query['limit']), cursor: request.query['cursor'] })),
    },
  ]
}

const notYet = (wanted: number): Failure => fail('timeout', 'atLeast', `The journal number ${wanted} was not reached within ${atLeastMs} ms.`)

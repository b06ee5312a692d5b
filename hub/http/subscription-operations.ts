import { Type } from '@sinclair/typebox'
import type { Result } from '../../schemas/result.js'
import { wishSchema, type Wish } from '../delivery/wish.js'
import type { Operation } from './operation.js'
import { exampleWish, subscriptionAnswer, subscriptionListAnswer, subscriptionRemovedAnswer } from './subscription-answers.js'

const idParams = Type.Object({ id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$', examples: ['orders-to-the-folder'] }) })

export interface SubscriptionDeps {
  readonly list: () => Promise<Result<unknown>>
  readonly byId: (id: string) => Promise<Result<unknown>>
  readonly put: (id: string, wish: Wish, by: string) => Promise<Result<unknown>>
  readonly remove: (id: string) => Promise<Result<unknown>>
}

/** Which documents go out, and where to. */
export const subscriptionOperations = (deps: SubscriptionDeps): readonly Operation[] => [
  {
    id: 'listSubscriptions', method: 'GET', path: '/subscriptions', tag: 'deliveries', audience: 'admin',
    summary: 'The subscriptions, by id',
    answer: subscriptionListAnswer,
    handle: () => deps.list(),
  },
  {
    id: 'putSubscription', method: 'PUT', path: '/subscriptions/:id', tag: 'deliveries', audience: 'admin', params: idParams, body: wishSchema,
    bodyDescription: () => ({ schema: wishSchema, examples: { orders: exampleWish } }),
    summary: 'Makes or changes a subscription: what it wants, from which journal number on, and where to; `paused` keeps its place',
    answer: subscriptionAnswer,
    handle: ({ params, body, caller }) => deps.put(params['id'] ?? '', body as Wish, caller?.keyId ?? ''),
  },
  {
    id: 'getSubscription', method: 'GET', path: '/subscriptions/:id', tag: 'deliveries', audience: 'admin', params: idParams,
    summary: 'One subscription',
    answer: subscriptionAnswer,
    handle: ({ params }) => deps.byId(params['id'] ?? ''),
  },
  {
    id: 'deleteSubscription', method: 'DELETE', path: '/subscriptions/:id', tag: 'deliveries', audience: 'admin', params: idParams,
    summary: 'Ends a subscription; the deliveries that it made stay, and those that wait are sent',
    answer: subscriptionRemovedAnswer,
    handle: ({ params }) => deps.remove(params['id'] ?? ''),
  },
]

import { Type } from '@sinclair/typebox'
import { wishSchema } from '../delivery/wish.js'
import type { StoredSubscription } from '../central/deliveries/subscriptions.js'
import { instant, listOf, named, objectOf, orNull } from './answer-shapes.js'
import type { AnswerDescription } from './operation.js'

/** What the operations on subscriptions answer. */

export const exampleWish = { endpoint: 'demo-folder', kinds: ['order', 'order-change'], channels: ['demo-ubl'], test: 'exclude', expect: { understood: 'PT1H', answered: 'P1D' } }

const subscription = () => named('Subscription', objectOf<StoredSubscription>({
  id: Type.String(),
  wish: wishSchema,
  paused: Type.Boolean(),
  reached: Type.Unsafe<number | null>({ ...orNull('integer'), description: 'The last journal number looked at, where it is paused, catches up or begins later; null where it follows.' }),
  createdAt: instant(),
  updatedAt: instant(),
  updatedBy: Type.String({ description: 'The id of the key.' }),
}, { title: 'Which documents go to an endpoint' }))

const example = { id: 'orders-to-the-folder', wish: exampleWish, paused: false, reached: null, createdAt: '2026-11-21T23:46:26.735Z', updatedAt: '2026-11-21T23:46:26.735Z', updatedBy: 'admin' }

export const subscriptionAnswer = (): AnswerDescription => ({ description: 'The subscription.', schema: subscription(), example })

export const subscriptionListAnswer = (): AnswerDescription => ({ description: 'The subscriptions, by id.', schema: listOf(subscription()), example: { items: [example] } })

export const subscriptionRemovedAnswer = (): AnswerDescription => ({ description: 'It makes no deliveries any more.', schema: Type.Object({ id: Type.String(), removed: Type.Literal(true) }), example: { id: example.id, removed: true } })

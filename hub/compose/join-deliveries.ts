import type { Result } from '../../schemas/result.js'
import type { Config } from '../config.js'
import type { Wish } from '../delivery/wish.js'
import { deliveryOperations } from '../http/delivery-operations.js'
import type { Operation } from '../http/operation.js'
import { subscriptionOperations } from '../http/subscription-operations.js'
import type { Joined } from './join-followers.js'
import { makeKeysOfParties } from './keys-of-parties.js'
import { makeDeliveryOperations, makeSubscriptions } from './make-delivery-operations.js'
import type { Core } from './open-core.js'
import type { Opened } from './open-stores.js'
import { startDeliveries } from './start-deliveries.js'
import { waitingEntries } from './waiting-entries.js'

interface DeliveryParts {
  readonly core: Core
  readonly config: Config
  readonly joined: Joined
  readonly opened: Opened
}

export interface JoinedDeliveries {
  readonly operations: readonly Operation[]
  /** The followers as whoever makes the journal longer knows them: deliveries hear of it too. */
  readonly poked: Joined
  /** Makes a subscription with the operator's rights. */
  readonly subscribe: (id: string, wish: Wish) => Promise<Result<unknown>>
  /** Resolves when everything that is to be delivered so far was sent or parked, or after `timeoutMs`. */
  readonly delivered: (timeoutMs: number) => Promise<void>
}

/** Delivers in the role `deliveries`, and answers about it in the role `web`. */
export const joinDeliveries = async ({ core, config, joined, opened }: DeliveryParts): Promise<JoinedDeliveries> => {
  const { followers } = joined
  const { outgoing } = core
  const deliveries = config.roles.includes('deliveries')
    ? await startDeliveries({ ...outgoing, ...core, owner: core.own.id, log: opened.log, entriesAfter: followers.entriesAfter, keysOfParties: makeKeysOfParties({ ...core, followers }), waiting: () => waitingEntries(core) })
    : undefined
  if (deliveries !== undefined) opened.closers.push(deliveries.stop)
  const deps = { ...core, endpoints: outgoing.endpoints, onChange: () => { deliveries?.changed() } }
  const subscriptions = makeSubscriptions(deps)
  const poke = (): void => {
    followers.poke()
    deliveries?.poke()
  }
  return {
    operations: config.roles.includes('web') ? [...subscriptionOperations(subscriptions), ...deliveryOperations(makeDeliveryOperations(deps))] : [],
    poked: { ...joined, followers: { ...followers, poke } },
    subscribe: (id, wish) => subscriptions.put(id, wish, 'operator'),
    delivered: (timeoutMs) => deliveries?.settled(timeoutMs) ?? Promise.resolve(),
  }
}

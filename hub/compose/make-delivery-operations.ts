import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Translator } from '../../mappings/engine/translator.js'
import { isUuid } from '../../schemas/ids.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { actOnDelivery, type DeliveryAction } from '../central/deliveries/act-on-delivery.js'
import { listAlerts } from '../central/alerts.js'
import { endpointCounts } from '../central/deliveries/endpoint-states.js'
import { deliveryById, documentToWrite, listDeliveries, payloadOf, type StoredDelivery } from '../central/deliveries/read-deliveries.js'
import { deleteSubscription, listSubscriptions, putSubscription, subscriptionById } from '../central/deliveries/subscriptions.js'
import { messageById } from '../central/messages.js'
import type { Channel } from '../intake/channel.js'
import { durationHint, readDuration } from '../delivery/duration.js'
import type { Endpoint } from '../delivery/endpoint.js'
import { viewEndpoints } from '../delivery/endpoint-view.js'
import type { Wish } from '../delivery/wish.js'
import type { DeliveryDeps } from '../http/delivery-operations.js'
import type { SubscriptionDeps } from '../http/subscription-operations.js'
import type { Database } from '../ops/database.js'
import { orNotFound } from './or-not-found.js'
import { makePrepareDelivery } from './prepare-delivery.js'

interface DeliveryOperationDeps {
  readonly central: Database
  readonly translator: Translator
  readonly endpoints: ReadonlyMap<string, Endpoint>
  readonly channels: ReadonlyMap<string, Channel>
  /** Told when a subscription was put, or a delivery acted on. */
  readonly onChange: () => void
}

const unpack = promisify(gunzip)
const pack = promisify(gzip)

/** As of a message's bytes: a browser is to show nothing of it as its own. */
const contentType = 'application/octet-stream'

export const makeSubscriptions = ({ central, endpoints, channels, onChange }: DeliveryOperationDeps): SubscriptionDeps => ({
  list: async () => ok({ items: await listSubscriptions(central) }),
  byId: async (id) => orNotFound(await subscriptionById(central, id), 'subscription', id),
  put: async (id, wish, by) => {
    const wrong = wrongWish(wish, endpoints, channels)
    if (wrong !== undefined) return wrong
    await putSubscription(central, { id, wish, by })
    onChange()
    return orNotFound(await subscriptionById(central, id), 'subscription', id)
  },
  remove: async (id) => (await deleteSubscription(central, id) ? ok({ id, removed: true }) : fail('not-found', 'id', `There is no subscription '${id}'.`)),
})

const wrongWish = ({ endpoint, channels: wished, parties, expect }: Wish, endpoints: ReadonlyMap<string, Endpoint>, channels: ReadonlyMap<string, Channel>): Result<never> | undefined => {
  if (!endpoints.has(endpoint)) return fail('request-invalid', 'body.endpoint', `There is no endpoint '${endpoint}'; ${endpoints.size === 0 ? 'the configuration file names none (docs/deliveries.md)' : `there are ${[...endpoints.keys()].join(', ')}`}.`)
  const unknown = wished?.find((id) => !channels.has(id))
  if (unknown !== undefined) return fail('request-invalid', 'body.channels', `There is no channel '${unknown}'; there are ${[...channels.keys()].join(', ')}.`)
  const vague = parties?.findIndex(({ key, id }) => key === undefined && id === undefined) ?? -1
  if (vague >= 0) return fail('request-invalid', `body.parties.${vague}`, 'Name the party: by `key`, its source key, or by `id`, a golden party.')
  const wrong = (['received', 'understood', 'answered'] as const).find((stage) => expect?.[stage] !== undefined && readDuration(expect[stage]) === undefined)
  return wrong === undefined ? undefined : fail('request-invalid', `body.expect.${wrong}`, `'${expect?.[wrong] ?? ''}' is no duration; ${durationHint}.`)
}

export const makeDeliveryOperations = ({ central, translator, endpoints, onChange }: DeliveryOperationDeps): DeliveryDeps => {
  const prepare = makePrepareDelivery(translator, Date.now)
  const act = async (id: string, action: DeliveryAction): Promise<Result<unknown>> => {
    const acted = await actSoon(central, id, action)
    if (acted === 'busy') return fail('delivery-busy', 'id', 'The delivery may be under way at this moment; see in some seconds what became of it.')
    if (acted === 'done') return fail('delivery-done', 'id', 'The delivery was sent or skipped already, and its partner does not refuse it; nothing can be done to it any more.')
    onChange()
    const [delivery] = acted === undefined ? [] : await listDeliveries(central, { id: acted.id, limit: 1 })
    return orNotFound(delivery, 'delivery', id)
  }
  const page = (items: readonly StoredDelivery[], limit: number) => ok({ items: items.slice(0, limit), ...(items.length > limit ? { next: items[limit - 1]?.id } : {}) })
  return {
    list: async ({ cursor, limit, ...filter }) => page(await listDeliveries(central, { ...filter, before: cursor, limit: limit + 1 }), limit),
    ofMessage: async (messageId) => {
      const message = isUuid(messageId) ? await messageById(central, messageId) : undefined
      return message === undefined ? fail('not-found', 'id', `There is no message '${messageId}'.`) : ok({ items: await listDeliveries(central, { message: messageId, limit: mostOfMessage }) })
    },
    byId: async (id) => {
      const delivery = await deliveryById(central, id)
      const message = delivery?.messageId == null ? undefined : await messageById(central, delivery.messageId)
      const cause = message === undefined ? null : (({ messageId, channel, system, sender, receivedAt, format }) => ({ messageId, channel, system, sender, receivedAt, format }))(message)
      return orNotFound(delivery && { ...delivery, message: cause }, 'delivery', id)
    },
    payloadOf: async (id) => {
      const stored = await payloadOf(central, id)
      if (stored === undefined) return fail('not-found', 'id', `There is no delivery '${id}'.`)
      if (stored.payload !== null) return ok({ contentType, raw: await unpack(stored.payload) })
      if (stored.droppedAt !== null) return fail('raw-dropped', 'id', `The bytes of the delivery were dropped on ${stored.droppedAt.slice(0, 10)}, as the retention of the settings says. Its stages and what was answered are kept.`)
      const due = await documentToWrite(central, id)
      const endpoint = endpoints.get(due?.endpoint ?? '')
      if (due === undefined || endpoint === undefined) return fail('not-found', 'id', 'Nothing was written of this delivery yet, and its endpoint is not in the settings.')
      const written = prepare(endpoint, due)
      return written.ok ? ok({ contentType, raw: written.value.bytes }) : written
    },
    resume: (id) => act(id, { type: 'resume' }),
    skip: (id) => act(id, { type: 'skip' }),
    edit: async (id, edit, by) => act(id, { type: 'edit', payload: edit === undefined ? undefined : await pack(edit.payload), payloadType: edit?.type, by }),
    endpoints: async () => ok({ items: viewEndpoints(endpoints, await endpointCounts(central)) }),
    alerts: async ({ open, before, limit }) => {
      const items = await listAlerts(central, { open, before, limit: limit + 1 })
      return ok({ items: items.slice(0, limit), ...(items.length > limit ? { next: String(items[limit - 1]?.id ?? '') } : {}) })
    },
  }
}

const mostOfMessage = 1_000
const patience = { times: 30, ms: 100 } as const

/** Most of what is under way has ended in a moment. */
const actSoon = async (central: Database, id: string, action: DeliveryAction): Promise<Awaited<ReturnType<typeof actOnDelivery>>> => {
  for (let time = 1; ; time++) {
    const acted = await actOnDelivery(central, id, action)
    if (acted !== 'busy' || time === patience.times) return acted
    await setTimeout(patience.ms)
  }
}

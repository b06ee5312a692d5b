import type { Translator } from '../../mappings/engine/translator.js'
import type { Result } from '../../schemas/result.js'
import { keepPayloads, type DueDelivery } from '../central/deliveries/claim-lanes.js'
import { drawInterchangeNumbers } from '../central/deliveries/interchange-numbers.js'
import type { Endpoint } from '../delivery/endpoint.js'
import { makeGathering } from '../delivery/gather.js'
import type { WrittenPayload } from '../delivery/sender.js'
import type { Database } from '../ops/database.js'
import { makePrepareDelivery } from './prepare-delivery.js'

type Written = ReadonlyMap<string, Result<WrittenPayload>>

/** Writes deliveries as they will leave each time, and keeps them before they do. Those of an interchange draw their number only where they can be written: none is lost on one that cannot. */
export const makeWriteDeliveries = (central: Database, translator: Translator): ((endpoint: Endpoint, deliveries: readonly DueDelivery[]) => Promise<Written>) => {
  const prepare = makePrepareDelivery(translator, Date.now)
  const keep = makeGathering<readonly WrittenPayload[], true>(async (batches) => {
    await keepPayloads(central, batches.flat())
    return batches.map(() => true)
  }, { most: 64, tries: 1 })
  const writeAll = (endpoint: Endpoint, deliveries: readonly DueDelivery[]): Written => new Map(deliveries.map((delivery) => [delivery.id, prepare(endpoint, delivery)]))
  return async (endpoint, deliveries) => {
    const tried = writeAll(endpoint, deliveries)
    const { interchanges } = endpoint
    if (interchanges === undefined) {
      const fresh = goodOf(tried)
      if (fresh.length > 0) await keep(fresh)
      return tried
    }
    const good = deliveries.filter(({ id }) => tried.get(id)?.ok === true)
    if (good.length === 0) return tried
    return central.transaction(async (tx) => {
      const numbers = await drawInterchangeNumbers(tx, interchanges.counter, good.map(({ id }) => id))
      if (numbers.size < good.length) throw new Error('Another sender has written a delivery of this queue meanwhile.')
      const written = new Map([...tried, ...writeAll(endpoint, good.map((delivery) => ({ ...delivery, interchangeNumber: numbers.get(delivery.id) ?? null })))])
      await keepPayloads(tx, goodOf(written))
      return written
    })
  }
}

const goodOf = (written: Written): readonly WrittenPayload[] => [...written.values()].flatMap((one) => (one.ok ? [one.value] : []))

import { lastCausedBy } from '../central/journal.js'
import { makePartyQueries } from '../crm/party-queries.js'
import type { DeliveryFollowerDeps } from '../delivery/delivery-follower.js'
import { makeWaitFor } from '../journal/wait-for.js'
import type { Database } from '../ops/database.js'
import { elapsedMs } from '../ops/elapsed-ms.js'
import type { Followers } from './start-followers.js'

/** The customer database is seldom further behind, in ms. */
const patienceMs = 5_000

interface KeysDeps {
  readonly central: Database
  readonly crm: Database
  readonly followers: Pick<Followers, 'loops'>
}

/** The source keys of golden parties as the customer database knows them once it has passed the entries and what was decided because of them. */
export const makeKeysOfParties = ({ central, crm, followers }: KeysDeps): DeliveryFollowerDeps['keysOfParties'] => {
  const waitFor = makeWaitFor({ loops: followers.loops, decider: 'crm', lastCausedBy: (first, last) => lastCausedBy(central, first, last), nowMs: elapsedMs })
  const parties = makePartyQueries({ database: crm })
  return async (ids, range) => {
    const passed = await waitFor(['crm'], range, patienceMs)
    if ((passed['crm'] ?? 0) < range.last) throw new Error(`The customer database has not passed the entry ${range.last} yet, which a subscription by golden party needs.`)
    const sources = await Promise.all(ids.map(async (id) => [id, new Set((await parties.sourcesOf(id) ?? []).map(({ key }) => String(key)))] as const))
    return new Map(sources)
  }
}

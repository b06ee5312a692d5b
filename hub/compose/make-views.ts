import { fail, ok } from '../../schemas/result.js'
import { documentsByIds } from '../central/documents.js'
import { makeCustomerReader } from '../crm/customer-queries.js'
import { makePartyQueries } from '../crm/party-queries.js'
import { makeThreadReader } from '../crm/thread-queries.js'
import type { ViewDeps } from '../http/view-operations.js'
import type { Database } from '../ops/database.js'
import { makeCustomerView } from '../views/customer-view.js'
import { makeThreadView } from '../views/thread-view.js'
import { orNotFound } from './or-not-found.js'
import type { Followers } from './start-followers.js'

export const makeViews = (central: Database, crm: Database, followers: Followers): ViewDeps => {
  const parties = makePartyQueries({ database: crm })
  const threadView = makeThreadView({ readThread: makeThreadReader({ database: crm }), documentsByIds: (ids) => documentsByIds(central, ids) })
  const customerView = makeCustomerView({ readCustomer: makeCustomerReader({ database: crm }) })
  const viewer = { all: true } as const
  return {
    parties: async (search, { limit, cursor }) => ok(await parties.list({ limit, ...(search === undefined ? {} : { q: search }), ...(cursor === undefined ? {} : { cursor }) })),
    party: async (id) => orNotFound(await parties.byId(id), 'party', id),
    partySources: async (id) => {
      const sources = await parties.sourcesOf(id)
      return sources === undefined ? fail('not-found', 'id', `There is no party '${id}'.`) : ok({ items: sources })
    },
    threadView: (threadId) => threadView({ threadId, viewer }),
    customerView: (partyId, { limit, cursor }) => customerView({ partyId, viewer, limit, asOf: new Date().toISOString().slice(0, 10), ...(cursor === undefined ? {} : { cursor }) }),
    waitForCrm: (number, timeoutMs) => followers.loops.crm.waitUntil(number, timeoutMs),
  }
}

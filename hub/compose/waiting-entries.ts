import { deliveryParked } from '../central/deliveries/parked-entries.js'
import type { FollowerWaiting } from '../central/follower-alerts.js'
import { followerRows } from '../central/leases.js'
import { crmParked } from '../crm/parked-entries.js'
import type { Stores } from './open-stores.js'

/** How much each follower has parked, as far as it can be told: of the warehouse as its owner last said, of CRM while its database answers. */
export const waitingEntries = async ({ central, crm }: Pick<Stores, 'central' | 'crm'>): Promise<readonly FollowerWaiting[]> => {
  const [rows, undelivered, ofCrm] = await Promise.all([followerRows(central), deliveryParked.count(central), crmParked.count(crm).catch(() => undefined)])
  const told = rows.flatMap(({ name, waiting }) => (waiting === null ? [] : [{ follower: name, ...waiting }]))
  return [...told, { follower: 'deliveries', ...undelivered }, ...ofCrm === undefined ? [] : [{ follower: 'crm', ...ofCrm }]]
}

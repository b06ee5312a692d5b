import { makeParkedTable } from '../../parking/parked-table.js'

/** What the follower of deliveries waits with. */
export const deliveryParked = makeParkedTable('delivery_parked_entry')

import { makeParkedTable } from '../parking/parked-table.js'

/** What the CRM database waits with. */
export const crmParked = makeParkedTable('parked_entry')

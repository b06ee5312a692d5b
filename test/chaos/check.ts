import type { ChaosRecord } from '../fixtures/chaos-clients.js'
import type { Fleet } from './fleet.js'

/** What has to hold once the fire is out. */
export interface Check {
  readonly name: string
  readonly run: (fleet: Fleet, record: ChaosRecord) => Promise<void>
}

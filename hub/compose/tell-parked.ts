import type { Logger } from 'pino'
import type { Parked } from '../../schemas/parked-entry.js'
import type { ParkingFollower } from '../http/parked-operations.js'
import type { Metrics } from '../ops/metrics.js'

/** Counts and logs what a follower has parked. */
export const tellParked = (follower: ParkingFollower, metrics: Metrics, log: Logger) => ({ entry, cause, error }: Parked): void => {
  metrics.followerParked(follower)
  log.error({ err: error, follower, journalSeq: entry, cause }, 'the database refuses this document; it is parked and holds its thread and the business of its parties')
}

import type { Logger } from 'pino'
import type { ParkedRow, ParkedWish, WaitingCounts } from '../../schemas/parked-entry.js'
import type { Result } from '../../schemas/result.js'
import type { FollowLoop, FollowLoopDeps } from '../journal/follow-loop.js'
import type { Metrics } from '../ops/metrics.js'
import type { Stores } from './open-stores.js'

export type FollowerName = 'crm' | 'warehouse'
export const followerNames: readonly FollowerName[] = ['crm', 'warehouse']

/** A follower that this process keeps, with all that only its owner can do. */
export interface KeptFollower {
  readonly loop: FollowLoop
  /** A hash over all of its rows, and the journal number that it belongs to. */
  readonly digest: () => Promise<{ readonly journalSeq: number, readonly digest: string }>
  /** Builds it anew from the journal beside the live copy and puts the copy in its place. Rejects with the reason. */
  readonly rebuild: (tell: (step: object) => void) => Promise<void>
  /** What waits; missing where every process can look for itself. */
  readonly waiting?: () => WaitingCounts
  readonly close: () => Promise<void>
}

export interface KeptWarehouse extends KeptFollower {
  readonly query: (cube: string, body: unknown) => Promise<Result<unknown>>
  readonly drill: (cube: string, body: unknown) => Promise<Result<unknown>>
  readonly parked: (wish: ParkedWish) => Promise<readonly ParkedRow[]>
}

/** What followers are made of. */
export interface FollowParts extends Stores {
  readonly warehouseFile: string
  /** Of memory, at most. */
  readonly warehouseBytes: number
  readonly metrics: Metrics
  readonly log: Logger
}

/** What the loops of one process share. */
export interface LoopParts extends Pick<FollowLoopDeps, 'entriesAfter' | 'onPassed' | 'onFailure'> {
  /** Told when a follower made the journal longer. */
  readonly onMoved: () => void
}

import type { ParkedRow, ParkedWish } from '../../schemas/parked-entry.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { progressLines } from '../journal/progress-lines.js'
import { followerNames, type FollowerName } from './kept-follower.js'
import type { KeptFollowers } from './start-followers.js'

/** What only the owner of a follower can do. All of it fails with no-owner where this process is not, and the owner is not reached. */
export interface FollowerServices {
  readonly query: (cube: string, body: unknown) => Promise<Result<unknown>>
  readonly drill: (cube: string, body: unknown) => Promise<Result<unknown>>
  /** What the warehouse has parked; of CRM every process can look for itself. */
  readonly parked: (wish: ParkedWish) => Promise<Result<readonly ParkedRow[]>>
  readonly digest: (follower: FollowerName) => Promise<Result<{ readonly journalSeq: number, readonly digest: string }>>
  /** Rebuilds beside the live copy and switches; yields a line of JSON for each step. */
  readonly rebuild: (follower: FollowerName) => Promise<Result<AsyncIterable<string | Uint8Array>>>
}

export const followerNamed = (name: string): FollowerName | undefined => followerNames.find((known) => known === name)

export const noOwner = (follower: FollowerName, why = 'No process keeps it at the moment'): Failure => fail('no-owner', follower, `${why}; try again in some seconds.`)

/** The services of this process itself. */
export const ownServices = (kept: KeptFollowers): FollowerServices => {
  let rebuilding = false
  return {
    query: async (cube, body) => await kept.warehouse()?.query(cube, body) ?? noOwner('warehouse'),
    drill: async (cube, body) => await kept.warehouse()?.drill(cube, body) ?? noOwner('warehouse'),
    parked: async (wish) => {
      const owned = kept.warehouse()
      return owned === undefined ? noOwner('warehouse') : ok(await owned.parked(wish))
    },
    digest: async (follower) => {
      const owned = kept[follower]()
      return owned === undefined ? noOwner(follower) : ok(await owned.digest())
    },
    rebuild: (follower) => {
      const owned = kept[follower]()
      if (owned === undefined) return Promise.resolve(noOwner(follower))
      if (rebuilding) return Promise.resolve(fail('data-in-use', follower, 'A rebuild is under way.'))
      rebuilding = true
      return Promise.resolve(ok(progressLines(async (tell) => {
        try {
          await owned.rebuild(tell)
          tell({ step: 'done', follower, journalSeq: owned.loop.passed() })
        } finally {
          rebuilding = false
        }
      })))
    },
  }
}

/** Those of this process where it keeps the follower, else those of whoever does. */
export const nearestServices = (kept: KeptFollowers, own: FollowerServices, others: FollowerServices): FollowerServices => {
  const of = (follower: FollowerName): FollowerServices => (kept[follower]() === undefined ? others : own)
  return {
    query: (cube, body) => of('warehouse').query(cube, body),
    drill: (cube, body) => of('warehouse').drill(cube, body),
    parked: (wish) => of('warehouse').parked(wish),
    digest: (follower) => of(follower).digest(follower),
    rebuild: (follower) => of(follower).rebuild(follower),
  }
}

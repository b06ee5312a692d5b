import { ok, type Result } from '../../schemas/result.js'
import { hasAllRoles, type ProcessRole } from '../process-roles.js'
import { askOwners } from './ask-owner.js'
import { nearestServices, ownServices, type FollowerServices } from './follower-services.js'
import type { Core } from './open-core.js'
import type { Opened } from './open-stores.js'
import { startFollowers, type Followers } from './start-followers.js'
import type { RelayOfProcess } from './start-relay.js'

/** The followers of the hub, some of them perhaps kept by this process. */
export interface Joined {
  readonly followers: Followers
  /** What this process does as an owner. */
  readonly own: FollowerServices
  /** What the owners do, whoever they are. */
  readonly services: FollowerServices
  readonly relay: RelayOfProcess
}

/** Keeps followers where the roles say so, and finds those that others keep. */
export const joinFollowers = async (core: Core, roles: readonly ProcessRole[], relay: RelayOfProcess, opened: Opened): Promise<Result<Joined>> => {
  const others = askOwners({ central: core.central, key: core.internalKey, log: opened.log })
  const followers = await startFollowers({ ...core, log: opened.log, keeps: roles.includes('followers'), hurry: others.hurry, warehouseMustOpen: hasAllRoles(roles), entriesAfter: relay.entriesAfter })
  if (!followers.ok) return followers
  const { kept, poke, stop } = followers.value
  opened.closers.push(stop)
  relay.onRelayed(poke)
  const own = ownServices(kept)
  const pokeAll = (): void => {
    relay.poke()
    poke()
  }
  return ok({ followers: { ...followers.value, poke: pokeAll }, own, services: nearestServices(kept, own, others), relay })
}

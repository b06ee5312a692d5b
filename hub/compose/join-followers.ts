import { ok, type Result } from '../../schemas/result.js'
import { hasAllRoles, type ProcessRole } from '../process-roles.js'
import { askOwners } from './ask-owner.js'
import { nearestServices, ownServices, type FollowerServices } from './follower-services.js'
import type { Core } from './open-core.js'
import type { Opened } from './open-stores.js'
import { startFollowers, type Followers } from './start-followers.js'

/** The followers of the hub, some of them perhaps kept by this process. */
export interface Joined {
  readonly followers: Followers
  /** What this process does as an owner. */
  readonly own: FollowerServices
  /** What the owners do, whoever they are. */
  readonly services: FollowerServices
}

/** Keeps followers where the roles say so, and finds those that others keep. */
export const joinFollowers = async (core: Core, roles: readonly ProcessRole[], opened: Opened): Promise<Result<Joined>> => {
  const others = askOwners({ central: core.central, key: core.internalKey, log: opened.log })
  const followers = await startFollowers({ ...core, log: opened.log, keeps: roles.includes('followers'), hurry: others.hurry, warehouseMustOpen: hasAllRoles(roles) })
  if (!followers.ok) return followers
  opened.closers.push(followers.value.stop)
  const own = ownServices(followers.value.kept)
  return ok({ followers: followers.value, own, services: nearestServices(followers.value.kept, own, others) })
}

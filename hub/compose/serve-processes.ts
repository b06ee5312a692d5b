import { parkedStates, type ParkedWish } from '../../schemas/parked-entry.js'
import { ok, type Result } from '../../schemas/result.js'
import type { InternalDeps } from '../http/internal-operations.js'
import { followerNamed, noOwner, type FollowerServices } from './follower-services.js'
import type { KeptFollowers } from './start-followers.js'

/** Longer than anybody waits for a follower. */
const longestWaitMs = 120_000

/** What the hub's other processes ask of this one. */
export const serveProcesses = (kept: KeptFollowers, services: FollowerServices): InternalDeps => ({
  serve: async (name, task, body) => {
    const follower = followerNamed(name)
    const loop = follower === undefined ? undefined : kept[follower]()?.loop
    if (follower === undefined || loop === undefined) return noOwner(follower ?? 'crm')
    switch (task) {
      case 'query': return services.query(String(memberOf(body, 'cube')), memberOf(body, 'body'))
      case 'drill': return services.drill(String(memberOf(body, 'cube')), memberOf(body, 'body'))
      case 'parked': return services.parked(parkedWishOf(body))
      case 'digest': return services.digest(follower)
      case 'rebuild': {
        const lines = await services.rebuild(follower)
        return lines.ok ? { contentType: 'application/x-ndjson', raw: lines.value } : lines
      }
      case 'hurry': return hurry(loop, Number(memberOf(body, 'number')), Number(memberOf(body, 'timeoutMs')))
      default: return task satisfies never
    }
  },
})

/** The journal has grown elsewhere and somebody waits for it: nothing is gathered until then. */
const hurry = (loop: { readonly poke: () => void, readonly waitUntil: (number: number, timeoutMs: number) => Promise<boolean> }, number: number, timeoutMs: number): Result<unknown> => {
  loop.poke()
  void loop.waitUntil(number, Math.min(Number.isFinite(timeoutMs) ? timeoutMs : 0, longestWaitMs))
  return ok({})
}

const parkedWishOf = (body: unknown): ParkedWish => {
  const states = memberOf(body, 'states')
  return { states: parkedStates.filter((state) => Array.isArray(states) && states.includes(state)), after: Number(memberOf(body, 'after')), limit: Number(memberOf(body, 'limit')) }
}

const memberOf = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined)

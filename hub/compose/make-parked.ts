import { parkedStates, type ParkedRow, type ParkedWish } from '../../schemas/parked-entry.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { deliveryParked } from '../central/deliveries/parked-entries.js'
import { readPosition } from '../central/deliveries/position.js'
import { appendParkedDecision } from '../central/journal.js'
import { crmParked } from '../crm/parked-entries.js'
import { parkingFollowers, type ParkedDeps, type ParkingFollower } from '../http/parked-operations.js'
import { makeFollowerView, shareReading, type FollowerView } from '../journal/follower-view.js'
import { elapsedMs } from '../ops/elapsed-ms.js'
import type { FollowerServices } from './follower-services.js'
import type { Core } from './open-core.js'
import type { Followers } from './start-followers.js'

/** How long a decision waits to tell what became of it, in ms. */
const patienceMs = 10_000

/** What followers have parked, and decisions about it, which go by the journal. */
export const makeParked = ({ central, crm }: Pick<Core, 'central' | 'crm'>, followers: Followers, services: Pick<FollowerServices, 'parked'>): ParkedDeps => {
  // Its position and what it has parked stand in this database, whoever keeps it.
  const deliveries = makeFollowerView({ local: () => undefined, published: shareReading(() => readPosition(central)), lastPublished: () => 0, hurry: () => undefined, nowMs: elapsedMs })
  const views: Readonly<Record<ParkingFollower, FollowerView>> = { ...followers.loops, deliveries }
  const parkedOf = async (follower: ParkingFollower, wish: ParkedWish): Promise<Result<readonly ParkedRow[]>> => {
    switch (follower) {
      case 'crm': return ok(await crmParked.list(crm, wish))
      case 'deliveries': return ok(await deliveryParked.list(central, wish))
      case 'warehouse': return services.parked(wish)
      default: return follower satisfies never
    }
  }
  const find = async (follower: ParkingFollower, entry: number): Promise<Result<ParkedRow | undefined>> => {
    const found = await parkedOf(follower, { states: parkedStates, after: entry - 1, limit: 1 })
    return found.ok ? ok(found.value.find((row) => row.entry === entry)) : found
  }
  return {
    parked: async ({ follower, state, limit, cursor }) => {
      const asked = follower === undefined ? parkingFollowers : [follower]
      const pages = await Promise.all(asked.map(async (name) => ({
        name, page: await parkedOf(name, { states: state === undefined ? ['parked', 'held'] : [state], after: afterOf(cursor, name), limit: limit + 1 }),
      })))
      const rows: (ParkedRow & { readonly follower: ParkingFollower })[] = []
      for (const { name, page } of pages) {
        if (!page.ok) return page
        rows.push(...page.value.map((row) => ({ follower: name, ...row })))
      }
      const items = rows.sort((one, other) => one.entry - other.entry).slice(0, limit)
      const last = items.at(-1)
      return ok({ items, ...(rows.length > limit && last !== undefined ? { next: `${last.entry}-${last.follower}` } : {}) })
    },
    decide: async (follower, entry, action, caller) => {
      const found = await find(follower, entry)
      if (!found.ok) return found
      const undecidable = whyUndecidable(follower, entry, found.value)
      if (undecidable !== undefined) return undecidable
      const journalSeq = await appendParkedDecision(central, { follower, entry, action, by: caller?.keyId ?? '' })
      followers.poke()
      const passed = await views[follower].waitUntil(journalSeq, patienceMs)
      const after = passed ? await find(follower, entry) : undefined
      return ok({ follower, entry, journalSeq, state: after?.ok === true ? after.value?.state ?? 'followed' : 'waiting' })
    },
  }
}

/** The entry after which a page of the follower begins, where the page before ended with an entry of one of the followers: they stand in the order of their names. */
const afterOf = (cursor: string | undefined, name: ParkingFollower): number => {
  const [entry, follower = ''] = cursor?.split('-') ?? []
  return entry === undefined ? 0 : Number(entry) - (name <= follower ? 0 : 1)
}

const whyUndecidable = (follower: ParkingFollower, entry: number, found: ParkedRow | undefined): Failure | undefined => {
  if (found === undefined) return fail('not-found', 'entry', `The entry ${entry} is not parked by ${follower}.`)
  switch (found.state) {
    case 'skipped': return fail('request-invalid', 'entry', `It was decided before to skip the entry ${entry}.`)
    case 'held': return fail('request-invalid', 'entry', `The entry ${entry} waits for ${String(found.heldBy)}; decide about the one that has a cause of its own.`)
    case 'parked': return undefined
    default: return found.state satisfies never
  }
}

import { fail, ok } from '../../schemas/result.js'
import { appendParkedDecision } from '../central/journal.js'
import { listParked, stateOfParked } from '../crm/parked-entries.js'
import type { ParkedDeps } from '../http/parked-operations.js'
import type { Core } from './open-core.js'
import type { Followers } from './start-followers.js'

/** How long a decision waits to tell what became of it, in ms. */
const patienceMs = 10_000

/** What the CRM follower has parked, and decisions about it, which go by the journal. */
export const makeParked = ({ central, crm }: Pick<Core, 'central' | 'crm'>, followers: Followers): ParkedDeps => ({
  parked: async ({ state, limit, cursor }) => {
    const found = await listParked(crm, { state, after: Number(cursor ?? 0), limit: limit + 1 })
    const items = found.slice(0, limit)
    return ok({ items, ...(found.length > limit ? { next: String(items.at(-1)?.entry) } : {}) })
  },
  decide: async (entry, action, caller) => {
    const found = await stateOfParked(crm, entry)
    if (found === undefined) return fail('not-found', 'entry', `The entry ${entry} is not parked.`)
    if (found.state === 'skipped') return fail('request-invalid', 'entry', `It was decided before to skip the entry ${entry}.`)
    if (found.state === 'held') return fail('request-invalid', 'entry', `The entry ${entry} waits for ${String(found.heldBy)}; decide about the one that has a cause of its own.`)
    const journalSeq = await appendParkedDecision(central, { follower: 'crm', entry, action, by: caller?.keyId ?? '' })
    followers.poke()
    if (!await followers.loops.crm.waitUntil(journalSeq, patienceMs)) return ok({ entry, journalSeq, state: 'waiting' })
    return ok({ entry, journalSeq, state: (await stateOfParked(crm, entry))?.state ?? 'followed' })
  },
})

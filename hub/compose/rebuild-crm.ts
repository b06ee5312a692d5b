import { entriesAfter } from '../central/journal.js'
import type { CrmFollower } from '../crm/crm-follower.js'
import { migrateCrm } from '../crm/migrate-crm.js'
import { dropRebuilt, rebuiltSchema, switchRebuilt } from '../crm/switch-rebuilt.js'
import type { FollowLoop } from '../journal/follow-loop.js'
import type { Database } from '../ops/database.js'
import type { Stores } from './open-stores.js'

interface RebuildCrm extends Stores {
  readonly followerOn: (database: Database) => CrmFollower
  readonly loop: Pick<FollowLoop, 'exclusively'>
  readonly tell: (step: object) => void
  readonly head: () => Promise<number>
  readonly adopt: () => void
}

/** Follows the whole journal into a second schema while the live one goes on, then changes them in one transaction. */
export const rebuildCrm = async ({ crm, central, openRebuilt, followerOn, loop, tell, head, adopt }: RebuildCrm): Promise<void> => {
  await dropRebuilt(crm)
  const next = openRebuilt()
  try {
    await migrateCrm(next, rebuiltSchema)
    const follower = followerOn(next)
    const catchUp = async (): Promise<void> => {
      for (let position = await follower.position(); ;) {
        const entries = await entriesAfter(central, position, 500)
        const last = entries.at(-1)
        if (last === undefined) return
        if (!await follower.apply(position, entries)) throw new Error('Another rebuild took over.')
        position = last.number
        tell({ step: 'applied', journalSeq: position, head: await head() })
      }
    }
    await catchUp()
    await loop.exclusively(async () => {
      await catchUp()
      if (!await switchRebuilt(crm)) throw new Error('The rebuilt copy did not come as far as the live one.')
      adopt()
    })
  } finally {
    await next.close()
  }
}

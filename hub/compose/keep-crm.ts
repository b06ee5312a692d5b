import { answeredCauses, appendDecisions, entriesNumbered, journalHead } from '../central/journal.js'
import { makeCrmFollower, type CrmFollower } from '../crm/crm-follower.js'
import { crmDigest } from '../crm/crm-digest.js'
import { startFollowLoop } from '../journal/follow-loop.js'
import { drainOutbox } from '../journal/outbox-relay.js'
import type { Database } from '../ops/database.js'
import type { FollowParts, KeptFollower, LoopParts } from './kept-follower.js'
import { rebuildCrm } from './rebuild-crm.js'
import { tellParked } from './tell-parked.js'

/** Becomes the owner of the CRM database and follows the journal into it, until it is closed or `onOusted` says that another took over. */
export const keepCrm = async (parts: FollowParts, loopParts: LoopParts, onOusted: () => void): Promise<KeptFollower> => {
  const { central, crm, metrics, log } = parts
  const crmOn = (database: Database): CrmFollower => makeCrmFollower({
    database, answeredCauses: (follower, causes) => answeredCauses(central, follower, causes),
    entriesNumbered: (numbers) => entriesNumbered(central, numbers),
    onParked: tellParked('crm', metrics, log),
  })
  let live = crmOn(crm)
  const settle = async (): Promise<void> => {
    const moved = await drainOutbox({ pending: (limit) => live.outboxPending(limit), append: (drafts) => appendDecisions(central, drafts), remove: (drafts) => live.outboxRemove(drafts) })
    if (moved) loopParts.onMoved()
  }
  const loop = await startFollowLoop({
    ...loopParts, settle, onOusted, gatherMs: 150,
    follower: { name: 'crm', position: () => live.position(), isOwned: () => live.isOwned(), apply: (after, entries) => live.apply(after, entries) },
  })
  return {
    loop,
    digest: () => loop.exclusively(async () => ({ journalSeq: loop.passed(), digest: await crmDigest(crm) })),
    rebuild: async (tell) => {
      await rebuildCrm({ ...parts, followerOn: crmOn, loop, tell, head: () => journalHead(central), adopt: () => { live = crmOn(crm) } })
    },
    close: loop.stop,
  }
}

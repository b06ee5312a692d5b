import type { Logger } from 'pino'
import type { Warehouse } from '../../warehouse/open-warehouse.js'
import { answeredCauses, appendDecisions, entriesAfter } from '../central/journal.js'
import { makeCrmFollower, type CrmFollower } from '../crm/crm-follower.js'
import { startFollowLoop, type FollowLoop } from '../journal/follow-loop.js'
import { drainOutbox } from '../journal/outbox-relay.js'
import { shareEntries } from '../journal/shared-entries.js'
import type { Database } from '../ops/database.js'
import type { Metrics } from '../ops/metrics.js'
import type { Stores } from './open-stores.js'
import { rebuildCrm } from './rebuild-crm.js'

export interface Followers {
  readonly loops: { readonly crm: FollowLoop, readonly warehouse: FollowLoop }
  readonly poke: () => void
  /** Puts a rebuilt CRM database in place; the loop stands still meanwhile. */
  readonly rebuildCrm: (tell: (step: object) => void) => Promise<void>
  readonly stop: () => Promise<void>
}

/** How long entries gather for a batch, in ms. A batch of whatever size costs PostgreSQL and DuckDB some 10 ms of processor time each. */
const gatherMs = { crm: 100, warehouse: 150 } as const

interface FollowersDeps extends Stores {
  readonly warehouse: Warehouse
  readonly metrics: Metrics
  readonly log: Logger
}

export const startFollowers = async ({ central, crm, openRebuilt, warehouse, metrics, log }: FollowersDeps): Promise<Followers> => {
  const crmOn = (database: Database): CrmFollower => makeCrmFollower({
    database, answeredCauses: (follower, causes) => answeredCauses(central, follower, causes),
    onLeftOut: (journalSeq, reason, error) => {
      metrics.followerLeftOut('crm')
      log.error({ err: error, follower: 'crm', journalSeq, reason }, 'the database refuses this document and the follower left it out')
    },
  })
  let live = crmOn(crm)
  const following: FollowLoop[] = []
  const entries = shareEntries((after, limit) => entriesAfter(central, after, limit))
  const common = (name: 'crm' | 'warehouse') => ({
    gatherMs: gatherMs[name],
    entriesAfter: entries.entriesAfter,
    onPassed: (position: number) => {
      metrics.followerPassed(name, position)
      if (following.length > 0) entries.forget(Math.min(...following.map((loop) => loop.passed())))
    },
    onFailure: (error: unknown, journalSeq: number, retryInMs: number) => {
      metrics.followerFailed(name)
      log.error({ err: error, follower: name, journalSeq, retryInMs }, 'a follower failed before this entry or in its batch and will try again')
    },
  })
  const poke = (): void => { for (const loop of following) loop.poke() }
  const settle = async (): Promise<void> => {
    const moved = await drainOutbox({ pending: (limit) => live.outboxPending(limit), append: (drafts) => appendDecisions(central, drafts), remove: (drafts) => live.outboxRemove(drafts) })
    if (moved) poke()
  }
  const loops = {
    warehouse: await startFollowLoop({ ...common('warehouse'), follower: warehouse.follower, settle: () => Promise.resolve() }),
    crm: await startFollowLoop({ ...common('crm'), follower: { name: 'crm', position: () => live.position(), apply: (after, entries) => live.apply(after, entries) }, settle }),
  }
  following.push(loops.crm, loops.warehouse)
  return {
    loops,
    poke,
    rebuildCrm: (tell) => rebuildCrm({ crm, central, openRebuilt, followerOn: crmOn, loop: loops.crm, tell, adopt: () => { live = crmOn(crm) } }),
    stop: async () => { await Promise.all([loops.crm.stop(), loops.warehouse.stop()]) },
  }
}

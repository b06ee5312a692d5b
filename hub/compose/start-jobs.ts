import type { Logger } from 'pino'
import { databaseNowMs } from '../central/job-runs.js'
import { entriesAfter } from '../central/journal.js'
import { makePartitionsAhead } from '../central/partitions.js'
import { purgeExpiredKeys } from '../central/purge-keys.js'
import type { RetentionSettings } from '../config.js'
import { backfillSearch, searchBackfill } from '../crm/search-queries.js'
import type { JobsDeps } from '../http/job-operations.js'
import type { ReplaySelections } from '../intake/replay-selections.js'
import { makeJobs } from '../jobs/jobs.js'
import { fail, ok } from '../../schemas/result.js'
import type { Stores } from './open-stores.js'
import { runRetention } from './run-retention.js'

interface StartJobsDeps extends Pick<Stores, 'central' | 'crm'> {
  readonly retention: RetentionSettings
  readonly selections: ReplaySelections
  readonly log: Logger
}

/** Of expired keys at a time: small, so that no commit waits for it. */
const keyBatch = 1000
/** Of entries that are entered into the search at a time. */
const entryBatch = 500
/** How far ahead there are tables for messages, in days: for a hub that stands still over the holidays. */
const aheadDays = 21

/** The hub's own scheduled work. */
export const startJobs = async ({ central, crm, retention, selections, log }: StartJobsDeps): Promise<{ readonly stop: () => Promise<void>, readonly operations: JobsDeps }> => {
  const jobs = makeJobs({ database: central, log })
  await jobs.add({
    name: 'key-purge', cron: '*/10 * * * *',
    run: async ({ isStopped }) => {
      const now = new Date(await databaseNowMs(central)).toISOString()
      let purged = 0
      for (let last = keyBatch; last === keyBatch && !isStopped();) purged += (last = await purgeExpiredKeys(central, now, keyBatch))
      return { purged }
    },
  })
  await jobs.add({ name: 'partitions', cron: '5 * * * *', run: async () => ({ made: await makePartitionsAhead(central, retention.partitionDays, aheadDays) }) })
  await jobs.add({ name: 'retention', cron: '10 2 * * *', run: async ({ isStopped }) => runRetention(central, retention, await databaseNowMs(central), isStopped) })
  await jobs.add({ name: 'replays', cron: '* * * * *', missed: 'skip', run: async ({ isStopped }) => ({ messages: await selections.work(isStopped) }) })
  await jobs.add({
    name: 'search-index', cron: '* * * * *', missed: 'skip',
    run: async ({ isStopped }) => {
      let entered = 0
      for (let left = await searchBackfill(crm); left !== undefined && !isStopped(); left = await searchBackfill(crm)) {
        const entries = await entriesAfter(central, left.done, Math.min(entryBatch, left.upto - left.done))
        if (entries.length === 0) break
        await backfillSearch(crm, left.done, entries)
        entered += entries.length
      }
      return { entered }
    },
  })
  return {
    stop: jobs.stop,
    operations: {
      list: async () => ok({ items: await jobs.list() }),
      runs: async (name, cursor, limit) => {
        if (!(await jobs.list()).some((job) => job.name === name)) return fail('not-found', 'job', `There is no job '${name}'.`)
        const items = await jobs.runs(name, cursor, limit + 1)
        return ok({ items: items.slice(0, limit), ...(items.length > limit ? { next: items[limit - 1]?.fireAt } : {}) })
      },
      runNow: jobs.runNow,
    },
  }
}

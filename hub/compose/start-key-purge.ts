import { purgeExpiredKeys } from '../central/purge-keys.js'
import type { Database } from '../ops/database.js'
import type { Log } from '../intake/deps.js'
import { startRepeating } from '../ops/repeat.js'

interface KeyPurgeDeps {
  readonly central: Database
  readonly log: Log & { readonly error: (fields: object, text: string) => void }
  readonly nowMs: () => number
  readonly everyMs: number
}

/** Small, so that no commit waits for it. */
const batch = 1000

/** Removes the idempotency keys whose window is over, in batches, every now and then. */
export const startKeyPurge = ({ central, log, nowMs, everyMs }: KeyPurgeDeps): { readonly stop: () => Promise<void> } => {
  let stopping = false
  const repeating = startRepeating({
    everyMs,
    onError: (err) => { log.error({ err }, 'expired keys were not purged; they will be with the next round') },
    work: async () => {
      const now = new Date(nowMs()).toISOString()
      let purged = 0
      for (let last = batch; last === batch && !stopping;) {
        last = await purgeExpiredKeys(central, now, batch)
        purged += last
      }
      if (purged > 0) log.info({ purged }, 'expired idempotency keys purged')
    },
  })
  return {
    stop: () => {
      stopping = true
      return repeating.stop()
    },
  }
}

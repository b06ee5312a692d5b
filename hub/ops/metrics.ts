import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** What the hub counts, for Prometheus. Names follow its conventions: base units, `_total` for counters. */
export interface Metrics {
  readonly messageReceived: (channel: string, outcome: string, seconds: number) => void
  readonly followerPassed: (follower: string, position: number) => void
  readonly journalReached: (number: number) => void
  /** Where all followers of the hub are, at the moment of a scrape. */
  readonly followersStand: (followers: readonly FollowerStanding[]) => void
  readonly followerFailed: (follower: string) => void
  readonly followerParked: (follower: string) => void
  readonly deliveryTried: (endpoint: string, outcome: string, seconds: number) => void
  readonly alertTold: (kind: string, state: string) => void
  /** Where followers read the journal, on a hub that lets them read Kafka. */
  readonly journalReadFrom: (source: 'kafka' | 'table') => void
  readonly text: () => Promise<string>
  readonly contentType: string
}

interface FollowerStanding {
  readonly name: string
  readonly owner: string | null
  readonly behind: number
  readonly lagMs: number
  readonly parked: number
  readonly held: number
  readonly failing: boolean
}

export const makeMetrics = (): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const messages = new Counter({ name: 'chainhub_messages_total', help: 'Messages answered, by channel and outcome.', labelNames: ['channel', 'outcome'], registers })
  const seconds = new Histogram({ name: 'chainhub_message_seconds', help: 'From the last byte of a message to its answer, waiting for followers included.', labelNames: ['channel'], buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10], registers })
  const positions = new Gauge({ name: 'chainhub_follower_position', help: 'The last journal number that a follower has passed.', labelNames: ['follower'], registers })
  const lagEntries = new Gauge({ name: 'chainhub_follower_lag_entries', help: 'Journal entries that a follower has not passed; owner is the process that keeps it, empty where none does.', labelNames: ['follower', 'owner'], registers })
  const lagSeconds = new Gauge({ name: 'chainhub_follower_lag_seconds', help: 'How long the first entry that a follower has not passed has been waiting.', labelNames: ['follower', 'owner'], registers })
  const waiting = new Gauge({ name: 'chainhub_follower_parked_entries', help: 'Entries that a follower does not follow: parked for a cause of their own, or held by those.', labelNames: ['follower', 'state'], registers })
  const standing = new Gauge({ name: 'chainhub_follower_standing_still', help: '1 where a follower stands before an entry that it cannot apply, such as an identity decision.', labelNames: ['follower'], registers })
  const failures = new Counter({ name: 'chainhub_follower_failures_total', help: 'Batches that a follower could not apply and tries again.', labelNames: ['follower'], registers })
  const parked = new Counter({ name: 'chainhub_follower_parked_total', help: 'Documents that a follower\'s database refused and that it parked.', labelNames: ['follower'], registers })
  const tried = new Counter({ name: 'chainhub_delivery_attempts_total', help: 'Attempts to deliver, by endpoint and what became of them: sent, retry or park.', labelNames: ['endpoint', 'outcome'], registers })
  const tookSeconds = new Histogram({ name: 'chainhub_delivery_seconds', help: 'From the call of a partner to the end of its answer.', labelNames: ['endpoint'], buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30], registers })
  const alerts = new Counter({ name: 'chainhub_alerts_total', help: 'Alerts that were opened or closed.', labelNames: ['kind', 'state'], registers })
  const head = new Gauge({ name: 'chainhub_journal_head', help: 'The last journal number that this process has seen committed.', registers })
  const source = new Gauge({ name: 'chainhub_journal_source', help: 'Where followers read the journal: 1 for the source that is read, on a hub that lets them read Kafka.', labelNames: ['source'], registers })
  let highest = 0
  return {
    messageReceived: (channel, outcome, took) => {
      messages.inc({ channel, outcome })
      seconds.observe({ channel }, took)
    },
    followerPassed: (follower, position) => { positions.set({ follower }, position) },
    followersStand: (followers) => {
      lagEntries.reset()
      lagSeconds.reset()
      for (const { name, owner, behind, lagMs, parked: parkedNow, held, failing } of followers) {
        waiting.set({ follower: name, state: 'parked' }, parkedNow)
        waiting.set({ follower: name, state: 'held' }, held)
        standing.set({ follower: name }, failing ? 1 : 0)
        lagEntries.set({ follower: name, owner: owner ?? '' }, behind)
        lagSeconds.set({ follower: name, owner: owner ?? '' }, lagMs / 1000)
      }
    },
    followerFailed: (follower) => { failures.inc({ follower }) },
    followerParked: (follower) => { parked.inc({ follower }) },
    deliveryTried: (endpoint, outcome, took) => {
      tried.inc({ endpoint, outcome })
      tookSeconds.observe({ endpoint }, took)
    },
    alertTold: (kind, state) => { alerts.inc({ kind, state }) },
    journalReadFrom: (used) => { for (const one of ['kafka', 'table']) source.set({ source: one }, one === used ? 1 : 0) },
    journalReached: (number) => {
      highest = Math.max(highest, number)
      head.set(highest)
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

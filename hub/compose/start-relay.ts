import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { makeKafka } from '../../connectors/kafka/kafka-client.js'
import { ok } from '../../schemas/result.js'
import { entriesAfter } from '../central/journal.js'
import { acquireLease, releaseLease, renewLease, type FollowerRow } from '../central/leases.js'
import type { Config } from '../config.js'
import { startFollowLoop, type FollowLoop, type FollowLoopDeps } from '../journal/follow-loop.js'
import { holdLease, type HeldLease } from '../journal/hold-lease.js'
import type { Database } from '../ops/database.js'
import { elapsedMs } from '../ops/elapsed-ms.js'
import type { Metrics } from '../ops/metrics.js'
import type { JournalSourceState } from '../relay/journal-source.js'
import type { KafkaSettings } from '../relay/kafka-settings.js'
import type { Core } from './open-core.js'
import type { Opened } from './open-stores.js'

/** What a process has to do with Kafka; without brokers nothing of it is loaded. */
export interface RelayOfProcess {
  readonly poke: () => void
  /** Who is told after entries have come to Kafka. */
  readonly onRelayed: (tell: () => void) => void
  /** Where followers read the journal; undefined means the table. */
  readonly entriesAfter: FollowLoopDeps['entriesAfter'] | undefined
  /** Whom to ask about the connector that takes messages from Kafka. */
  readonly watchInbound: (trouble: () => string | undefined) => void
  /** For GET /health/ready; `lease` is what the relay's owner says of it. */
  readonly state: (head: number, lease: FollowerRow | undefined) => RelayState
}

export interface RelayState {
  readonly relay?: { readonly journalSeq: number, readonly behind: number, readonly owner: string | null, readonly failing?: FollowerStandstill }
  readonly followFrom?: JournalSourceState
  /** Of the connector that takes messages from Kafka. */
  readonly inbound?: { readonly failing?: string }
}

type FollowerStandstill = NonNullable<ReturnType<FollowLoop['standstill']>>

const name = 'relay'
const gatherMs = 20
/** How long the lease of the relay lasts and how often it is prolonged, in ms. Two that write cost repeats and nothing else: it spares the work. */
const leaseMs = 4_000
const renewMs = 1_000
/** How long followers wait for a topic that is away or behind before they turn to the table, in ms. */
const patienceMs = 10_000

/** Brings the journal to Kafka in the role `relay` where brokers are named and no other process does, and lets followers read it there where that is set. Kafka may be away: then the relay tries again until it is stopped. */
export const startRelay = async ({ central, metrics, own }: Core, { kafka: settings, followFrom, roles }: Config, { log, closers }: Opened): Promise<RelayOfProcess> => {
  if (settings === undefined) return { poke: () => undefined, onRelayed: () => undefined, entriesAfter: undefined, watchInbound: () => undefined, state: () => ({}) }
  const { makeKafka } = await import('../../connectors/kafka/kafka-client.js')
  const parts: RelayParts = { settings, kafka: () => makeKafka(settings, log), fromTable: (after, limit) => entriesAfter(central, after, limit), central, owner: own.id, metrics, log }
  const source = followFrom === 'kafka' ? await openSource(parts) : undefined
  if (source !== undefined) closers.push(source.close)
  let tell = (): void => undefined
  let inbound: (() => string | undefined) | undefined
  const relay = roles.includes('relay') ? await keepRelay(parts, () => { tell() }) : undefined
  if (relay !== undefined) closers.push(relay.stop)
  return {
    poke: () => { relay?.current()?.loop.poke() },
    onRelayed: (told) => { tell = told },
    entriesAfter: source?.entriesAfter,
    watchInbound: (trouble) => { inbound = trouble },
    state: (head, lease) => ({ ...inboundState(inbound), ...(relay === undefined ? {} : { relay: stateOf(relay.current()?.loop, head, lease) }), ...(source === undefined ? {} : { followFrom: source.state() }) }),
  }
}

interface RelayParts {
  readonly settings: KafkaSettings
  readonly kafka: () => ReturnType<typeof makeKafka>
  readonly fromTable: FollowLoopDeps['entriesAfter']
  readonly central: Database
  /** The id of this process. */
  readonly owner: string
  readonly metrics: Metrics
  readonly log: Logger
}

interface RunningRelay {
  readonly loop: FollowLoop
  readonly close: () => Promise<void>
}

const keepRelay = (parts: RelayParts, onRelayed: () => void): Promise<HeldLease<RunningRelay>> => {
  const { central, owner, log } = parts
  return holdLease<RunningRelay>({
    acquire: () => acquireLease(central, name, owner, leaseMs),
    renew: (epoch, running) => renewLease(central, name, owner, epoch, leaseMs, running && { position: running.loop.passed(), failing: running.loop.standstill() }),
    release: (epoch) => releaseLease(central, name, owner, epoch),
    open: async () => ok(await openRelay(parts, onRelayed)),
    close: ({ close }) => close(),
    everyMs: renewMs,
    onEvent: (event) => {
      if (event.type === 'failed') log.error({ follower: name, err: event.error }, 'the relay could not be kept; it will be tried again')
      else log.info({ follower: name, epoch: event.epoch }, event.type === 'gained' ? 'this process brings the journal to Kafka' : 'another process brings the journal to Kafka now')
    },
  })
}

const openRelay = async ({ settings, kafka, fromTable, metrics, log }: RelayParts, onRelayed: () => void): Promise<RunningRelay> => {
  const [{ openKafkaSession }, { makeRelay }] = await Promise.all([import('../relay/kafka-session.js'), import('../relay/relay.js')])
  const relayId = randomUUID()
  const relay = makeRelay({
    open: () => openKafkaSession({ kafka, settings, relayId, nowMs: Date.now }), entriesAfter: fromTable,
    onRival: () => { log.warn({ follower: name }, 'another relay wrote to the journal\'s topic, or its end was lost; this one goes on where the topic ends now') },
  })
  const loop = await startFollowLoop({
    follower: relay, gatherMs, entriesAfter: fromTable, settle: () => Promise.resolve(),
    onPassed: (position) => {
      metrics.followerPassed(name, position)
      onRelayed()
    },
    onFailure: (error, journalSeq, retryInMs) => {
      metrics.followerFailed(name)
      log.error({ err: error, follower: name, journalSeq, retryInMs }, 'the journal could not be brought to Kafka and will be tried again')
    },
  })
  const close = async (): Promise<void> => {
    await loop.stop()
    await relay.close()
  }
  return { loop, close }
}

const inboundState = (trouble: (() => string | undefined) | undefined): Pick<RelayState, 'inbound'> => {
  if (trouble === undefined) return {}
  const failing = trouble()
  return { inbound: failing === undefined ? {} : { failing } }
}

const stateOf = (loop: FollowLoop | undefined, head: number, lease: FollowerRow | undefined): NonNullable<RelayState['relay']> => {
  const journalSeq = loop?.passed() ?? lease?.journalSeq ?? 0
  const failing = (loop === undefined ? lease?.failing : loop.standstill()) ?? undefined
  return { journalSeq, behind: Math.max(0, head - journalSeq), owner: lease?.owner ?? null, ...(failing === undefined ? {} : { failing }) }
}

const openSource = async ({ kafka, settings: { topicPrefix }, fromTable, metrics, log }: RelayParts) => {
  const [{ openTopicLog }, { makeTopicEntries }, { makeJournalSource }, { journalTopicOf }] = await Promise.all([
    import('../relay/kafka-topic-log.js'), import('../relay/topic-entries.js'), import('../relay/journal-source.js'), import('../relay/journal-records.js'),
  ])
  const topic = makeTopicEntries({ open: () => openTopicLog(kafka(), journalTopicOf(topicPrefix)), entryOf: async (number) => (await fromTable(number - 1, 1))[0] })
  const { entriesAfter: read, state } = makeJournalSource({
    topic, table: fromTable, patienceMs, nowMs: elapsedMs,
    onSwitch: (next) => {
      metrics.journalReadFrom(next.using)
      log.warn(next, next.using === 'kafka' ? 'followers read the journal\'s topic again' : 'followers read the journal\'s table instead of its topic')
    },
  })
  metrics.journalReadFrom('kafka')
  return { entriesAfter: read, state, close: topic.close }
}

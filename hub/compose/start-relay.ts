import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { makeKafka } from '../../connectors/kafka/kafka-client.js'
import { entriesAfter } from '../central/journal.js'
import type { Config } from '../config.js'
import { startFollowLoop, type FollowLoop, type FollowLoopDeps } from '../journal/follow-loop.js'
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
  /** For GET /health/ready. */
  readonly state: (head: number) => RelayState
}

export interface RelayState {
  readonly relay?: { readonly journalSeq: number, readonly behind: number, readonly failing?: FollowerStandstill }
  readonly followFrom?: JournalSourceState
  /** Of the connector that takes messages from Kafka. */
  readonly inbound?: { readonly failing?: string }
}

type FollowerStandstill = NonNullable<ReturnType<FollowLoop['standstill']>>

const gatherMs = 20
/** How long followers wait for a topic that is away or behind before they turn to the table, in ms. */
const patienceMs = 10_000

/** Brings the journal to Kafka in the role `relay` where brokers are named, and lets followers read it there where that is set. Kafka may be away: then the relay tries again until it is stopped. */
export const startRelay = async ({ central, metrics }: Core, { kafka: settings, followFrom, roles }: Config, { log, closers }: Opened): Promise<RelayOfProcess> => {
  if (settings === undefined) return { poke: () => undefined, onRelayed: () => undefined, entriesAfter: undefined, watchInbound: () => undefined, state: () => ({}) }
  const { makeKafka } = await import('../../connectors/kafka/kafka-client.js')
  const parts: RelayParts = { settings, kafka: () => makeKafka(settings, log), fromTable: (after, limit) => entriesAfter(central, after, limit), metrics, log }
  const source = followFrom === 'kafka' ? await openSource(parts) : undefined
  if (source !== undefined) closers.push(source.close)
  let tell = (): void => undefined
  let inbound: (() => string | undefined) | undefined
  const relay = roles.includes('relay') ? await openRelay(parts, () => { tell() }) : undefined
  if (relay !== undefined) closers.push(relay.close)
  return {
    poke: () => { relay?.loop.poke() },
    onRelayed: (told) => { tell = told },
    entriesAfter: source?.entriesAfter,
    watchInbound: (trouble) => { inbound = trouble },
    state: (head) => ({ ...inboundState(inbound), ...(relay === undefined ? {} : { relay: stateOf(relay.loop, head) }), ...(source === undefined ? {} : { followFrom: source.state() }) }),
  }
}

interface RelayParts {
  readonly settings: KafkaSettings
  readonly kafka: () => ReturnType<typeof makeKafka>
  readonly fromTable: FollowLoopDeps['entriesAfter']
  readonly metrics: Metrics
  readonly log: Logger
}

const openRelay = async ({ settings, kafka, fromTable, metrics, log }: RelayParts, onRelayed: () => void) => {
  const [{ openKafkaSession }, { makeRelay }] = await Promise.all([import('../relay/kafka-session.js'), import('../relay/relay.js')])
  const relayId = randomUUID()
  const relay = makeRelay({
    open: () => openKafkaSession({ kafka, settings, relayId, nowMs: Date.now }), entriesAfter: fromTable,
    onRival: () => { log.warn({ follower: 'relay' }, 'another relay wrote to the journal\'s topic, or its end was lost; this one goes on where the topic ends now') },
  })
  const loop = await startFollowLoop({
    follower: relay, gatherMs, entriesAfter: fromTable, settle: () => Promise.resolve(),
    onPassed: (position) => {
      metrics.followerPassed('relay', position)
      onRelayed()
    },
    onFailure: (error, journalSeq, retryInMs) => {
      metrics.followerFailed('relay')
      log.error({ err: error, follower: 'relay', journalSeq, retryInMs }, 'the journal could not be brought to Kafka and will be tried again')
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

const stateOf = (loop: FollowLoop, head: number): NonNullable<RelayState['relay']> => {
  const failing = loop.standstill()
  return { journalSeq: loop.passed(), behind: Math.max(0, head - loop.passed()), ...(failing === undefined ? {} : { failing }) }
}

const openSource = async ({ kafka, settings: { topicPrefix }, fromTable, metrics, log }: RelayParts) => {
  const [{ openTopicLog }, { makeTopicEntries }, { makeJournalSource }, { journalTopicOf }] = await Promise.all([
    import('../relay/kafka-topic-log.js'), import('../relay/topic-entries.js'), import('../relay/journal-source.js'), import('../relay/journal-records.js'),
  ])
  const topic = makeTopicEntries({ open: () => openTopicLog(kafka(), journalTopicOf(topicPrefix)), entryOf: async (number) => (await fromTable(number - 1, 1))[0] })
  const { entriesAfter: read, state } = makeJournalSource({
    topic, table: fromTable, patienceMs, nowMs: Date.now,
    onSwitch: (next) => {
      metrics.journalReadFrom(next.using)
      log.warn(next, next.using === 'kafka' ? 'followers read the journal\'s topic again' : 'followers read the journal\'s table instead of its topic')
    },
  })
  metrics.journalReadFrom('kafka')
  return { entriesAfter: read, state, close: topic.close }
}

import kafkajs, { type Admin, type Kafka, type Producer } from 'kafkajs'
import { documentKinds } from '../../schemas/canonical/canonical-document.js'
import { documentTopicOf, journalTopicOf, type OutgoingRecord } from './journal-records.js'
import { openTopicLog } from './kafka-topic-log.js'
import type { RelaySession } from './relay.js'
import { within } from './within.js'

// Node does not find all names that this CommonJS package exports.
const { CompressionTypes, ConfigResourceTypes, Partitioners } = kafkajs

/** How topics are made and written. */
export interface TopicSettings {
  readonly topicPrefix: string
  readonly partitions: number
  readonly replication: number | undefined
  readonly minInSync: number | undefined
  readonly retentionMs: number
  readonly compression: 'none' | 'gzip'
  readonly hubUrl: string
}

interface KafkaSessionDeps {
  readonly kafka: () => Kafka
  readonly settings: TopicSettings
  /** Names this relay in the header of its records. */
  readonly relayId: string
  readonly nowMs: () => number
}

const deadlineMs = 30_000
/** What Kafka keeps of `max.message.bytes` where nobody changed it; it counts a batch of records, and all of one send to a partition are one batch. */
const usualMessageBytes = 1_048_588
/** Of a batch, beyond its records. */
const batchOverheadBytes = 256
/** Of a record, beyond its value: key, headers. */
const recordOverheadBytes = 2_048

/** Connects, makes the topics that are missing, and gives the way to write to them. */
export const openKafkaSession = async ({ kafka: newKafka, settings, relayId, nowMs }: KafkaSessionDeps): Promise<RelaySession> => {
  const kafka = newKafka()
  const { mostMessageBytes, partitionsOf } = await within(deadlineMs, 'Preparing the topics', withAdmin(kafka, (admin) => prepareTopics(admin, settings)))
  // Order is kept by one request at a time and by the numbers, not by kafkajs's idempotence, which it calls experimental.
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false, idempotent: false, maxInFlightRequests: 1 })
  const journal = await openTopicLog(kafka, journalTopicOf(settings.topicPrefix))
  const close = async (): Promise<void> => { await Promise.allSettled([journal.close(), within(deadlineMs, 'Closing the connections to Kafka', producer.disconnect())]) }
  try {
    await within(deadlineMs, 'Connecting to Kafka', producer.connect())
  } catch (error) {
    await close()
    throw error
  }
  const mostSendBytes = mostMessageBytes - batchOverheadBytes
  return {
    journal, mostSendBytes, close,
    keptSinceMs: () => (settings.retentionMs < 0 ? -Infinity : nowMs() - settings.retentionMs),
    form: { topicPrefix: settings.topicPrefix, mostValueBytes: mostSendBytes - recordOverheadBytes, hubUrl: settings.hubUrl },
    send: (records) => within(deadlineMs, 'Writing to Kafka', send(producer, records, { compression: settings.compression, relayId, partitionsOf })),
  }
}

interface SendOptions {
  readonly compression: TopicSettings['compression']
  readonly relayId: string
  readonly partitionsOf: PartitionsOf
}

type PartitionsOf = ReadonlyMap<string, number>

const partitionerOf = Partitioners.DefaultPartitioner()

/** As Java clients choose, by the number of partitions that was found when the session began: what kafkajs knows of a broker that is just coming back may be less, and a key would change its partition. */
const partitionOf = (topic: string, key: string, partitionsOf: PartitionsOf): number => partitionerOf({
  topic, message: { key, value: null },
  partitionMetadata: Array.from({ length: partitionsOf.get(topic) ?? 1 }, (_, partitionId) => ({ partitionId, partitionErrorCode: 0, leader: 0, replicas: [], isr: [] })),
})

const send = async (producer: Producer, records: readonly OutgoingRecord[], { compression, relayId, partitionsOf }: SendOptions): Promise<number> => {
  const byTopic = new Map<string, OutgoingRecord[]>()
  for (const record of records) byTopic.set(record.topic, [...byTopic.get(record.topic) ?? [], record])
  const written = await producer.sendBatch({
    acks: -1, timeout: 8_000, compression: compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
    topicMessages: [...byTopic].map(([topic, messages]) => ({
      topic,
      messages: messages.map(({ key, value, headers, timestampMs }) => ({ key, value, partition: partitionOf(topic, key, partitionsOf), headers: { ...headers, relay: relayId }, timestamp: String(timestampMs) })),
    })),
  })
  const refused = written.find(({ errorCode }) => errorCode !== 0)
  if (refused !== undefined) throw new Error(`Kafka refused records for ${refused.topicName} with its error ${refused.errorCode}.`)
  return Number(written[0]?.baseOffset ?? -1)
}

const withAdmin = async <T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> => {
  const admin = kafka.admin()
  try {
    await admin.connect()
    return await work(admin)
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

const prepareTopics = async (admin: Admin, settings: TopicSettings): Promise<{ readonly mostMessageBytes: number, readonly partitionsOf: PartitionsOf }> => {
  const journal = journalTopicOf(settings.topicPrefix)
  const wanted = [{ topic: journal, numPartitions: 1 }, ...documentKinds.map((kind) => ({ topic: documentTopicOf(settings.topicPrefix, kind), numPartitions: settings.partitions }))]
  const there = new Set(await admin.listTopics())
  const missing = wanted.filter(({ topic }) => !there.has(topic))
  if (missing.length > 0) {
    const replication = settings.replication ?? Math.min(3, (await admin.describeCluster()).brokers.length)
    const configEntries = Object.entries({
      'cleanup.policy': 'delete', 'retention.ms': settings.retentionMs, 'retention.bytes': -1, 'unclean.leader.election.enable': false,
      'min.insync.replicas': settings.minInSync ?? (replication >= 3 ? 2 : 1),
    }).map(([name, value]) => ({ name, value: String(value) }))
    await admin.createTopics({ waitForLeaders: true, topics: missing.map((topic) => ({ ...topic, replicationFactor: replication, configEntries })) })
  }
  const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) })
  const partitionsOf = new Map(topics.map(({ name, partitions }) => [name, partitions.length]))
  if (partitionsOf.get(journal) !== 1) throw new Error(`The topic ${journal} has ${partitionsOf.get(journal) ?? 0} partitions; it must have one, for its records to have one order.`)
  return { partitionsOf, mostMessageBytes: await mostMessageBytesOf(admin, wanted.map(({ topic }) => topic)) }
}

/** The least that any of the topics takes. A cluster that lets nobody read settings is taken to have the usual ones. */
const mostMessageBytesOf = async (admin: Admin, topics: readonly string[]): Promise<number> => {
  try {
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: topics.map((name) => ({ type: ConfigResourceTypes.TOPIC, name, configNames: ['max.message.bytes'] })) })
    const sizes = resources.flatMap(({ configEntries }) => configEntries.map(({ configValue }) => Number(configValue))).filter((size) => size > 0)
    return sizes.length === 0 ? usualMessageBytes : Math.min(...sizes)
  } catch {
    return usualMessageBytes
  }
}

import { PartitionAssigners, type Cluster, type Kafka } from 'kafkajs'
import { numberOfKey, type LogPiece, type LogRecord, type TopicLog } from './topic-log.js'
import { within } from './within.js'

/** Longer than any request may take by itself. */
const deadlineMs = 20_000

/**
 * Reads partition 0 of a topic by requests of its own. kafkajs's consumer runs in the background, joins a group, and has been seen to stop without a word; here each reading is one request, which is answered,
 * fails or is late. The way to single requests is the cluster that kafkajs hands to assigners of partitions; as a consumer this one is never run.
 */
export const openTopicLog = async (kafka: Kafka, topic: string): Promise<TopicLog> => {
  let handed: Cluster | undefined
  const consumer = kafka.consumer({
    groupId: 'never joined', allowAutoTopicCreation: false, maxInFlightRequests: 1,
    partitionAssigners: [(config) => {
      handed = config.cluster
      return PartitionAssigners.roundRobin(config)
    }],
  })
  if (handed === undefined) throw new Error('kafkajs made no cluster.')
  const cluster = handed
  const close = (): Promise<void> => within(deadlineMs, 'Closing the connections to Kafka', consumer.disconnect())
  const edge = async (fromBeginning: boolean): Promise<number> => {
    const [found] = await within(deadlineMs, 'Asking Kafka for offsets', cluster.fetchTopicsOffset([{ topic, partitions: [{ partition: 0 }], fromBeginning }]))
    const offset = found?.partitions[0]?.offset
    if (offset === undefined) throw new Error(`Kafka told no offsets of ${topic}.`)
    return Number(offset)
  }
  const read: TopicLog['read'] = async (offset, { waitMs, mostBytes }) => {
    const [leader] = Object.keys(cluster.findLeaderForPartitions(topic, [0]))
    if (leader === undefined) throw new Error(`The topic ${topic} has no leader.`)
    const broker = await cluster.findBroker({ nodeId: leader })
    const answer: unknown = await broker.fetch({ maxWaitTime: waitMs, minBytes: 1, maxBytes: mostBytes, topics: [{ topic, partitions: [{ partition: 0, fetchOffset: String(offset), maxBytes: mostBytes }] }] })
    return pieceOf(answer, offset)
  }
  try {
    await within(deadlineMs, 'Connecting to Kafka', consumer.connect())
    await within(deadlineMs, `Looking for the topic ${topic}`, cluster.addTargetTopic(topic))
  } catch (error) {
    await close().catch(() => undefined)
    throw error
  }
  return {
    range: async () => ({ low: await edge(true), high: await edge(false) }),
    read: (offset, options) => within(deadlineMs + options.waitMs, 'Reading from Kafka', read(offset, options)),
    close,
  }
}

interface Fetched {
  readonly offset: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly isControlRecord?: boolean
}

/** Kafka gives whole batches of records, the first of which may begin before the offset that was asked for. */
const pieceOf = (answer: unknown, offset: number): LogPiece => {
  const fetched = messagesOf(answer)
  const records = fetched.flatMap((one): readonly LogRecord[] => (Number(one.offset) < offset || one.isControlRecord === true ? [] : [{
    offset: Number(one.offset), number: numberOfKey(one.key?.toString('latin1')), value: one.value ?? Buffer.alloc(0),
  }]))
  return { records, next: Math.max(offset, Number(fetched.at(-1)?.offset ?? -1) + 1) }
}

const messagesOf = (answer: unknown): readonly Fetched[] => {
  const messages = firstOf(firstOf(answer, 'responses'), 'partitions')?.['messages']
  if (!Array.isArray(messages)) throw new Error('Kafka\'s answer to a fetch has no messages.')
  return messages as readonly Fetched[]
}

const firstOf = (value: unknown, name: string): Readonly<Record<string, unknown>> | undefined => {
  const list: unknown = isObject(value) ? value[name] : undefined
  const items: readonly unknown[] = Array.isArray(list) ? list : []
  const [first] = items
  return isObject(first) ? first : undefined
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

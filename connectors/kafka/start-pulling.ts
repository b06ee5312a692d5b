import type { PullHost, Pulling } from '../contract.js'
import { makeKafka, type KafkaConnection } from './kafka-client.js'
import { keepConsuming } from './kafka-consumer.js'
import { makeTakeRecord } from './take-record.js'

/** Which topics come in, and how. */
export interface KafkaPullSettings extends KafkaConnection {
  readonly groupId: string
  readonly inbound: readonly { readonly topic: string, readonly channel: string }[]
}

const silenceMs = 30_000

/** Takes in what comes to the topics. Throws on settings that are none of Kafka's: the hub has checked them. */
export const startPulling = (host: PullHost, settings: unknown): Pulling => {
  if (!isSettings(settings)) throw new Error('These are no settings of Kafka\'s.')
  const channels = new Map(settings.inbound.map(({ topic, channel }) => [topic, channel]))
  return keepConsuming({
    kafka: () => makeKafka(settings, host.log), groupId: settings.groupId, topics: [...channels.keys()], log: host.log, nowMs: host.nowMs, silenceMs,
    take: makeTakeRecord({ host, credentials: host.credentials, channelOf: (topic) => channels.get(topic) }),
  })
}

const isSettings = (settings: unknown): settings is KafkaPullSettings =>
  typeof settings === 'object' && settings !== null && 'brokers' in settings && 'groupId' in settings && 'inbound' in settings && Array.isArray(settings.inbound)

import { hasKafka, startKafka } from '../fixtures/kafka.js'
import { makeRecovery, type Target } from './processes.js'

export interface KafkaTarget extends Target {
  readonly brokers: string
  readonly stop: () => Promise<void>
}

/** A real Kafka; undefined where its jars are missing. */
export const startKafkaTarget = async (): Promise<KafkaTarget | undefined> => {
  if (!hasKafka) return undefined
  const kafka = await startKafka()
  const recovery = makeRecovery()
  return {
    name: 'kafka',
    mostPauseMs: 20_000,
    brokers: kafka.brokers,
    kill: async () => {
      await kafka.kill()
      recovery.startsBy(kafka.start())
    },
    pause: (forMs) => {
      kafka.pause()
      recovery.resumesAfter(forMs, kafka.resume)
    },
    settled: recovery.done,
    stop: async () => {
      await recovery.done()
      await kafka.remove()
    },
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { hasKafka, startKafka } from '../fixtures/kafka.js'
import type { Target } from './processes.js'

export interface KafkaTarget extends Target {
  readonly brokers: string
  readonly stop: () => Promise<void>
}

/** A real Kafka; undefined where its jars are missing. */
export const startKafkaTarget = async (): Promise<KafkaTarget | undefined> => {
  if (!hasKafka) return undefined
  const kafka = await startKafka()
  let paused: Promise<unknown> = Promise.resolve()
  let starting: Promise<void> = Promise.resolve()
  return {
    name: 'kafka',
    mostPauseMs: 20_000,
    brokers: kafka.brokers,
    kill: async () => {
      await kafka.kill()
      starting = kafka.start()
    },
    pause: (forMs) => {
      kafka.pause()
      paused = sleep(forMs).then(kafka.resume)
    },
    settled: async () => {
      await paused
      await starting
    },
    stop: async () => {
      await paused
      await starting
      await kafka.remove()
    },
  }
}

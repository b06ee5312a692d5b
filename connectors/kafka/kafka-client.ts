import type { ConnectionOptions } from 'node:tls'
import { Kafka, logLevel, type SASLOptions } from 'kafkajs'

/** How to reach a Kafka cluster. Holds a password: never to be logged. */
export interface KafkaConnection {
  readonly brokers: readonly string[]
  readonly clientId: string
  /** True trusts what Node trusts; missing speaks plainly. */
  readonly ssl?: true | { readonly ca?: string, readonly cert?: string, readonly key?: string }
  readonly sasl?: KafkaSasl
}

export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

export interface KafkaLog {
  readonly warn: (fields: object, text: string) => void
  readonly debug: (fields: object, text: string) => void
}

/**
 * A client that gives up soon, so that who uses it tears it down, says so and begins anew with fresh addresses of the leaders; kafkajs by itself would go on for minutes.
 * Nothing is called yet. What kafkajs logs as errors it tries again or throws as well: it is told as warnings, all else as details.
 */
export const makeKafka = ({ brokers, clientId, ssl, sasl }: KafkaConnection, log: KafkaLog): Kafka => new Kafka({
  brokers: [...brokers], clientId,
  ...(ssl === undefined ? {} : { ssl: ssl === true ? true : { ...ssl } satisfies ConnectionOptions }),
  ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
  connectionTimeout: 3_000,
  authenticationTimeout: 5_000,
  requestTimeout: 10_000,
  retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1_000 },
  logLevel: logLevel.INFO,
  logCreator: () => ({ namespace, level, log: { message, ...fields } }) => {
    log[level === logLevel.ERROR || level === logLevel.WARN ? 'warn' : 'debug']({ kafka: namespace, ...wellKnown(fields) }, message)
  },
})

const saslOf = ({ mechanism, username, password }: KafkaSasl): SASLOptions => ({ mechanism, username, password })

const told = ['broker', 'error', 'groupId', 'memberId', 'topic', 'partition', 'retryCount'] as const

/** What kafkajs passes to its loggers holds whole requests at times. */
const wellKnown = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(told.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])))

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Type, type Static } from '@sinclair/typebox'
import { fail, ok, type Result } from '../../schemas/result.js'

const closed = { additionalProperties: false } as const
const file = Type.String({ minLength: 1 })

/** The section `kafka` of the configuration file. */
export const kafkaSchema = Type.Object({
  brokers: Type.Optional(Type.Array(Type.String({ pattern: '^[^\\s:/,]+:[0-9]{1,5}$' }), { minItems: 1 })),
  clientId: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  ssl: Type.Optional(Type.Union([Type.Boolean(), Type.Object({ ca: Type.Optional(file), cert: Type.Optional(file), key: Type.Optional(file) }, closed)])),
  sasl: Type.Optional(Type.Object({
    mechanism: Type.Unsafe<'plain' | 'scram-sha-256' | 'scram-sha-512'>(Type.String({ enum: ['plain', 'scram-sha-256', 'scram-sha-512'] })),
    username: Type.String({ minLength: 1 }),
    password: Type.String({ pattern: '^(env|file):.+$' }),
  }, closed)),
  topicPrefix: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' })),
  partitions: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  replication: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
  minInSync: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
  retentionMs: Type.Optional(Type.Integer({ minimum: -1 })),
  compression: Type.Optional(Type.Unsafe<'none' | 'gzip'>(Type.String({ enum: ['none', 'gzip'] }))),
  hubUrl: Type.Optional(Type.String({ pattern: '^https?://[^\\s]*[^/\\s]$' })),
  groupId: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  inbound: Type.Optional(Type.Array(Type.Object({ topic: Type.String({ pattern: '^[A-Za-z0-9._-]{1,249}$' }), channel: Type.String({ minLength: 1, maxLength: 63 }) }, closed), { minItems: 1 })),
}, closed)

type KafkaSection = Static<typeof kafkaSchema>

/** How Kafka is reached, and how the relay's topics are. Holds a password: never to be logged. */
export interface KafkaSettings extends Required<Pick<KafkaSection, 'brokers' | 'clientId' | 'topicPrefix' | 'partitions' | 'retentionMs' | 'compression' | 'hubUrl' | 'groupId'>> {
  /** The topics whose records come in, each with the channel that takes them. */
  readonly inbound: readonly { readonly topic: string, readonly channel: string }[]
  readonly replication: number | undefined
  readonly minInSync: number | undefined
  readonly ssl?: true | { readonly ca?: string, readonly cert?: string, readonly key?: string }
  readonly sasl?: NonNullable<KafkaSection['sasl']>
}

/** What stands outside of the section: environment, and the folder that files stand in. */
interface Surroundings {
  readonly brokers: string | undefined
  readonly secretOf: (name: string) => string | undefined
  readonly folder: string
}

/** The section with what the environment says of the connection in the place of what the file says; undefined where neither says anything. Files are those of the working directory. */
export const kafkaFromEnvironment = (section: KafkaSection | undefined, valueOf: (name: string) => string | undefined): unknown => {
  const given = (entries: Readonly<Record<string, string>>): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(entries).flatMap(([member, name]) => {
    const value = valueOf(name)
    return value === undefined ? [] : [[member, value]]
  }))
  const files = Object.entries(given({ ca: 'CHAINHUB_KAFKA_TLS_CA', cert: 'CHAINHUB_KAFKA_TLS_CERT', key: 'CHAINHUB_KAFKA_TLS_KEY' })).map(([member, path]) => [member, resolve(path)])
  const tls = valueOf('CHAINHUB_KAFKA_TLS')
  const ssl = files.length > 0 ? Object.fromEntries(files) as unknown : tls === undefined ? undefined : { true: true, false: false }[tls] ?? tls
  const login = given({ mechanism: 'CHAINHUB_KAFKA_SASL_MECHANISM', username: 'CHAINHUB_KAFKA_SASL_USERNAME' })
  const isLogin = Object.keys(login).length > 0
  if (ssl === undefined && !isLogin) return section
  return { ...section, ...(ssl === undefined ? {} : { ssl }), ...(isLogin ? { sasl: { mechanism: 'plain', ...login, password: 'env:CHAINHUB_KAFKA_SASL_PASSWORD' } } : {}) }
}

/** The settings with what they refer to, read; undefined where no broker is named. Fails with config-invalid where a file or a secret is missing. */
export const readKafkaSettings = (section: KafkaSection | undefined, { brokers: named, secretOf, folder }: Surroundings): Result<KafkaSettings | undefined> => {
  const brokers = named?.split(',').map((broker) => broker.trim()) ?? section?.brokers
  if (brokers === undefined) return ok(undefined)
  const wrong = brokers.find((broker) => !/^[^\s:/,]+:\d{1,5}$/.test(broker))
  if (wrong !== undefined) return fail('config-invalid', 'CHAINHUB_KAFKA_BROKERS', `'${wrong}' is no host:port; write kafka-1:9092,kafka-2:9092.`)
  const { replication, minInSync } = section ?? {}
  if (replication !== undefined && minInSync !== undefined && minInSync > replication) return fail('config-invalid', 'kafka.minInSync', `There cannot be ${minInSync} copies in sync of ${replication}.`)
  const own = section?.inbound?.find(({ topic }) => ['journal', 'documents.'].some((name) => topic.startsWith(`${section.topicPrefix ?? 'chainhub'}.${name}`)))
  if (own !== undefined) return fail('config-invalid', 'kafka.inbound', `The topic '${own.topic}' is one that the hub writes: what it took in would go round for ever.`)
  const twice = section?.inbound?.find(({ topic }, index, all) => all.findIndex((other) => other.topic === topic) < index)
  if (twice !== undefined) return fail('config-invalid', 'kafka.inbound', `The topic '${twice.topic}' has a channel already.`)
  const ssl = readSsl(section?.ssl, folder)
  if (!ssl.ok) return ssl
  const sasl = readSasl(section?.sasl, secretOf, folder)
  if (!sasl.ok) return sasl
  return ok({
    brokers, clientId: section?.clientId ?? 'chainhub', topicPrefix: section?.topicPrefix ?? 'chainhub', partitions: section?.partitions ?? 6, replication, minInSync,
    retentionMs: section?.retentionMs ?? -1, compression: section?.compression ?? 'none', hubUrl: section?.hubUrl ?? '', groupId: section?.groupId ?? 'chainhub', inbound: section?.inbound ?? [],
    ...(ssl.value === undefined ? {} : { ssl: ssl.value }), ...(sasl.value === undefined ? {} : { sasl: sasl.value }),
  })
}

const readSsl = (ssl: KafkaSection['ssl'], folder: string): Result<KafkaSettings['ssl'] | undefined> => {
  if (ssl === undefined || ssl === false) return ok(undefined)
  if (ssl === true) return ok(true)
  const read: Record<string, string> = {}
  for (const [name, path] of Object.entries(ssl)) {
    const text = readText(resolve(folder, path), `kafka.ssl.${name}`)
    if (!text.ok) return text
    read[name] = text.value
  }
  return ok(read)
}

const readSasl = (sasl: KafkaSection['sasl'], secretOf: Surroundings['secretOf'], folder: string): Result<KafkaSettings['sasl'] | undefined> => {
  if (sasl === undefined) return ok(undefined)
  const [, kind, name = ''] = /^(env|file):(.+)$/s.exec(sasl.password) ?? []
  const password = kind === 'file' ? readText(resolve(folder, name), 'kafka.sasl.password') : secretNamed(name, secretOf)
  return password.ok ? ok({ ...sasl, password: password.value.trim() }) : password
}

const secretNamed = (name: string, secretOf: Surroundings['secretOf']): Result<string> => {
  const secret = secretOf(name)
  return secret === undefined ? fail('config-invalid', 'kafka.sasl.password', `The environment has no variable ${name}.`) : ok(secret)
}

const readText = (path: string, at: string): Result<string> => {
  try {
    return ok(readFileSync(path, 'utf8'))
  } catch (error) {
    return fail('config-invalid', at, `The file cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

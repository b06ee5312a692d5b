import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readConfig } from '../../../hub/config.js'

const folder = mkdtempSync(join(tmpdir(), 'chainhub-test-'))
afterAll(() => { rmSync(folder, { recursive: true, force: true }) })
const configWith = (yaml: string, environment: Readonly<Record<string, string>> = {}) => {
  writeFileSync(join(folder, 'chainhub.yaml'), yaml)
  return readConfig({ config: join(folder, 'chainhub.yaml') }, environment)
}
const problemOf = (yaml: string, environment: Readonly<Record<string, string>> = {}): string => {
  const read = configWith(yaml, environment)
  return read.ok ? '' : `${read.at}: ${read.detail}`
}

test('without brokers there is no Kafka, and the environment\'s brokers come before the file\'s', () => {
  expect(readConfig({}, {})).toMatchObject({ ok: true, value: { kafka: undefined, followFrom: 'table' } })
  expect(readConfig({}, { CHAINHUB_KAFKA_BROKERS: 'one:9092, two:9093' })).toMatchObject({ value: { kafka: { brokers: ['one:9092', 'two:9093'], topicPrefix: 'chainhub', partitions: 6, retentionMs: -1 } } })
  expect(configWith('kafka: { brokers: ["file:9092"], topicPrefix: north }', { CHAINHUB_KAFKA_BROKERS: 'one:9092' })).toMatchObject({ value: { kafka: { brokers: ['one:9092'], topicPrefix: 'north' } } })
})

test('secrets and certificates are read from where the file says', () => {
  writeFileSync(join(folder, 'ca.pem'), 'CA')
  writeFileSync(join(folder, 'password'), 'from a file\n')
  const yaml = (password: string): string => `kafka:\n  brokers: ["b:1"]\n  ssl: { ca: ca.pem }\n  sasl: { mechanism: plain, username: u, password: '${password}' }`
  expect(configWith(yaml('env:KAFKA_PASSWORD'), { KAFKA_PASSWORD: 'of the environment' })).toMatchObject({ value: { kafka: { ssl: { ca: 'CA' }, sasl: { password: 'of the environment' } } } })
  expect(configWith(yaml('file:password'))).toMatchObject({ value: { kafka: { sasl: { password: 'from a file' } } } })
  expect(problemOf(yaml('env:KAFKA_PASSWORD'))).toBe('kafka.sasl.password: The environment has no variable KAFKA_PASSWORD.')
  expect(problemOf(yaml('in the open'))).toContain('chainhub.yaml:4')
})

test('the environment\'s login and certificates come before the file\'s', () => {
  const yaml = 'kafka: { brokers: ["b:1"], topicPrefix: north, ssl: true, sasl: { mechanism: scram-sha-256, username: file, password: "env:OTHER" } }'
  const login = { CHAINHUB_KAFKA_SASL_USERNAME: 'hub', CHAINHUB_KAFKA_SASL_PASSWORD: 'secret' }
  writeFileSync(join(folder, 'own-ca.pem'), 'OWN')
  expect(configWith(yaml, { ...login, CHAINHUB_KAFKA_TLS_CA: join(folder, 'own-ca.pem') })).toMatchObject({ value: { kafka: { topicPrefix: 'north', ssl: { ca: 'OWN' }, sasl: { mechanism: 'plain', username: 'hub', password: 'secret' } } } })
  expect(readConfig({}, { ...login, CHAINHUB_KAFKA_BROKERS: 'b:1', CHAINHUB_KAFKA_TLS: 'true', CHAINHUB_KAFKA_SASL_MECHANISM: 'scram-sha-512' })).toMatchObject({ value: { kafka: { ssl: true, sasl: { mechanism: 'scram-sha-512' } } } })
  expect(problemOf(yaml, { CHAINHUB_KAFKA_SASL_USERNAME: 'hub' })).toBe('kafka.sasl.password: The environment has no variable CHAINHUB_KAFKA_SASL_PASSWORD.')
  expect(problemOf(yaml, { ...login, CHAINHUB_KAFKA_SASL_MECHANISM: 'gssapi' })).toContain('CHAINHUB_KAFKA_SASL_MECHANISM: ')
  expect(problemOf(yaml, { CHAINHUB_KAFKA_TLS: 'perhaps' })).toContain('CHAINHUB_KAFKA_TLS: ')
})

test.each([
  ['a broker without a port', 'kafka: {}', { CHAINHUB_KAFKA_BROKERS: 'one' }, 'CHAINHUB_KAFKA_BROKERS: \'one\' is no host:port'],
  ['followers that read a Kafka that nobody named', 'followFrom: kafka', {}, 'CHAINHUB_FOLLOW_FROM: Followers can read Kafka only'],
  ['more copies in sync than there are', 'kafka: { brokers: ["b:1"], replication: 1, minInSync: 2 }', {}, 'kafka.minInSync'],
  ['a topic with two channels', 'kafka: { brokers: ["b:1"], inbound: [{ topic: t, channel: a }, { topic: t, channel: b }] }', {}, 'kafka.inbound: The topic \'t\' has a channel already'],
  ['a topic of the hub\'s own', 'kafka: { brokers: ["b:1"], topicPrefix: x, inbound: [{ topic: x.documents.order, channel: a }] }', {}, 'round for ever'],
])('%s is refused with the place', (_what, yaml, environment, problem) => {
  expect(problemOf(yaml, environment)).toContain(problem)
})

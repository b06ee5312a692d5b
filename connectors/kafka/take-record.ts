import { createHash } from 'node:crypto'
import { errorRegistry } from '../../schemas/error-registry.js'
import { idempotencyKeyPattern, mostKeyCharacters } from '../../schemas/idempotency-key.js'
import type { Failure } from '../../schemas/result.js'
import type { ConnectorHost, Received } from '../contract.js'
import type { KafkaRecord, RecordOutcome } from './kafka-consumer.js'

const keyText = new RegExp(idempotencyKeyPattern)
const retryMs = { soon: 1_000, late: 30_000 } as const

interface TakeDeps {
  readonly host: Pick<ConnectorHost, 'receive' | 'receiveStream' | 'giantBytes'>
  readonly credentials: Received['credentials']
  readonly channelOf: (topic: string) => string | undefined
}

/**
 * Gives a record to the hub. It is taken once the hub has stored it, whatever the outcome: what cannot be read or mapped stands in the message store. What the hub does not
 * store, because it is busy or because its settings refuse it, comes again.
 */
export const makeTakeRecord = ({ host, credentials, channelOf }: TakeDeps) => async (record: KafkaRecord): Promise<RecordOutcome> => {
  const channel = channelOf(record.topic)
  // The topic was taken out of the settings while this was under way.
  if (channel === undefined) return { taken: false, retryInMs: retryMs.late, reason: `The topic ${record.topic} has no channel.` }
  const body = record.value ?? Buffer.alloc(0)
  const received: Received = {
    channel, body, credentials, wait: undefined,
    contentType: headerOf(record, 'content-type'), contentEncoding: headerOf(record, 'content-encoding'), idempotencyKey: keyOf(record),
  }
  const isGiant = body.length > (host.giantBytes?.(channel) ?? Infinity)
  const answer = isGiant && host.receiveStream !== undefined ? await host.receiveStream({ ...received, body: piecesOf(body), contentLength: body.length }) : await host.receive(received)
  return answer.ok ? { taken: true } : outcomeOf(answer, record)
}

const outcomeOf = ({ code, detail }: Failure, { topic, partition, offset }: KafkaRecord): RecordOutcome =>
  ({ taken: false, retryInMs: errorRegistry[code].retry ? retryMs.soon : retryMs.late, reason: `${topic}, partition ${partition}, offset ${offset}: ${code}: ${detail}` })

/** The sender's own, else the place of the record, with its time: a topic that is made anew begins again with offset 0. */
const keyOf = (record: KafkaRecord): string => {
  const given = headerOf(record, 'idempotency-key')
  if (given !== undefined && keyText.test(given)) return given
  const place = `kafka:${record.topic}/${record.partition}/${record.offset}@${record.timestamp}`
  return place.length <= mostKeyCharacters ? place : `kafka:${createHash('sha256').update(place).digest('hex')}`
}

const headerOf = ({ headers }: KafkaRecord, name: string): string | undefined => {
  const [, value] = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name) ?? []
  const first = Array.isArray(value) ? value[0] : value
  const text = first === undefined ? '' : first.toString().trim()
  return text === '' ? undefined : text
}

const piecesOf = async function* (body: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(body)
}

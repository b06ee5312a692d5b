import { expect, test } from 'vitest'
import type { Received } from '../../../connectors/contract.js'
import type { KafkaRecord } from '../../../connectors/kafka/kafka-consumer.js'
import { makeTakeRecord } from '../../../connectors/kafka/take-record.js'
import type { MessageAnswer } from '../../../schemas/message-answer.js'
import { fail, ok, type Result } from '../../../schemas/result.js'

const stored = ok({ outcome: 'rejected' } as unknown as MessageAnswer)
const record = (more: Partial<KafkaRecord> = {}): KafkaRecord => ({ topic: 'orders', partition: 3, offset: '17', timestamp: '1700000000000', key: null, value: Buffer.from('<Order/>'), headers: {}, ...more })

const takeWith = (answer: Result<MessageAnswer> = stored) => {
  const received: Received[] = []
  const take = makeTakeRecord({
    credentials: { type: 'bearer', token: 'key' }, channelOf: (topic) => (topic === 'orders' ? 'canonical' : undefined),
    host: { receive: (one) => { received.push(one); return Promise.resolve(answer) } },
  })
  return { received, take }
}

test('a record is taken once it is stored, be it refused, and its place and time name it', async () => {
  const { received, take } = takeWith()
  expect(await take(record({ headers: { 'Content-Type': Buffer.from('application/xml'), 'content-encoding': 'gzip' } }))).toEqual({ taken: true })
  expect(received[0]).toMatchObject({ channel: 'canonical', contentType: 'application/xml', contentEncoding: 'gzip', idempotencyKey: 'kafka:orders/3/17@1700000000000' })
})

test('the sender\'s own key is used where it is one, and a place too long for a key is hashed', async () => {
  const { received, take } = takeWith()
  await take(record({ headers: { 'idempotency-key': 'order 000045' } }))
  await take(record({ headers: { 'idempotency-key': ' \u0001' } }))
  expect(received.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['order 000045', 'kafka:orders/3/17@1700000000000'])
  const long = 'o'.repeat(249)
  await makeTakeRecord({ credentials: { type: 'none' }, channelOf: () => 'canonical', host: { receive: (one) => { received.push(one); return Promise.resolve(stored) } } })(record({ topic: long }))
  expect(received[2]?.idempotencyKey).toMatch(/^kafka:[0-9a-f]{64}$/)
})

test.each([['busy', 1_000], ['database-unavailable', 1_000], ['too-large', 30_000], ['forbidden', 30_000]] as const)('what the hub does not store (%s) comes again after %i ms', async (code, retryInMs) => {
  const { take } = takeWith(fail(code, '', 'As it is.'))
  expect(await take(record())).toEqual({ taken: false, retryInMs, reason: `orders, partition 3, offset 17: ${code}: As it is.` })
})

test('a record larger than the channel holds goes in as a stream', async () => {
  let bytes = 0
  const take = makeTakeRecord({
    credentials: { type: 'none' }, channelOf: () => 'canonical',
    host: { giantBytes: () => 4, receive: () => Promise.reject(new Error('not this way')), receiveStream: async ({ body }) => { for await (const piece of body) bytes += piece.length; return stored } },
  })
  expect(await take(record())).toEqual({ taken: true })
  expect(bytes).toBe(8)
})

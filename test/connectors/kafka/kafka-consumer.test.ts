import type { Kafka } from 'kafkajs'
import { afterEach, expect, test } from 'vitest'
import { keepConsuming, type KeptConsumer, type RecordOutcome } from '../../../connectors/kafka/kafka-consumer.js'

const quiet = { warn: () => undefined, debug: () => undefined }
const events = { FETCH: 'fetch', GROUP_JOIN: 'join', HEARTBEAT: 'heartbeat', CRASH: 'crash', STOP: 'stop' }

type Listener = (event: { readonly payload: { readonly error: Error } }) => void
interface PlayedBatch { readonly commits: string[], readonly resolved: string[], paused: number, resumed: number, readonly done: Promise<void> }

/** Consumers that do what the test says: nothing by themselves. */
const playKafka = (connect: () => Promise<void> = () => Promise.resolve()) => {
  const made: { readonly emit: (name: string, error?: Error) => void, readonly batch: (messages: readonly { readonly key: string, readonly value: string }[]) => PlayedBatch, closed: boolean, ran: boolean }[] = []
  const kafka = {
    consumer: () => {
      const listeners = new Map<string, Listener>()
      let eachBatch: (payload: unknown) => Promise<void> = () => Promise.resolve()
      const self = {
        closed: false,
        ran: false,
        emit: (name: string, error = new Error('nothing')) => listeners.get(name)?.({ payload: { error } }),
        batch: (messages: readonly { readonly key: string, readonly value: string }[]): PlayedBatch => {
          const played = { commits: [] as string[], resolved: [] as string[], paused: 0, resumed: 0 }
          const done = eachBatch({
            batch: { topic: 'orders', partition: 0, messages: messages.map(({ key, value }, offset) => ({ key: Buffer.from(key), value: Buffer.from(value), offset: String(offset), timestamp: '0' })) },
            resolveOffset: (offset: string) => played.resolved.push(offset), heartbeat: () => Promise.resolve(), isRunning: () => true, isStale: () => false,
            commitOffsetsIfNecessary: ({ topics: [topic] }: { topics: { partitions: { offset: string }[] }[] }) => { played.commits.push(topic?.partitions[0]?.offset ?? ''); return Promise.resolve() },
            pause: () => { played.paused += 1; return () => { played.resumed += 1 } },
          })
          return Object.assign(played, { done })
        },
      }
      made.push(self)
      return {
        events, on: (name: string, listener: Listener) => listeners.set(name, listener), connect, subscribe: () => Promise.resolve(),
        run: (options: { eachBatch: typeof eachBatch }) => { eachBatch = options.eachBatch; self.ran = true; return Promise.resolve() },
        disconnect: () => { self.closed = true; return Promise.resolve() },
      }
    },
  }
  return { made, kafka: () => kafka as unknown as Kafka }
}

let kept: KeptConsumer | undefined
afterEach(async () => { await kept?.stop() })

const keep = (played: ReturnType<typeof playKafka>, take: (value: string) => Promise<RecordOutcome> = () => Promise.resolve({ taken: true }), silenceMs = 3_600_000, nowMs: () => number = Date.now): KeptConsumer =>
  kept = keepConsuming({ kafka: played.kafka, groupId: 'test', topics: ['orders'], log: quiet, nowMs, silenceMs, take: ({ value }) => take(value?.toString() ?? '') })

test('a consumer that crashes, stops, or falls silent is closed and made anew', async () => {
  const played = playKafka()
  const time = { ms: 0 }
  const consumer = keep(played, undefined, 30_000, () => time.ms)
  await expect.poll(() => played.made.length).toBe(1)
  played.made[0]?.emit('crash', new Error('The coordinator is not there.'))
  await expect.poll(() => consumer.trouble()).toBe('It crashed: The coordinator is not there.')
  await expect.poll(() => played.made.length).toBe(2)
  expect(played.made[0]?.closed).toBe(true)
  expect(consumer.trouble()).toBeUndefined()
  played.made[1]?.emit('stop')
  await expect.poll(() => played.made.length).toBe(3)
  time.ms = 29_000
  played.made[2]?.emit('fetch')
  time.ms = 58_000
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(played.made).toHaveLength(3)
  time.ms = 60_000
  await expect.poll(() => played.made.length).toBe(4)
})

test('a Kafka that cannot be reached is tried again, and the reason is told', async () => {
  let tries = 0
  const consumer = keep(playKafka(() => (tries++ === 0 ? Promise.reject(new Error('Nobody listens.')) : Promise.resolve())))
  await expect.poll(() => consumer.trouble()).toBe('Nobody listens.')
  await expect.poll(() => consumer.trouble()).toBeUndefined()
  expect(tries).toBe(2)
})

test('a stop does not wait for a consumer that still joins its group, and that does not join it behind the stop\'s back', async () => {
  let connected = (): void => undefined
  const played = playKafka(() => new Promise((resolve) => { connected = resolve }))
  await keep(played).stop()
  expect(played.made.map(({ closed }) => closed)).toEqual([true])
  connected()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(played.made.map(({ ran }) => ran)).toEqual([false])
})

test('offsets are committed behind what was taken, and what was not pauses its partition and comes again', async () => {
  const played = playKafka()
  const open = new Map<string, (outcome: RecordOutcome) => void>()
  const consumer = keep(played, (value) => new Promise((resolve) => { open.set(value, resolve) }))
  await expect.poll(() => played.made.length).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 20))
  const batch = played.made[0]?.batch([{ key: 'a', value: 'a1' }, { key: 'b', value: 'b1' }, { key: 'a', value: 'a2' }, { key: 'b', value: 'b2' }])
  await expect.poll(() => [...open.keys()]).toEqual(['a1', 'b1'])
  open.get('b1')?.({ taken: true })
  await expect.poll(() => open.has('b2')).toBe(true)
  expect(open.has('a2')).toBe(false)
  open.get('b2')?.({ taken: true })
  open.get('a1')?.({ taken: true })
  await expect.poll(() => open.has('a2')).toBe(true)
  expect(batch?.commits).toEqual([])
  open.get('a2')?.({ taken: false, retryInMs: 50, reason: 'The hub is busy.' })
  await batch?.done
  expect(batch).toMatchObject({ commits: ['2'], resolved: ['1'], paused: 1 })
  expect(consumer.trouble()).toBe('The hub is busy.')
  await expect.poll(() => batch?.resumed).toBe(1)
})

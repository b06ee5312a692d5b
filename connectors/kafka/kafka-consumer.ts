import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs'
import type { KafkaLog } from './kafka-client.js'

/** One record, and where it stands. */
export interface KafkaRecord extends Pick<KafkaMessage, 'key' | 'value' | 'headers' | 'timestamp' | 'offset'> {
  readonly topic: string
  readonly partition: number
}

/** What became of a record: kept for good, or not, and to be given again after some time. */
export type RecordOutcome = { readonly taken: true } | { readonly taken: false, readonly retryInMs: number, readonly reason: string }

export interface ConsumerDeps {
  readonly kafka: () => Kafka
  readonly groupId: string
  readonly topics: readonly (string | RegExp)[]
  /** Records of one key come one after the other, in their order; those of different keys may come at once. A record may come again. */
  readonly take: (record: KafkaRecord) => Promise<RecordOutcome>
  readonly log: KafkaLog
  readonly nowMs: () => number
  /** After how long without a sign of life a consumer is torn down and made anew, in ms. */
  readonly silenceMs: number
}

export interface KeptConsumer {
  /** Why nothing, or not all, is taken at the moment; undefined where all is. */
  readonly trouble: () => string | undefined
  /** Takes what is under way to its end, and leaves the group. */
  readonly stop: () => Promise<void>
}

const retryMs = { first: 500, last: 30_000 } as const
/** How many records are under way at once, of one partition. */
const mostAtOnce = 64
const closeMs = 10_000
/** How long a consumer may take to join its group: others have a minute to hand over what they hold (kafkajs's rebalanceTimeout). */
const joinMs = 90_000

/**
 * Consumes for as long as it is not stopped. kafkajs's consumer has been seen to end without a word: a crash that it takes for final, a crash in whose wake disconnecting fails too, a fetch that hangs.
 * So its own restarts are not relied upon: whatever crashes is torn down and made anew, and so is what has neither fetched nor joined for some time. Offsets are committed by this alone, after what they stand for was taken.
 */
export const keepConsuming = (deps: ConsumerDeps): KeptConsumer => {
  const held = new Map<string, string>()
  let [stopped, running, trouble, retryInMs]: [boolean, Running | undefined, string | undefined, number] = [false, undefined, undefined, retryMs.first]
  let wake = (): void => undefined
  const isStopped = (): boolean => stopped
  const pause = (ms: number): Promise<void> => new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    wake = () => { clearTimeout(timer); resolve() }
  })
  const loop = async (): Promise<void> => {
    while (!isStopped()) {
      try {
        running = makeRunning(deps, held)
        // Who stops while it joins its group closes it as well.
        await Promise.race([running.start(), running.ended])
        trouble = undefined
        const lasted = deps.nowMs()
        const reason = await running.ended
        if (isStopped()) break
        if (deps.nowMs() - lasted > deps.silenceMs) retryInMs = retryMs.first
        trouble = reason
        deps.log.warn({ groupId: deps.groupId, reason, retryInMs }, 'a Kafka consumer ended and is made anew')
      } catch (error) {
        trouble = error instanceof Error ? error.message : String(error)
        deps.log.warn({ groupId: deps.groupId, reason: trouble, retryInMs }, 'Kafka cannot be consumed; it will be tried again')
      }
      await running?.close()
      running = undefined
      held.clear()
      if (!isStopped()) await pause(retryInMs)
      retryInMs = Math.min(retryInMs * 2, retryMs.last)
    }
  }
  const looping = loop()
  return {
    trouble: () => trouble ?? held.values().next().value,
    stop: async () => {
      stopped = true
      wake()
      await running?.close()
      await looping
    },
  }
}

interface Running {
  readonly start: () => Promise<void>
  /** Resolves with the reason when the consumer is of no use any more. */
  readonly ended: Promise<string>
  readonly close: () => Promise<void>
}

const makeRunning = (deps: ConsumerDeps, held: Map<string, string>): Running => {
  const consumer = deps.kafka().consumer({
    groupId: deps.groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 1_000, sessionTimeout: 30_000, heartbeatInterval: 3_000, metadataMaxAge: 60_000,
    retry: { retries: 3, restartOnFailure: () => Promise.resolve(false) },
  })
  const resuming = new Set<NodeJS.Timeout>()
  let [aliveMs, atWork, joined, closed] = [deps.nowMs(), 0, false, false]
  let end: (reason: string) => void = () => undefined
  const ended = new Promise<string>((resolve) => { end = resolve })
  const alive = (): void => { aliveMs = deps.nowMs() }
  for (const event of [consumer.events.FETCH, consumer.events.GROUP_JOIN, consumer.events.HEARTBEAT]) consumer.on(event, alive)
  consumer.on(consumer.events.CRASH, ({ payload }) => { end(`It crashed: ${payload.error.message}`) })
  consumer.on(consumer.events.STOP, () => { end('It stopped.') })
  const watch = setInterval(() => { if (atWork === 0 && deps.nowMs() - aliveMs > (joined ? deps.silenceMs : Math.max(deps.silenceMs, joinMs))) end(`It has given no sign of life for ${Math.round((deps.nowMs() - aliveMs) / 1000)} s.`) }, 1_000)
  const isClosed = (): boolean => closed
  const close = async (): Promise<void> => {
    closed = true
    clearInterval(watch)
    for (const timer of resuming) clearTimeout(timer)
    end('It was closed.')
    await Promise.race([consumer.disconnect().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, closeMs).unref())])
  }
  /** Leaves the partition alone for a while; others go on. */
  const hold = (payload: EachBatchPayload, { retryInMs, reason }: Extract<RecordOutcome, { readonly taken: false }>): void => {
    held.set(`${payload.batch.topic} ${payload.batch.partition}`, reason)
    const resume = payload.pause()
    const timer = setTimeout(() => { resuming.delete(timer); resume() }, retryInMs)
    resuming.add(timer)
  }
  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    atWork += 1
    const beating = setInterval(() => { payload.heartbeat().then(alive, () => undefined) }, 3_000)
    try {
      const refused = await takeBatch(payload, deps.take)
      if (refused === undefined) held.delete(`${payload.batch.topic} ${payload.batch.partition}`)
      else hold(payload, refused)
    } finally {
      clearInterval(beating)
      atWork -= 1
      alive()
    }
  }
  const start = async (): Promise<void> => {
    await consumer.connect()
    if (isClosed()) return
    await consumer.subscribe({ topics: [...deps.topics], fromBeginning: true })
    if (isClosed()) return
    await run(consumer, eachBatch)
    joined = true
    alive()
    // kafkajs may join its group although it was told to disconnect before.
    if (isClosed()) await consumer.disconnect()
  }
  return { start, ended, close }
}

const run = (consumer: Consumer, eachBatch: (payload: EachBatchPayload) => Promise<void>): Promise<void> =>
  consumer.run({ autoCommit: false, eachBatchAutoResolve: false, partitionsConsumedConcurrently: 4, eachBatch })

/** Takes a batch some records at a time and commits behind each; gives the first that was not taken. */
const takeBatch = async (payload: EachBatchPayload, take: ConsumerDeps['take']): Promise<Extract<RecordOutcome, { readonly taken: false }> | undefined> => {
  const { topic, partition, messages } = payload.batch
  for (let begin = 0; begin < messages.length && payload.isRunning() && !payload.isStale(); begin += mostAtOnce) {
    const records = messages.slice(begin, begin + mostAtOnce).map((message): KafkaRecord => ({ ...message, topic, partition }))
    const { taken, refused } = await takeTogether(records, take)
    const last = taken.at(-1)
    if (last !== undefined) {
      payload.resolveOffset(last.offset)
      // Kafka counts what comes next.
      await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: String(BigInt(last.offset) + 1n) }] }] })
    }
    if (refused !== undefined) return refused
    await payload.heartbeat()
  }
  return undefined
}

interface Together {
  /** The run of records from the first on that were taken. */
  readonly taken: readonly KafkaRecord[]
  readonly refused: Extract<RecordOutcome, { readonly taken: false }> | undefined
}

/** Those of one key after each other, those of different keys at once. What was taken behind one that was not comes again; whoever takes it knows repeats. */
const takeTogether = async (records: readonly KafkaRecord[], take: ConsumerDeps['take']): Promise<Together> => {
  const lanes = new Map<string, KafkaRecord[]>()
  for (const record of records) {
    const key = record.key === null ? '' : `k${record.key.toString('base64')}`
    lanes.set(key, [...lanes.get(key) ?? [], record])
  }
  const outcomes = new Map<KafkaRecord, RecordOutcome>()
  await Promise.all([...lanes.values()].map(async (lane) => {
    for (const record of lane) {
      const outcome = await take(record)
      outcomes.set(record, outcome)
      if (!outcome.taken) return
    }
  }))
  const end = records.findIndex((record) => outcomes.get(record)?.taken !== true)
  if (end < 0) return { taken: records, refused: undefined }
  const refused = [...outcomes.values()].find((outcome) => !outcome.taken)
  return { taken: records.slice(0, end), refused: refused?.taken === false ? refused : undefined }
}

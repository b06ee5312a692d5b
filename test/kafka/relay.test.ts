import { randomInt } from 'node:crypto'
import { writeFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Partitioners, type Producer } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeKafka } from '../../connectors/kafka/kafka-client.js'
import { keepConsuming, type KeptConsumer } from '../../connectors/kafka/kafka-consumer.js'
import { openTopicLog } from '../../hub/relay/kafka-topic-log.js'
import { makeRandom, runClient, type ChaosRecord } from '../fixtures/chaos-clients.js'
import { company, documentOf, lineOf } from '../fixtures/documents.js'
import { makeDataFolder, startHub, type RunningHub } from '../fixtures/hub.js'
import { hasKafka, startKafka, type RunningKafka } from '../fixtures/kafka.js'

interface Readiness {
  readonly status: string
  readonly journalSeq: number
  readonly followers: Readonly<Record<string, { readonly behind: number }>>
  readonly relay: { readonly behind: number, readonly failing?: { readonly reason: string } }
  readonly followFrom: { readonly using: string }
}

interface Told { readonly number: number, readonly documentId?: string, readonly revision?: number, readonly replaces?: string }

const seed = Number(process.env['CHAOS_SEED'] ?? randomInt(2 ** 31))
const quiet = { warn: () => undefined, debug: () => undefined }
const orderDocument = documentOf.bind(undefined, 'order')
const connected = async (producer: Producer): Promise<Producer> => { await producer.connect(); return producer }
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1)

/** What a consumer keeps that drops what it has had. */
const makeTaker = () => {
  const taken: Told[] = []
  return { taken, take: (told: Told): void => { if (told.number > (taken.at(-1)?.number ?? 0)) taken.push(told) } }
}

describe.runIf(hasKafka)(`a hub with a Kafka that is killed, restarted and paused while systems send (CHAOS_SEED=${seed})`, () => {
  let kafka: RunningKafka
  let folder: Awaited<ReturnType<typeof makeDataFolder>>
  let hub: RunningHub
  const record: ChaosRecord = { acknowledged: [], surprises: [], counts: { sent: 0, lost: 0, unavailable: 0, duplicates: 0 } }
  const keys = new Map<string, ReturnType<typeof makeTaker>>()
  const consumers: KeptConsumer[] = []
  /** What a partner's system has written to a topic, and been told that it is kept; some of it is no document. */
  const written: string[] = []
  let bad = 0
  let awayStatus: Readiness | undefined
  let takenWhileAway = 0

  const restart = async (): Promise<void> => { hub = await startHub({ dataFolder: folder.path, args: ['--config', join(folder.path, '..', 'chainhub.yaml')], environment: { CHAINHUB_KAFKA_BROKERS: kafka.brokers, CHAINHUB_FOLLOW_FROM: 'kafka' } }) }
  const ready = async (): Promise<Readiness> => await hub.json('GET', '/health/ready') as Readiness
  const until = async (isSo: (now: Readiness) => boolean, timeoutMs = 180_000): Promise<Readiness> => {
    for (const untilMs = Date.now() + timeoutMs; Date.now() < untilMs;) {
      await sleep(100)
      const now = await ready()
      if (isSo(now)) return now
    }
    throw new Error(`It did not come to that: ${JSON.stringify(await ready())}`)
  }
  const caughtUp = (): Promise<Readiness> => until((now) => now.relay.behind === 0 && Object.values(now.followers).every(({ behind }) => behind === 0))
  const acknowledgedMore = async (count: number): Promise<void> => {
    const target = record.acknowledged.length + count
    for (const untilMs = Date.now() + 20_000; Date.now() < untilMs && record.acknowledged.length < target;) await sleep(5)
  }
  /** One of a group that share the topics of documents; another that joins or leaves makes them share anew. */
  const addConsumer = (): void => {
    consumers.push(keepConsuming({
      kafka: () => makeKafka({ brokers: [kafka.brokers], clientId: 'everybody-else' }, quiet), groupId: 'everybody-else', topics: [/^chainhub\.documents\./], log: quiet, nowMs: Date.now, silenceMs: 8_000,
      // Records of different keys come at once, so that only those of one key come in their order.
      take: ({ topic, key, value }) => {
        const name = `${topic} ${key?.toString() ?? ''}`
        const taker = keys.get(name) ?? makeTaker()
        keys.set(name, taker)
        taker.take(JSON.parse(value?.toString() ?? '') as Told)
        return Promise.resolve({ taken: true })
      },
    }))
  }
  const makeTopic = async (): Promise<void> => {
    const admin = makeKafka({ brokers: [kafka.brokers], clientId: 'test' }, quiet).admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: 'partner.orders', numPartitions: 3, replicationFactor: 1 }], waitForLeaders: true })
    await admin.disconnect()
  }
  /** Writes orders until it is stopped, each until it is told that it is kept: so some of them twice. */
  const writeOrders = async (random: () => number, isStopped: () => boolean): Promise<void> => {
    let producer: Producer | undefined
    for (let number = 1; !isStopped(); number += 1) {
      const isBad = random() < 0.1
      const order = isBad ? `{"kind":"order","number":"BAD-${number}"` : JSON.stringify({ ...orderDocument(`K-${number}`, { buyer: company('Lotus', 'gln:9520000001018'), seller: company('Acme', 'gln:5790000000012') }, [lineOf('1', 'A', '2')]) })
      for (let kept = false; !kept && !isStopped();) {
        try {
          producer ??= await connected(makeKafka({ brokers: [kafka.brokers], clientId: 'partner' }, quiet).producer({ createPartitioner: Partitioners.DefaultPartitioner }))
          await producer.send({ topic: 'partner.orders', acks: -1, messages: [{ key: `K-${number % 7}`, value: order, headers: { 'content-type': 'application/json' } }] })
          kept = true
          if (isBad) bad += 1
          else written.push(`K-${number}`)
        } catch {
          void producer?.disconnect().catch(() => undefined)
          producer = undefined
          await sleep(200)
        }
      }
      await sleep(20)
    }
    await producer?.disconnect()
  }
  const readJournal = async (): Promise<readonly Told[]> => {
    const log = await openTopicLog(makeKafka({ brokers: [kafka.brokers], clientId: 'test' }, quiet), 'chainhub.journal')
    const { taken, take } = makeTaker()
    const { low, high } = await log.range()
    for (let offset = low; offset < high;) {
      const { records, next } = await log.read(offset, { waitMs: 500, mostBytes: 1_000_000 })
      for (const { value, number } of records) {
        const told = JSON.parse(Buffer.from(value).toString()) as Told
        expect(told.number).toBe(number)
        take(told)
      }
      offset = next
    }
    await log.close()
    return taken
  }

  beforeAll(async () => {
    console.log(`CHAOS_SEED=${seed}`)
    const random = makeRandom(seed)
    folder = await makeDataFolder()
    kafka = await startKafka()
    await mkdir(folder.path, { recursive: true })
    await writeFile(join(folder.path, '..', 'chainhub.yaml'), 'kafka:\n  partitions: 2\n  inbound:\n    - { topic: partner.orders, channel: canonical }\n')
    await makeTopic()
    await restart()
    let stopped = false
    const running = Array.from({ length: 4 }, (_, index) => runClient({ url: () => hub.url, random: makeRandom(seed + index + 1), name: `S${index + 1}`, stopped: () => stopped, record }))
    const writing = writeOrders(makeRandom(seed + 9), () => stopped)
    await until((now) => now.relay.behind < 50)
    addConsumer()
    for (let kill = 1; kill <= 2; kill += 1) {
      await acknowledgedMore(20 + Math.floor(random() * 100))
      await kafka.kill()
      await acknowledgedMore(20)
      if (kill === 2) await hub.end('SIGKILL').then(restart)
      await kafka.start()
      await acknowledgedMore(30)
      addConsumer()
    }
    await consumers.shift()?.stop()
    await acknowledgedMore(30)
    kafka.pause()
    await until((now) => now.relay.failing !== undefined, 180_000)
    takenWhileAway = record.acknowledged.length
    await acknowledgedMore(10)
    takenWhileAway = record.acknowledged.length - takenWhileAway
    awayStatus = await until((now) => now.followFrom.using === 'table', 180_000)
    kafka.resume()
    await hub.end('SIGKILL')
    await restart()
    await acknowledgedMore(20)
    stopped = true
    await Promise.all([...running, writing])
    await caughtUp()
    console.log(JSON.stringify({ ...record.counts, acknowledged: record.acknowledged.length, journal: (await ready()).journalSeq }))
  }, 600_000)
  afterAll(async () => {
    await Promise.all(consumers.map((consumer) => consumer.stop()))
    await kafka.remove()
    await hub.end('SIGTERM')
    await folder.remove()
  }, 300_000)

  it('took messages while Kafka was away, and said why the relay stood still', () => {
    expect(takenWhileAway).toBeGreaterThan(0)
    expect(awayStatus).toMatchObject({ relay: { failing: { reason: expect.any(String) as string } }, followFrom: { using: 'table' } })
    expect(record.surprises).toEqual([])
  })

  it('has the whole journal in its topic, without a gap and in order once repeats are dropped', async () => {
    const { journalSeq } = await ready()
    const taken = await readJournal()
    expect(taken.map(({ number }) => number)).toEqual(upTo(journalSeq))
    const ids = new Set(taken.map(({ documentId }) => documentId))
    expect(record.acknowledged.filter(({ documentId }) => !ids.has(documentId))).toEqual([])
  })

  it('has brought every document to a group of consumers that came and went, in order in each key', async () => {
    const numbersOf = (told: readonly Told[]) => told.map(({ number }) => number).sort((one, other) => one - other)
    const taken = () => [...keys.values()].flatMap((one) => one.taken)
    // The hub may still be taking in what the partner has written: the journal grows until that is done.
    await expect.poll(async () => (await readJournal()).filter(({ documentId }) => documentId !== undefined).length - taken().length, { timeout: 180_000, interval: 1_000 }).toBe(0)
    expect(numbersOf(taken())).toEqual(numbersOf((await readJournal()).filter(({ documentId }) => documentId !== undefined)))
    expect(taken().filter(({ revision, replaces }) => (revision ?? 1) > 1 && replaces === undefined)).toEqual([])
  }, 300_000)

  it('took in what came to a topic once, whatever was killed, and kept what is no document with its reason', async () => {
    expect(written.length).toBeGreaterThan(20)
    const listed = async (outcome: string): Promise<number> => {
      let count = 0
      for (let cursor = ''; ;) {
        const { items, next } = await hub.json('GET', `/messages?outcome=${outcome}&channel=canonical&limit=500${cursor}`) as { readonly items: readonly { readonly answer: { readonly documents: readonly { readonly number: string }[] } }[], readonly next?: string }
        count += items.length
        for (const { answer } of items) for (const { number } of answer.documents) if (outcome === 'accepted') accepted.push(number)
        if (next === undefined) return count
        cursor = `&cursor=${next}`
      }
    }
    let accepted: string[] = []
    await expect.poll(async () => { accepted = []; await listed('accepted'); return new Set(accepted).size }, { timeout: 180_000, interval: 500 }).toBeGreaterThanOrEqual(new Set(written).size)
    expect(written.filter((number) => !accepted.includes(number))).toEqual([])
    expect(accepted.length).toBe(new Set(accepted).size)
    await expect.poll(() => listed('rejected'), { timeout: 180_000, interval: 500 }).toBeGreaterThanOrEqual(bad)
    await caughtUp()
  }, 300_000)

  it.each(['crm', 'warehouse'])('gave %s from Kafka to the byte what the table gives', async (follower) => {
    await until((now) => now.followFrom.using === 'kafka')
    const before = await hub.json('GET', `/digests/${follower}`)
    const rebuilt = await (await hub.request('POST', `/rebuilds/${follower}`)).text()
    expect(rebuilt).toContain('"step":"done"')
    expect(await hub.json('GET', `/digests/${follower}`)).toEqual(before)
  })

  it('tells the relay\'s position and where followers read in its metrics', async () => {
    const text = await (await hub.request('GET', '/metrics')).text()
    expect(text).toContain('chainhub_follower_position{follower="relay"}')
    expect(text).toContain('chainhub_journal_source{source="kafka"} 1')
  })
})

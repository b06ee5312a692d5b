import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recordsOf } from '../../../hub/relay/journal-records.js'
import { makeJournalSource, type JournalSourceState } from '../../../hub/relay/journal-source.js'
import { makeTopicEntries } from '../../../hub/relay/topic-entries.js'
import type { JournalEntry } from '../../../schemas/journal-entry.js'
import { playTopic, type PlayedTopic } from '../../fixtures/topic-log.js'

const decided = (number: number): JournalEntry => ({
  type: 'identity.decided', number, recordedAt: '2026-11-02T08:00:00.000Z', follower: 'crm', cause: number, ordinal: 0, ruleVersion: '1', decisions: [],
})
const recordOf = (number: number) => recordsOf(decided(number), { topicPrefix: 'chainhub', mostValueBytes: 10_000, hubUrl: '' }).journal
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
const append = (topic: PlayedTopic, numbers: readonly number[]): void => { topic.append(numbers.map(recordOf)) }

/** All that a reader takes from one number on, a few at a time, until nothing has come for some calls. */
const readAll = async (topic: PlayedTopic, after: number, limit: number): Promise<readonly number[] | 'gone'> => {
  const entries = makeTopicEntries({ open: topic.open, entryOf: () => Promise.resolve(undefined) })
  const taken: number[] = []
  for (let idle = 0; idle < 3;) {
    const found = await entries.entriesAfter(after + taken.length, limit)
    if (found === 'gone') return taken.length === 0 ? found : taken
    idle = found.length === 0 ? idle + 1 : 0
    taken.push(...found.map(({ number }) => number))
  }
  return taken
}

/** What relays may leave behind: the numbers in order, with repeats of what was written before at any place. */
const topicWithRepeats = fc.tuple(fc.integer({ min: 0, max: 120 }), fc.array(fc.tuple(fc.nat(120), fc.nat(120), fc.nat(30)), { maxLength: 6 })).map(([count, repeats]) => {
  const numbers: number[] = []
  for (const number of upTo(count)) {
    numbers.push(number)
    for (const [at, from, length] of repeats) if (at === number) numbers.push(...upTo(number).slice(Math.min(from, number - 1), Math.min(from, number - 1) + length))
  }
  return { count, numbers }
})

test('whatever was repeated where, a reader from any number on takes each entry once, in order, to the end (seed printed)', async () => {
  await fc.assert(fc.asyncProperty(topicWithRepeats, fc.nat(120), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 20 }), async ({ count, numbers }, from, limit, pieceOf) => {
    const topic = playTopic(pieceOf)
    append(topic, numbers)
    const after = Math.min(from, count)
    expect(await readAll(topic, after, limit)).toEqual(upTo(count).slice(after))
  }), { numRuns: 200 })
})

test('a number that is missing is waited for and never passed over', async () => {
  const topic = playTopic()
  append(topic, [...upTo(20), ...upTo(40).slice(25)])
  expect(await readAll(topic, 0, 10)).toEqual(upTo(20))
  expect(await readAll(topic, 22, 10)).toEqual([])
  append(topic, upTo(40).slice(20))
  expect(await readAll(topic, 0, 10)).toEqual(upTo(40))
  expect(await readAll(topic, 22, 10)).toEqual(upTo(40).slice(22))
})

test('a reader that goes on does not search anew', async () => {
  const topic = playTopic(50)
  append(topic, upTo(5_000))
  const entries = makeTopicEntries({ open: topic.open, entryOf: () => Promise.resolve(undefined) })
  await entries.entriesAfter(4_000, 10)
  const before = topic.reads()
  for (let after = 4_010; after < 4_500; after += 10) await entries.entriesAfter(after, 10)
  expect(topic.reads() - before).toBeLessThan(15)
})

test('what is older than the topic is gone, and a stranger\'s record is nothing', async () => {
  const topic = playTopic()
  append(topic, upTo(30))
  topic.append([{ key: 'hello', value: 'world' }])
  append(topic, [31])
  topic.expire(10)
  expect(await readAll(topic, 3, 10)).toBe('gone')
  expect(await readAll(topic, 10, 10)).toEqual(upTo(31).slice(10))
})

test('a record of another schema version stops the reader and says which', async () => {
  const topic = playTopic()
  append(topic, [1])
  topic.append([{ key: '2', value: '{"schemaVersion":9,"number":2}' }])
  const entries = makeTopicEntries({ open: topic.open, entryOf: () => Promise.resolve(undefined) })
  await expect(entries.entriesAfter(0, 5)).rejects.toThrow('entry 2')
})

const sourceOver = (topic: PlayedTopic, table: readonly number[]) => {
  const [time, switches] = [{ ms: 0 }, [] as JournalSourceState[]]
  const entries = makeTopicEntries({ open: topic.open, entryOf: () => Promise.resolve(undefined) })
  const source = makeJournalSource({
    topic: entries, patienceMs: 10_000, nowMs: () => time.ms, onSwitch: (state) => switches.push(state),
    table: (after, limit) => Promise.resolve(table.filter((number) => number > after).slice(0, limit).map(decided)),
  })
  return { time, switches, state: source.state, read: async (after: number): Promise<readonly number[]> => (await source.entriesAfter(after, 10)).map(({ number }) => number) }
}

test('the table steps in for a Kafka that is away for longer than it may be, and the topic when it is back', async () => {
  const topic = playTopic()
  append(topic, upTo(5))
  const { time, state, read } = sourceOver(topic, upTo(9))
  expect(await read(0)).toEqual(upTo(5))
  topic.failWith(new Error('The broker is away.'))
  await expect(read(5)).rejects.toThrow('away')
  time.ms = 9_000
  await expect(read(5)).rejects.toThrow('away')
  time.ms = 11_000
  expect(await read(5)).toEqual([6, 7, 8, 9])
  expect(state()).toEqual({ using: 'table', reason: 'Kafka cannot be read: The broker is away.' })
  topic.failWith(undefined)
  append(topic, upTo(12).slice(5))
  time.ms = 30_000
  expect(await read(9)).toEqual([10, 11, 12])
  expect(state()).toEqual({ using: 'kafka' })
})

test('the table steps in for a topic that stays behind it, and at once for what the topic no longer has', async () => {
  const topic = playTopic()
  append(topic, upTo(5))
  const { time, state, read, switches } = sourceOver(topic, upTo(9))
  expect(await read(5)).toEqual([])
  time.ms = 11_000
  expect(await read(5)).toEqual([6, 7, 8, 9])
  expect(state()).toMatchObject({ using: 'table', reason: expect.stringContaining('entry 6') as string })
  topic.expire(3)
  const late = sourceOver(topic, upTo(9))
  expect(await late.read(0)).toEqual(upTo(9))
  expect(switches).toHaveLength(1)
})

test('a journal in which nothing happens is no trouble', async () => {
  const topic = playTopic()
  append(topic, upTo(5))
  const { time, switches, read } = sourceOver(topic, upTo(5))
  for (time.ms = 0; time.ms < 100_000; time.ms += 3_000) expect(await read(5)).toEqual([])
  expect(switches).toEqual([])
})

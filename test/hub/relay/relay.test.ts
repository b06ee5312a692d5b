import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRecord, recordsOf, type OutgoingRecord } from '../../../hub/relay/journal-records.js'
import { makeRelay, type RelaySession } from '../../../hub/relay/relay.js'
import { uuidOf, type DocumentId, type MessageId, type SourceKey } from '../../../schemas/ids.js'
import type { DocumentAccepted, JournalEntry } from '../../../schemas/journal-entry.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import { company, documentOf, lineOf, refersTo } from '../../fixtures/documents.js'
import { playTopic, type PlayedTopic } from '../../fixtures/topic-log.js'

const buyer = company('Lotus', 'gln:9520000001018')
const recordedAt = (number: number): string => new Date(Date.UTC(2026, 10, 2) + number * 60_000).toISOString()

const accepted = (number: number, more: Partial<DocumentAccepted> = {}): DocumentAccepted => ({
  type: 'document.accepted', number, recordedAt: recordedAt(number), messageId: uuidOf(`m${number}`) as MessageId, documentId: uuidOf(`d${number}`) as DocumentId,
  system: 'erp', channel: 'canonical', test: false, revision: 1, replaces: undefined,
  document: documentOf('order', `PO-${number % 10}`, { buyer, seller: company('Acme', 'gln:5790000000012') }, [lineOf('1', 'A', '2')]), ...more,
})
const decided = (number: number): JournalEntry => ({
  type: 'identity.decided', number, recordedAt: recordedAt(number), follower: 'crm', cause: number - 1, ordinal: 0, ruleVersion: '1', decisions: [{ action: 'found', source: 'erp/gln:9520000001018' as SourceKey }],
})
const resumed = (number: number): JournalEntry => ({ type: 'parked.decided', number, recordedAt: recordedAt(number), follower: 'crm', entry: number - 1, action: 'retry', by: 'admin' })
const made = [accepted, accepted, accepted, resumed, decided] as const
const journalOf = (count: number): JournalEntry[] => Array.from({ length: count }, (_, index) => (made[index % made.length] ?? accepted)(index + 1))
const form = { topicPrefix: 'chainhub', mostValueBytes: 100_000, hubUrl: '' }

interface Played {
  readonly journal: readonly JournalEntry[]
  readonly topic: PlayedTopic
  readonly documents: OutgoingRecord[]
  /** Told of each send, before it takes place. */
  readonly onSend?: (records: readonly OutgoingRecord[]) => void
  readonly keptSinceMs?: () => number
  readonly mostSendBytes?: number
  readonly onRival?: () => void
}

const relayOver = ({ journal, topic, documents, onSend, keptSinceMs = () => -Infinity, mostSendBytes = 100_000, onRival = () => undefined }: Played) => makeRelay({
  open: async (): Promise<RelaySession> => ({
    journal: await topic.open(), form, mostSendBytes, keptSinceMs,
    send: async (records) => {
      await Promise.resolve()
      onSend?.(records)
      if (records[0]?.topic === 'chainhub.journal') return topic.append(records)
      documents.push(...records)
      return documents.length - records.length
    },
    close: () => Promise.resolve(),
  }),
  entriesAfter: (after, limit) => Promise.resolve(journal.slice(after, after + limit)),
  onRival,
})

/** As the follow loop does. */
const follow = async (relay: ReturnType<typeof makeRelay>, journal: readonly JournalEntry[], batch = 40): Promise<void> => {
  for (let position = await relay.position(); position < journal.length;) {
    const entries = journal.slice(position, position + batch)
    position = await relay.apply(position, entries) ? position + entries.length : await relay.position()
  }
}

/** What a consumer is left with that drops numbers at or below the one that it has. */
const withoutRepeats = (numbers: readonly number[]): readonly number[] => numbers.reduce<number[]>((taken, number) => (number > (taken.at(-1) ?? 0) ? [...taken, number] : taken), [])
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1)

test('every entry comes once and in order where nothing fails, and documents come to the topic of their kind', async () => {
  const [journal, topic, documents] = [journalOf(100), playTopic(), []]
  await follow(relayOver({ journal, topic, documents }), journal)
  expect(topic.numbers()).toEqual(upTo(100))
  expect(documents.map(({ topic: name }: OutgoingRecord) => name)).toEqual(Array.from({ length: 60 }, () => 'chainhub.documents.order'))
})

test('a relay goes on behind the last number of the topic, whatever it is told that it has done', async () => {
  const [journal, topic, documents] = [journalOf(60), playTopic(), []]
  await follow(relayOver({ journal: journal.slice(0, 50), topic, documents }), journal.slice(0, 50))
  const next = relayOver({ journal, topic, documents })
  expect(await next.apply(0, journal.slice(0, 40))).toBe(false)
  expect(await next.position()).toBe(50)
  await follow(next, journal)
  expect(topic.numbers()).toEqual(upTo(60))
})

test('sends that fail, before or after they took place, and several relays at once lead to nothing but repeats (seed printed)', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 30, maxLength: 30 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 5, max: 90 }), async (chances, relays, count) => {
    const [journal, topic, documents] = [journalOf(count), playTopic(100), [] as OutgoingRecord[]]
    let step = 0
    const play = async (): Promise<void> => {
      const relay = makeRelay({
        open: async (): Promise<RelaySession> => ({
          journal: await topic.open(), form, mostSendBytes: 8_000, keptSinceMs: () => -Infinity,
          send: async (records) => {
            const chance = chances[step++ % chances.length] ?? 0
            for (let turns = chance; turns > 0; turns -= 1) await Promise.resolve()
            if (chance === 0) throw new Error('The connection broke before.')
            const offset = records[0]?.topic === 'chainhub.journal' ? topic.append(records) : documents.push(...records) - records.length
            if (chance === 1) throw new Error('The connection broke behind.')
            return offset
          },
          close: () => Promise.resolve(),
        }),
        entriesAfter: (after, limit) => Promise.resolve(journal.slice(after, after + limit)), onRival: () => undefined,
      })
      for (let [position, tries] = [0, 0]; position < count && tries < 3_000; tries += 1) {
        const entries = journal.slice(position, position + 40)
        position = await relay.apply(position, entries).then((done) => done, () => undefined) === true ? position + entries.length : await relay.position()
      }
    }
    if (chances.every((chance) => chance < 2)) return
    await Promise.all(Array.from({ length: relays }, play))
    expect(withoutRepeats(topic.numbers())).toEqual(upTo(count))
    const ofDocuments = documents.map(({ value }) => (JSON.parse(value) as { number: number }).number)
    expect(withoutRepeats(ofDocuments)).toEqual(journal.filter(({ type }) => type === 'document.accepted').map(({ number }) => number))
  }), { numRuns: 60 })
})

test('where the end of the topic was lost, all of it is written again, also when the relay that sees it has died', async () => {
  const [journal, topic, documents] = [journalOf(120), playTopic(), []]
  let rivals = 0
  const relay = relayOver({ journal, topic, documents, onRival: () => { rivals += 1 } })
  await follow(relay, journal.slice(0, 80))
  topic.cut(60)
  await follow(relay, journal)
  expect(rivals).toBe(1)
  expect(topic.numbers()).toEqual([...upTo(60), ...upTo(120).slice(80), ...upTo(120).slice(60)])
  topic.cut(60)
  topic.append(journal.slice(90, 95).map((entry) => recordsOf(entry, form).journal))
  await follow(relayOver({ journal, topic, documents }), journal)
  expect(topic.numbers().slice(65)).toEqual(upTo(120).slice(60))
})

test('a topic that tells of another journal is not written to, and the reason says what to do', async () => {
  const [journal, topic, documents] = [journalOf(30), playTopic(), []]
  await follow(relayOver({ journal, topic, documents }), journal)
  const shorter = relayOver({ journal: journal.slice(0, 20), topic, documents })
  await expect(shorter.apply(0, journal.slice(0, 5))).rejects.toThrow('holds another journal: its entry 30 is none of this hub\'s')
  const other = journal.map((entry) => ({ ...entry, recordedAt: recordedAt(entry.number + 9) }))
  await expect(relayOver({ journal: other, topic, documents }).apply(0, other.slice(0, 5))).rejects.toThrow('topicPrefix')
  expect(topic.numbers()).toEqual(upTo(30))
})

test('a topic that its retention has emptied begins with what is young enough, not with the first entry ever', async () => {
  const [journal, topic, documents] = [journalOf(100), playTopic(), []]
  const keptSinceMs = (): number => Date.parse(recordedAt(71))
  await follow(relayOver({ journal: journal.slice(0, 70), topic, documents, keptSinceMs }), journal.slice(0, 70))
  topic.expire(70)
  await follow(relayOver({ journal, topic, documents, keptSinceMs }), journal)
  expect(topic.numbers()).toEqual(upTo(100).slice(70))
})

test('one send holds no more bytes than a batch may have', async () => {
  const [journal, topic, documents] = [journalOf(100), playTopic(), []]
  const sizes: number[] = []
  await follow(relayOver({ journal, topic, documents, mostSendBytes: 5_000, onSend: (records) => sizes.push(records.reduce((sum, { value }) => sum + Buffer.byteLength(value), 0)) }), journal)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(5_000)
  expect(topic.numbers()).toEqual(upTo(100))
})

const schemaOf = (name: string): object => JSON.parse(readFileSync(projectFolder('schemas', 'wire', `${name}.schema.json`), 'utf8')) as object
const ajv = new Ajv({ allErrors: true, strict: false })
for (const name of ['kafka-journal', 'kafka-document']) ajv.addSchema(schemaOf(name), name)
const errorsOf = (name: string, value: unknown): unknown => (ajv.validate(name, value) ? [] : ajv.errors)

test('records keep to the schemas, and come back as the very entries', () => {
  for (const entry of [...journalOf(10), accepted(11, { revision: 2, replaces: uuidOf('d1') as DocumentId, test: true })]) {
    const { journal, document } = recordsOf(entry, form)
    expect(errorsOf('kafka-journal', JSON.parse(journal.value))).toEqual([])
    if (document !== undefined) expect(errorsOf('kafka-document', JSON.parse(document.value))).toEqual([])
    expect(readRecord(Buffer.from(journal.value))?.entry).toEqual(entry)
  }
})

test('a document too large for a record is told with the place where it is to be had', () => {
  const { journal, document } = recordsOf(accepted(1), { ...form, mostValueBytes: 700, hubUrl: 'https://hub.example' })
  expect(errorsOf('kafka-journal', JSON.parse(journal.value))).toEqual([])
  expect(errorsOf('kafka-document', JSON.parse(document?.value ?? ''))).toEqual([])
  expect(JSON.parse(journal.value)).toMatchObject({ number: 1, documentAt: { href: `https://hub.example/documents/${uuidOf('d1')}` } })
  expect(journal.value).not.toContain('"document":')
  expect(readRecord(Buffer.from(journal.value))).toEqual({ number: 1, type: 'document.accepted', recordedAt: recordedAt(1), entry: undefined })
})

test('the examples of docs/kafka.md keep to the schemas', () => {
  const page = readFileSync(projectFolder('docs', 'kafka.md'), 'utf8')
  const examples = [...page.matchAll(/<!-- example (\S+) -->\n```json\n([^`]+)```/g)]
  expect(examples.length).toBeGreaterThanOrEqual(3)
  for (const [, name = '', text = ''] of examples) expect(errorsOf(name, JSON.parse(text))).toEqual([])
})

test('the documents of one order share a key, and so do the revisions of one without a thread', () => {
  const order = recordsOf(accepted(1), form).document
  const despatchOf = (number: string) => recordsOf(accepted(2, { document: documentOf('despatch', number, { buyer, seller: company('Acme', 'gln:5790000000012') }, [], refersTo('order', 'PO-1')) }), form).document
  expect(despatchOf('D-1')?.key).toBe(despatchOf('D-2')?.key)
  expect(despatchOf('D-1')?.key).toBe(order?.key)
  const party = recordsOf(accepted(3, { document: { kind: 'party', number: 'C-1', function: 'original', party: buyer } }), form).document
  expect(party?.key).toBe('erp/party/C-1')
})

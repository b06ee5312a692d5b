import { expect } from 'vitest'
import { makeKafka } from '../../connectors/kafka/kafka-client.js'
import { openTopicLog } from '../../hub/relay/kafka-topic-log.js'
import type { Check } from './check.js'
import { centralRows } from './fleet.js'
import { untilTrue } from './processes.js'

interface Told { readonly number: number, readonly type?: string, readonly documentId?: string }

const quiet = { warn: () => undefined, debug: () => undefined }
const kinds = ['order', 'order-response', 'despatch', 'invoice'] as const

/** All records of a topic of one partition, and what a consumer is left with who drops numbers at or below the highest that he had. */
const readTopic = async (brokers: string, topic: string): Promise<{ readonly records: number, readonly taken: readonly Told[] }> => {
  const log = await openTopicLog(makeKafka({ brokers: [brokers], clientId: 'chaos' }, quiet), topic)
  const taken: Told[] = []
  let records = 0
  const { low, high } = await log.range()
  for (let offset = low; offset < high;) {
    const piece = await log.read(offset, { waitMs: 500, mostBytes: 1_000_000 })
    for (const { value } of piece.records) {
      const told = JSON.parse(Buffer.from(value).toString()) as Told
      records += 1
      if (told.number > (taken.at(-1)?.number ?? 0)) taken.push(told)
    }
    offset = piece.next
  }
  await log.close()
  return { records, taken }
}

/** Without Kafka there is nothing to hold, and that is said where it starts. */
export const topicsAreTheJournal: Check = {
  name: 'has the journal in its topic without a gap, and each document in its kind\'s, once repeats are dropped',
  run: async ({ postgres, kafka }) => {
    if (kafka === undefined) return
    const entries = await centralRows<{ number: string, type: string, document: string | null, kind: string | null }>(postgres, `
      select journal.number, journal.type, journal.document_id as document, document.kind from journal left join document on document.id = journal.document_id order by journal.number`)
    await untilTrue('the journal\'s topic has its last entry', async () => (await readTopic(kafka.brokers, 'chainhub.journal')).taken.at(-1)?.number === entries.length, 120_000)
    const journal = await readTopic(kafka.brokers, 'chainhub.journal')
    expect(journal.taken.map(({ number, type, documentId }) => [number, type, documentId ?? null])).toEqual(entries.map(({ number, type, document }) => [Number(number), type, document]))
    for (const kind of kinds) {
      const { taken } = await readTopic(kafka.brokers, `chainhub.documents.${kind}`)
      expect(taken.map(({ number, documentId }) => [number, documentId])).toEqual(entries.filter((entry) => entry.kind === kind).map(({ number, document }) => [Number(number), document]))
    }
    console.log(`${journal.records} records in the journal's topic for ${entries.length} entries`)
  },
}

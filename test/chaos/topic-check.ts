import { expect } from 'vitest'
import { readTopic } from '../fixtures/read-topic.js'
import type { Check } from './check.js'
import { centralRows } from './fleet.js'
import { untilTrue } from './processes.js'

const kinds = ['order', 'order-response', 'despatch', 'invoice'] as const

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
    console.log(`${journal.numbers.length} records in the journal's topic for ${entries.length} entries`)
  },
}

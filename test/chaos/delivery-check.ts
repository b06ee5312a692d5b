import { expect } from 'vitest'
import type { TradeDocument } from '../../schemas/canonical/trade-document.js'
import { dedupe, type Arrival } from '../fixtures/receiver.js'
import type { Check } from './check.js'
import { centralRows, wishes } from './fleet.js'

interface Entry { readonly entry: string, readonly kind: string, readonly number: string, readonly revision: number, readonly quantity: string }

const documentOf = ({ body }: Arrival): TradeDocument => JSON.parse(body) as TradeDocument

/** Every revision has another quantity. */
const nameOf = (kind: string, number: string, quantity: string | undefined): string => [kind, number, quantity].join(' ')

/** At least once, under one id, and in the journal's order for each key: of what came, what is left without the ids that came before is what the subscriptions want of the journal. */
export const deliveriesAreWhatWasAsked: Check = {
  name: 'brought to the partner what he asked for: once by id, in order for each key',
  run: async ({ postgres, receiver }) => {
    const entries = await centralRows<Entry>(postgres, `
      select journal.number as entry, document.kind, document.number, document.revision, document.body -> 'lines' -> 0 -> 'quantity' ->> 'value' as quantity
      from journal join document on document.id = journal.document_id where journal.type = 'document.accepted' order by journal.number`)
    const arrivals = await receiver.arrivals()
    const wanted = {
      documents: entries.filter(({ kind }) => wishes.documents.kinds.some((one) => one === kind)),
      changes: entries.filter(({ kind, revision }) => kind === 'order' && revision > 1),
    }
    expect(arrivals.length).toBeGreaterThan(wanted.documents.length)
    for (const [id, asked] of Object.entries(wanted)) {
      const { taken, faults } = dedupe(arrivals.filter(({ path }) => path === `/${id}`))
      expect(faults).toEqual([])
      const place = new Map(asked.map(({ entry, kind, number, quantity }) => [nameOf(kind, number, quantity), Number(entry)]))
      const placesOf = (queue: readonly Arrival[]) => queue.map(documentOf).map(({ kind, number, lines }) => place.get(nameOf(kind, number, lines[0]?.quantity?.value)) ?? 0)
      const queues = [...taken.values()].map(placesOf)
      expect(queues.flat().sort((one, other) => one - other)).toEqual([...place.values()])
      expect(queues).toEqual(queues.map((queue) => [...queue].sort((one, other) => one - other)))
    }
    console.log(`${arrivals.length} arrivals at the partner, ${wanted.documents.length} documents and ${wanted.changes.length} changes asked for`)
  },
}

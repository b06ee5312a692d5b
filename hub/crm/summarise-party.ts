import type { Identifier } from '../../schemas/canonical/common.js'
import type { PartyId } from '../../schemas/ids.js'

/** A golden party, drawn from its source records. */
export interface PartySummary {
  readonly id: PartyId
  readonly name?: string
  readonly country?: string
  /** Of all source records, each once. */
  readonly identifiers: readonly Identifier[]
  readonly sources: number
  /** Known from test documents only. */
  readonly test: boolean
}

/** What the summary takes from one source record. */
export interface RecordExcerpt {
  readonly name: string | null
  readonly country: string | null
  readonly identifiers: readonly Identifier[] | null
  readonly test: boolean
}

const distinctIdentifiers = (identifiers: readonly Identifier[]): readonly Identifier[] =>
  [...new Map(identifiers.map((identifier) => [JSON.stringify([identifier.scheme, identifier.assigner, identifier.value]), identifier])).values()]

const firstSaid = (records: readonly RecordExcerpt[], field: 'name' | 'country'): string | undefined => records.find((record) => record[field] !== null)?.[field] ?? undefined

/** Survivorship: `records` come with the founding one first, then by entry, those known from tests only last; the first that says a thing is believed. */
export const summariseParty = (id: PartyId, records: readonly RecordExcerpt[]): PartySummary => {
  const name = firstSaid(records, 'name')
  const country = firstSaid(records, 'country')
  return {
    id,
    ...(name === undefined ? {} : { name }),
    ...(country === undefined ? {} : { country }),
    identifiers: distinctIdentifiers(records.flatMap(({ identifiers }) => identifiers ?? [])),
    sources: records.length,
    test: records.every(({ test }) => test),
  }
}

import { isDeepStrictEqual } from 'node:util'
import type { Identifier, Party } from '../../schemas/canonical/common.js'
import type { JournalNumber, PartyId, SourceKey } from '../../schemas/ids.js'

/** A party as one system knows it. */
export interface SourceRecord {
  readonly key: SourceKey
  readonly system: string
  readonly firstEntry: JournalNumber
  readonly lastEntry: JournalNumber
  /** No document but tests has named it. */
  readonly test: boolean
  readonly party: Party
  readonly matchKeys: ReadonlySet<string>
  /** Undefined until its identity decision was followed. */
  readonly partyId: PartyId | undefined
}

/** A golden party's beginning; `mergedInto` is the party that it became part of, never one that was itself merged away. */
export interface GoldenParty {
  readonly id: PartyId
  /** Its foundingPlace. */
  readonly foundedPlace: number
  readonly founder: SourceKey
}

const sameIdentifier = (a: Identifier, b: Identifier): boolean => a.scheme === b.scheme && a.assigner === b.assigner && a.value === b.value

const unitedIdentifiers = (before: readonly Identifier[], now: readonly Identifier[]): Identifier[] =>
  [...before, ...now.filter((identifier) => !before.some((known) => sameIdentifier(known, identifier)))]

/** What a record says after its system named the party again: what is said anew replaces, what is left out stays, identifiers add up. */
export const updatedParty = (before: Party, now: Party): Party => {
  const identifiers = unitedIdentifiers(before.identifiers ?? [], now.identifiers ?? [])
  const merged: Party = { ...before, ...now, ...(identifiers.length === 0 ? {} : { identifiers }) }
  return isDeepStrictEqual(merged, before) ? before : merged
}

export const nameOf = (party: Party): string | undefined => party.names?.[0]?.value ?? party.legalName

/** Bytewise, as the database's collation "C" orders keys. */
export const compareKeys = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

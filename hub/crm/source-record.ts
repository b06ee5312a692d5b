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

const identityOf = ({ scheme, assigner, value }: Identifier): string => JSON.stringify([scheme, assigner, value])

/** A party may have tens of thousands, so that each is not compared with each. */
const unitedIdentifiers = (before: readonly Identifier[], now: readonly Identifier[]): Identifier[] => {
  const known = new Set(now.length === 0 ? [] : before.map(identityOf))
  return [...before, ...now.filter((identifier) => !known.has(identityOf(identifier)))]
}

/** What a record says after its system named the party again: what is said anew replaces, what is left out stays, identifiers add up. */
export const updatedParty = (before: Party, now: Party): Party => {
  const identifiers = unitedIdentifiers(before.identifiers ?? [], now.identifiers ?? [])
  const known = new Map<string, unknown>(Object.entries(before))
  const isKnown = ([name, value]: readonly [string, unknown]): boolean => known.has(name) && (name === 'identifiers' || isDeepStrictEqual(known.get(name), value))
  if (identifiers.length === (before.identifiers ?? []).length && Object.entries(now).every(isKnown)) return before
  return { ...before, ...now, ...(identifiers.length === 0 ? {} : { identifiers }) }
}

/** A party that one document names several times: the first mention that says a thing is believed, identifiers add up. */
export const unitedParty = (mentions: readonly [Party, ...Party[]]): Party => {
  if (mentions.length === 1) return mentions[0]
  const said = mentions.reduceRight<Party>((later, mention) => ({ ...later, ...mention }), {})
  const identifiers = [...new Map(mentions.flatMap((mention) => mention.identifiers ?? []).map((identifier) => [identityOf(identifier), identifier])).values()]
  return identifiers.length === 0 ? said : { ...said, identifiers }
}

export const nameOf = (party: Party): string | undefined => party.names?.[0]?.value ?? party.legalName

/** Bytewise, as the database's collation "C" orders keys. */
export const compareKeys = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

import { foundingPlace, type IdentityDecided, type IdentityDecision } from '../../schemas/journal-entry.js'
import { partyIdOf, type PartyId, type SourceKey } from '../../schemas/ids.js'
import type { CrmState, Merge } from './crm-state.js'
import type { GoldenParty, SourceRecord } from './source-record.js'

/** Golden parties as decisions shape them: found, joined, merged. */
export interface GoldenParties {
  /** Gives the records whose golden party changed. */
  readonly follow: (entry: IdentityDecided) => readonly SourceKey[]
  readonly partyOf: (record: SourceRecord) => PartyId | undefined
  /** The match keys of all of the record's party, as far as they were read. While undecided a record is taken with those whom it shares keys with. */
  readonly keysAbout: (record: SourceRecord) => ReadonlySet<string>
  /** A record of `party` has shown these. */
  readonly addKeys: (party: PartyId, matchKeys: Iterable<string>) => void
  readonly founded: () => readonly GoldenParty[]
  readonly merges: () => readonly Merge[]
}

export const makeGoldenParties = (state: CrmState): GoldenParties => {
  const founded: GoldenParty[] = []
  const mergedInto = new Map<PartyId, PartyId>()

  const survivorOf = (id: PartyId): PartyId => {
    const next = mergedInto.get(id)
    return next === undefined ? id : survivorOf(next)
  }
  const partyOf = (record: SourceRecord) => (record.partyId === undefined ? undefined : survivorOf(record.partyId))

  const addKeys = (party: PartyId, matchKeys: Iterable<string>): void => {
    const known = state.partyKeys.get(party) ?? new Set()
    for (const matchKey of matchKeys) known.add(matchKey)
    state.partyKeys.set(party, known)
  }
  const keysAbout = (record: SourceRecord): ReadonlySet<string> => {
    const party = partyOf(record)
    if (party !== undefined) return state.partyKeys.get(party) ?? record.matchKeys
    const holders = new Set([...record.matchKeys].map((matchKey) => state.oldestHolders.get(matchKey) ?? record.key))
    const keys = new Set(record.matchKeys)
    for (const holder of [...holders].flatMap((key) => state.records.get(key) ?? [])) {
      const holdersParty = partyOf(holder)
      for (const other of (holdersParty === undefined ? undefined : state.partyKeys.get(holdersParty)) ?? holder.matchKeys) keys.add(other)
    }
    return keys
  }

  const found = (source: SourceRecord, place: number): PartyId => {
    const party = { id: partyIdOf(source.key), foundedPlace: place, founder: source.key }
    founded.push(party)
    state.parties.set(party.id, party)
    return party.id
  }
  const join = (record: SourceRecord, partyId: PartyId): void => {
    state.records.set(record.key, { ...record, partyId })
    addKeys(partyId, record.matchKeys)
  }

  const merge = (a: PartyId, b: PartyId): void => {
    const [left, right] = [state.parties.get(a), state.parties.get(b)]
    if (left === undefined || right === undefined || a === b) return
    const [survivor, loser] = left.foundedPlace < right.foundedPlace ? [left, right] : [right, left]
    mergedInto.set(loser.id, survivor.id)
    addKeys(survivor.id, state.partyKeys.get(loser.id) ?? [])
  }

  const followDecision = (decision: IdentityDecision, place: number): readonly SourceKey[] => {
    const source = state.records.get(decision.source)
    if (source === undefined) return []
    if (decision.action === 'found') {
      if (source.partyId === undefined) join(source, found(source, place))
      return [source.key]
    }
    const other = state.records.get(decision.with)
    if (other === undefined) return []
    const [ofSource, ofOther] = [partyOf(source), partyOf(other)]
    if (ofSource !== undefined && ofOther !== undefined) merge(ofSource, ofOther)
    const party = survivorOf(partyOf(source) ?? partyOf(other) ?? found(other, place))
    join(source, party)
    join(other, party)
    return [source.key, other.key]
  }

  return {
    follow: (entry) => entry.decisions.flatMap((decision, index) => followDecision(decision, foundingPlace(entry.number, index))),
    partyOf, keysAbout, addKeys,
    founded: () => founded,
    merges: () => [...mergedInto.keys()].map((loser) => ({ loser, survivor: survivorOf(loser) })),
  }
}

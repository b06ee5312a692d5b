import type { Party } from '../../schemas/canonical/common.js'
import type { DocumentAccepted, IdentityDecision, IdentityDraft, FactEntry } from '../../schemas/journal-entry.js'
import type { DocumentId, JournalNumber, SourceKey } from '../../schemas/ids.js'
import { keyedPartiesOf } from '../../schemas/source-key.js'
import { decideByKeys, ruleVersion, type KeyVerdict } from '../identity/decide-by-keys.js'
import { matchKeysOf } from '../identity/match-keys.js'
import type { CrmChanges, CrmState } from './crm-state.js'
import { documentRowsOf } from './document-rows.js'
import { makeGoldenParties } from './golden-parties.js'
import { searchTermsOf } from './search-terms.js'
import { compareKeys, unitedParty, updatedParty, type SourceRecord } from './source-record.js'

export const followerName = 'crm'

const nothingNew: KeyVerdict = { decisions: [], refused: new Set() }

/** The parties that a document names, each once: where it names one several times, the first mention wins and the others add what it left out. */
const partiesNamedBy = ({ system, document }: Pick<DocumentAccepted, 'system' | 'document'>): ReadonlyMap<SourceKey, Party> => {
  const mentions = new Map<SourceKey, [Party, ...Party[]]>()
  for (const { key, party } of keyedPartiesOf(system, document)) {
    const before = mentions.get(key)
    if (before === undefined) mentions.set(key, [party])
    else before.push(party)
  }
  return new Map([...mentions].map(([key, parties]) => [key, unitedParty(parties)]))
}

/** A party as a document names it. */
export interface NamedParty {
  readonly party: Party
  /** All that is said of it, as one text: most documents say what the one before said. */
  readonly said: string
  readonly matchKeys: readonly string[]
}

export type NamedParties = ReadonlyMap<JournalNumber, ReadonlyMap<SourceKey, NamedParty>>

/** The parties that each of the documents names. */
export const partiesNamedIn = (entries: readonly FactEntry[]): NamedParties => {
  const met = new Map<string, readonly string[]>()
  const namedParty = (party: Party): NamedParty => {
    const said = JSON.stringify(party)
    const matchKeys = met.get(said) ?? matchKeysOf(party)
    met.set(said, matchKeys)
    return { party, said, matchKeys }
  }
  return new Map(entries.flatMap((entry) =>
    (entry.type === 'document.accepted' ? [[entry.number, new Map([...partiesNamedBy(entry)].map(([key, party]) => [key, namedParty(party)]))] as const] : [])))
}

/**
 * Follows entries one by one on `state`, which is changed, and gives what is to be written. Test documents show parties and link none:
 * what an integrator tries must not merge customers, nor rename them.
 */
export const foldEntries = (state: CrmState, entries: readonly FactEntry[], named: NamedParties): CrmChanges => {
  const changed = new Set<SourceKey>()
  const seen = new Set<SourceKey>()
  const newMatchKeys: { key: SourceKey, matchKey: string }[] = []
  const newTerms: { key: SourceKey, term: string }[] = []
  const drafts: IdentityDraft[] = []
  const golden = makeGoldenParties(state)
  /** What documents of this batch last said of a record that was all taken in, so that nothing comes of saying it again. */
  const takenIn = new Map<SourceKey, string>()

  const recordAfter = (entry: DocumentAccepted, key: SourceKey, party: Party): SourceRecord => {
    const before = state.records.get(key)
    if (before === undefined) {
      return { key, system: entry.system, firstEntry: entry.number, lastEntry: entry.number, test: entry.test, party: updatedParty({}, party), matchKeys: new Set(), partyId: undefined }
    }
    const mayTell = before.test || !entry.test
    return { ...before, lastEntry: entry.number, test: before.test && entry.test, party: mayTell ? updatedParty(before.party, party) : before.party }
  }

  const decide = (record: SourceRecord, isNew: boolean, newKeys: readonly string[]): KeyVerdict => {
    const standing = (each: SourceRecord) => ({ key: each.key, component: golden.partyOf(each) ?? each.key, matchKeys: newKeys.length === 0 ? [] : golden.keysAbout(each) })
    return decideByKeys({ ...standing(record), isNew, newMatchKeys: newKeys }, (matchKey) => {
      const holder = state.records.get(state.oldestHolders.get(matchKey) ?? record.key)
      return holder === undefined ? undefined : standing(holder)
    })
  }

  const nameParty = (entry: DocumentAccepted, key: SourceKey, { party, said, matchKeys }: NamedParty): readonly IdentityDecision[] => {
    const before = state.records.get(key)
    if (before !== undefined && !before.test && !entry.test && takenIn.get(key) === said) {
      state.records.set(key, { ...before, lastEntry: entry.number })
      return []
    }
    const after = recordAfter(entry, key, party)
    const added = entry.test ? [] : matchKeys.filter((matchKey) => !after.matchKeys.has(matchKey))
    if (!entry.test && added.length === 0) takenIn.set(key, said)
    else takenIn.delete(key)
    for (const term of before?.party === after.party ? [] : searchTermsOf(after.party)) newTerms.push({ key, term })
    seen.add(key)
    if (before?.party !== after.party || before.test !== after.test) changed.add(key)
    const { decisions, refused } = before !== undefined && added.length === 0 ? nothingNew : decide(after, before === undefined, added)
    const accepted = added.filter((matchKey) => !refused.has(matchKey))
    state.records.set(key, accepted.length === 0 ? after : { ...after, matchKeys: new Set([...after.matchKeys, ...accepted]) })
    const own = golden.partyOf(after)
    if (own !== undefined) golden.addKeys(own, accepted)
    for (const matchKey of accepted) {
      newMatchKeys.push({ key, matchKey })
      keepOldest(state, matchKey, key)
    }
    return decisions
  }

  const followDocument = (entry: DocumentAccepted): void => {
    const decisions = [...named.get(entry.number) ?? []].flatMap(([key, party]) => nameParty(entry, key, party))
    if (decisions.length > 0) drafts.push({ type: 'identity.decided', follower: followerName, cause: entry.number, ordinal: 0, ruleVersion, decisions })
  }

  for (const entry of entries) {
    if (entry.type === 'document.accepted') followDocument(entry)
    else for (const key of golden.follow(entry)) changed.add(key)
  }
  const settled = (key: SourceKey): SourceRecord | undefined => {
    const record = state.records.get(key)
    return record === undefined ? undefined : { ...record, partyId: golden.partyOf(record) }
  }
  return {
    records: [...changed].flatMap((key) => settled(key) ?? []),
    seen: [...seen].filter((key) => !changed.has(key)).flatMap((key) => state.records.get(key) ?? []),
    newMatchKeys: newMatchKeys.flatMap(({ key, matchKey }) => {
      const record = settled(key)
      return record === undefined ? [] : [{ record, matchKey }]
    }),
    newTerms, founded: golden.founded(), merges: golden.merges(), rows: rowsOf(state, entries), drafts,
  }
}

/** A record that was known before the holder and only now shows the key becomes the oldest of those that have it. */
const keepOldest = (state: CrmState, matchKey: string, key: SourceKey): void => {
  const holder = state.records.get(state.oldestHolders.get(matchKey) ?? key)
  const record = state.records.get(key)
  if (holder === undefined || record === undefined) return
  const older = record.firstEntry < holder.firstEntry || (record.firstEntry === holder.firstEntry && compareKeys(record.key, holder.key) < 0)
  if (older || holder.key === key) state.oldestHolders.set(matchKey, key)
}

const rowsOf = (state: CrmState, entries: readonly FactEntry[]): CrmChanges['rows'] => {
  const firstEntries = new Map<DocumentId, JournalNumber>(state.firstEntries)
  const all = entries.flatMap((entry) => {
    if (entry.type !== 'document.accepted') return []
    const firstEntry = (entry.replaces === undefined ? undefined : firstEntries.get(entry.replaces)) ?? entry.number
    firstEntries.set(entry.documentId, firstEntry)
    return [documentRowsOf(entry, firstEntry)]
  })
  return {
    documents: all.flatMap(({ documents }) => documents),
    parties: all.flatMap(({ parties }) => parties),
    references: all.flatMap(({ references }) => references),
    anchors: all.flatMap(({ anchors }) => anchors),
    searches: all.flatMap(({ searches }) => searches),
  }
}

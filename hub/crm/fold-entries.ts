import type { Party } from '../../schemas/canonical/common.js'
import type { DocumentAccepted, IdentityDecision, IdentityDraft, JournalEntry } from '../../schemas/journal-entry.js'
import type { SourceKey } from '../../schemas/ids.js'
import { keyedPartiesOf } from '../../schemas/source-key.js'
import { decideByKeys, ruleVersion } from '../identity/decide-by-keys.js'
import { matchKeysOf } from '../identity/match-keys.js'
import type { CrmChanges, CrmState } from './crm-state.js'
import { documentRowsOf } from './document-rows.js'
import { makeGoldenParties } from './golden-parties.js'
import { searchTermsOf } from './search-terms.js'
import { compareKeys, updatedParty, type SourceRecord } from './source-record.js'

export const followerName = 'crm'

/** The parties that a document names, each once: where it names one several times, the first mention wins and the others add what it left out. */
export const partiesNamedBy = ({ system, document }: Pick<DocumentAccepted, 'system' | 'document'>): ReadonlyMap<SourceKey, Party> => {
  const named = new Map<SourceKey, Party>()
  for (const { key, party } of keyedPartiesOf(system, document)) {
    const before = named.get(key)
    named.set(key, before === undefined ? party : updatedParty(party, before))
  }
  return named
}

/**
 * Follows entries one by one on `state`, which is changed, and gives what is to be written. Test documents show parties and link none:
 * what an integrator tries must not merge customers, nor rename them.
 */
export const foldEntries = (state: CrmState, entries: readonly JournalEntry[]): CrmChanges => {
  const changed = new Set<SourceKey>()
  const seen = new Set<SourceKey>()
  const newMatchKeys: { key: SourceKey, matchKey: string }[] = []
  const newTerms: { key: SourceKey, term: string }[] = []
  const drafts: IdentityDraft[] = []
  const golden = makeGoldenParties(state)

  const recordAfter = (entry: DocumentAccepted, key: SourceKey, party: Party): SourceRecord => {
    const before = state.records.get(key)
    if (before === undefined) {
      return { key, system: entry.system, firstEntry: entry.number, lastEntry: entry.number, test: entry.test, party: updatedParty({}, party), matchKeys: new Set(), partyId: undefined }
    }
    const mayTell = before.test || !entry.test
    return { ...before, lastEntry: entry.number, test: before.test && entry.test, party: mayTell ? updatedParty(before.party, party) : before.party }
  }

  const nameParty = (entry: DocumentAccepted, key: SourceKey, party: Party): readonly IdentityDecision[] => {
    const before = state.records.get(key)
    const after = recordAfter(entry, key, party)
    const added = entry.test ? [] : matchKeysOf(party).filter((matchKey) => !after.matchKeys.has(matchKey))
    if (before?.party !== after.party) newTerms.push(...searchTermsOf(after.party).map((term) => ({ key, term })))
    state.records.set(key, { ...after, matchKeys: new Set([...after.matchKeys, ...added]) })
    seen.add(key)
    if (before?.party !== after.party || before.test !== after.test) changed.add(key)
    const component = golden.partyOf(after) ?? key
    const decisions = decideByKeys({ key, isNew: before === undefined, component, newMatchKeys: added }, (matchKey) => {
      const holder = state.records.get(state.oldestHolders.get(matchKey) ?? key)
      return holder === undefined ? undefined : { key: holder.key, component: golden.partyOf(holder) ?? holder.key }
    })
    for (const matchKey of added) {
      newMatchKeys.push({ key, matchKey })
      keepOldest(state, matchKey, key)
    }
    return decisions
  }

  const followDocument = (entry: DocumentAccepted): void => {
    const decisions = [...partiesNamedBy(entry)].flatMap(([key, party]) => nameParty(entry, key, party))
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
    newTerms, founded: golden.founded(), merges: golden.merges(), rows: rowsOf(entries), drafts,
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

const rowsOf = (entries: readonly JournalEntry[]): CrmChanges['rows'] => {
  const all = entries.flatMap((entry) => (entry.type === 'document.accepted' ? [documentRowsOf(entry)] : []))
  return {
    documents: all.flatMap(({ documents }) => documents),
    parties: all.flatMap(({ parties }) => parties),
    references: all.flatMap(({ references }) => references),
    anchors: all.flatMap(({ anchors }) => anchors),
  }
}

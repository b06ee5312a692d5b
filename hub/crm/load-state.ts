import type { Party } from '../../schemas/canonical/common.js'
import type { JournalEntry } from '../../schemas/journal-entry.js'
import type { JournalNumber, PartyId, SourceKey } from '../../schemas/ids.js'
import { matchKeysOf } from '../identity/match-keys.js'
import type { Tx } from '../ops/database.js'
import type { CrmState } from './crm-state.js'
import { partiesNamedBy } from './fold-entries.js'

interface RecordRow {
  readonly key: SourceKey
  readonly system: string
  readonly first_entry: JournalNumber
  readonly last_entry: JournalNumber
  readonly test: boolean
  readonly party: Party
  readonly party_id: PartyId | null
  readonly match_keys: readonly string[]
}

const selectOldestHolders = (tx: Tx, matchKeys: readonly string[]) => tx.query<{ match_key: string, source_key: SourceKey }>(
  `select wanted.match_key, oldest.source_key
     from unnest($1::text[]) wanted(match_key)
    cross join lateral (select source_key from source_match_key held where held.match_key = wanted.match_key order by first_entry, source_key limit 1) oldest`, [matchKeys])

const selectRecords = (tx: Tx, keys: readonly SourceKey[]) => tx.query<RecordRow>(
  `select key, system, first_entry, last_entry, test, party, party_id,
          array(select match_key from source_match_key held where held.source_key = record.key) as match_keys
     from source_record record where key = any($1::text[])`, [keys])

const selectParties = (tx: Tx, ids: readonly PartyId[]) => tx.query<{ id: PartyId, founded_place: number, founder: SourceKey }>(
  'select id, founded_place, founder from golden_party where id = any($1::uuid[])', [ids])

/** What entries speak of: source records and match keys. */
const touchedBy = (entries: readonly JournalEntry[]) => {
  const keys = new Set<SourceKey>()
  const matchKeys = new Set<string>()
  for (const entry of entries) {
    if (entry.type === 'identity.decided') {
      for (const decision of entry.decisions) {
        keys.add(decision.source)
        if (decision.action === 'link') keys.add(decision.with)
      }
    } else {
      for (const [key, party] of partiesNamedBy(entry)) {
        keys.add(key)
        for (const matchKey of matchKeysOf(party)) matchKeys.add(matchKey)
      }
    }
  }
  return { keys, matchKeys }
}

/** Reads all that following these entries can depend on. */
export const loadState = async (tx: Tx, entries: readonly JournalEntry[]): Promise<CrmState> => {
  const { keys, matchKeys } = touchedBy(entries)
  const holders = await selectOldestHolders(tx, [...matchKeys])
  const rows = await selectRecords(tx, [...new Set([...keys, ...holders.map(({ source_key }) => source_key)])])
  const parties = await selectParties(tx, [...new Set(rows.flatMap(({ party_id }) => party_id ?? []))])
  return {
    records: new Map(rows.map((row) => [row.key, {
      key: row.key, system: row.system, firstEntry: row.first_entry, lastEntry: row.last_entry, test: row.test, party: row.party,
      matchKeys: new Set(row.match_keys), partyId: row.party_id ?? undefined,
    }])),
    oldestHolders: new Map(holders.map(({ match_key, source_key }) => [match_key, source_key])),
    parties: new Map(parties.map(({ id, founded_place, founder }) => [id, { id, foundedPlace: founded_place, founder }])),
  }
}

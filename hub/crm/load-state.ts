import type { Party } from '../../schemas/canonical/common.js'
import type { FactEntry } from '../../schemas/journal-entry.js'
import type { DocumentId, JournalNumber, PartyId, SourceKey } from '../../schemas/ids.js'
import type { Tx } from '../ops/database.js'
import type { CrmState } from './crm-state.js'
import type { NamedParties } from './fold-entries.js'

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

const selectPartyKeys = (tx: Tx, ids: readonly PartyId[]) => tx.query<{ party_id: PartyId, match_keys: readonly string[] }>(
  `select record.party_id, array_agg(distinct held.match_key) as match_keys
     from source_record record join source_match_key held on held.source_key = record.key where record.party_id = any($1::uuid[]) group by record.party_id`, [ids])

const selectFirstEntries = (tx: Tx, ids: readonly DocumentId[]) => tx.query<{ document_id: DocumentId, first_entry: JournalNumber }>(
  'select document_id, first_entry from trade_document where document_id = any($1::uuid[])', [ids])

/** What entries speak of: source records, each with the match keys that it shows, and documents that are replaced. */
const touchedBy = (entries: readonly FactEntry[], named: NamedParties) => {
  const records = new Map<SourceKey, Set<string>>()
  const touch = (key: SourceKey): Set<string> => {
    const shown = records.get(key) ?? new Set()
    records.set(key, shown)
    return shown
  }
  const replaced: DocumentId[] = []
  for (const entry of entries) {
    if (entry.type === 'identity.decided') {
      for (const decision of entry.decisions) for (const key of decision.action === 'link' ? [decision.source, decision.with] : [decision.source]) touch(key)
    } else {
      if (entry.replaces !== undefined) replaced.push(entry.replaces)
      for (const [key, { matchKeys }] of named.get(entry.number) ?? []) {
        const shown = touch(key)
        for (const matchKey of matchKeys) shown.add(matchKey)
      }
    }
  }
  return { records, replaced }
}

/** The oldest holders of these match keys and the records, theirs and those asked for. */
const readRecords = async (tx: Tx, keys: Iterable<SourceKey>, matchKeys: readonly string[]) => {
  const holders = await selectOldestHolders(tx, matchKeys)
  return { holders, rows: await selectRecords(tx, [...new Set([...keys, ...holders.map(({ source_key }) => source_key)])]) }
}

/** Reads all that following these entries can depend on. */
export const loadState = async (tx: Tx, entries: readonly FactEntry[], named: NamedParties): Promise<CrmState> => {
  const { records, replaced } = touchedBy(entries, named)
  const direct = await readRecords(tx, records.keys(), [...new Set([...records.values()].flatMap((shown) => [...shown]))])
  const known = new Map(direct.rows.map((row) => [row.key, new Set(row.match_keys)]))
  const isNewKeyShown = [...records].some(([key, shown]) => [...shown].some((matchKey) => known.get(key)?.has(matchKey) !== true))
  const undecided = isNewKeyShown ? direct.rows.flatMap((row) => (row.party_id === null ? row.match_keys : [])) : []
  const behind = undecided.length === 0 ? { holders: [], rows: [] } : await readRecords(tx, [], [...new Set(undecided)])
  const rows = [...direct.rows, ...behind.rows]
  const partyIds = [...new Set(rows.flatMap(({ party_id }) => party_id ?? []))]
  const parties = await selectParties(tx, partyIds)
  const partyKeys = isNewKeyShown ? await selectPartyKeys(tx, partyIds) : []
  const firstEntries = replaced.length === 0 ? [] : await selectFirstEntries(tx, replaced)
  return {
    records: new Map(rows.map((row) => [row.key, {
      key: row.key, system: row.system, firstEntry: row.first_entry, lastEntry: row.last_entry, test: row.test, party: row.party,
      matchKeys: new Set(row.match_keys), partyId: row.party_id ?? undefined,
    }])),
    oldestHolders: new Map([...direct.holders, ...behind.holders].map(({ match_key, source_key }) => [match_key, source_key])),
    parties: new Map(parties.map(({ id, founded_place, founder }) => [id, { id, foundedPlace: founded_place, founder }])),
    partyKeys: new Map(partyKeys.map(({ party_id, match_keys }) => [party_id, new Set(match_keys)])),
    firstEntries: new Map(firstEntries.map(({ document_id, first_entry }) => [document_id, first_entry])),
  }
}

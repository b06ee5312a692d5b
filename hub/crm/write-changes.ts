import type { IdentityDraft } from '../../schemas/journal-entry.js'
import type { Tx } from '../ops/database.js'
import type { CrmChanges } from './crm-state.js'
import { insertDocuments, insertSearches } from './insert-documents.js'
import { nameOf } from './source-record.js'

const upsertRecords = (tx: Tx, { records }: CrmChanges) => tx.query(
  `insert into source_record (key, system, first_entry, last_entry, test, name, country, party, party_id)
   select * from jsonb_to_recordset($1::jsonb) r(key text, system text, first_entry bigint, last_entry bigint, test boolean, name text, country text, party jsonb, party_id uuid)
   on conflict (key) do update set last_entry = excluded.last_entry, test = excluded.test, name = excluded.name, country = excluded.country,
                                   party = excluded.party, party_id = excluded.party_id`,
  [JSON.stringify(records.map((record) => ({
    key: record.key, system: record.system, first_entry: record.firstEntry, last_entry: record.lastEntry, test: record.test,
    name: nameOf(record.party), country: record.party.address?.country, party: record.party, party_id: record.partyId,
  })))])

/** Most documents tell nothing new about a party: then the record is only seen again. */
const markSeen = (tx: Tx, { seen }: CrmChanges) => tx.query(
  `update source_record record set last_entry = seen.entry from unnest($1::text[], $2::bigint[]) seen(key, entry) where record.key = seen.key`,
  [seen.map(({ key }) => key), seen.map(({ lastEntry }) => lastEntry)])

const insertMatchKeys = (tx: Tx, { newMatchKeys }: CrmChanges) => tx.query(
  'insert into source_match_key (match_key, first_entry, source_key) select * from unnest($1::text[], $2::bigint[], $3::text[])',
  [newMatchKeys.map(({ matchKey }) => matchKey), newMatchKeys.map(({ record }) => record.firstEntry), newMatchKeys.map(({ record }) => record.key)])

const insertTerms = (tx: Tx, { newTerms }: CrmChanges) => tx.query(
  'insert into source_term (source_key, term) select * from unnest($1::text[], $2::text[]) on conflict do nothing',
  [newTerms.map(({ key }) => key), newTerms.map(({ term }) => term)])

const insertParties = (tx: Tx, { founded }: CrmChanges) => tx.query(
  'insert into golden_party (id, founded_place, founder) select * from unnest($1::uuid[], $2::bigint[], $3::text[]) on conflict (id) do nothing',
  [founded.map(({ id }) => id), founded.map(({ foundedPlace }) => foundedPlace), founded.map(({ founder }) => founder)])

const redirectParties = (tx: Tx, { merges }: CrmChanges) => tx.query(
  `update golden_party party set merged_into = merge.survivor
     from unnest($1::uuid[], $2::uuid[]) merge(loser, survivor) where party.id = merge.loser or party.merged_into = merge.loser`,
  [merges.map(({ loser }) => loser), merges.map(({ survivor }) => survivor)])

const moveRecords = (tx: Tx, { merges }: CrmChanges) => tx.query(
  `update source_record record set party_id = merge.survivor
     from unnest($1::uuid[], $2::uuid[]) merge(loser, survivor) where record.party_id = merge.loser`,
  [merges.map(({ loser }) => loser), merges.map(({ survivor }) => survivor)])

/**
 * Copies put nothing but copies out of force, and tests nothing but tests: neither takes anything from the figures. Whatever replaces one also replaces
 * what that stood beside.
 */
const retireReplaced = (tx: Tx, newer: CrmChanges['rows']['documents']) => tx.query(
  `with recursive before as (
     select former.document_id, former.function, former.test, former.replaces, newer.function = 'copy' as by_copy, newer.test as by_test
       from trade_document newer join trade_document former on former.document_id = newer.replaces
      where newer.document_id = any($1::uuid[])
     union
     select former.document_id, former.function, former.test, former.replaces, before.by_copy, before.by_test
       from before join trade_document former on former.document_id = before.replaces
      where before.function = 'copy' or before.test
   )
   update trade_document set current = false
    where current and document_id in (select document_id from before where (function = 'copy' or not by_copy) and (test or not by_test))`,
  [newer.map(({ document_id }) => document_id)])

/** Writes what a batch changed. */
export const writeChanges = async (tx: Tx, changes: CrmChanges): Promise<void> => {
  if (changes.founded.length > 0) await insertParties(tx, changes)
  if (changes.merges.length > 0) {
    await redirectParties(tx, changes)
    await moveRecords(tx, changes)
  }
  if (changes.records.length > 0) await upsertRecords(tx, changes)
  if (changes.seen.length > 0) await markSeen(tx, changes)
  if (changes.newMatchKeys.length > 0) await insertMatchKeys(tx, changes)
  if (changes.newTerms.length > 0) await insertTerms(tx, changes)
  if (changes.rows.searches.length > 0) await insertSearches(tx, changes.rows.searches)
  if (changes.rows.documents.length === 0) return
  await insertDocuments(tx, changes.rows)
  const newer = changes.rows.documents.filter(({ replaces }) => replaces !== null)
  if (newer.length > 0) await retireReplaced(tx, newer)
}

export const insertDrafts = (tx: Tx, drafts: readonly IdentityDraft[]) => tx.query(
  `insert into outbox (cause, ordinal, draft) select (draft->>'cause')::bigint, (draft->>'ordinal')::integer, draft
     from jsonb_array_elements($1::jsonb) draft on conflict do nothing`, [JSON.stringify(drafts)])

/** By cause and ordinal. */
export const deleteDrafts = (tx: Tx, drafts: readonly Pick<IdentityDraft, 'cause' | 'ordinal'>[]) => tx.query(
  `delete from outbox using unnest($1::bigint[], $2::integer[]) done(cause, ordinal) where outbox.cause = done.cause and outbox.ordinal = done.ordinal`,
  [drafts.map(({ cause }) => cause), drafts.map(({ ordinal }) => ordinal)])

export const selectDrafts = (tx: Tx, limit: number) => tx.query<{ draft: IdentityDraft }>('select draft from outbox order by cause, ordinal limit $1', [limit])

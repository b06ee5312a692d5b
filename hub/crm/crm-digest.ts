import { createHash } from 'node:crypto'
import type { Database, Tx } from '../ops/database.js'

/** What is followed from the journal: every column but the owner's epoch. The outbox is on its way to the journal and belongs to neither. */
const followed = [
  { name: 'follower_position', columns: 'position', order: 'position' },
  { name: 'parked_entry', columns: 'entry, state, cause, held_by', order: 'entry' },
  { name: 'golden_party', columns: 'id, founded_place, founder, merged_into', order: 'id' },
  { name: 'source_record', columns: 'key, system, first_entry, last_entry, test, name, country, party, party_id', order: 'key' },
  { name: 'source_match_key', columns: 'match_key, first_entry, source_key', order: 'match_key, first_entry, source_key' },
  { name: 'source_term', columns: 'source_key, term', order: 'source_key, term' },
  {
    name: 'trade_document', order: 'document_id',
    columns: 'document_id, entry, first_entry, message_id, system, kind, number, function, revision, replaces, current, test, issuer_key, buyer_key, debtor_key, issued_on, due_on, currency, payable',
  },
  { name: 'document_party', columns: 'document_id, role, line, source_key', order: 'document_id, role, line, source_key' },
  { name: 'trade_reference', columns: 'document_id, ordinal, reference_no, from_line, to_line, kind, number, issuer_key', order: 'document_id, ordinal' },
  { name: 'document_search', columns: 'entry, message_id, terms', order: 'entry' },
  { name: 'thread_anchor', columns: 'thread_id, system, issuer_key, kind, number, first_entry', order: 'thread_id' },
] as const

/** Hashes of rows and not the rows are strung together, so that a table of 30 million rows stays within one value of 1 GB. */
const hashTable = (tx: Tx, table: (typeof followed)[number]) => tx.query<{ hash: string }>(
  `select encode(sha256(coalesce(string_agg(sha256(convert_to(row_text, 'UTF8')), ''::bytea order by place), ''::bytea)), 'hex') as hash
     from (select picked::text as row_text, row_number() over (order by ${table.order}) as place from (select ${table.columns} from ${table.name}) picked) listed`)

/** A SHA-256 over all rows of all followed tables in key order, read in one snapshot: two databases that followed the same journal give the same. */
export const crmDigest = async (database: Database): Promise<string> => {
  const hashes = await database.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read read only')
    const found: string[] = []
    for (const table of followed) found.push(`${table.name} ${(await hashTable(tx, table))[0]?.hash ?? ''}`)
    return found
  })
  return createHash('sha256').update(hashes.join('\n')).digest('hex')
}

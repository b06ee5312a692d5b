import { isUuid, type JournalNumber, type SourceKey } from '../../schemas/ids.js'
import type { JournalEntry } from '../../schemas/journal-entry.js'
import type { Database, Tx } from '../ops/database.js'
import { documentQueryOf, type DocumentWish } from './document-terms.js'
import { searchRowOf } from './document-rows.js'
import { survivingParty } from './party-queries.js'
import { searchTextOf } from './search-terms.js'
import { insertSearches } from './insert-documents.js'

export interface SearchedDocument extends Omit<DocumentWish, 'parties'> {
  /** The beginning of a word of a party's name, an identifier, a source key or the id of a golden party. */
  readonly party?: string | undefined
}

/** Of the source records that a word fits. */
const mostKeys = 500

const keysOfParty = (tx: Tx, id: string) => tx.query<{ key: SourceKey }>(`select key from source_record where party_id = $1 order by first_entry limit ${mostKeys}`, [id])

const keysByWord = (tx: Tx, word: string, like: string) => tx.query<{ key: SourceKey }>(`
  select key from source_record where key = $1 union (select distinct source_key from source_term where term like $2 limit ${mostKeys})`, [word, like])

const partiesOf = async (tx: Tx, party: string): Promise<readonly SourceKey[]> => {
  const golden = isUuid(party) ? await survivingParty(tx, party) : undefined
  const rows = golden === undefined ? await keysByWord(tx, party, `${searchTextOf(party).replace(/[\\%_]/g, '\\$&')}%`) : await keysOfParty(tx, golden)
  return rows.map(({ key }) => key)
}

const selectMessages = (tx: Tx, query: string, before: string | undefined, limit: number) => tx.query<{ id: string }>(`
  select message_id as id from document_search where terms @@ $1::tsquery and ($2::uuid is null or message_id < $2) order by message_id desc limit $3`, [query, before ?? null, limit])

/** Gives the id of its message for each document that is as wished, the latest first, before the one named: told apart here, a word that many say would be counted to its end. */
export const makeFindDocuments = ({ database }: { readonly database: Database }) => async ({ party, ...wish }: SearchedDocument, before: string | undefined, limit: number): Promise<readonly string[]> => {
  const query = documentQueryOf({ ...wish, ...(party === undefined ? {} : { parties: await partiesOf(database, party) }) })
  return query === undefined ? [] : (await selectMessages(database, query, before, limit)).map(({ id }) => id)
}

/** How far entries that were followed before there was a search have been entered into it. */
export const searchBackfill = async (tx: Tx): Promise<{ readonly done: JournalNumber, readonly upto: JournalNumber } | undefined> =>
  (await tx.query<{ done: number, upto: number }>('select done, upto from search_backfill where done < upto'))[0]

/** Enters earlier entries into the search and notes how far that is. */
export const backfillSearch = (database: Database, after: JournalNumber, entries: readonly JournalEntry[]): Promise<void> => database.transaction(async (tx) => {
  const documents = entries.flatMap((entry) => (entry.type === 'document.accepted' ? [searchRowOf(entry)] : []))
  if (documents.length > 0) await insertSearches(tx, documents)
  await tx.query('update search_backfill set done = $2 where done = $1', [after, entries.at(-1)?.number ?? after])
})

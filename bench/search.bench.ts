import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { findMessages, passingMessages, type MessageFilter } from '../hub/central/find-messages.js'
import { documentTermsOf, searchedWords } from '../hub/crm/document-terms.js'
import { migrateCrm } from '../hub/crm/migrate-crm.js'
import { makeFindDocuments, type SearchedDocument } from '../hub/crm/search-queries.js'
import { insertSearches } from '../hub/crm/insert-documents.js'
import { makeSearchMessages } from '../hub/intake/search-messages.js'
import { openDatabase, type Database } from '../hub/ops/database.js'
import { startEmbeddedPostgres } from '../hub/ops/embedded-postgres.js'
import { migrate } from '../hub/ops/migrate.js'
import type { TradeDocument } from '../schemas/canonical/trade-document.js'
import { projectFolder } from '../schemas/project-folder.js'
import { processorMs } from './processor-time.js'
import { printRows, type BenchRow } from './table.js'

const messages = 1_000_000
const written = { documents: 5000, batch: 250 } as const
const runs = 15

/**
 * What the search of documents costs for each document, in processor time of PostgreSQL and of this process, beside two other ways to do it; and how long it takes to find
 * a page of 50 among a million messages, each with a document. A hundredth of them is refused, a ten-thousandth is of a rare partner.
 */
export const bench = async (options: { readonly json: boolean }): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-bench-'))
  const postgres = await startEmbeddedPostgres({ dataFolder: join(folder, 'postgres'), databases: ['central', 'crm'], log: () => undefined, onLost: (reason) => { throw new Error(reason) } })
  if (!postgres.ok) throw new Error(postgres.detail)
  const { urlOf, stop } = postgres.value
  const open = (name: string): Database => openDatabase({ url: urlOf(name), schema: name, connections: 1, onIdleError: () => undefined })
  const [central, crm] = [open('central'), open('crm')]
  try {
    await migrate(central, 'central', projectFolder('hub', 'central', 'migrations'))
    await migrateCrm(crm, 'crm')
    const rows = [...await costs(crm), ...await pages(central, crm)]
    printRows(rows, options)
  } finally {
    await Promise.all([central.close(), crm.close()])
    await stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const row = (name: string, unit: string, value: number): BenchRow => ({ bench: 'search', case: name, value, unit })

/** Words of which few are said often and many seldom, as in a language. */
const words = (n: number, count: number): string => Array.from({ length: count }, (_each, index) => `word${Math.floor(50_000 ** (((n * 7919 + index * 104_729) % 10_007) / 10_007))}`).join(' ')

const documents = async (): Promise<readonly TradeDocument[]> => {
  const order = JSON.parse(await readFile(projectFolder('mappings', 'ubl', 'samples', 'order.canonical.json'), 'utf8')) as TradeDocument
  return Array.from({ length: written.documents }, (_each, n) => ({ ...order, number: `PO-${n}`, notes: [{ value: words(n, 20) }] }))
}

const costs = async (crm: Database): Promise<readonly BenchRow[]> => {
  const all = await documents()
  const [{ pid } = { pid: 0 }] = await crm.query<{ pid: number }>('select pg_backend_pid() as pid')
  await crm.query(`create extension if not exists pg_trgm;
    create table by_trigrams (entry bigint primary key, words text not null); create index on by_trigrams using gin (words gin_trgm_ops);
    create table by_body (entry bigint primary key, body jsonb not null); create table by_body_alone (entry bigint primary key, body jsonb not null); create index on by_body using gin (body jsonb_path_ops)`)
  const measure = async (name: string, write: (batch: readonly TradeDocument[], from: number) => Promise<unknown>): Promise<readonly BenchRow[]> => {
    const [own, server] = [process.cpuUsage(), await processorMs(pid)]
    for (let from = 0; from < all.length; from += written.batch) await write(all.slice(from, from + written.batch), from)
    const { user, system } = process.cpuUsage(own)
    return [row(`${name}: PostgreSQL`, 'µs/document', (await processorMs(pid) - server) * 1000 / all.length), row(`${name}: hub`, 'µs/document', (user + system) / all.length)]
  }
  const id = '01a20000-0000-7000-8000-000000000000'
  return [
    ...await measure('words of documents, as it is', (batch, from) => insertSearches(crm, batch.map((document, index) => ({ entry: from + index, message_id: id, terms: documentTermsOf({ system: 'erp', document }) })))),
    ...await measure('trigrams of the same words', (batch, from) => crm.query('insert into by_trigrams select * from unnest($1::bigint[], $2::text[])', [batch.map((_one, index) => from + index), batch.map((document) => documentTermsOf({ system: 'erp', document }).join(' '))])),
    ...await measure('an index on bodies', (batch, from) => crm.query('insert into by_body select * from unnest($1::bigint[], $2::jsonb[])', [batch.map((_one, index) => from + index), batch.map((document) => JSON.stringify(document))])),
    ...await measure('bodies without an index', (batch, from) => crm.query('insert into by_body_alone select * from unnest($1::bigint[], $2::jsonb[])', [batch.map((_one, index) => from + index), batch.map((document) => JSON.stringify(document))])),
  ]
}

/** Two messages a second, so that a million is a week. */
const fill = async (central: Database, crm: Database): Promise<void> => {
  const ids = 'select n, ((lpad(to_hex((extract(epoch from now() - make_interval(secs => (1000001 - n) * 0.5)) * 1000)::bigint), 12, \'0\') || \'7000a\' || lpad(to_hex(n), 15, \'0\')))::uuid as id'
  await central.query(`
    insert into message (id, attempt, channel, system, sender, caller, received_at, content_type, raw, raw_sha256, outcome, status, format, mapping_version, test, answer)
    select id, id, case when n % 10000 = 17 then 'rare' else 'channel-' || n % 7 end, 'erp', case when n % 10000 = 42 then 'rare-partner' else 'partner-' || n % 500 end, 'key-' || n % 500, now(), 'application/xml',
      convert_to(repeat(md5(n::text), 12), 'UTF8'), md5(n::text), case when n % 100 = 0 then 'rejected' else 'accepted' end, case when n % 100 = 0 then 422 else 200 end, 'ubl/order', '049af283f73e2de2', false,
      case when n % 100 = 0 then json_build_object('documents', '[]'::json, 'errors', json_build_array(json_build_object('code', case when n % 10000 = 0 then 'total-mismatch' else 'field-missing' end, 'at', '2:1', 'detail', 'The field ' || md5(n::text) || ' is missing')))
        else json_build_object('documents', json_build_array(json_build_object('kind', 'order', 'number', 'PO-' || n)), 'errors', '[]'::json) end
    from (${ids} from generate_series(1, ${messages}) n) given`)
  await crm.query(`drop index document_search_terms; truncate document_search;
    insert into document_search (entry, message_id, terms)
    select n, id, array_to_tsvector(array['#number:po-' || n, '#kind:order', '#party:erp/id:' || n % 500, '#item:' || n % 20000, 'lotus', 'led'] || array(select 'word' || floor(50000 ^ random() + n * 0)::int from generate_series(1, 20) group by 1))
    from (${ids} from generate_series(1, ${messages}) n) given;
    create index document_search_terms on document_search using gin (terms)`)
  await central.query('vacuum analyze message')
  await crm.query('vacuum analyze document_search')
}

const pages = async (central: Database, crm: Database): Promise<readonly BenchRow[]> => {
  await fill(central, crm)
  const search = makeSearchMessages({
    findMessages: (filter, page) => findMessages(central, filter, page), passingMessages: (filter, ids) => passingMessages(central, filter, ids), findDocuments: makeFindDocuments({ database: crm }), searchedWords,
  })
  const rows: BenchRow[] = []
  const cases: readonly (readonly [string, MessageFilter, SearchedDocument])[] = [
    ['the newest', {}, {}], ['a partner of many', { sender: 'partner-3' }, {}], ['a rare partner', { sender: 'rare-partner' }, {}], ['a channel that nobody uses', { channel: 'nobody' }, {}], ['channel, sender or caller', { partner: 'rare-partner' }, {}],
    ['refused', { outcome: 'rejected' }, {}], ['refused for a rare reason', { outcome: 'rejected', code: 'total-mismatch' }, {}], ['a word of an error', {}, { text: 'c4ca4238a0b923820dcc509a6f75849b' }], ['a number', {}, { number: 'PO-777777' }], ['an item', {}, { item: '4711' }],
    ['a word that all say', {}, { text: 'lotus' }], ['two words', {}, { text: 'word7 lotus' }], ['a rare word', {}, { text: 'word49999' }], ['the beginning of many words', {}, { text: 'word4' }], ['a common word of a rare channel', { channel: 'rare' }, { text: 'lotus' }],
  ]
  for (const [name, message, document] of cases) {
    const took: number[] = []
    for (let run = 0; run < runs; run++) {
      const startedMs = performance.now()
      await search({ message, document }, { before: undefined, limit: 50 })
      took.push(performance.now() - startedMs)
    }
    took.sort((a, b) => a - b)
    rows.push(row(`a page of ${name}, p50`, 'ms', took[Math.floor(runs / 2)] ?? 0))
  }
  return rows
}

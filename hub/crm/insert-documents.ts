import { boolArray, int4Array, int8Array, textArray, tsvectorArray, uuidArray } from '../central/binary-arrays.js'
import type { Tx } from '../ops/database.js'
import type { AnchorRow, DocumentRow, DocumentRows, PartyRow, ReferenceRow, SearchRow } from './document-rows.js'

interface Column<Row> {
  readonly name: string
  /** As which the values are given; text becomes what the column is. */
  readonly type: 'uuid' | 'bigint' | 'integer' | 'boolean' | 'text'
  readonly as?: 'uuid' | 'date' | 'numeric'
  readonly of: (rows: readonly Row[]) => Buffer
}

const uuid = <Row>(name: string, of: (row: Row) => string): Column<Row> => ({ name, type: 'uuid', of: (rows) => uuidArray(rows.map(of)) })
const bigint = <Row>(name: string, of: (row: Row) => number): Column<Row> => ({ name, type: 'bigint', of: (rows) => int8Array(rows.map(of)) })
const integer = <Row>(name: string, of: (row: Row) => number): Column<Row> => ({ name, type: 'integer', of: (rows) => int4Array(rows.map(of)) })
const boolean = <Row>(name: string, of: (row: Row) => boolean): Column<Row> => ({ name, type: 'boolean', of: (rows) => boolArray(rows.map(of)) })
const text = <Row>(name: string, of: (row: Row) => string | null): Column<Row> => ({ name, type: 'text', of: (rows) => textArray(rows.map(of)) })
const textAs = <Row>(as: 'uuid' | 'date' | 'numeric', name: string, of: (row: Row) => string | null): Column<Row> => ({ ...text(name, of), as })

const documentColumns: readonly Column<DocumentRow>[] = [
  uuid('document_id', (row) => row.document_id), bigint('entry', (row) => row.entry), bigint('first_entry', (row) => row.first_entry), uuid('message_id', (row) => row.message_id),
  text('system', (row) => row.system), text('kind', (row) => row.kind), text('number', (row) => row.number), text('function', (row) => row.function),
  integer('revision', (row) => row.revision), textAs('uuid', 'replaces', (row) => row.replaces), boolean('current', () => true), boolean('test', (row) => row.test),
  text('issuer_key', (row) => row.issuer_key), text('buyer_key', (row) => row.buyer_key), text('debtor_key', (row) => row.debtor_key),
  textAs('date', 'issued_on', (row) => row.issued_on), textAs('date', 'due_on', (row) => row.due_on), text('currency', (row) => row.currency), textAs('numeric', 'payable', (row) => row.payable),
]

const partyColumns: readonly Column<PartyRow>[] = [
  uuid('document_id', (row) => row.document_id), text('role', (row) => row.role), text('line', (row) => row.line), text('source_key', (row) => row.source_key),
]

const referenceColumns: readonly Column<ReferenceRow>[] = [
  uuid('document_id', (row) => row.document_id), integer('ordinal', (row) => row.ordinal), integer('reference_no', (row) => row.reference_no),
  text('from_line', (row) => row.from_line), text('to_line', (row) => row.to_line), text('kind', (row) => row.kind), text('number', (row) => row.number), text('issuer_key', (row) => row.issuer_key),
]

const anchorColumns: readonly Column<AnchorRow>[] = [
  uuid('thread_id', (row) => row.thread_id), text('system', (row) => row.system), text('issuer_key', (row) => row.issuer_key), text('kind', (row) => row.kind), text('number', (row) => row.number),
  bigint('first_entry', (row) => row.first_entry),
]

/** `insert into table select …` of the columns, given from parameter `from` on. */
const insertInto = <Row>(table: string, columns: readonly Column<Row>[], from: number): string => {
  const names = columns.map(({ name }) => name).join(', ')
  const given = columns.map(({ type }, index) => `$${from + index}::${type}[]`).join(', ')
  return `insert into ${table} (${names}) select ${columns.map(({ name, as }) => (as === undefined ? name : `${name}::${as}`)).join(', ')} from unnest(${given}) given (${names})`
}

const placeOf = { parties: 1 + documentColumns.length, references: 1 + documentColumns.length + partyColumns.length, anchors: 1 + documentColumns.length + partyColumns.length + referenceColumns.length }

const statement = `
  with documents as (${insertInto('trade_document', documentColumns, 1)}),
  parties as (${insertInto('document_party', partyColumns, placeOf.parties)}),
  referred as (${insertInto('trade_reference', referenceColumns, placeOf.references)})
  ${insertInto('thread_anchor', anchorColumns, placeOf.anchors)} on conflict do nothing`

const encode = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly Buffer[] => columns.map(({ of }) => of(rows))

/** Adds trade documents with their parties, references and the threads that they hang on, in one statement with arrays in PostgreSQL's binary form (docs/adr/0017). */
export const insertDocuments = (tx: Tx, { documents, parties, references, anchors }: DocumentRows) =>
  tx.query(statement, [...encode(documentColumns, documents), ...encode(partyColumns, parties), ...encode(referenceColumns, references), ...encode(anchorColumns, anchors)])

/** What documents are found by; of an entry that has its row already nothing is written. */
export const insertSearches = (tx: Tx, searches: readonly SearchRow[]) => tx.query(
  'insert into document_search (entry, message_id, terms) select * from unnest($1::bigint[], $2::uuid[], $3::tsvector[]) on conflict do nothing',
  [int8Array(searches.map(({ entry }) => entry)), uuidArray(searches.map(({ message_id }) => message_id)), tsvectorArray(searches.map(({ terms }) => terms))])

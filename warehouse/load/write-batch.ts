import type { JournalNumber } from '../../schemas/ids.js'
import type { Cell, Writer } from '../engines/engine.js'
import { factTable } from '../model/cube.js'
import type { Model } from '../model/model.js'
import { untold, type Batch, type LoadedDocument } from './fold-entries.js'
import type { KnownRows } from './known-rows.js'
import type { StoredRow } from './read-facts.js'
import { shadowDocuments } from './shadow-documents.js'
import { writeLinks } from './write-links.js'
import { writeMembers } from './write-members.js'

/** Writes what a run of entries changes. */
export const writeBatch = async (tx: Writer, model: Model, batch: Batch, known: KnownRows): Promise<void> => {
  const gone = await readGone(tx, batch.removed)
  await removeDocuments(tx, model, batch.removed)
  await moveHeads(tx, batch.moved)
  const keys = new Map<string, ReadonlyMap<string, number>>()
  for (const dimension of model.dimensions) {
    const members = batch.members.get(dimension.name)
    if (members !== undefined) keys.set(dimension.name, await writeMembers(tx, dimension, members, known))
  }
  const reissued = await writeLinks(tx, batch.decisions)
  // A number that no other document has shadows nothing, and most are new.
  const repeated = await known.metBefore(tx, batch.documents.map(numberOf))
  const written = [...batch.replaced, ...batch.documents]
  if (written.length > 0) await appendDocuments(tx, model, written, await known.takeKeys(tx, 'document', written.length), keys, gone)
  await removeDocuments(tx, model, batch.replaced.map(({ head }) => head))
  await shadowDocuments(tx, [...new Set([...[...gone.values()].map(({ number }) => number), ...reissued, ...repeated])])
}

/** What is left to know of a document that is removed: its number, and the entry that its first revision came with. */
interface Gone {
  readonly number: string
  readonly first: JournalNumber
}

const readGone = async (tx: Writer, heads: readonly string[]): Promise<ReadonlyMap<string, Gone>> => {
  if (heads.length === 0) return new Map()
  const rows = await tx.rows('select head, number, first_entry from document where head in (select unnest($1::varchar[]))', [heads])
  return new Map(rows.map((row) => [String(row['head']), { number: String(row['number']), first: Number(row['first_entry']) }]))
}

const numberOf = ({ entry: { document } }: LoadedDocument): string => ('number' in document ? document.number : '')

const removeDocuments = async (tx: Writer, model: Model, heads: readonly string[]): Promise<void> => {
  if (heads.length === 0) return
  const gone = '(select key from document where head in (select unnest($1::varchar[])))'
  for (const cube of model.cubes) await tx.run(`delete from ${factTable(cube)} where document in ${gone}`, [heads])
  for (const table of ['left_out', 'shadowed']) await tx.run(`delete from ${table} where document in ${gone}`, [heads])
  await tx.run('delete from document where head in (select unnest($1::varchar[]))', [heads])
}

const moveHeads = async (tx: Writer, moved: ReadonlyMap<string, string>): Promise<void> => {
  if (moved.size === 0) return
  await tx.run('update document set head = told.now from (select unnest($1::varchar[]) as before, unnest($2::varchar[]) as now) told where document.head = told.before',
    [[...moved.keys()], [...moved.values()]])
}

type MemberKeys = ReadonlyMap<string, ReadonlyMap<string, number>>

const appendDocuments = async (tx: Writer, model: Model, documents: readonly LoadedDocument[], firstKey: number, keys: MemberKeys, gone: ReadonlyMap<string, Gone>): Promise<void> => {
  const numbered = documents.map((document, at) => ({ document, key: firstKey + at }))
  await tx.append('document', numbered.map(({ key, document }) => {
    const { head, entry, first, issuer, counts } = document
    const firstEntry = typeof first === 'number' ? first : gone.get(first.ofHead)?.first ?? entry.number
    const issuerKey = issuer === undefined ? null : keys.get('party')?.get(issuer) ?? null
    return [key, head, entry.documentId, entry.messageId, entry.document.kind, numberOf(document), entry.revision, entry.number, firstEntry, issuerKey, counts]
  }))
  await tx.append('left_out', numbered.flatMap(({ key, document: { facts } }) => facts.leftOut.map(({ cube, failure }) => [key, cube, failure.at, failure.detail])))
  for (const cube of model.cubes) {
    await tx.append(factTable(cube), numbered.flatMap(({ key, document: { facts } }) =>
      facts.rows.filter((row) => row.cube === cube.name).map((row) => [key, row.ordinal, row.line, ...cellsOf(row, keys)])))
  }
}

const cellsOf = (row: StoredRow, keys: MemberKeys): readonly Cell[] => row.columns.map((column) => {
  if (typeof column !== 'object' || column === null) return column
  const key = keys.get(column.dimension)?.get(column.member)
  if (key === undefined) throw untold(new Error(`${column.member} is no member of ${column.dimension}.`))
  return key
})

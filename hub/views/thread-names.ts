import type { IndexedDocument, ThreadName, ThreadQueries } from '../crm/thread-queries.js'
import { givenReferences, nameKey, ownName, resolveReference, type GivenReference } from './resolve-reference.js'

/** The kinds through which a document that names no order belongs to a thread. */
const threadKinds: ReadonlySet<string> = new Set(['order-response', 'order-change', 'despatch', 'receipt', 'invoice', 'credit-note'])

/** Names of one document, by key: its own and the other side's. */
export type Names = ReadonlyMap<string, ThreadName>

const nodesOf = (names: Names): readonly string[] => [...new Set([...names.values()].map(({ issuer }) => issuer))]

const partiesOf = (documents: readonly IndexedDocument[]): readonly string[] => [...new Set(documents.flatMap(({ issuer, parties }) => [issuer, ...parties]))]

/** The names under which a document is known, drawn from references that give both sides' numbers. */
export const allNames = async (queries: ThreadQueries, start: ThreadName): Promise<Names> => {
  const names = new Map([[nameKey(start), start]])
  for (let before = 0; before < names.size;) {
    before = names.size
    const referring = await queries.documentsReferringTo([...names.values()], nodesOf(names))
    const doubles = referring.flatMap(givenReferences).filter((given) => given.names.length > 1 && given.names.some((name) => names.has(nameKey(name))))
    for (const name of doubles.flatMap((given) => given.names)) names.set(nameKey(name), name)
  }
  return names
}

/** References of documents, each with what it means. */
export const resolveAll = async (queries: ThreadQueries, documents: readonly IndexedDocument[], wanted: (given: GivenReference) => boolean) => {
  const asked = documents.map((document) => ({ document, given: givenReferences(document).filter(wanted) }))
  const names = asked.flatMap(({ given }) => given.flatMap((each) => each.names))
  const candidates = await queries.documentsNumbered(distinct(names), [...partiesOf(documents), ...names.map(({ issuer }) => issuer)])
  return asked.map(({ document, given }) => ({ document, given: given.map((each) => ({ ...each, resolution: resolveReference(document, each, candidates) })) }))
}

const distinct = (names: readonly ThreadName[]): readonly ThreadName[] => [...new Map(names.map((name) => [nameKey(name), name])).values()]

const isOrderReference = ({ names }: GivenReference): boolean => names[0]?.kind === 'order'

/** The names that documents hang on by what they refer to: orders, else other documents of the transaction. */
const namesAbove = async (queries: ThreadQueries, documents: readonly IndexedDocument[]): Promise<readonly ThreadName[]> => {
  const resolved = await resolveAll(queries, documents, ({ names }) => names.some(({ kind }) => kind === 'order' || threadKinds.has(kind)))
  return distinct(resolved.flatMap(({ given }) => {
    const orders = given.filter(isOrderReference)
    return (orders.length > 0 ? orders : given).map(({ resolution }) => resolution.name)
  }))
}

/** What the references to a document that is not here were taken to mean. */
const namesMeant = async (queries: ThreadQueries, names: Names): Promise<readonly ThreadName[]> => {
  const meant = (given: GivenReference) => given.names.some((name) => names.has(nameKey(name)))
  const referring = (await queries.documentsReferringTo([...names.values()], nodesOf(names))).filter((document) => document.kind !== 'order')
  const resolved = await resolveAll(queries, referring, meant)
  return distinct(resolved.flatMap(({ given }) => given.map(({ resolution }) => resolution.name)))
}

/**
 * The documents at the top of the threads that a name belongs to: the orders, and where no order is known the documents that stand for
 * them. Each as all names under which it is known.
 */
export const rootsOf = async (queries: ThreadQueries, name: ThreadName, seen: ReadonlySet<string> = new Set()): Promise<readonly Names[]> => {
  const names = await allNames(queries, name)
  const documents = (await queries.documentsNumbered([...names.values()], nodesOf(names))).filter((document) => names.has(nameKey(ownName(document))))
  const isRoot = documents.length > 0 && name.kind === 'order'
  const above = isRoot ? [] : documents.length > 0 ? await namesAbove(queries, documents.filter(({ current }) => current)) : await namesMeant(queries, names)
  const known = new Set([...seen, ...names.keys()])
  const further = above.filter((each) => !known.has(nameKey(each)))
  if (further.length === 0) return [names]
  const roots: Names[] = []
  if (further.length < above.length && documents.length === 0) roots.push(names)
  for (const each of further) {
    const found = await rootsOf(queries, each, known)
    for (const root of found) if (!roots.some((other) => [...other.keys()].some((key) => root.has(key)))) roots.push(root)
  }
  return roots
}

export { isOrderReference, nodesOf, partiesOf, threadKinds }

import { standsAlone, threadKinds } from '../../schemas/thread-id.js'
import type { IndexedDocument, ThreadName, ThreadQueries } from '../crm/thread-queries.js'
import { ordersBelow } from './order-below.js'
import { nameKey, ownName, type GivenReference } from './resolve-reference.js'
import { allNames, distinct, isOrderReference, nodesOf, resolveAll, type Names } from './thread-names.js'

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
  const referring = (await queries.documentsReferringTo([...names.values()], nodesOf(names))).filter(({ kind }) => kind !== 'order' && !standsAlone(kind))
  const resolved = await resolveAll(queries, referring, meant)
  return distinct(resolved.flatMap(({ given }) => given.map(({ resolution }) => resolution.name)))
}

/**
 * The documents at the top of the threads that a name belongs to: the orders, named above it or below, and where no order is known the documents
 * that stand for them. Each as all names under which it is known.
 */
export const rootsOf = async (queries: ThreadQueries, name: ThreadName, seen: ReadonlySet<string> = new Set()): Promise<readonly Names[]> => {
  const names = await allNames(queries, name)
  const documents = (await queries.documentsNumbered([...names.values()], nodesOf(names))).filter((document) => names.has(nameKey(ownName(document))))
  const isRoot = documents.length > 0 && (name.kind === 'order' || standsAlone(name.kind))
  const above = isRoot ? [] : documents.length > 0 ? await namesAbove(queries, documents.filter(({ current }) => current)) : await namesMeant(queries, names)
  const known = new Set([...seen, ...names.keys()])
  const further = above.filter((each) => !known.has(nameKey(each)))
  if (further.length === 0) {
    const orders = isRoot || documents.length === 0 ? [] : (await ordersBelow(queries, names, documents)).filter((each) => !known.has(nameKey(each)))
    return orders.length === 0 ? [names] : distinctRoots(queries, orders, known)
  }
  return distinctRoots(queries, further, known, further.length < above.length && documents.length === 0 ? [names] : [])
}

/** Whether two roots are one, under one of their names. */
export const isSameRoot = (a: Names, b: Names): boolean => [...a.keys()].some((key) => b.has(key))

const distinctRoots = async (queries: ThreadQueries, names: readonly ThreadName[], known: ReadonlySet<string>, first: readonly Names[] = []): Promise<readonly Names[]> => {
  const roots = [...first]
  for (const each of names) {
    const found = await rootsOf(queries, each, known)
    for (const root of found) if (!roots.some((other) => isSameRoot(other, root))) roots.push(root)
  }
  return roots
}

import { standsAlone, threadKinds } from '../../schemas/thread-id.js'
import type { IndexedDocument, ThreadName, ThreadQueries } from '../crm/thread-queries.js'
import { nameKey, ownName, type GivenReference, type Resolution } from './resolve-reference.js'
import { isOrderReference, nodesOf, partiesOf, resolveAll, type Names } from './thread-names.js'

interface Resolved {
  readonly document: IndexedDocument
  readonly given: readonly (GivenReference & { readonly resolution: Resolution })[]
}

/** Whether a reference was found to mean a document that is here. */
export const isFound = ({ found }: Resolution): boolean => found === 'exactly' || found === 'by-parties'

/**
 * The orders of a transaction in which a document stands that names none, nor does any above it: those that documents below it name beside it (a receipt
 * that names despatch and order) and those that name a quotation of it, through whatever documents without an order stand between. Empty where nobody names one.
 */
export const ordersBelow = async (queries: ThreadQueries, start: Names, documents: readonly IndexedDocument[]): Promise<readonly ThreadName[]> => {
  const inForce = documents.filter(({ current }) => current)
  const isTest = inForce.every(({ test }) => test)
  const names = new Map(start)
  const visited = new Set(documents.map(({ id }) => id))
  const orders = new Map<string, ThreadName>()
  let frontier = { names: start, documents: inForce }
  while (frontier.names.size > 0) {
    const referring = await queries.documentsReferringTo([...frontier.names.values()], [...nodesOf(frontier.names), ...partiesOf(frontier.documents)])
    const fresh = referring.filter(({ id, kind, current, test }) => current && test === isTest && !standsAlone(kind) && !visited.has(id))
    const resolved: readonly Resolved[] = await resolveAll(queries, fresh, ({ names: [first] }) => first !== undefined && (first.kind === 'order' || threadKinds.has(first.kind)))
    const below = resolved.filter(({ given }) => given.some(({ resolution }) => names.has(nameKey(resolution.name))))
    for (const { document } of below) visited.add(document.id)
    for (const each of below.flatMap((found) => (found.document.kind === 'order' ? [ownName(found.document)] : ordersBeside(found, names)))) orders.set(nameKey(each), each)
    const further = below.filter(({ document, given }) => document.kind !== 'order' && !given.some(isOrderReference)).flatMap(({ document, given }) =>
      [ownName(document), ...given.filter(({ resolution }) => isFound(resolution)).map(({ resolution }) => resolution.name)]).filter((name) => !names.has(nameKey(name)))
    for (const name of further) names.set(nameKey(name), name)
    frontier = { names: new Map(further.map((name) => [nameKey(name), name])), documents: below.map(({ document }) => document) }
  }
  return [...orders.values()]
}

/** The orders that a document names where it names one of these: on the same line, else on the head; a reference on the head is beside all of them. */
const ordersBeside = ({ given }: Resolved, names: Names): readonly ThreadName[] => given.filter(({ resolution }) => names.has(nameKey(resolution.name))).flatMap(({ fromLine }) => {
  const orders = given.filter(isOrderReference)
  const ofLine = orders.filter((order) => order.fromLine === fromLine)
  const beside = fromLine === null ? orders : ofLine.length > 0 ? ofLine : orders.filter((order) => order.fromLine === null)
  return beside.map(({ resolution }) => resolution.name)
})

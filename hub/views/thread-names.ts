import type { IndexedDocument, ThreadName, ThreadQueries } from '../crm/thread-queries.js'
import { givenReferences, nameKey, resolveReference, type GivenReference } from './resolve-reference.js'

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

export { distinct, isOrderReference, nodesOf, partiesOf }

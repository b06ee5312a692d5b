import type { IndexedDocument, ThreadQueries } from '../crm/thread-queries.js'
import { nameKey, ownName, type GivenReference, type Resolution } from './resolve-reference.js'
import { isOrderReference, nodesOf, partiesOf, resolveAll, threadKinds, type Names } from './thread-names.js'

export interface ResolvedReference extends GivenReference {
  readonly resolution: Resolution
}

export interface GatheredDocument {
  readonly document: IndexedDocument
  readonly references: readonly ResolvedReference[]
}

/** Whether a reference means one of these names; what is not here is meant as it was stated. */
export const meansOneOf = (names: Names, { resolution, ...given }: ResolvedReference): boolean =>
  names.has(nameKey(resolution.name)) || (resolution.found === 'nothing' && given.names.some((name) => names.has(nameKey(name))))

const withAllReferences = async (queries: ThreadQueries, documents: readonly IndexedDocument[]): Promise<readonly GatheredDocument[]> =>
  (await resolveAll(queries, documents, () => true)).map(({ document, given }) => ({ document, references: given }))

/**
 * The documents of one thread: those of its root's names, those that refer to it, and those that name no order but refer to one gathered
 * before, until nothing new is found. All revisions, by document id.
 */
export const gatherThread = async (queries: ThreadQueries, root: Names): Promise<readonly GatheredDocument[]> => {
  const numbered = [...root.values()]
  const own = (await queries.documentsNumbered(numbered, nodesOf(root))).filter((document) => root.has(nameKey(ownName(document))))
  const gathered = new Map((await withAllReferences(queries, own)).map((each) => [each.document.id, each]))
  const add = (found: readonly GatheredDocument[]): readonly GatheredDocument[] => {
    const fresh = found.filter(({ document }) => !gathered.has(document.id))
    for (const each of fresh) gathered.set(each.document.id, each)
    return fresh
  }
  const referring = await queries.documentsReferringTo(numbered, [...nodesOf(root), ...partiesOf(own)])
  const candidates = await withAllReferences(queries, referring.filter(({ kind }) => kind !== 'order'))
  const direct = candidates.filter(({ references }) => references.some((reference) => meansOneOf(root, reference)))

  let frontier = add(direct)
  if (!numbered.some(({ kind }) => kind === 'order')) frontier = [...frontier, ...gathered.values()]
  while (frontier.length > 0) {
    const documents = frontier.map(({ document }) => document).filter(({ kind }) => threadKinds.has(kind))
    const names: Names = new Map(documents.map((document) => [nameKey(ownName(document)), ownName(document)]))
    const next = (await queries.documentsReferringTo([...names.values()], partiesOf(documents))).filter(({ id, kind }) => kind !== 'order' && !gathered.has(id))
    frontier = add((await withAllReferences(queries, next)).filter(({ references }) => !references.some(isOrderReference) && references.some((reference) => meansOneOf(names, reference))))
  }
  return [...gathered.values()].sort((a, b) => (a.document.id < b.document.id ? -1 : 1))
}

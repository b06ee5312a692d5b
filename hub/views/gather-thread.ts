import { standsAlone, threadKinds } from '../../schemas/thread-id.js'
import type { IndexedDocument, ThreadQueries } from '../crm/thread-queries.js'
import { nameKey, ownName, type GivenReference, type Resolution } from './resolve-reference.js'
import { isFound } from './order-below.js'
import { isOrderReference, nodesOf, partiesOf, resolveAll, type Names } from './thread-names.js'
import { isSameRoot, rootsOf } from './thread-roots.js'

export interface ResolvedReference extends GivenReference {
  readonly resolution: Resolution
}

export interface GatheredDocument {
  readonly document: IndexedDocument
  readonly references: readonly ResolvedReference[]
  /** It names no order, and documents of several orders refer to it. */
  readonly shared: boolean
}

/** Whether a reference means one of these names; what is not here is meant as it was stated. */
export const meansOneOf = (names: Names, { resolution, ...given }: ResolvedReference): boolean =>
  names.has(nameKey(resolution.name)) || (resolution.found === 'nothing' && given.names.some((name) => names.has(nameKey(name))))

const withAllReferences = async (queries: ThreadQueries, documents: readonly IndexedDocument[]): Promise<readonly GatheredDocument[]> =>
  (await resolveAll(queries, documents, () => true)).map(({ document, given }) => ({ document, references: given, shared: false }))

/** What these documents refer to and what names no order itself, as far as this thread is one that it belongs to: a despatch that a receipt of the order names. */
const documentsAbove = async (queries: ThreadQueries, root: Names, from: readonly GatheredDocument[]): Promise<readonly GatheredDocument[]> => {
  const referred = from.filter(({ document: { current, kind } }) => current && (kind === 'order' || threadKinds.has(kind))).flatMap(({ document, references }) => references
    .filter(({ resolution }) => isFound(resolution) && threadKinds.has(resolution.name.kind)).map(({ resolution: { name } }) => ({ name, test: document.test })))
  const names = new Map(referred.map((each) => [nameKey(each.name), each]))
  const numbered = await queries.documentsNumbered([...names.values()].map(({ name }) => name), [...names.values()].map(({ name }) => name.issuer))
  const documents = numbered.filter((document) => names.get(nameKey(ownName(document)))?.test === document.test)
  const found = await withAllReferences(queries, documents)
  const above: GatheredDocument[] = []
  for (const [key, { name }] of names) {
    const revisions = found.filter(({ document }) => nameKey(ownName(document)) === key)
    if (revisions.length === 0 || revisions.some(({ document, references }) => document.current && references.some(isOrderReference))) continue
    const roots = await rootsOf(queries, name)
    if (roots.some((each) => isSameRoot(each, root))) above.push(...revisions.map((each) => ({ ...each, shared: roots.length > 1 })))
  }
  return above
}

/**
 * The documents of one thread: those of its root's names, those that refer to it, and those that name no order but refer to one gathered
 * before, or are referred to by it, until nothing new is found. All revisions, by document id.
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
  const candidates = await withAllReferences(queries, referring.filter(({ kind }) => kind !== 'order' && !standsAlone(kind)))
  const direct = candidates.filter(({ references }) => references.some((reference) => meansOneOf(root, reference)))

  add(direct)
  let frontier: readonly GatheredDocument[] = [...gathered.values()]
  const hasOrder = numbered.some(({ kind }) => kind === 'order')
  while (frontier.length > 0) {
    const documents = frontier.map(({ document }) => document).filter(({ kind }) => threadKinds.has(kind))
    const names: Names = new Map(documents.map((document) => [nameKey(ownName(document)), ownName(document)]))
    const next = (await queries.documentsReferringTo([...names.values()], partiesOf(documents))).filter(({ id, kind }) => kind !== 'order' && !standsAlone(kind) && !gathered.has(id))
    const below = (await withAllReferences(queries, next)).filter(({ references }) => !references.some(isOrderReference) && references.some((reference) => meansOneOf(names, reference)))
    frontier = add([...below, ...hasOrder ? await documentsAbove(queries, root, frontier) : []])
  }
  return [...gathered.values()].sort((a, b) => (a.document.id < b.document.id ? -1 : 1))
}

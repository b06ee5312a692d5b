import { threadKinds } from '../../schemas/thread-id.js'
import { meansOneOf, type GatheredDocument, type ResolvedReference } from './gather-thread.js'
import type { LedgerReference, ReferenceTarget } from './ledger-document.js'
import { nameKey, ownName } from './resolve-reference.js'
import { isOrderReference, type Names } from './thread-names.js'

const mayCount = ({ document }: GatheredDocument): boolean =>
  document.current && !document.test && document.function !== 'copy'
  && (document.function !== 'cancel' || document.kind === 'order' || document.kind === 'order-change')

const before = (a: GatheredDocument, b: GatheredDocument): boolean =>
  a.document.firstEntry < b.document.firstEntry || (a.document.firstEntry === b.document.firstEntry && a.document.entry < b.document.entry)

/** The documents that have a part in the figures: in force, no tests, no copies, and where several systems sent the same document the one that came first. */
export const countedDocuments = (gathered: readonly GatheredDocument[]): readonly GatheredDocument[] => {
  const byName = new Map<string, GatheredDocument>()
  for (const each of gathered.filter(mayCount)) {
    const key = nameKey(ownName(each.document))
    const other = byName.get(key)
    if (other === undefined || before(each, other)) byName.set(key, each)
  }
  return [...byName.values()]
}

const targetOf = (reference: ResolvedReference, root: Names, counted: readonly GatheredDocument[]): ReferenceTarget => {
  if (isOrderReference(reference)) return { to: meansOneOf(root, reference) ? 'this-order' : 'other-order' }
  const { name, found } = reference.resolution
  const document = counted.find((each) => nameKey(ownName(each.document)) === nameKey(name))
  if (document !== undefined) return { to: 'document', id: document.document.id }
  return { to: threadKinds.has(name.kind) && (found === 'exactly' || found === 'by-parties') ? 'other-thread' : 'aside' }
}

export const ledgerReferences = ({ references }: GatheredDocument, root: Names, counted: readonly GatheredDocument[]): readonly LedgerReference[] =>
  references.map((reference) => ({ fromLine: reference.fromLine, toLine: reference.toLine, target: targetOf(reference, root, counted) }))

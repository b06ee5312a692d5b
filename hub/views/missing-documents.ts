import type { ReferenceKind } from '../../schemas/canonical/trade-document.js'
import { standsAlone } from '../../schemas/thread-id.js'
import { meansOneOf, type GatheredDocument, type ResolvedReference } from './gather-thread.js'
import { nameKey, ownName } from './resolve-reference.js'
import { isOrderReference, type Names } from './thread-names.js'

/** A document that others speak of and the hub has not, or cannot tell from others of the same number (`ambiguous`). */
export interface MissingDocument {
  readonly kind: ReferenceKind
  readonly number?: string
  readonly why: string
  readonly ambiguous?: true
}

const isOpen = (root: Names, rootIsHere: boolean, reference: ResolvedReference): boolean => {
  const { found, name } = reference.resolution
  if (found === 'exactly' || found === 'by-parties' || name.kind === 'other') return false
  return !isOrderReference(reference) || (meansOneOf(root, reference) && !rootIsHere)
}

const placeOf = ({ document: { issuedOn, kind, number, system } }: GatheredDocument): string => [issuedOn, kind, number, system].join('\n')

/** What the documents in force refer to and is not here, each once, with who refers to it; and the order, where no document names one. */
export const missingDocuments = (root: Names, gathered: readonly GatheredDocument[]): readonly MissingDocument[] => {
  const rootIsHere = gathered.some(({ document }) => root.has(nameKey(ownName(document))))
  const inForce = gathered.filter(({ document }) => document.current).sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
  const missing = new Map<string, MissingDocument>()
  for (const { document, references } of inForce) {
    for (const reference of references.filter((each) => isOpen(root, rootIsHere, each))) {
      const { kind, number } = reference.names[0] ?? reference.resolution.name
      const key = JSON.stringify([kind, number])
      const ambiguous = reference.resolution.found === 'ambiguous' ? { ambiguous: true as const } : {}
      if (!missing.has(key)) missing.set(key, { kind, number, why: `referred to by ${document.kind} ${document.number}`, ...ambiguous })
    }
  }
  const [first] = inForce
  const namesNoOrder = first !== undefined && !standsAlone(first.document.kind) && ![...root.values()].some(({ kind }) => kind === 'order')
  return namesNoOrder ? [{ kind: 'order', why: `${first.document.kind} ${first.document.number} names none` }, ...missing.values()] : [...missing.values()]
}

import type { IndexedDocument, IndexedReference, ThreadName } from '../crm/thread-queries.js'

/** One reference as given: one name of the document referred to, or two when it carries both sides' numbers. */
export interface GivenReference {
  readonly referenceNo: number
  readonly fromLine: string | null
  readonly toLine: string | null
  readonly names: readonly ThreadName[]
}

export type Resolution =
  | { readonly found: 'exactly' | 'by-parties', readonly name: ThreadName }
  | { readonly found: 'nothing' | 'ambiguous', readonly name: ThreadName }

export const nameKey = ({ issuer, kind, number }: ThreadName): string => JSON.stringify([kind, number, issuer])

export const ownName = ({ issuer, kind, number }: IndexedDocument): ThreadName => ({ issuer, kind, number })

/** The references of a document as it gave them. */
export const givenReferences = (document: IndexedDocument): readonly GivenReference[] => {
  const byNumber = new Map<number, IndexedReference[]>()
  for (const reference of document.references) byNumber.set(reference.referenceNo, [...(byNumber.get(reference.referenceNo) ?? []), reference])
  return [...byNumber].flatMap(([referenceNo, references]) => references.slice(0, 1).map(({ fromLine, toLine }) => ({
    referenceNo, fromLine, toLine, names: references.map(({ issuer, kind, number }) => ({ issuer, kind, number })),
  })))
}

const sharedParties = (a: IndexedDocument, b: IndexedDocument): number => a.parties.filter((party) => b.parties.includes(party)).length

const uniqueByParties = (from: IndexedDocument, candidates: readonly IndexedDocument[]): 'ambiguous' | ThreadName | undefined => {
  const best = new Map<string, { readonly name: ThreadName, readonly shared: number }>()
  for (const candidate of candidates) {
    const shared = sharedParties(from, candidate)
    const name = ownName(candidate)
    if (shared > (best.get(nameKey(name))?.shared ?? 0)) best.set(nameKey(name), { name, shared })
  }
  const [first, second] = [...best.values()].sort((a, b) => b.shared - a.shared)
  if (first === undefined) return undefined
  return second?.shared === first.shared ? 'ambiguous' : first.name
}

/**
 * Which document a reference means, among `candidates` (all documents so numbered that share a party with `from` or have the issuer named):
 * the one of exactly this issuer, else the only current one that shares the most golden parties with the referring document.
 * Test documents stand for real references as little as real ones for tests.
 */
export const resolveReference = (from: IndexedDocument, given: GivenReference, candidates: readonly IndexedDocument[]): Resolution => {
  const stated = given.names[0] ?? ownName(from)
  const exact = given.names.find((name) => candidates.some((candidate) => nameKey(ownName(candidate)) === nameKey(name)))
  if (exact !== undefined) return { found: 'exactly', name: exact }
  const numbered = candidates.filter((candidate) => candidate.current && candidate.test === from.test && candidate.id !== from.id
    && given.names.some(({ kind, number }) => candidate.kind === kind && candidate.number === number))
  const unique = uniqueByParties(from, numbered)
  if (unique === 'ambiguous') return { found: 'ambiguous', name: stated }
  return unique === undefined ? { found: 'nothing', name: stated } : { found: 'by-parties', name: unique }
}

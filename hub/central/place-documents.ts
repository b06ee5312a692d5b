import type { DocumentId, ThreadId } from '../../schemas/ids.js'
import type { Tx } from '../ops/database.js'
import type { CommitDocument } from './commit-item.js'
import { currentHeads, raiseHeads, type Candidate, type CurrentHead } from './document-heads.js'

/** What became of a document among those of its sender, kind and number. */
export type Placement =
  | { readonly type: 'new', readonly revision: number, readonly replaces: DocumentId | undefined, readonly position: number }
  | { readonly type: 'duplicate', readonly id: DocumentId, readonly revision: number, readonly threadIds: readonly ThreadId[] }
  | { readonly type: 'stale', readonly revision: number }

const keyOf = (of: { readonly sender: string, readonly kind: string, readonly number: string }): string => JSON.stringify([of.sender, of.kind, of.number])

/**
 * Gives each candidate its place, in their order: several of one sender, kind and number become revisions of one another. By the id of the
 * candidate's document.
 */
export const placeDocuments = async (tx: Tx, candidates: readonly Candidate[]): Promise<ReadonlyMap<DocumentId, Placement>> => {
  const placements = new Map<DocumentId, Placement>()
  const threadIds = new Map(candidates.map(({ document }) => [document.id, document.threadIds]))
  for (let waiting = candidates; waiting.length > 0;) {
    const round = firstOfEachKey(waiting)
    for (const head of await raiseHeads(tx, [...round])) {
      placements.set(head.documentId, { type: 'new', revision: head.revision, replaces: head.replaces ?? undefined, position: head.position })
    }
    const left = [...round].filter(({ document }) => !placements.has(document.id))
    const heads = new Map((left.length === 0 ? [] : await currentHeads(tx, left.map(({ document }) => document))).map((head) => [keyOf(head), head]))
    for (const candidate of left) {
      const placement = besideHead(candidate, heads.get(keyOf(candidate.document)), threadIds)
      if (placement !== undefined) placements.set(candidate.document.id, placement)
    }
    waiting = waiting.filter(({ document }) => !placements.has(document.id))
  }
  return placements
}

const firstOfEachKey = (candidates: readonly Candidate[]): ReadonlySet<Candidate> => {
  const first = new Map<string, Candidate>()
  for (const candidate of candidates) {
    const key = keyOf(candidate.document)
    if (!first.has(key)) first.set(key, candidate)
  }
  return new Set(first.values())
}

/** Undefined where a new document drew its position just before another transaction's, which held the head first: it is raised in the next round. */
const besideHead = ({ document, position }: Candidate, head: CurrentHead | undefined, threadIds: ReadonlyMap<DocumentId, CommitDocument['threadIds']>): Placement | undefined => {
  if (head === undefined) throw new Error(`No head for the ${document.kind} ${document.number} of ${document.sender}.`)
  if (head.contentSha256 === document.contentSha256) {
    return { type: 'duplicate', id: head.documentId, revision: head.revision, threadIds: head.threadIds ?? threadIds.get(head.documentId) ?? document.threadIds }
  }
  return position === undefined ? undefined : { type: 'stale', revision: head.revision }
}

import type { JournalNumber } from '../../schemas/ids.js'
import type { FactEntry, IdentityDraft, JournalEntry } from '../../schemas/journal-entry.js'
import type { Tx } from '../ops/database.js'
import { makeFollowFacts } from '../parking/follow-facts.js'
import { makeFollowWithDecisions, type FollowEntries } from '../parking/follow-with-decisions.js'
import { makeFold } from '../parking/refused-data.js'
import { followerName, foldEntries, partiesNamedIn } from './fold-entries.js'
import { loadState } from './load-state.js'
import { crmParked } from './parked-entries.js'
import { deleteDrafts, insertDrafts, writeChanges } from './write-changes.js'

export interface FollowDeps {
  /** Which of these journal numbers the journal already holds a decision of this follower for. */
  readonly answeredCauses: (follower: string, causes: readonly JournalNumber[]) => Promise<ReadonlySet<JournalNumber>>
  /** The entries of these numbers, in order. */
  readonly entriesNumbered: (numbers: readonly JournalNumber[]) => Promise<readonly JournalEntry[]>
}

/** Follows entries in a transaction that is open. All of them at once where nothing is refused; else each that is refused is parked. */
export const makeFollowEntries = (deps: FollowDeps): FollowEntries => {
  const keepUnanswered = async (tx: Tx, drafts: readonly IdentityDraft[]): Promise<void> => {
    if (drafts.length === 0) return
    const answered = await deps.answeredCauses(followerName, drafts.map(({ cause }) => cause))
    const open = drafts.filter(({ cause }) => !answered.has(cause))
    if (open.length > 0) await insertDrafts(tx, open)
  }
  const apply = async (tx: Tx, entries: readonly FactEntry[]): Promise<void> => {
    const named = makeFold(() => partiesNamedIn(entries))
    const state = await loadState(tx, entries, named)
    const changes = makeFold(() => foldEntries(state, entries, named))
    await writeChanges(tx, changes)
    await keepUnanswered(tx, changes.drafts)
    const followed = entries.flatMap((entry) => (entry.type === 'identity.decided' && entry.follower === followerName ? [entry] : []))
    if (followed.length > 0) await deleteDrafts(tx, followed)
  }
  const facts = makeFollowFacts({ table: crmParked, apply })
  return makeFollowWithDecisions({ follower: followerName, table: crmParked, entriesNumbered: (_tx, numbers) => deps.entriesNumbered(numbers), facts, again: facts })
}

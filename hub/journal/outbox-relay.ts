import type { IdentityDraft } from '../../schemas/journal-entry.js'

export interface OutboxRelayDeps {
  readonly pending: (limit: number) => Promise<readonly IdentityDraft[]>
  /** Enters each draft once, keyed (follower, cause, ordinal). */
  readonly append: (drafts: readonly IdentityDraft[]) => Promise<unknown>
  readonly remove: (drafts: readonly IdentityDraft[]) => Promise<unknown>
}

const batchSize = 500

/** Brings what a follower decided from its outbox into the journal. Whatever a crash leaves between the steps is only done again. */
export const drainOutbox = async (deps: OutboxRelayDeps): Promise<boolean> => {
  for (let moved = false; ; moved = true) {
    const drafts = await deps.pending(batchSize)
    if (drafts.length === 0) return moved
    await deps.append(drafts)
    await deps.remove(drafts)
  }
}

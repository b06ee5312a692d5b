import type { Follower } from '../../schemas/follower.js'
import type { IdentityDraft, JournalEntry } from '../../schemas/journal-entry.js'
import type { JournalNumber } from '../../schemas/ids.js'
import type { Database, Tx } from '../ops/database.js'
import { followerName, foldEntries } from './fold-entries.js'
import { loadState } from './load-state.js'
import { refusedData } from './refused-data.js'
import { deleteDrafts, insertDrafts, insertLeftOut, selectDrafts, writeChanges } from './write-changes.js'

export interface CrmFollowerDeps {
  readonly database: Database
  /** Which of these journal numbers the journal already holds a decision of this follower for. */
  readonly answeredCauses: (follower: string, causes: readonly JournalNumber[]) => Promise<ReadonlySet<JournalNumber>>
  /** Told of each document that PostgreSQL refused, once it is recorded as left out; `reason` is the SQLSTATE. */
  readonly onLeftOut?: (entry: JournalNumber, reason: string, error: unknown) => void
}

/** The CRM database as a follower of the journal; what it decides waits in an outbox until the journal has it. */
export interface CrmFollower extends Follower {
  readonly isOwned: () => Promise<boolean>
  /** Becomes the owner anew, as is needed after a rebuilt copy has taken the database's place. */
  readonly takeOver: () => Promise<void>
  /** Oldest first. */
  readonly outboxPending: (limit: number) => Promise<readonly IdentityDraft[]>
  /** To be called once the journal holds them. */
  readonly outboxRemove: (drafts: readonly IdentityDraft[]) => Promise<void>
}

const raiseEpoch = (tx: Tx) => tx.query<{ owner_epoch: number }>('update follower_position set owner_epoch = owner_epoch + 1 returning owner_epoch')

const selectEpoch = (tx: Tx) => tx.query<{ owner_epoch: number }>('select owner_epoch from follower_position')

const selectPosition = (tx: Tx) => tx.query<{ position: JournalNumber }>('select position from follower_position')

/** Locks the row until the end of the transaction, so that two owners can't write side by side. */
const advance = (tx: Tx, from: JournalNumber, to: JournalNumber, epoch: number) => tx.query<{ position: JournalNumber }>(
  'update follower_position set position = $2 where position = $1 and owner_epoch = $3 returning position', [from, to, epoch])

/**
 * Each call makes a new owner, which takes the database over from the former with its first `position` or `apply`: from then on the former's
 * `apply` writes nothing and gives false.
 */
export const makeCrmFollower = (deps: CrmFollowerDeps): CrmFollower => {
  let claimed: Promise<number> | undefined
  const claim = async (): Promise<number> => (await raiseEpoch(deps.database))[0]?.owner_epoch ?? 0
  const epoch = (): Promise<number> => {
    claimed ??= claim().catch((error: unknown) => {
      claimed = undefined
      throw error
    })
    return claimed
  }

  const keepUnanswered = async (tx: Tx, drafts: readonly IdentityDraft[]): Promise<void> => {
    if (drafts.length === 0) return
    const answered = await deps.answeredCauses(followerName, drafts.map(({ cause }) => cause))
    const open = drafts.filter(({ cause }) => !answered.has(cause))
    if (open.length > 0) await insertDrafts(tx, open)
  }

  const follow = async (tx: Tx, entries: readonly JournalEntry[]): Promise<void> => {
    const changes = foldEntries(await loadState(tx, entries), entries)
    await writeChanges(tx, changes)
    await keepUnanswered(tx, changes.drafts)
    const followed = entries.flatMap((entry) => (entry.type === 'identity.decided' && entry.follower === followerName ? [entry] : []))
    if (followed.length > 0) await deleteDrafts(tx, followed)
  }

  const inTransaction = async (after: JournalNumber, last: JournalNumber, work: (tx: Tx) => Promise<unknown>): Promise<boolean> => {
    const mine = await epoch()
    return deps.database.transaction(async (tx) => {
      if ((await advance(tx, after, last, mine)).length === 0) return false
      await work(tx)
      return true
    })
  }

  const leaveOut = async (entry: JournalEntry, reason: string, error: unknown): Promise<boolean> => {
    // Without a decision about parties everything after it would be told of the wrong ones.
    if (entry.type !== 'document.accepted') throw error
    const passed = await inTransaction(entry.number - 1, entry.number, (tx) => insertLeftOut(tx, entry.number, reason))
    if (passed) deps.onLeftOut?.(entry.number, reason, error)
    return passed
  }

  /** A batch that PostgreSQL refuses is halved until the document that it refuses stands alone and can be left out. */
  const applyOrHalve = async (after: JournalNumber, entries: readonly JournalEntry[]): Promise<boolean> => {
    const [first, last] = [entries[0], entries.at(-1)]
    if (first === undefined || last === undefined) return true
    try {
      return await inTransaction(after, last.number, (tx) => follow(tx, entries))
    } catch (error) {
      const reason = refusedData(error)
      if (reason === undefined) throw error
      if (entries.length === 1) return leaveOut(first, reason, error)
      const half = entries.length >> 1
      return await applyOrHalve(after, entries.slice(0, half)) && applyOrHalve(after + half, entries.slice(half))
    }
  }

  return {
    name: followerName,
    takeOver: async () => {
      claimed = undefined
      await epoch()
    },
    position: async () => {
      await epoch()
      return (await selectPosition(deps.database))[0]?.position ?? 0
    },
    isOwned: async () => (await selectEpoch(deps.database))[0]?.owner_epoch === await epoch(),
    apply: applyOrHalve,
    outboxPending: async (limit) => (await selectDrafts(deps.database, limit)).map(({ draft }) => draft),
    outboxRemove: async (drafts) => { await deleteDrafts(deps.database, drafts) },
  }
}

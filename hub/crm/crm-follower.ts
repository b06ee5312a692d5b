import type { Follower } from '../../schemas/follower.js'
import type { IdentityDraft } from '../../schemas/journal-entry.js'
import type { JournalNumber } from '../../schemas/ids.js'
import type { Parked } from '../../schemas/parked-entry.js'
import type { Database, Tx } from '../ops/database.js'
import { makeApplyOrPark } from '../parking/apply-or-park.js'
import { followerName } from './fold-entries.js'
import { makeFollowEntries, type FollowDeps } from './follow-entries.js'
import { deleteDrafts, selectDrafts } from './write-changes.js'

export interface CrmFollowerDeps extends FollowDeps {
  readonly database: Database
  /** Told of each document that PostgreSQL refused or that cannot be folded, once it is parked. */
  readonly onParked?: (parked: Parked) => void
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

  const apply = makeApplyOrPark({
    entries: makeFollowEntries(deps),
    onParked: deps.onParked,
    inTransaction: async (after, last, work) => {
      const mine = await epoch()
      return deps.database.transaction(async (tx) => ((await advance(tx, after, last, mine)).length === 0 ? undefined : work(tx)))
    },
  })

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
    apply,
    outboxPending: async (limit) => (await selectDrafts(deps.database, limit)).map(({ draft }) => draft),
    outboxRemove: async (drafts) => { await deleteDrafts(deps.database, drafts) },
  }
}

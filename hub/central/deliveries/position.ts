import type { JournalNumber } from '../../../schemas/ids.js'
import type { Tx } from '../../ops/database.js'

const follower = 'deliveries'

/** Makes the caller the owner of the follower, and gives its epoch: whoever had it before writes nothing any more. */
export const takePosition = async (tx: Tx): Promise<number> => {
  const [row] = await tx.query<{ epoch: number }>('update follower_position set epoch = epoch + 1 where follower = $1 returning epoch', [follower])
  if (row === undefined) throw new Error('The follower of deliveries has no position.')
  return row.epoch
}

export const readPosition = async (tx: Tx): Promise<JournalNumber> => (await tx.query<{ position: number }>('select position from follower_position where follower = $1', [follower]))[0]?.position ?? 0

/** The follower stands still until the transaction ends. */
export const lockPosition = async (tx: Tx): Promise<JournalNumber> =>
  (await tx.query<{ position: number }>('select position from follower_position where follower = $1 for update', [follower]))[0]?.position ?? 0

/** By compare-and-set; false where the position is another, or another owner has taken over. */
export const movePosition = async (tx: Tx, after: JournalNumber, to: JournalNumber, epoch: number): Promise<boolean> =>
  (await tx.query('update follower_position set position = $3 where follower = $1 and position = $2 and epoch = $4 returning position', [follower, after, to, epoch])).length > 0

/** Whether nobody has taken the follower over since this epoch began. */
export const isOwner = async (tx: Tx, epoch: number): Promise<boolean> => (await tx.query('select 1 as one from follower_position where follower = $1 and epoch = $2', [follower, epoch])).length > 0

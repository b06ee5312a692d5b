import type { JournalNumber } from '../../../schemas/ids.js'
import type { Subscription, Wish } from '../../delivery/wish.js'
import type { Database, Tx } from '../../ops/database.js'
import { journalHead } from '../journal.js'
import { lockPosition } from './position.js'

export interface StoredSubscription extends Subscription {
  readonly createdAt: string
  readonly updatedAt: string
  readonly updatedBy: string
}

const columns = 'id, wish, paused, reached, created_at as "createdAt", updated_at as "updatedAt", updated_by as "updatedBy"'

/** By id. */
export const listSubscriptions = (tx: Tx): Promise<readonly StoredSubscription[]> => tx.query<StoredSubscription>(`select ${columns} from subscription order by id`)

export const subscriptionById = async (tx: Tx, id: string): Promise<StoredSubscription | undefined> => (await tx.query<StoredSubscription>(`select ${columns} from subscription where id = $1`, [id]))[0]

/** Those that go along with the follower. */
export const liveSubscriptions = (tx: Tx): Promise<readonly Subscription[]> =>
  tx.query<Subscription>('select id, wish, paused, reached from subscription where reached is null and not paused order by id')

/** One that has yet to catch up with the follower, or has just reached it, locked; not one that begins further on. */
export const laggingSubscription = async (tx: Tx, position: JournalNumber): Promise<Subscription | undefined> =>
  (await tx.query<Subscription>('select id, wish, paused, reached from subscription where reached <= $1 and not paused order by id limit 1 for update', [position]))[0]

/** How far one has caught up; null once it goes along with the follower. */
export const moveSubscription = (tx: Tx, id: string, reached: JournalNumber | null): Promise<unknown> => tx.query('update subscription set reached = $2 where id = $1', [id, reached])

interface Put {
  readonly id: string
  readonly wish: Wish
  readonly by: string
}

/**
 * Makes or changes a subscription. The follower stands still meanwhile, so that none of the entries between its position and this moment is missed or
 * taken twice: a new one without `from` begins behind the journal's last number, one that is paused keeps the place where it stopped.
 */
export const putSubscription = (database: Database, { id, wish, by }: Put): Promise<void> => database.transaction(async (tx) => {
  const position = await lockPosition(tx)
  const before = await subscriptionById(tx, id)
  const paused = wish.paused === true
  const place = wish.from !== undefined && wish.from !== before?.wish.from ? wish.from - 1 : before === undefined ? await journalHead(tx) : before.reached ?? position
  // Ahead of the follower, or beside it, is with it: what it has not passed it will be shown.
  const reached = paused || place !== position ? place : null
  await tx.query(`
    insert into subscription (id, endpoint, wish, paused, reached, updated_by) values ($1, $2, $3, $4, $5, $6)
    on conflict (id) do update set endpoint = excluded.endpoint, wish = excluded.wish, paused = excluded.paused, reached = excluded.reached, updated_by = excluded.updated_by, updated_at = now()`,
  [id, wish.endpoint, JSON.stringify(wish), paused, reached, by])
})

/** Whether there was one. Its deliveries stay. */
export const deleteSubscription = async (tx: Tx, id: string): Promise<boolean> => (await tx.query('delete from subscription where id = $1 returning id', [id])).length > 0

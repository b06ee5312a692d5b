import type { Database, Tx } from '../ops/database.js'

export const liveSchema = 'crm'
export const rebuiltSchema = 'crm_next'

interface Places {
  readonly live: number
  readonly rebuilt: number
  readonly epoch: number
}

/** Holds both position rows, so that neither copy moves while they change places. */
const lockPlaces = (tx: Tx) => tx.query<Places>(
  `select live.position as live, rebuilt.position as rebuilt, greatest(live.owner_epoch, rebuilt.owner_epoch) as epoch
     from ${liveSchema}.follower_position live, ${rebuiltSchema}.follower_position rebuilt for update`)

const setEpoch = (tx: Tx, epoch: number) => tx.query(`update ${rebuiltSchema}.follower_position set owner_epoch = $1`, [epoch])

/**
 * Puts the rebuilt copy in the place of the live one, in one transaction. False when the rebuilt copy has not come as far as the live one: then
 * nothing changed. Whoever followed either copy has lost it afterwards and must make a new follower.
 */
export const switchRebuilt = (database: Database): Promise<boolean> => database.transaction(async (tx) => {
  const places = (await lockPlaces(tx))[0]
  if (places === undefined || places.rebuilt < places.live) return false
  await setEpoch(tx, places.epoch + 1)
  await tx.query(`alter schema ${liveSchema} rename to crm_old`)
  await tx.query(`alter schema ${rebuiltSchema} rename to ${liveSchema}`)
  await tx.query('drop schema crm_old cascade')
  return true
})

/** Throws away a rebuilt copy that was left unfinished. */
export const dropRebuilt = async (database: Database): Promise<void> => { await database.query(`drop schema if exists ${rebuiltSchema} cascade`) }

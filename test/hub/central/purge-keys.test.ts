import { describe, expect, it } from 'vitest'
import { keyWindowDays } from '../../../hub/central/claim-keys.js'
import { purgeExpiredKeys } from '../../../hub/central/purge-keys.js'
import type { Database } from '../../../hub/ops/database.js'
import { item, newCentral, newGroupCommit, orderDocument } from '../../fixtures/central.js'
import { newIntake, order } from '../../fixtures/intake.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()
const json = (value: unknown): string => JSON.stringify(value)
const dayMs = 86_400_000
const daysAgo = (days: number): string => new Date(Date.now() - days * dayMs).toISOString()
const keysOf = (database: Database) => database.query<{ key: string }>('select key from idempotency_key order by key').then((rows) => rows.map(({ key }) => key))
const expireAll = (database: Database) => database.query("update idempotency_key set expires_at = now() - interval '1 second'")

/** A central database with messages of these ages, in days; each has its age as its key. */
const centralWith = async (...ages: readonly number[]): Promise<Database> => {
  const { database } = await newCentral(postgres)
  const { commit } = newGroupCommit(database)
  await Promise.all(ages.map((days) => commit(item(`of ${days}`, [orderDocument(`O-${days}`)], { idempotencyKey: String(days), receivedAt: daysAgo(days) }))))
  return database
}

describe('the purge of idempotency keys', () => {
  it('removes those whose window is over, a batch at a time, and no other', async () => {
    const database = await centralWith(0, keyWindowDays - 1, keyWindowDays + 1, keyWindowDays + 2, keyWindowDays + 3)
    const now = new Date().toISOString()
    expect([await purgeExpiredKeys(database, now, 2), await purgeExpiredKeys(database, now, 2), await purgeExpiredKeys(database, now, 2)]).toEqual([2, 1, 0])
    expect(await keysOf(database)).toEqual(['key 0', `key ${keyWindowDays - 1}`])
    expect(await database.query('select count(*)::int as messages from message')).toEqual([{ messages: 5 }])
  })

  it('leaves a key to the commit that is just taking it again', async () => {
    const database = await centralWith(keyWindowDays + 1, keyWindowDays + 2)
    await database.transaction(async (tx) => {
      await tx.query("update idempotency_key set expires_at = now() + interval '1 day' where key = $1", [`key ${keyWindowDays + 1}`])
      expect(await purgeExpiredKeys(database, new Date().toISOString(), 10)).toBe(1)
    })
    expect(await keysOf(database)).toEqual([`key ${keyWindowDays + 1}`])
  })
})

describe('a message that comes again after the window', () => {
  it('is told by its documents: the same ones are duplicates under a message of their own', async () => {
    const { post, database } = await newIntake(postgres)
    const first = await post(json(order('1')), { idempotencyKey: 'k' })
    const raw = await post(json(order('2')))
    await expireAll(database)
    expect(await purgeExpiredKeys(database, new Date().toISOString(), 10)).toBe(2)
    for (const [again, before] of [[await post(json(order('1')), { idempotencyKey: 'k' }), first], [await post(json(order('2'))), raw]] as const) {
      expect(again).toMatchObject({ outcome: 'duplicate', documents: [{ id: before.documents[0]?.id, revision: 1, duplicate: true }], errors: [] })
      expect(again.messageId).not.toBe(before.messageId)
    }
    expect(await database.query('select count(*)::int as entries from journal')).toEqual([{ entries: 2 }])
  })

  it('may have other content under the same key, which is the next revision', async () => {
    const { post, database } = await newIntake(postgres)
    await post(json(order('1')), { idempotencyKey: 'k' })
    expect(await post(json(order('1', { currency: 'CNY' })), { idempotencyKey: 'k' })).toMatchObject({ errors: [{ code: 'key-reused' }] })
    await expireAll(database)
    await purgeExpiredKeys(database, new Date().toISOString(), 10)
    expect(await post(json(order('1', { currency: 'CNY' })), { idempotencyKey: 'k' })).toMatchObject({ outcome: 'accepted', documents: [{ revision: 2 }] })
  })
})

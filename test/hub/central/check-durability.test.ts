import { expect, it } from 'vitest'
import { checkDurability } from '../../../hub/central/check-durability.js'
import { ok } from '../../../schemas/result.js'
import { newCentral } from '../../fixtures/central.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()

it('a server that may lose what it committed is refused (house: acknowledged means committed)', async () => {
  const { database } = await newCentral(postgres)
  expect(await checkDurability(database)).toEqual(ok(undefined))
  const unsafe = await database.transaction(async (tx) => {
    await tx.query('set local synchronous_commit = off')
    return checkDurability(tx)
  })
  expect(unsafe).toMatchObject({ ok: false, code: 'config-invalid', at: 'synchronous_commit' })
})

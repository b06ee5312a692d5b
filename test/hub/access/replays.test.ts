import { createHash, randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { makeAccess, newKey, type Access } from '../../../hub/access/access.js'
import { makeSeal } from '../../../hub/access/seal.js'
import { insertApiKey } from '../../../hub/central/api-keys.js'
import { deleteExpiredNonces, useNonces } from '../../../hub/central/used-nonces.js'
import { makeSenders } from '../../../hub/compose/make-senders.js'
import type { MessageSecurity } from '../../../schemas/credentials.js'
import { newCentral, openCentral } from '../../fixtures/central.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()
const key = randomBytes(32)
const seal = makeSeal(() => key)
const settings = { passwordText: false, sha1: false, maxAgeMs: 300_000 }

/** What each process of a hub has for itself, over one central database. */
const twoProcesses = async (): Promise<readonly [Access, Access]> => {
  const { database, url, schema } = await newCentral(postgres)
  await insertApiKey(database, { id: 'k', sha256: 'none', role: 'channel', party: undefined, channel: 'demo-soap' }, { name: 'buyer', sealedPassword: seal.seal('opensesame', 'buyer') })
  const process = (central: typeof database): Access => makeAccess({
    keyBySha256: () => Promise.resolve(undefined), operatorKey: newKey(), nowMs: Date.now,
    messageSecurity: makeSenders({ central, certificates: [], seal, settings }),
  })
  return [process(database), process(openCentral(url, schema))]
}

const shown = (): MessageSecurity => {
  const nonce = randomBytes(16)
  const created = new Date().toISOString()
  const text = createHash('sha1').update(nonce).update(created).update('opensesame').digest('base64')
  return { type: 'message-security', bearer: undefined, timestamp: undefined, signature: undefined, usernameToken: { username: 'buyer', password: { type: 'digest', text }, nonce, created } }
}

/** How many of `times` copies are taken, which two processes get by turns, so many at once. */
const taken = async (processes: readonly [Access, Access], captured: MessageSecurity, times: number, atOnce: number): Promise<number> => {
  let good = 0
  for (let sent = 0; sent < times; sent += atOnce) {
    const answers = await Promise.all(Array.from({ length: Math.min(atOnce, times - sent) }, (_, index) => processes[index % 2 === 0 ? 0 : 1].callerOf({ ...captured })))
    for (const answer of answers) {
      if (answer.ok) good++
      else expect(answer.code).toBe('security-replayed')
    }
  }
  return good
}

it('takes a captured token once and not one of 10,000 times more, whichever of two processes gets it', { timeout: 120_000 }, async () => {
  const processes = await twoProcesses()
  const captured = shown()
  expect(await processes[0].callerOf(captured)).toMatchObject({ ok: true, value: { keyId: 'k', role: 'channel', channel: 'demo-soap' } })
  expect(await taken(processes, captured, 10_000, 50)).toBe(0)
})

it('takes exactly one of 200 copies that come to two processes at the same instant', async () => {
  const processes = await twoProcesses()
  expect(await taken(processes, shown(), 200, 200)).toBe(1)
})

it('takes the very same object of credentials as often as it is asked about one message', async () => {
  const [access] = await twoProcesses()
  const one = shown()
  expect(await Promise.all([access.callerOf(one), access.authorise(one, 'demo-soap')])).toMatchObject([{ ok: true }, { ok: true }])
  expect(await access.authorise(one, 'demo-ubl')).toMatchObject({ ok: false, code: 'forbidden' })
})

it('forgets nonces only when they have run out', async () => {
  const { database } = await newCentral(postgres)
  const hash = randomBytes(32)
  expect(await useNonces(database, [hash])).toBe(true)
  await deleteExpiredNonces(database)
  expect(await useNonces(database, [hash, randomBytes(32)])).toBe(false)
  await database.query("update used_nonce set expires_at = now() - interval '1 second'")
  await deleteExpiredNonces(database)
  expect(await useNonces(database, [hash])).toBe(true)
})

it('seals passwords so that only the key and the user open them', () => {
  const sealed = seal.seal('opensesame', 'buyer')
  expect(Buffer.from(sealed).includes('opensesame')).toBe(false)
  expect(seal.open(sealed, 'buyer')).toBe('opensesame')
  expect(() => seal.open(sealed, 'other')).toThrow('secret.key')
  expect(() => makeSeal(() => randomBytes(32)).open(sealed, 'buyer')).toThrow('secret.key')
  expect(() => seal.open(Buffer.concat([sealed.subarray(0, -1), Buffer.from([sealed[sealed.length - 1] ?? 0]).map((byte) => byte ^ 1)]), 'buyer')).toThrow('secret.key')
})

import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { beginArrival, insertChunk } from '../../../hub/central/giants/chunks.js'
import { finishGiant } from '../../../hub/central/giants/finish-giant.js'
import { giantById } from '../../../hub/central/giants/giant-rows.js'
import { openGiant, reopenGiant } from '../../../hub/central/giants/open-giant.js'
import { makeNewId } from '../../../hub/intake/new-id.js'
import type { MessageId } from '../../../schemas/ids.js'
import { newCentral } from '../../fixtures/central.js'
import { startPostgres } from '../../fixtures/postgres.js'

const owner = randomUUID()
const postgres = await startPostgres()
const newId = makeNewId({ nowMs: Date.now, randomUuid: randomUUID })

it('a giant that is replayed keeps its mapping and its attempt: the same attempt goes on or is answered, another waits, and takes the place of one that cannot go on', async () => {
  const { database } = await newCentral(postgres)
  const messageId = newId() as MessageId
  await beginArrival(database, messageId, owner)
  await insertChunk(database, messageId, 0, Buffer.from('[]'))
  const first = randomUUID()
  expect(await openGiant(database, {
    messageId, attempt: first, replay: false, channel: 'c', system: 'c', sender: 's', caller: undefined, idempotencyKey: undefined, receivedAt: new Date().toISOString(), contentType: undefined,
    contentEncoding: undefined, bytes: 2, rawSha256: '00', owner,
  })).toEqual({ type: 'run', messageId })
  expect(await giantById(database, messageId)).toMatchObject({ mapping: null, again: false })
  await finishGiant(database, messageId, first)
  const [one, other, third] = [randomUUID(), randomUUID(), randomUUID()]
  const reopen = (attempt: string, mapping: string | undefined, insteadOf?: string) => reopenGiant(database, messageId, { attempt, mapping, insteadOf }, owner)
  expect(await reopen(one, 'v1')).toEqual({ type: 'run', messageId })
  expect(await giantById(database, messageId)).toMatchObject({ mapping: 'v1', again: true, attempt: one })
  expect(await reopen(other, undefined)).toEqual({ type: 'running', messageId })
  expect(await reopen(one, 'v1')).toEqual({ type: 'run', messageId })
  expect(await reopen(other, undefined, 'v0')).toEqual({ type: 'running', messageId })
  expect(await reopen(other, undefined, 'v1')).toEqual({ type: 'run', messageId })
  expect(await giantById(database, messageId)).toMatchObject({ mapping: null, attempt: other })
  await finishGiant(database, messageId, other)
  expect(await reopen(other, undefined)).toMatchObject({ type: 'answered', committed: { answer: { messageId } } })
  expect(await reopen(third, undefined)).toEqual({ type: 'run', messageId })
})

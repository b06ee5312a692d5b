import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { beginArrival, chunksOfMessage, dropUnfinishedChunks, insertChunk } from '../../../hub/central/giants/chunks.js'
import { adoptGiant, adoptGiants } from '../../../hub/central/giants/giant-rows.js'
import { openGiant, type GiantItem } from '../../../hub/central/giants/open-giant.js'
import { deleteProcess, insertProcess } from '../../../hub/central/processes.js'
import type { Database } from '../../../hub/ops/database.js'
import type { MessageId } from '../../../schemas/ids.js'
import { newCentral } from '../../fixtures/central.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()

const liveProcess = async (database: Database): Promise<string> => {
  const id = randomUUID()
  await insertProcess(database, { id, roles: ['intake'], url: null, version: '0', host: 'test', pid: 1 })
  return id
}

const giantOf = (owner: string, key: string): GiantItem => ({
  messageId: randomUUID() as MessageId, attempt: randomUUID(), replay: false, channel: 'canonical', system: 'canonical', sender: 'key:admin', caller: 'admin', idempotencyKey: key,
  receivedAt: new Date().toISOString(), contentType: undefined, contentEncoding: undefined, bytes: 3, rawSha256: 'a'.repeat(64), owner,
})

const arrive = async (database: Database, item: GiantItem): Promise<void> => {
  await beginArrival(database, item.messageId, item.owner)
  await insertChunk(database, item.messageId, 0, Buffer.from('[1]'))
}

const bytesOf = async (database: Database, id: string): Promise<string> => {
  let text = ''
  for await (const chunk of chunksOfMessage(database, id)) text += Buffer.from(chunk).toString()
  return text
}

describe('a giant among several intakes', () => {
  test('keeps its bytes while the process lives that takes them, whatever another finds left behind', async () => {
    const { database } = await newCentral(postgres)
    const [living, gone] = [await liveProcess(database), randomUUID()]
    const [coming, left] = [giantOf(living, 'a'), giantOf(gone, 'b')]
    for (const item of [coming, left]) await arrive(database, item)
    await dropUnfinishedChunks(database)
    expect([await bytesOf(database, coming.messageId), await bytesOf(database, left.messageId)]).toEqual(['[1]', ''])
    expect(await openGiant(database, coming)).toEqual({ type: 'run', messageId: coming.messageId })
  })

  test('of a process that was taken for dead is not taken with half of its bytes, and can be sent again under its key', async () => {
    const { database } = await newCentral(postgres)
    const paused = randomUUID()
    const item = giantOf(paused, 'a')
    await arrive(database, item)
    await dropUnfinishedChunks(database)
    expect(await openGiant(database, item)).toEqual({ type: 'gone' })
    expect(await database.query('select from message')).toEqual([])
    const again = giantOf(await liveProcess(database), 'a')
    await arrive(database, again)
    expect(await openGiant(database, again)).toEqual({ type: 'run', messageId: again.messageId })
  })

  test('is cut up by one process, and by another once that one is gone', async () => {
    const { database } = await newCentral(postgres)
    const [first, second] = [await liveProcess(database), await liveProcess(database)]
    const item = giantOf(first, 'a')
    await arrive(database, item)
    await openGiant(database, item)
    expect(await adoptGiants(database, second)).toEqual([])
    expect([await adoptGiant(database, item.messageId, second), await adoptGiant(database, item.messageId, first)]).toEqual([false, true])
    expect(await openGiant(database, { ...giantOf(second, 'a'), rawSha256: item.rawSha256 }).catch((error: unknown) => error)).toMatchObject({ type: 'gone' })
    await deleteProcess(database, first)
    expect(await adoptGiants(database, second)).toEqual([item.messageId])
  })
})

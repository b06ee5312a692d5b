import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { CommitItem } from '../../../hub/central/commit-item.js'
import { digestCentral } from '../../../hub/central/digest.js'
import { dropEarly, keepEarly, makeKeepEarly } from '../../../hub/central/early-bytes.js'
import { chunksOfMessage, dropUnfinishedChunks } from '../../../hub/central/giants/chunks.js'
import { messageById, rawOfMessage } from '../../../hub/central/messages.js'
import { expandPiece, isWorthPacking, packPiece } from '../../../hub/central/packed-piece.js'
import { runRetention } from '../../../hub/compose/run-retention.js'
import { withEarlyBytes } from '../../../hub/intake/early-bytes.js'
import type { Database } from '../../../hub/ops/database.js'
import { fail, ok } from '../../../schemas/result.js'
import { idAt, item, newCentral, newGroupCommit, openCentral, orderDocument, partOf, sha256 } from '../../fixtures/central.js'
import { commitWords, startCutter } from '../../fixtures/cutter.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()
const owner = randomUUID()
/** Nobody's bytes, and those of a text, which are kept compressed. */
const textOf = (length: number): Buffer => Buffer.from(Array.from({ length: length / 50 }, (_each, index) => `<line id="${randomInt(1_000_000_000)}">${index}</line>`.padEnd(50)).join(''))
const kinds = [['nobody\'s', randomBytes], ['a text\'s', textOf]] as const

const messageOf = (number: string, bytes: Buffer, more: Partial<CommitItem> = {}): CommitItem => item('', [orderDocument(number)], { messageId: idAt(Date.now() - 10 * 86_400_000), raw: bytes, rawSha256: sha256(bytes), ...more })
/** Sends the bytes ahead and then the message. */
const sendEarly = async (database: Database, message: CommitItem) => {
  const { answered } = await keepEarly(database, message.messageId, owner, message.raw)
  await answered
  return newGroupCommit(database).commit({ ...message, isKept: true })
}
/** Whose bytes stand in a piece, whose are still coming, and whose stand in their own row. */
const places = async (database: Database) => {
  const idsOf = async (sql: string) => (await database.query<{ id: string }>(sql)).map(({ id }) => id)
  return {
    pieces: await idsOf('select distinct message_id as id from message_chunk'), coming: await idsOf('select message_id as id from giant_arrival'),
    rows: await idsOf('select id from message where large_raw is not null or octet_length(raw) > 0'),
  }
}

describe.each(kinds)('the bytes of a large message that go ahead, %s,', (_kind, bytesOf) => {
  const large = bytesOf(1_500_000)

  it('are stored once, and are the message\'s', async () => {
    const { database } = await newCentral(postgres)
    const message = messageOf('1', large)
    expect(await sendEarly(database, message)).toMatchObject({ ok: true, value: { answer: { outcome: 'accepted', messageId: message.messageId } } })
    expect(await places(database)).toEqual({ pieces: [message.messageId], coming: [], rows: [] })
    expect(large.equals(await rawOfMessage(database, message.messageId) ?? Buffer.alloc(0))).toBe(true)
    const pieces: Uint8Array[] = []
    for await (const piece of chunksOfMessage(database, message.messageId)) pieces.push(piece)
    expect(large.equals(Buffer.concat(pieces))).toBe(true)
  })

  it('go where the message repeats another or is sent again, and stay where its key was another\'s', async () => {
    const { database } = await newCentral(postgres)
    const refused = messageOf('1', large, { idempotencyKey: 'k', parts: [partOf([], [{ code: 'field-missing', at: '', detail: '' }])] })
    await sendEarly(database, refused)
    expect(await sendEarly(database, messageOf('1', large, { idempotencyKey: 'k' }))).toMatchObject({ value: { answer: { outcome: 'accepted', messageId: refused.messageId } } })
    expect(await sendEarly(database, messageOf('1', large, { idempotencyKey: 'k' }))).toMatchObject({ value: { answer: { outcome: 'duplicate', messageId: refused.messageId } } })
    expect(await places(database)).toEqual({ pieces: [refused.messageId], coming: [], rows: [] })
    const other = bytesOf(1_200_000)
    const reused = messageOf('2', other, { idempotencyKey: 'k' })
    expect(await sendEarly(database, reused)).toMatchObject({ value: { answer: { outcome: 'rejected', messageId: reused.messageId, errors: [{ code: 'key-reused' }] } } })
    expect((await places(database)).pieces.sort()).toEqual([refused.messageId, reused.messageId].sort())
    expect(other.equals(await rawOfMessage(database, reused.messageId) ?? Buffer.alloc(0))).toBe(true)
  })

  it('go with the message where they were dropped meanwhile, their process having been taken for dead', async () => {
    const { database } = await newCentral(postgres)
    const message = messageOf('1', large)
    await (await keepEarly(database, message.messageId, owner, large)).answered
    await dropUnfinishedChunks(database)
    expect(await newGroupCommit(database).commit({ ...message, isKept: true })).toMatchObject({ value: { answer: { outcome: 'accepted' } } })
    expect(await places(database)).toEqual({ pieces: [], coming: [], rows: [message.messageId] })
    expect(large.equals(await rawOfMessage(database, message.messageId) ?? Buffer.alloc(0))).toBe(true)
  })

  it.each(['request', 'reply'] as const)('stay where a connection breaks in the message\'s COMMIT: before the %s', async (when) => {
    const { url, database, schema } = await newCentral(postgres)
    const cutter = await startCutter(new URL(url), commitWords)
    const { commit } = newGroupCommit(openCentral(cutter.url, schema))
    const message = messageOf('1', large)
    await (await keepEarly(database, message.messageId, owner, large)).answered
    cutter.cutNext(when)
    expect(await commit({ ...message, isKept: true })).toMatchObject({ value: { answer: { outcome: 'accepted', messageId: message.messageId } } })
    expect(cutter.cuts()).toBe(1)
    // As where nobody knew that it was stored.
    await dropEarly(database, message.messageId)
    expect(await places(database)).toEqual({ pieces: [message.messageId], coming: [], rows: [] })
    cutter.close()
  })

  it('are dropped where nothing was stored, and keep nobody from going on where they cannot be sent', async () => {
    const { database } = await newCentral(postgres)
    const deps = { keepEarly: (id: string, raw: Uint8Array) => keepEarly(database, id, owner, raw), dropEarly: (id: string) => dropEarly(database, id) }
    const seen: boolean[] = []
    const failing = async (isKept: () => Promise<boolean>) => {
      seen.push(await isKept())
      return fail('schema-unavailable', '', '')
    }
    expect(await withEarlyBytes(deps, messageOf('1', large).messageId, large, failing)).toMatchObject({ code: 'schema-unavailable' })
    await expect(withEarlyBytes(deps, messageOf('1', large).messageId, large, async (isKept) => { await failing(isKept); throw new Error('broken') })).rejects.toThrow('broken')
    expect(await places(database)).toEqual({ pieces: [], coming: [], rows: [] })
    await withEarlyBytes(deps, messageOf('1', large).messageId, Buffer.from('small'), failing)
    await withEarlyBytes({ ...deps, keepEarly: () => Promise.reject(new Error('no connection')) }, messageOf('1', large).messageId, large, failing)
    await withEarlyBytes({ ...deps, keepEarly: () => keepEarly(database, 'no id', owner, large) }, messageOf('1', large).messageId, large, failing)
    expect(seen).toEqual([true, true, false, false, false])
  })

  it('leave no piece behind where their own reply was lost, whether the message is stored or not', async () => {
    const { database } = await newCentral(postgres)
    const deps = {
      keepEarly: async (id: string, raw: Uint8Array) => {
        await (await keepEarly(database, id, owner, raw)).answered
        const answered = Promise.reject<undefined>(new Error('Connection terminated unexpectedly'))
        answered.catch(() => undefined)
        return { answered }
      },
      dropEarly: (id: string) => dropEarly(database, id),
    }
    for (const done of [ok('stored'), fail('database-unavailable', '', '')]) {
      await withEarlyBytes(deps, messageOf('1', large).messageId, large, async (isKept) => {
        await isKept()
        return done
      })
      expect(await places(database)).toMatchObject({ pieces: [], coming: [] })
    }
  })

  it('go ahead of three messages at a time', async () => {
    const { database } = await newCentral(postgres)
    const keep = makeKeepEarly(database, owner)
    const ids = Array.from({ length: 4 }, (_each, index) => messageOf(String(index), large).messageId)
    const sent = await Promise.allSettled(ids.map((id) => keep(id, large)))
    expect(sent.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
    for (const one of sent) if (one.status === 'fulfilled') await one.value.answered
    await (await keep(ids[3] ?? '', large)).answered
    await expect((await keep(ids[3] ?? '', large)).answered).rejects.toThrow(/duplicate key/)
    expect((await places(database)).pieces.sort()).toEqual([...ids].sort())
  })

  it('change no digest', async () => {
    const digests = await Promise.all([true, false].map(async (isEarly) => {
      const { database } = await newCentral(postgres)
      const message = messageOf('1', large)
      await (isEarly ? sendEarly(database, message) : newGroupCommit(database).commit(message))
      return digestCentral(database)
    }))
    expect(digests[0]).toBe(digests[1])
  })

  it('are packed with those of other messages when they are old, and their pieces go', async () => {
    const { database } = await newCentral(postgres)
    const [first, later] = [messageOf('1', large), messageOf('2', bytesOf(1_100_000), { parts: [partOf([], [{ code: 'field-missing', at: '', detail: '' }])] })]
    for (const message of [first, later]) await sendEarly(database, message)
    const retain = () => runRetention(database, { partitionDays: 7, packAfterDays: 2, rawDays: undefined, deliveryDays: undefined, rules: [] }, Date.now() + 30 * 86_400_000, () => false)
    expect(await retain()).toMatchObject({ packed: 1 })
    expect((await places(database)).pieces).toEqual([later.messageId])
    for (const { messageId, raw } of [first, later]) expect(Buffer.from(raw).equals(await rawOfMessage(database, messageId) ?? Buffer.alloc(0))).toBe(true)
    await database.query('insert into message_decision (message_id, decided_by, reason) values ($1, \'somebody\', \'no longer needed\')', [later.messageId])
    expect(await retain()).toMatchObject({ packed: 1 })
    expect(await database.query<object>('select to_regclass(\'message_chunk_first\') as name, (select count(*)::int from message_chunk) as pieces')).toMatchObject([{ pieces: 0 }])
    expect(Buffer.from(later.raw).equals(await rawOfMessage(database, later.messageId) ?? Buffer.alloc(0))).toBe(true)
  })
})

describe('what is kept as it came', () => {
  it('stands in pieces of 1 MiB, all of them or none', async () => {
    const { database } = await newCentral(postgres)
    const message = messageOf('1', randomBytes(2_500_000))
    await database.query('insert into message_chunk (message_id, ordinal, bytes) values ($1, 2, $2)', [message.messageId, Buffer.from('in the way')])
    await expect((await keepEarly(database, message.messageId, owner, message.raw)).answered).rejects.toThrow(/duplicate key/)
    expect(await database.query('select ordinal from message_chunk')).toEqual([{ ordinal: 2 }])
    expect((await places(database)).coming).toEqual([])
    await database.query('delete from message_chunk')
    await sendEarly(database, message)
    expect(await database.query('select ordinal, octet_length(bytes) as bytes, length from message_chunk order by ordinal')).toEqual([
      { ordinal: 0, bytes: 1_048_576, length: null }, { ordinal: 1, bytes: 1_048_576, length: null }, { ordinal: 2, bytes: 402_848, length: null },
    ])
    expect(Buffer.from(message.raw).equals(await rawOfMessage(database, message.messageId) ?? Buffer.alloc(0))).toBe(true)
  })
})

describe('what is kept compressed', () => {
  it('is text, in a fraction of its length', async () => {
    const { database } = await newCentral(postgres)
    const message = messageOf('1', textOf(2_000_000))
    await sendEarly(database, message)
    const [piece] = await database.query<{ stored: number, length: number }>('select octet_length(bytes) as stored, length from message_chunk')
    expect(piece?.length).toBe(message.raw.length)
    expect(piece?.stored).toBeLessThan(600_000)
    expect(await messageById(database, message.messageId)).toMatchObject({ rawBytes: message.raw.length })
  })

  it('is not what it would not make smaller, wherever that stands', () => {
    const random = randomBytes(3_000_000)
    expect([random, Buffer.from(random.toString('base64')), Buffer.concat([Buffer.alloc(200_000, ' '), random]), Buffer.concat([random, Buffer.alloc(200_000, ' ')])].map(isWorthPacking)).toEqual([false, false, false, false])
    expect([Buffer.alloc(3_000_000, ' '), textOf(1_000_000), Buffer.alloc(10_000, ' '), Buffer.alloc(0)].map(isWorthPacking)).toEqual([true, true, false, false])
  })

  it('is not expanded to more than it was', async () => {
    const { bytes } = await packPiece(Buffer.alloc(1_000_000, ' '))
    await expect(expandPiece({ bytes: Buffer.from(bytes), length: 999_999 })).rejects.toThrow()
    expect((await expandPiece({ bytes: Buffer.from(bytes), length: 1_000_000 })).length).toBe(1_000_000)
  })
})

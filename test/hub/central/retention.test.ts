import { randomBytes, randomUUID } from 'node:crypto'
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { attachmentsOfMessage, bytesOfAttachment } from '../../../hub/central/attachments.js'
import type { CommitItem } from '../../../hub/central/commit-item.js'
import { decideMessage } from '../../../hub/central/decide-message.js'
import { messageById, rawOfMessage } from '../../../hub/central/messages.js'
import { packPartition } from '../../../hub/central/pack-partition.js'
import { listPartitions, makePartitionsAhead, type Partition } from '../../../hub/central/partitions.js'
import { dropRuleOf, runRetention } from '../../../hub/compose/run-retention.js'
import type { Database } from '../../../hub/ops/database.js'
import { migrate } from '../../../hub/ops/migrate.js'
import type { MessageId } from '../../../schemas/ids.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import { idAt, item, newCentral, newGroupCommit, openCentral, orderDocument, partOf, sha256 } from '../../fixtures/central.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()
const dayMs = 86_400_000
const inDays = (days: number): number => Date.now() + days * dayMs
const tableOf = async (database: Database, id: string) => (await database.query<{ name: string }>('select tableoid::regclass::text as name from message where id = $1', [id]))[0]?.name.replace(/^.*\./, '')
const settings = { partitionDays: 7, packAfterDays: 2, rawDays: undefined, deliveryDays: undefined, rules: [] }
const never = (): boolean => false
const refusal = { parts: [partOf([], [{ code: 'field-missing', at: 'number', detail: 'It is missing.' }])] }
const first = async (database: Database): Promise<Partition> => {
  const [partition] = await listPartitions(database)
  if (partition === undefined) throw new Error('There is no table of messages.')
  return partition
}

let sent = 0
/** Commits a message that came so many days ago. */
const send = async (database: Database, daysAgo: number, raw: string | Buffer, more: Partial<CommitItem> = {}): Promise<MessageId> => {
  const bytes = Buffer.from(raw)
  const ms = inDays(-daysAgo)
  const result = await newGroupCommit(database).commit(item('', [orderDocument(`N-${++sent}`)], { messageId: idAt(ms), receivedAt: new Date(ms).toISOString(), raw: bytes, rawSha256: sha256(bytes), ...more }))
  if (!result.ok) throw new Error(result.detail)
  return result.value.answer.messageId
}
const retain = (database: Database, more: Partial<typeof settings> | { readonly rawDays: number } = {}) => runRetention(database, { ...settings, ...more }, inDays(30), never)

describe('the tables of messages', () => {
  it('are made of a database that has rows: what was stored is found, and what comes goes on', async () => {
    const schema = `before_${randomUUID().slice(0, 8)}`
    const database = openCentral(postgres.urlOf('postgres'), schema)
    const folder = await mkdtemp(join(tmpdir(), 'chainhub-migrations-'))
    const all = projectFolder('hub/central/migrations')
    for (const name of await readdir(all)) if (name < '0008') await copyFile(join(all, name), join(folder, name))
    await migrate(database, schema, folder)
    await rm(folder, { recursive: true })
    const [old, strange] = [idAt(inDays(-40)), 'ffffffff-0000-4000-8000-000000000000']
    for (const id of [old, strange]) {
      await database.query(`insert into message (id, attempt, channel, system, sender, received_at, raw, raw_sha256, outcome, status, test, answer)
        values ($1, $1, 'demo', 'acme', 'acme', now(), 'abc', 'x', 'accepted', 200, false, '{"documents":[],"errors":[]}')`, [id])
    }
    await database.query('insert into message_chunk (message_id, ordinal, bytes) values ($1, 0, \'piece\')', [old])
    await migrate(database, schema, all)
    expect([await rawOfMessage(database, old), await tableOf(database, old), await tableOf(database, strange)]).toEqual([Buffer.from('abc'), 'message_first', 'message_default'])
    expect(await database.query('select convert_from(bytes, \'UTF8\') as bytes from message_chunk where message_id = $1', [old])).toEqual([{ bytes: 'piece' }])
    const now = await send(database, 0, 'new')
    expect([await rawOfMessage(database, now), await tableOf(database, now)]).toEqual([Buffer.from('new'), 'message_first'])
    const { name, fromAt, toAt, packedAt } = await first(database)
    expect({ name, fromAt, packedAt, isMonday: new Date(toAt).getUTCDay() === 1 && toAt.endsWith('T00:00:00.000Z'), isAhead: Date.parse(toAt) > Date.now() }).toEqual({ name: 'message_first', fromAt: null, packedAt: null, isMonday: true, isAhead: true })
  })

  it('are made ahead once, each of them takes its time, and what came before its table moves into it', async () => {
    const { database } = await newCentral(postgres)
    const early = await send(database, -10, 'from a clock that is ahead')
    expect(await tableOf(database, early)).toBe('message_default')
    const [made, madeByOther] = await Promise.all([makePartitionsAhead(database, 7, 21), makePartitionsAhead(database, 7, 21)])
    expect(made.length + madeByOther.length).toBeGreaterThanOrEqual(3)
    expect(await makePartitionsAhead(database, 7, 21)).toEqual([])
    const partitions = await listPartitions(database)
    expect(partitions.slice(1).map(({ fromAt }) => fromAt)).toEqual(partitions.slice(0, -1).map(({ toAt }) => toAt))
    expect([await tableOf(database, early), await rawOfMessage(database, early)]).toEqual([expect.stringMatching(/^message_\d{8}$/), Buffer.from('from a clock that is ahead')])
    const next = await send(database, -8, 'next week')
    expect(await tableOf(database, next)).toMatch(/^message_\d{8}$/)
  })
})

describe('packing', () => {
  it('keeps every message byte for byte, in a few blocks for each channel and outcome', async () => {
    const { database } = await newCentral(postgres)
    const raws = [...Array.from({ length: 300 }, (_each, index) => Buffer.from(`<Order><ID>${index}</ID><Note>上海 ${'x'.repeat(index % 70)}</Note></Order>`)), Buffer.alloc(0), randomBytes(3 * 1024 * 1024), Buffer.from([0, 255, 0])]
    const ids = await Promise.all(raws.map((raw, index) => send(database, 10, raw, { channel: index % 3 === 0 ? 'other' : 'demo', idempotencyKey: String(index) })))
    const answers = await Promise.all(ids.map((id) => messageById(database, id)))
    expect(await retain(database)).toEqual({ packed: raws.length - 1, dropped: 0, deliveries: 0 })
    for (const [index, id] of ids.entries()) expect({ index, same: raws[index]?.equals(await rawOfMessage(database, id) ?? Buffer.from('none')) }).toEqual({ index, same: true })
    expect(await Promise.all(ids.map((id) => messageById(database, id)))).toEqual(answers)
    const [blocks] = await database.query<{ blocks: number, loose: number }>('select (select count(*)::int from raw_block) as blocks, (select count(*)::int from message where octet_length(raw) > 0 or large_raw is not null) as loose')
    expect(blocks?.loose).toBe(0)
    expect(blocks?.blocks).toBeLessThanOrEqual(5)
    expect(await retain(database)).toEqual({ packed: 0, dropped: 0, deliveries: 0 })
    expect(await rawOfMessage(database, await send(database, 5, 'late'))).toEqual(Buffer.from('late'))
  })

  it('goes on where it was stopped, and loses nothing of what changes meanwhile', async () => {
    const { database } = await newCentral(postgres)
    const refused = await send(database, 10, 'refused', refusal)
    const ids = await Promise.all(Array.from({ length: 20 }, (_each, index) => send(database, 9, `m${index}`)))
    const partition = await first(database)
    let looks = 0
    expect(await packPartition(database, partition, () => ++looks > 1)).toBeUndefined()
    // Copied already, and taken now by the same bytes sent again; and one that comes late.
    const again = await newGroupCommit(database).commit(item('refused', [orderDocument('mended')], { messageId: idAt(Date.now()) }))
    expect(again).toMatchObject({ ok: true, value: { answer: { messageId: refused, outcome: 'accepted' } } })
    const late = await send(database, 8, 'late')
    expect(await packPartition(database, partition, never)).toBe(1)
    expect(await messageById(database, refused)).toMatchObject({ outcome: 'accepted', attempts: 2, answer: { documents: [{ number: 'mended' }] } })
    for (const [id, raw] of [[refused, 'refused'], [late, 'late'], ...ids.map((id, index) => [id, `m${index}`] as const)] as const) expect((await rawOfMessage(database, id))?.toString()).toBe(raw)
    expect(await retain(database)).toMatchObject({ packed: 2 })
    expect((await rawOfMessage(database, refused))?.toString()).toBe('refused')
  })
})

describe('dropping', () => {
  it('takes the bytes whose days are over and nothing else, and says when and why', async () => {
    const { database } = await newCentral(postgres)
    const [old, young] = [await send(database, 100, 'old'), await send(database, 20, 'young', { channel: 'other' })]
    const before = await messageById(database, old)
    expect(await retain(database, { rawDays: 90 })).toEqual({ packed: 2, dropped: 1, deliveries: 0 })
    expect([await rawOfMessage(database, old), (await rawOfMessage(database, young))?.toString()]).toEqual([undefined, 'young'])
    expect(await messageById(database, old)).toEqual({ ...before, rawDropped: { at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown, rule: 'rawDays 90' } })
    expect(await database.query('select count(*)::int as documents from document')).toEqual([{ documents: 2 }])
  })

  it('never takes a message that could not be taken before somebody decided, however old it is', async () => {
    const { database } = await newCentral(postgres)
    const [refused, mended] = [await send(database, 500, 'refused', refusal), await send(database, 80, 'to be mended', refusal)]
    expect(await retain(database, { rawDays: 1 })).toEqual({ packed: 0, dropped: 0, deliveries: 0 })
    expect((await rawOfMessage(database, refused))?.toString()).toBe('refused')
    await decideMessage(database, { messageId: refused, by: 'operator', reason: 'by mistake', mendedBy: undefined })
    await decideMessage(database, { messageId: refused, by: 'another', reason: 'too late', mendedBy: undefined })
    await newGroupCommit(database).commit(item('to be mended', [orderDocument('good')]))
    expect(await retain(database, { rawDays: 1 })).toEqual({ packed: 2, dropped: 2, deliveries: 0 })
    expect(await messageById(database, refused)).toMatchObject({ outcome: 'rejected', decision: { by: 'operator', reason: 'by mistake', mendedBy: null }, rawDropped: { rule: 'rawDays 1' } })
    expect([await rawOfMessage(database, refused), await rawOfMessage(database, mended)]).toEqual([undefined, undefined])
  })

  it('takes the files that came with a message, unless another message has them too', async () => {
    const { database } = await newCentral(postgres)
    const fileOf = (text: string) => ({ name: `${text}.txt`, contentType: 'text/plain', bytes: Buffer.from(text), sha256: sha256(text) })
    const old = await send(database, 100, 'old', { attachments: [fileOf('own'), fileOf('shared')] })
    const young = await send(database, 10, 'young', { attachments: [fileOf('shared')] })
    expect(await retain(database, { rawDays: 90 })).toMatchObject({ dropped: 1 })
    expect([await bytesOfAttachment(database, sha256('own')), (await bytesOfAttachment(database, sha256('shared')))?.toString()]).toEqual([undefined, 'shared'])
    expect(await attachmentsOfMessage(database, old)).toEqual([{ ordinal: 1, name: 'own.txt', contentType: 'text/plain', sha256: sha256('own'), bytes: null }, { ordinal: 2, name: 'shared.txt', contentType: 'text/plain', sha256: sha256('shared'), bytes: 6 }])
    expect(await attachmentsOfMessage(database, young)).toMatchObject([{ sha256: sha256('shared'), bytes: 6 }])
  })

  it('takes the pieces of a giant, and the table of pieces that is empty then', async () => {
    const { database } = await newCentral(postgres)
    const giant = await send(database, 100, '')
    await database.query('insert into message_chunk (message_id, ordinal, bytes) values ($1, 0, \'piece\')', [giant])
    await database.query('insert into giant (message_id, attempt, bytes, again, finished) values ($1, $1, 5, false, true)', [giant])
    await retain(database)
    expect(await database.query('select count(*)::int as pieces from message_chunk')).toEqual([{ pieces: 1 }])
    expect(await retain(database, { rawDays: 90 })).toMatchObject({ dropped: 1 })
    expect(await database.query('select count(*)::int as pieces, to_regclass(\'message_chunk_first\') is null as gone from message_chunk')).toEqual([{ pieces: 0, gone: true }])
    expect(await messageById(database, giant)).toMatchObject({ rawBytes: 5, rawDropped: { rule: 'rawDays 90' } })
    expect(await rawOfMessage(database, giant)).toBeUndefined()
  })

  it('never takes a giant that could not be taken before somebody decided', async () => {
    const { database } = await newCentral(postgres)
    const giant = await send(database, 500, '', refusal)
    await database.query('insert into message_chunk (message_id, ordinal, bytes) values ($1, 0, \'piece\')', [giant])
    await database.query('insert into giant (message_id, attempt, bytes, again, finished) values ($1, $1, 5, false, true)', [giant])
    expect(await retain(database, { rawDays: 1 })).toMatchObject({ dropped: 0 })
    expect(await database.query('select count(*)::int as pieces from message_chunk')).toEqual([{ pieces: 1 }])
    await decideMessage(database, { messageId: giant, by: 'operator', reason: 'by mistake', mendedBy: undefined })
    expect(await retain(database, { rawDays: 1 })).toMatchObject({ dropped: 1 })
    expect(await rawOfMessage(database, giant)).toBeUndefined()
  })

  it('goes by the first rule that fits', () => {
    const rules = [{ channel: 'a', outcome: 'duplicate', rawDays: 1 }, { channel: 'a' }, { outcome: 'duplicate', rawDays: 7 }]
    const daysOf = (channel: string, outcome: string) => dropRuleOf({ ...settings, rawDays: 400, rules }, { channel, outcome })
    expect([daysOf('a', 'duplicate')?.days, daysOf('a', 'accepted'), daysOf('b', 'duplicate')?.rule, daysOf('b', 'accepted')?.days]).toEqual([1, undefined, 'rawDays 7 for messages with the outcome duplicate', 400])
    expect(dropRuleOf(settings, { channel: 'a', outcome: 'accepted' })).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { commitBatch } from '../../../hub/central/commit-batch.js'
import { commitFresh } from '../../../hub/central/commit-fresh.js'
import type { CommitItem } from '../../../hub/central/commit-item.js'
import { item, newCentral, orderDocument, partOf } from '../../fixtures/central.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()

const tables = {
  message: 'select to_jsonb(message) - \'position\' as row from message order by id',
  document: 'select to_jsonb(document) - \'position\' as row from document order by id',
  document_head: 'select to_jsonb(document_head) - \'position\' as row from document_head order by sender, kind, number',
  document_reference: 'select to_jsonb(document_reference) as row from document_reference order by document_id, ordinal',
  part: 'select to_jsonb(part) as row from part order by message_id, ordinal',
  schema_use: 'select to_jsonb(schema_use) as row from schema_use order by message_id, part, name',
  idempotency_key: 'select to_jsonb(idempotency_key) as row from idempotency_key order by channel, sender, key',
  journal: 'select to_jsonb(journal) - \'recorded_at\' as row from journal order by number',
} as const

const reference = { kind: 'order', number: 'PO 1', issuer: undefined, toLine: '1', counterpart: false, fromLine: '2' } as never

const mixed = (): readonly CommitItem[] => [
  item('plain', [orderDocument('1')], { contentType: undefined, caller: undefined }),
  item('keyed "quoted" \\ {brace}, \u4e2d\u6587 \u{1f600}', [orderDocument('2, "x" \\ {} \u4e2d\u6587', 'second', { references: [reference, reference], threadIds: [], issuerKey: undefined })], { idempotencyKey: 'k "1" \\' }),
  item('refused', [], { parts: [partOf([], [{ code: 'field-missing', at: 'lines[0]', detail: 'The field "x" is missing.' }])] }),
  item('envelope', [], { parts: [
    { ...partOf([orderDocument('3')]), sender: 'acme', controlNumber: '000001', schemas: [{ name: 'own', version: '7' }] },
    { ...partOf([orderDocument('4'), orderDocument('5')], [], 2), receiver: 'us', ackWanted: true, test: true },
    partOf([], [{ code: 'format-unknown', at: '', detail: '' }], 3),
  ] }),
]

describe('messages of which nothing is known, stored in one statement', () => {
  it('leave the very rows, answers and numbers that they leave when each is looked up first', async () => {
    const [one, other] = [await newCentral(postgres), await newCentral(postgres)]
    const items = mixed()
    const quick = await commitFresh(one.database, items)
    const slow = await commitBatch(other.database, items)
    expect(items.map(({ messageId }) => quick.get(messageId))).toEqual(slow)
    for (const [table, text] of Object.entries(tables)) expect([table, await one.database.query(text)]).toEqual([table, await other.database.query(text)])
  })

  it('are those alone whose key and whose documents are free; of the others nothing is written', async () => {
    const { database } = await newCentral(postgres)
    await commitFresh(database, [item('a', [orderDocument('1')]), item('b', [orderDocument('2')], { idempotencyKey: 'k' })])
    const again = [item('a', [orderDocument('9')]), item('c', [orderDocument('3'), orderDocument('1', 'changed')]), item('d', [orderDocument('8')], { idempotencyKey: 'k' }), item('e', [orderDocument('4')])]
    const stored = await commitFresh(database, again)
    expect([...stored.keys()]).toEqual([again[3]?.messageId])
    expect([...stored.values()]).toMatchObject([{ answer: { outcome: 'accepted', journalSeq: 3 }, entries: { first: 3, last: 3 } }])
    expect(await database.query('select number from document order by number')).toEqual([{ number: '1' }, { number: '2' }, { number: '4' }])
    expect(await database.query('select count(*) from idempotency_key')).toEqual([{ count: 3 }])
    expect(await database.query('select count(*) from message')).toEqual([{ count: 3 }])
  })

  it('are none that share a document with another of their batch but the first', async () => {
    const { database } = await newCentral(postgres)
    const items = [item('a', [orderDocument('1')]), item('b', [orderDocument('1', 'b'), orderDocument('2')]), item('c', [orderDocument('2', 'c')]), item('d', [orderDocument('3'), orderDocument('3', 'd')])]
    expect([...(await commitFresh(database, items)).keys()]).toEqual([items[0]?.messageId])
  })

  it('are undone together, to be tried again, where another process takes one of their documents at that moment', async () => {
    const { database } = await newCentral(postgres)
    let meeting: Promise<unknown> = Promise.resolve()
    await database.transaction(async (tx) => {
      await tx.query(`insert into document_head (sender, kind, number, document_id, revision, content_sha256, position) values ('acme', 'order', '1', gen_random_uuid(), 1, 'x', $1)`, [1])
      meeting = commitFresh(database, [item('a', [orderDocument('0')]), item('b', [orderDocument('1')])]).then(() => undefined, (error: unknown) => error)
      // It waits for the head by now.
      for (let waits: unknown = 0; waits !== 1;) [{ count: waits }] = await database.query<{ count: number }>(`select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like 'with doc as%'`) as [{ count: number }]
    })
    expect(await meeting).toMatchObject({ code: '40001' })
    expect(await database.query('select count(*) from message')).toEqual([{ count: 0 }])
    expect(await database.query('select count(*) from idempotency_key')).toEqual([{ count: 0 }])
  })
})

import { describe, expect, it } from 'vitest'
import { journalHead, entriesAfter } from '../../../hub/central/journal.js'
import { messageById, rawOfMessage } from '../../../hub/central/messages.js'
import type { Committed, CommitItem } from '../../../hub/central/commit-item.js'
import type { GroupCommit } from '../../../hub/central/group-commit.js'
import { item, newCentral, newGroupCommit, orderDocument, partOf } from '../../fixtures/central.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()

const newHub = async () => {
  const { database } = await newCentral(postgres)
  const { commit } = newGroupCommit(database)
  return { database, commit: committed(commit) }
}

const committed = (commit: GroupCommit['commit']) => async (one: CommitItem): Promise<Committed> => {
  const result = await commit(one)
  if (!result.ok) throw new Error(`${result.code}: ${result.detail}`)
  return result.value
}

const refused = partOf([], [{ code: 'field-missing', at: 'number', detail: 'missing' }])

describe('a message that is committed', () => {
  it('is kept byte for byte with the very answer that was given', async () => {
    const { database, commit } = await newHub()
    const { answer, entries } = await commit(item('<order id="007"/>', [orderDocument('007')]))
    expect(answer).toMatchObject({ outcome: 'accepted', documents: [{ kind: 'order', number: '007', revision: 1 }], journalSeq: 1, errors: [] })
    expect(entries).toEqual({ first: 1, last: 1 })
    expect(JSON.stringify((await messageById(database, answer.messageId))?.answer)).toBe(JSON.stringify(answer))
    expect((await rawOfMessage(database, answer.messageId))?.toString()).toBe('<order id="007"/>')
  })

  it('enters the journal with its document', async () => {
    const { database, commit } = await newHub()
    const { answer } = await commit(item('a', [orderDocument('1')]))
    const entries = await entriesAfter(database, 0, 10)
    expect(entries).toMatchObject([{ number: 1, type: 'document.accepted', messageId: answer.messageId, system: 'acme', channel: 'demo', test: false, revision: 1, document: { number: '1' } }])
    expect(new Date(entries[0]?.recordedAt ?? '').getTime()).toBeGreaterThan(Date.now() - 60_000)
  })

  it('is kept with its reason when it is refused', async () => {
    const { database, commit } = await newHub()
    const { answer } = await commit(item('bad', [], { parts: [refused] }))
    expect(await messageById(database, answer.messageId)).toMatchObject({ outcome: 'rejected', status: 422, answer: { errors: [{ code: 'field-missing' }] } })
    expect(await journalHead(database)).toBe(0)
  })
})

describe('a repeat', () => {
  it('without a key gets the first answer, as a duplicate', async () => {
    const { database, commit } = await newHub()
    const first = await commit(item('same', [orderDocument('1')]))
    const second = await commit(item('same', [orderDocument('1')]))
    expect(second.answer).toEqual({ ...first.answer, outcome: 'duplicate' })
    expect(second.entries).toEqual(first.entries)
    expect(await database.query('select repeats, last_repeat_at is not null as at from idempotency_key')).toEqual([{ repeats: 1, at: true }])
    expect(await database.query('select count(*) from message')).toEqual([{ count: 1 }])
  })

  it('of another sender or channel is another message', async () => {
    const { commit } = await newHub()
    const first = await commit(item('same', [orderDocument('1')]))
    const second = await commit(item('same', [orderDocument('1', 'first', { sender: 'other' })], { sender: 'other' }))
    expect(second.answer).toMatchObject({ outcome: 'accepted' })
    expect(second.answer.messageId).not.toBe(first.answer.messageId)
  })

  it('posted twenty times at once is accepted once and nineteen times a duplicate of one message', async () => {
    const { database, commit } = await newHub()
    const second = committed(newGroupCommit(database).commit)
    const answers = (await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? commit : second)(item('same', [orderDocument('1')], { idempotencyKey: 'k' })))))
      .map(({ answer }) => answer)
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['accepted', ...Array<string>(19).fill('duplicate')])
    expect(new Set(answers.map(({ messageId }) => messageId)).size).toBe(1)
    expect(await journalHead(database)).toBe(1)
  })

  it('of a refused message is tried again under its first id', async () => {
    const { database, commit } = await newHub()
    const first = await commit(item('x', [], { parts: [refused] }))
    const second = await commit(item('x', [orderDocument('1')]))
    expect(second.answer).toMatchObject({ messageId: first.answer.messageId, outcome: 'accepted', journalSeq: 1 })
    expect(await messageById(database, first.answer.messageId)).toMatchObject({ attempts: 2, outcome: 'accepted', answer: second.answer })
    expect((await commit(item('x', [orderDocument('1')]))).answer).toEqual({ ...second.answer, outcome: 'duplicate' })
  })

  it('of a key with other content is refused and kept as a message of its own', async () => {
    const { database, commit } = await newHub()
    const first = await commit(item('a', [orderDocument('1')], { idempotencyKey: 'k' }))
    const second = await commit(item('b', [orderDocument('2')], { idempotencyKey: 'k' }))
    expect(second.answer).toMatchObject({ outcome: 'rejected', documents: [], errors: [{ code: 'key-reused' }] })
    expect(second.answer.messageId).not.toBe(first.answer.messageId)
    expect(await messageById(database, second.answer.messageId)).toMatchObject({ status: 409 })
    expect((await rawOfMessage(database, second.answer.messageId))?.toString()).toBe('b')
  })

  it('of a key after its window is a new message', async () => {
    const { commit } = await newHub()
    const first = await commit(item('a', [orderDocument('1')], { idempotencyKey: 'k', receivedAt: '2020-01-01T00:00:00.000Z' }))
    const within = await commit(item('a', [orderDocument('1')], { idempotencyKey: 'k', receivedAt: '2020-03-30T00:00:00.000Z' }))
    const after = await commit(item('b', [orderDocument('2')], { idempotencyKey: 'k', receivedAt: '2020-04-01T00:00:00.000Z' }))
    expect(within.answer).toMatchObject({ outcome: 'duplicate', messageId: first.answer.messageId })
    expect(after.answer.outcome).toBe('accepted')
  })
})

describe('a document', () => {
  it('that comes again in another message with the same content is a duplicate', async () => {
    const { database, commit } = await newHub()
    const first = await commit(item('a', [orderDocument('1')]))
    const { answer, entries } = await commit(item('b', [orderDocument('1')]))
    expect(answer).toMatchObject({ outcome: 'duplicate', documents: [{ ...first.answer.documents[0], duplicate: true }] })
    expect(answer).not.toHaveProperty('journalSeq')
    expect(entries).toBeUndefined()
    expect(await messageById(database, answer.messageId)).toMatchObject({ outcome: 'duplicate' })
  })

  it('with other content is a revision that names the one it replaces', async () => {
    const { database, commit } = await newHub()
    const first = await commit(item('a', [orderDocument('1')]))
    const second = await commit(item('b', [orderDocument('1', 'second')]))
    expect(second.answer).toMatchObject({ outcome: 'accepted', documents: [{ revision: 2 }] })
    expect(await entriesAfter(database, 1, 10)).toMatchObject([{ revision: 2, replaces: first.answer.documents[0]?.id }])
  })

  it('of one number from two senders is two documents', async () => {
    const { commit } = await newHub()
    await commit(item('a', [orderDocument('34')]))
    expect((await commit(item('b', [orderDocument('34', 'other', { sender: 'bolt' })]))).answer).toMatchObject({ outcome: 'accepted', documents: [{ revision: 1 }] })
  })

  it('that stands three times in one message, once changed, has two revisions', async () => {
    const { commit } = await newHub()
    const parts = [partOf([orderDocument('1')], [], 1), partOf([orderDocument('1')], [], 2), partOf([orderDocument('1', 'second')], [], 3)]
    const { answer, entries } = await commit(item('a', [], { parts }))
    expect(answer.parts).toMatchObject([{ outcome: 'accepted', documents: [{ revision: 1 }] }, { outcome: 'duplicate', documents: [{ revision: 1 }] }, { outcome: 'accepted', documents: [{ revision: 2 }] }])
    expect(entries).toEqual({ first: 1, last: 2 })
  })

  it('revised by a hundred messages at once has a hundred revisions in a row', async () => {
    const { database, commit } = await newHub()
    const other = committed(newGroupCommit(database).commit)
    await Promise.all(Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? commit : other)(item(`m${index}`, [orderDocument('1', `c${index}`)]))))
    const entries = await entriesAfter(database, 0, 1000)
    expect(entries.map((entry) => entry.type === 'document.accepted' && entry.revision)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
    expect(entries.slice(1).map((entry) => entry.type === 'document.accepted' && entry.replaces)).toEqual(entries.slice(0, -1).map((entry) => entry.type === 'document.accepted' && entry.documentId))
  })
})

describe('a replay', () => {
  const replay = (first: CommitItem, more: Partial<CommitItem>): CommitItem => ({ ...first, attempt: crypto.randomUUID(), replay: true, ...more })

  it('that maps to something else makes a revision under the same message', async () => {
    const { database, commit } = await newHub()
    const original = item('a', [orderDocument('1')])
    await commit(original)
    const { answer } = await commit(replay(original, { parts: [partOf([orderDocument('1', 'mapped otherwise')])] }))
    expect(answer).toMatchObject({ messageId: original.messageId, outcome: 'accepted', documents: [{ revision: 2 }], journalSeq: 2 })
    expect(await messageById(database, original.messageId)).toMatchObject({ attempts: 2, answer })
  })

  it('never replaces a revision of a later message', async () => {
    const { database, commit } = await newHub()
    const original = item('a', [orderDocument('1')])
    await commit(original)
    await commit(item('b', [orderDocument('1', 'second')]))
    const { answer } = await commit(replay(original, { parts: [partOf([orderDocument('1', 'mapped otherwise')])] }))
    expect(answer).toMatchObject({ outcome: 'rejected', errors: [{ code: 'revision-stale' }] })
    expect(await journalHead(database)).toBe(2)
    expect(await messageById(database, original.messageId)).toMatchObject({ attempts: 2, outcome: 'accepted' })
  })

  it('of a message refused before a later one came is stale too', async () => {
    const { commit } = await newHub()
    const original = item('a', [], { parts: [refused] })
    await commit(original)
    await commit(item('b', [orderDocument('1', 'second')]))
    expect((await commit(replay(original, { parts: [partOf([orderDocument('1')])] }))).answer).toMatchObject({ outcome: 'rejected', errors: [{ code: 'revision-stale' }] })
  })

  it('that changes nothing says so and leaves the message accepted', async () => {
    const { database, commit } = await newHub()
    const original = item('a', [orderDocument('1')])
    await commit(original)
    expect((await commit(replay(original, {}))).answer).toMatchObject({ outcome: 'duplicate', journalSeq: 1 })
    expect(await messageById(database, original.messageId)).toMatchObject({ outcome: 'accepted' })
  })
})

describe('an envelope', () => {
  it('with one bad part is partial, and the repeat brings only what was missing', async () => {
    const { database, commit } = await newHub()
    const bad = { ...refused, ordinal: 2 }
    const first = await commit(item('[1,2]', [], { parts: [partOf([orderDocument('1')]), bad] }))
    expect(first.answer).toMatchObject({
      outcome: 'partial', documents: [{ number: '1' }], errors: [{ at: 'part 2: number' }],
      parts: [{ part: 1, outcome: 'accepted' }, { part: 2, outcome: 'rejected', errors: [{ at: 'number' }] }],
    })
    const second = await commit(item('[1,2]', [], { parts: [partOf([orderDocument('1')]), partOf([orderDocument('2')], [], 2)] }))
    expect(second.answer).toMatchObject({ messageId: first.answer.messageId, outcome: 'accepted', parts: [{ outcome: 'duplicate' }, { outcome: 'accepted' }], journalSeq: 2 })
    expect(await database.query('select ordinal, outcome from part order by 1')).toEqual([{ ordinal: 1, outcome: 'duplicate' }, { ordinal: 2, outcome: 'accepted' }])
  })
})

import { describe, expect, it } from 'vitest'
import { apiKeyBySha256, hasApiKey, insertApiKey } from '../../../hub/central/api-keys.js'
import { documentsByIds } from '../../../hub/central/documents.js'
import { keepMappingVersions, mappingVersion } from '../../../hub/central/mapping-versions.js'
import { findMessages, type MessageFilter, type MessagePage } from '../../../hub/central/find-messages.js'
import { item, newCentral, newGroupCommit, orderDocument, partOf } from '../../fixtures/central.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()

describe('messages', () => {
  it('are listed latest first, page by page, by outcome, channel and time', async () => {
    const { database } = await newCentral(postgres)
    const { commit } = newGroupCommit(database)
    const refused = [partOf([], [{ code: 'field-missing', at: '', detail: '' }])]
    const id = (index: number) => `${(Date.UTC(2026, 0, index)).toString(16).padStart(12, '0').replace(/^(.{8})/, '$1-')}-7000-8000-00000000000${index}` as ReturnType<typeof item>['messageId']
    for (let index = 1; index <= 6; index++) {
      await commit(item(`m${index}`, [orderDocument(`N${index}`)], {
        messageId: id(index), receivedAt: `2026-01-0${index}T00:00:00.000Z`, channel: index > 4 ? 'other' : 'demo', ...(index === 2 ? { parts: refused } : {}),
      }))
    }
    const list = async ({ limit = 10, before, ...filter }: MessageFilter & Partial<MessagePage>) => (await findMessages(database, filter, { before, limit })).map((messageId) => Number(messageId.slice(-1)))
    expect(await list({})).toEqual([6, 5, 4, 3, 2, 1])
    expect(await list({ limit: 2 })).toEqual([6, 5])
    expect(await list({ limit: 2, before: id(5) })).toEqual([4, 3])
    expect(await list({ outcome: 'rejected' })).toEqual([2])
    expect(await list({ channel: 'other' })).toEqual([6, 5])
    expect(await list({ since: '2026-01-03T00:00:00Z', channel: 'demo' })).toEqual([4, 3])
    expect(await list({ since: '2026-01-03T00:00:00Z', until: '2026-01-05T00:00:00Z' })).toEqual([4, 3])
    expect([await list({ sender: 'acme', limit: 2 }), await list({ caller: 'key-1', limit: 1 }), await list({ partner: 'other' }), await list({ partner: 'nobody' })]).toEqual([[6, 5], [6], [6, 5], []])
    expect([await list({ code: 'field-missing' }), await list({ code: 'total-mismatch' }), await list({ errorWords: ['field', 'miss'] }), await list({ errorWords: ['o\'hare'] })]).toEqual([[2], [], [2], []])
    expect([await list({ format: 'demo', test: false, limit: 1 }), await list({ test: true })]).toEqual([[6], []])
  })
})

describe('documents', () => {
  it('are read by id with where they come from', async () => {
    const { database } = await newCentral(postgres)
    const document = orderDocument('1')
    await newGroupCommit(database).commit(item('a', [document]))
    expect(await documentsByIds(database, [document.id, item('x', []).messageId])).toMatchObject([
      { id: document.id, channel: 'demo', sender: 'acme', kind: 'order', number: '1', revision: 1, replaces: null, threadIds: document.threadIds, document: { number: '1' } },
    ])
  })
})

describe('keys', () => {
  it('are found by their hash until they are revoked', async () => {
    const { database } = await newCentral(postgres)
    expect(await hasApiKey(database, 'admin')).toBe(false)
    await insertApiKey(database, { id: 'k', sha256: 'aa', role: 'admin', party: undefined, channel: 'demo' })
    expect(await apiKeyBySha256(database, 'aa')).toEqual({ id: 'k', sha256: 'aa', role: 'admin', party: undefined, channel: 'demo' })
    expect(await hasApiKey(database, 'admin')).toBe(true)
    await database.query('update api_key set revoked_at = now()')
    expect(await apiKeyBySha256(database, 'aa')).toBeUndefined()
    expect(await hasApiKey(database, 'admin')).toBe(false)
  })
})

describe('mapping versions', () => {
  it('are kept as they were when they were first used', async () => {
    const { database } = await newCentral(postgres)
    await keepMappingVersions(database, [{ format: 'ubl/order', version: '1', files: { 'order.yaml': 'a' } }])
    await keepMappingVersions(database, [{ format: 'ubl/order', version: '1', files: { 'order.yaml': 'edited' } }, { format: 'ubl/order', version: '2', files: {} }])
    expect(await mappingVersion(database, 'ubl/order', '1')).toEqual({ format: 'ubl/order', version: '1', files: { 'order.yaml': 'a' } })
    expect(await mappingVersion(database, 'ubl/order', '3')).toBeUndefined()
  })
})

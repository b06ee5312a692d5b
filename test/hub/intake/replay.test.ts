import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { keepMappingVersions } from '../../../hub/central/mapping-versions.js'
import { messageById } from '../../../hub/central/messages.js'
import { claimReplay, finishItem, finishReplay, insertReplay, keepReplay, nextItems, releaseReplay, replayById, itemsOfReplay } from '../../../hub/central/replays.js'
import { compareDocuments } from '../../../hub/intake/compare-documents.js'
import { makeReplaySelections, type ReplaySelectionsDeps } from '../../../hub/intake/replay-selections.js'
import { loadTranslator, type Translator } from '../../../mappings/engine/translator.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import type { Result } from '../../../schemas/result.js'
import { newIntake, order } from '../../fixtures/intake.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()
const folder = await mkdtemp(join(tmpdir(), 'chainhub-replay-'))
afterAll(() => rm(folder, { recursive: true }))
const shopOrder = await readFile(projectFolder('mappings', 'shop-json', 'samples', 'order.json'), 'utf8')
const json = (value: unknown): string => JSON.stringify(value)

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

/** The shop's mapping of another day, which says the customer's comment is where the cost belongs. */
const anotherDay = async (): Promise<Translator> => {
  await cp(projectFolder('mappings', 'shop-json'), join(folder, 'shop-json'), { recursive: true })
  const file = join(folder, 'shop-json', 'order.yaml')
  const text = await readFile(projectFolder('mappings', 'shop-json', 'order.yaml'), 'utf8')
  const edited = text.replace('notes[0].value <=> customerComment', 'accountingCost <=> customerComment')
  expect(edited).not.toBe(text)
  await writeFile(file, edited)
  return must(await loadTranslator(folder))
}

const versionIn = (translator: { readonly formats: readonly { readonly id: string, readonly version: string }[] }): string => translator.formats.find(({ id }) => id === 'shop-json/order')?.version ?? ''

/** The shop's order, sent on another day. */
const sentBefore = async () => {
  const intake = await newIntake(postgres)
  const [then, now] = [await anotherDay(), intake.today.translator]
  await keepMappingVersions(intake.database, then.formats.map(({ id }) => ({ format: id, ...then.sourcesOf(id) })))
  intake.today.translator = then
  const { messageId } = await intake.post(shopOrder, { channel: 'demo-json' })
  intake.today.translator = now
  return { ...intake, messageId, then: versionIn(then), now: versionIn(now) }
}

const countOf = async ({ database }: Pick<Awaited<ReturnType<typeof newIntake>>, 'database'>) =>
  (await database.query('select (select count(*)::int from document) as documents, (select number from journal_head) as journal, (select sum(attempts)::int from message) as attempts, (select max(position) from document_head) as position'))[0]

describe('the diff of a replay', () => {
  it('says field by field what today\'s mapping would change, and changes nothing', async () => {
    const { diff, messageId, database, then, now } = await sentBefore()
    const before = await countOf({ database })
    expect(must(await diff(messageId))).toMatchObject({
      differs: true, outcome: { before: 'accepted', after: 'accepted' }, mappingVersion: { before: then, after: now }, errors: { gone: [], come: [] },
      documents: [{ part: 1, kind: 'order', number: 'W-100245', change: 'changed', revision: 1, differences: expect.arrayContaining([expect.objectContaining({ path: 'accountingCost', before: expect.any(String) as unknown }), expect.objectContaining({ path: 'notes', after: expect.any(Array) as unknown })]) as unknown }],
    })
    expect(await countOf({ database })).toEqual(before)
  })

  it('is what the replay then does; through the version that it was mapped by nothing would change', async () => {
    const { diff, replay, messageId, database, then, now } = await sentBefore()
    expect(must(await diff(messageId, then))).toMatchObject({ differs: false, documents: [{ change: 'unchanged' }], mappingVersion: { before: then, after: then } })
    expect(must(await replay(messageId))).toMatchObject({ outcome: 'accepted', documents: [{ revision: 2 }] })
    expect(await messageById(database, messageId)).toMatchObject({ mappingVersion: now, outcome: 'accepted' })
    expect(must(await diff(messageId))).toMatchObject({ differs: false, documents: [{ change: 'unchanged', revision: 2 }] })
  })

  it('tells of what is refused today and was not, of what is gone, and of what is new', async () => {
    const { diff, post, today, database } = await newIntake(postgres)
    const { messageId } = await post(json([order('1'), order('2')]))
    const [first] = await database.query<{ id: string }>('select id from document where number = \'1\'')
    await database.query('update document set number = \'0\', body = jsonb_set(body, \'{number}\', \'"0"\') where id = $1', [first?.id])
    await database.query('update document_head set number = \'0\' where document_id = $1', [first?.id])
    expect(must(await diff(messageId)).documents.map(({ number, change }) => `${number} ${change}`)).toEqual(['1 added', '2 unchanged', '0 gone'])
    const now = today.translator
    today.translator = { ...now, recognise: () => ({ ok: false, code: 'format-unknown', at: '1:1', detail: 'Not today.' }) }
    expect(must(await diff(messageId))).toMatchObject({ outcome: { before: 'accepted', after: 'accepted' }, errors: { come: [{ code: 'format-unknown', at: 'part 1: 1:1' }, { code: 'format-unknown' }] }, documents: [{ change: 'gone' }, { change: 'gone' }] })
  })

  it('of a refused message says the outcome and the errors that would go', async () => {
    const { diff, post, today } = await newIntake(postgres)
    const now = today.translator
    today.translator = { ...now, recognise: () => ({ ok: false, code: 'format-unknown', at: '1:1', detail: 'Not yet.' }) }
    const { messageId } = await post(json(order('1')))
    today.translator = now
    expect(must(await diff(messageId))).toMatchObject({ differs: true, outcome: { before: 'rejected', after: 'accepted' }, errors: { gone: [{ code: 'format-unknown' }], come: [] }, documents: [{ number: '1', change: 'added', revision: null }] })
  })
})

describe('a replay through an earlier mapping', () => {
  it('stamps its version, and never takes the place of what a later message brought', async () => {
    const { diff, replay, post, messageId, database, then } = await sentBefore()
    must(await replay(messageId))
    expect(must(await replay(messageId, { mapping: then }))).toMatchObject({ outcome: 'accepted', documents: [{ revision: 3 }] })
    expect(await messageById(database, messageId)).toMatchObject({ mappingVersion: then })
    expect(await database.query('select mapping_version as version from document where revision = 3')).toEqual([{ version: then }])
    const later = await post(shopOrder.replace(/"quantity": *\d+/, '"quantity": 77'), { channel: 'demo-json' })
    expect(later).toMatchObject({ outcome: 'accepted', documents: [{ revision: 4 }] })
    expect(must(await diff(messageId))).toMatchObject({ documents: [{ change: 'stale', revision: 4 }] })
    expect(must(await replay(messageId))).toMatchObject({ outcome: 'rejected', errors: [{ code: 'revision-stale' }] })
    expect(await database.query('select revision from document_head')).toEqual([{ revision: 4 }])
    expect(await messageById(database, messageId)).toMatchObject({ outcome: 'accepted' })
  })

  it('fails where there is no such version, or none of its format in the message', async () => {
    const { replay, post, messageId, then } = await sentBefore()
    expect(await replay(messageId, { mapping: '0000000000000000' })).toMatchObject({ ok: false, code: 'not-found', at: 'mapping' })
    const other = await post(json(order('1')))
    expect(await replay(other.messageId, { mapping: then })).toMatchObject({ ok: false, code: 'request-invalid', at: 'mapping' })
  })
})

describe('the comparison of documents', () => {
  it('names fields by their paths, lines by their numbers, and other members by their places', () => {
    const before = { number: '1', lines: [{ number: 'A', quantity: { value: '1' } }, { number: 'B' }], notes: ['x', 'y'], same: [{}] }
    const after = { number: '1', lines: [{ number: 'B', brand: 'Lotus' }, { number: 'A', quantity: { value: '2' } }], notes: ['x', 'z', 'w'], same: [{}] }
    expect(compareDocuments(before, after)).toEqual([
      { path: 'lines[number=A].quantity.value', before: '1', after: '2' }, { path: 'lines[number=B].brand', after: 'Lotus' }, { path: 'notes[1]', before: 'y', after: 'z' }, { path: 'notes[2]', after: 'w' },
    ])
    expect(compareDocuments({ a: [{ number: '1' }, { number: '1' }] }, { a: [{ number: '1' }] })).toEqual([{ path: 'a[1]', before: { number: '1' } }])
    expect(compareDocuments({ a: null }, {})).toEqual([{ path: 'a', before: null }])
  })
})

describe('a replay of a selection', () => {
  const storeOf = (intake: Awaited<ReturnType<typeof newIntake>>): ReplaySelectionsDeps['store'] => ({
    insert: (row) => insertReplay(intake.database, row), byId: (id) => replayById(intake.database, id), claim: (owner) => claimReplay(intake.database, owner), nextItems: (id, limit) => nextItems(intake.database, id, limit),
    keep: (owner, id) => keepReplay(intake.database, owner, id), finishItem: (owner, id, item) => finishItem(intake.database, owner, id, item), finish: (owner, id) => finishReplay(intake.database, owner, id), release: (owner, id) => releaseReplay(intake.database, owner, id),
  })
  const selectionsOn = (intake: Awaited<ReturnType<typeof newIntake>>, more: Partial<ReplaySelectionsDeps> = {}) => makeReplaySelections({
    search: () => Promise.resolve({ ids: [], next: undefined }), replay: intake.replay, diff: intake.diff, newId: randomUUID, onError: () => undefined,
    store: storeOf(intake),
    ...more,
  })
  const wish = (ids: readonly string[], dryRun = false) => ({ ids, asked: { ids }, mapping: undefined, dryRun, askedBy: 'operator' })
  const refusedToday = async (count: number) => {
    const intake = await newIntake(postgres)
    const now = intake.today.translator
    intake.today.translator = { ...now, recognise: () => ({ ok: false, code: 'format-unknown', at: '1:1', detail: 'Not yet.' }) }
    const ids: string[] = []
    for (let index = 0; index < count; index++) ids.push((await intake.post(json(order(`S-${index}`)))).messageId)
    intake.today.translator = now
    return { ...intake, ids }
  }

  it('runs each message once, in the order in which they came, and counts what they came to', async () => {
    const intake = await refusedToday(5)
    const selections = selectionsOn(intake)
    const started = must(await selections.start(wish([...intake.ids].reverse())))
    expect(started).toMatchObject({ messages: 5, finishedAt: null })
    await expect.poll(async () => (await replayById(intake.database, started.id))?.finishedAt).toBeTruthy()
    expect(await replayById(intake.database, started.id)).toMatchObject({ messages: 5, done: 5, outcomes: { accepted: 5 }, differing: null })
    expect((await intake.database.query<{ number: string }>('select document.number from journal join document on document.id = document_id order by journal.number')).map(({ number }) => number)).toEqual([0, 1, 2, 3, 4].map((index) => `S-${index}`))
    await selections.stop()
  })

  it('that was killed between a message\'s commit and the note of it goes on behind it: nothing is done twice', async () => {
    const intake = await refusedToday(4)
    let left = 2
    const next = selectionsOn(intake)
    const broken = selectionsOn(intake, { store: { ...storeOf(intake), finishItem: (owner, id, item) => (left-- > 0 ? finishItem(intake.database, owner, id, item) : Promise.reject(new Error('killed'))), release: () => Promise.resolve(undefined) } })
    const started = must(await broken.start(wish(intake.ids)))
    await expect.poll(() => left).toBeLessThan(0)
    await broken.stop()
    expect(await next.work(() => false)).toBe(0)
    await intake.database.query('update replay set lease_until = clock_timestamp()')
    expect(await next.work(() => false)).toBe(2)
    expect(await replayById(intake.database, started.id)).toMatchObject({ done: 4, outcomes: { accepted: 4 }, finishedAt: expect.any(String) as unknown })
    // The first attempt and one replay each, of the one that was killed too.
    expect(await intake.database.query('select distinct attempts from message')).toEqual([{ attempts: 2 }])
    expect(await intake.database.query('select count(*)::int as documents from document')).toEqual([{ documents: 4 }])
  })

  it('that is a dry run keeps the diff of each message and changes nothing', async () => {
    const intake = await refusedToday(3)
    const accepted = await intake.post(json(order('taken')))
    const selections = selectionsOn(intake)
    const started = must(await selections.start(wish([...intake.ids, accepted.messageId], true)))
    await expect.poll(async () => (await replayById(intake.database, started.id))?.finishedAt).toBeTruthy()
    expect(await replayById(intake.database, started.id)).toMatchObject({ outcomes: { accepted: 4 }, differing: 3 })
    expect((await itemsOfReplay(intake.database, started.id, undefined, 10)).map(({ changes }) => changes)).toMatchObject([...intake.ids.map((messageId) => ({ messageId, differs: true, outcome: { before: 'rejected', after: 'accepted' } })), { differs: false }])
    expect(await intake.database.query('select count(*)::int as documents from document')).toEqual([{ documents: 1 }])
    await selections.stop()
  })

})

import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import { projectFolder } from '../../schemas/project-folder.js'
import type { ReplayDiff } from '../../hub/intake/replay.js'
import { adminKey, startHub, type RunningHub } from '../fixtures/hub.js'

/** The map of a format of one's own; `then` is that of the day on which the batches are sent. */
const mapOf = ({ comment, currency, sku }: { readonly comment: string, readonly currency: string, readonly sku: string }): string => `kind: order
where: [orderId, items]
rules:
  - number! <=> orderId
  - issuedOn! <=> orderDate <=> date
  - ${currency} <=> currency <=> currency
  - ${comment} <=> comment <=> lines
  - parties.buyer.identifiers[!scheme].value <=> customer/customerId
  - function <- 'original'
  - lines[] <=> items:
      - number! <=> lineNo
      - ${sku} <=> sku
      - quantity.value <=> quantity <=> decimal
      - quantity.unit <=> unit
`
const then = mapOf({ comment: 'accountingCost', currency: 'currency!', sku: 'item.sellersNumber' })
const now = mapOf({ comment: 'notes[0].value', currency: 'currency', sku: 'item.sellersNumber!' })

const orderOf = (number: string, more: object = {}): object => ({ orderId: number, orderDate: '2026-03-09', currency: 'EUR', customer: { customerId: '007' }, items: [{ lineNo: '1', sku: '00471', quantity: '6', unit: 'C62' }], ...more })
const batchOf = (orders: readonly object[]): string => `[\n${orders.map((order) => JSON.stringify(order)).join(',\n')}\n]`
/** Behind a comment of its own, so that today's map says all of them otherwise. */
const commented = (name: string, count: number): readonly object[] => Array.from({ length: count }, (_, index) => orderOf(`${name}-${index}`, { comment: `call ${index}` }))

let folder: string
let hub: RunningHub
const writeMap = (map: string): Promise<void> => writeFile(join(folder, 'mappings', 'day', 'order.yaml'), map)
const start = async (): Promise<void> => { hub = await startHub({ dataFolder: join(folder, 'data'), args: ['--config', join(folder, 'chainhub.yaml')] }) }
const restartWith = async (map: string): Promise<void> => {
  await hub.end('SIGTERM')
  await writeMap(map)
  await start()
}
const send = async (orders: readonly object[]): Promise<MessageAnswer> => (await hub.send('day', batchOf(orders), { headers: { 'content-type': 'application/json' } })).answer
const diffOf = (messageId: string, mapping = 'today') => hub.json('POST', `/messages/${messageId}/replay?dryRun=true&mapping=${mapping}`) as Promise<ReplayDiff>
const replay = (messageId: string, mapping = 'today') => hub.json('POST', `/messages/${messageId}/replay?mapping=${mapping}`) as Promise<MessageAnswer>
const digest = () => hub.json('GET', '/digests/central')
const shown = (messageId: string) => hub.json('GET', `/messages/${messageId}`) as Promise<{ readonly outcome: string, readonly mappingVersion: string, readonly progress?: { readonly parts: number } }>
interface Document { readonly part: number, readonly revision: number, readonly mappingVersion: string, readonly number: string, readonly document: { readonly accountingCost?: string, readonly notes?: readonly { readonly value: string }[] } }
const documentsOf = async (messageId: string): Promise<readonly Document[]> => {
  const all: Document[] = []
  for (let cursor: string | undefined = '0'; cursor !== undefined;) {
    const page = await hub.json('GET', `/messages/${messageId}/canonical?limit=500&cursor=${cursor}`) as { readonly items: readonly Document[], readonly next?: string }
    all.push(...page.items)
    cursor = page.next
  }
  return all
}
const chainhub = async (...words: readonly string[]): Promise<{ readonly code: number | null, readonly out: string }> => {
  const child = spawn(process.execPath, [projectFolder('hub', 'chainhub.mjs'), ...words, '--url', hub.url, '--key', adminKey])
  const [out, error, code] = await Promise.all([text(child.stdout), text(child.stderr), new Promise<number | null>((resolve) => { child.once('close', resolve) })])
  return { code, out: out + error }
}

/** Two unchanged, 150 that are said otherwise, one refused then and taken now, one taken then and refused now, one refused ever, one that a later message replaces. */
const mixed = [
  orderOf('same-1'), orderOf('same-2'), ...commented('note', 150), orderOf('no-currency', { currency: undefined }), orderOf('no-sku', { items: [{ lineNo: '1', quantity: '6', unit: 'C62' }] }),
  orderOf('no-day', { orderDate: '2026-02-30' }), orderOf('later', { comment: 'first' }),
]
const sent = { mixed: '', many: '', version: '' }
const many = 3000

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chainhub-giant-replays-'))
  await mkdir(join(folder, 'mappings', 'day'), { recursive: true })
  await writeFile(join(folder, 'mappings', 'day', 'format.yaml'), 'language: day\nsyntax: json\n')
  await writeFile(join(folder, 'chainhub.yaml'), `mappings: ${join(folder, 'mappings')}\nchannels:\n  - { id: day, formats: [day], giantBytes: 4096 }\n  - { id: canonical, formats: [canonical] }\n`)
  await writeMap(then)
  await start()
  sent.mixed = (await send(mixed)).messageId
  sent.many = (await send(commented('many', many))).messageId
  sent.version = (await shown(sent.many)).mappingVersion
  // Enough to be a giant.
  await send([orderOf('later', { comment: 'second' }), ...commented('filler', 40)])
  await restartWith(now)
}, 300_000)
afterAll(async () => {
  await hub.end('SIGTERM')
  await rm(folder, { recursive: true, force: true })
})

describe('the diff of a giant\'s replay', () => {
  const parts = { unchanged: 2, changed: 150, noLongerRefused: 1, newlyRefused: 1, stillRefused: 1, stale: 1, added: 0, gone: 0 }
  it('counts its parts by what would become of them, lists the first hundred documents that would change with their places, and changes nothing', async () => {
    const before = await digest()
    const diff = await diffOf(sent.mixed)
    expect(diff).toMatchObject({
      differs: true, outcome: { before: 'partial', after: 'partial' }, mappingVersion: { before: sent.version }, parts,
      documentCounts: { unchanged: 2, changed: 150, added: 1, stale: 1, gone: 1 }, moreDocuments: 50,
      errors: { gone: [{ at: expect.stringMatching(/^part 153/) as string }], come: expect.arrayContaining([expect.objectContaining({ at: expect.stringMatching(/^part 154/) as string }), expect.objectContaining({ code: 'revision-stale', at: 'part 156: number' })]) as unknown },
    })
    const changed = diff.documents.filter(({ change }) => change === 'changed')
    expect(changed).toHaveLength(100)
    expect(changed[41]).toEqual({
      part: 44, place: '45:1', kind: 'order', number: 'note-41', change: 'changed', revision: 1,
      differences: [{ path: 'accountingCost', before: 'call 41' }, { path: 'notes', after: [{ value: 'call 41' }] }],
    })
    expect(diff.documents.filter(({ change }) => change !== 'changed').map(({ part, change, number }) => [part, change, number])).toEqual([[153, 'added', 'no-currency'], [154, 'gone', 'no-sku'], [156, 'stale', 'later']])
    expect(await digest()).toEqual(before)
    expect(await shown(sent.mixed)).toMatchObject({ outcome: 'partial', mappingVersion: sent.version })
  })

  it('through the version that it was taken by says that nothing would change', async () => {
    expect(await diffOf(sent.many, sent.version)).toMatchObject({ differs: false, parts: { unchanged: many, changed: 0 }, documentCounts: { unchanged: many }, documents: [], errors: { gone: [], come: [] }, mappingVersion: { before: sent.version, after: sent.version } })
  })

  it('is printed in the terminal, and kept with each message of a selection', async () => {
    const printed = await chainhub('replay', sent.mixed, '--diff')
    expect(printed).toMatchObject({ code: 0, out: expect.stringContaining('  parts: 2 unchanged, 150 changed, 1 no longer refused, 1 newly refused (what was accepted of them stays), 1 still refused, 1 stale') as string })
    expect(printed.out).toContain('  part 44 at 45:1, order note-41: changed, would be revision 2\n    - accountingCost: "call 41"\n')
    expect(printed.out).toContain('  and 50 more documents\n')
    const selection = await chainhub('replay', '--channel', 'day', '--outcome', 'partial', '--diff')
    expect(selection).toMatchObject({ code: 0, out: expect.stringContaining('1 of 1 messages would change (1 partial)') as string })
    expect(selection.out).toContain('150 changed')
  })

  it('fails where there is no such version, and where it is of another format', async () => {
    expect(await diffOf(sent.mixed, '0000000000000000')).toMatchObject({ code: 'not-found', at: 'mapping' })
    const small = await hub.send('canonical', JSON.stringify({ kind: 'order', number: '1', function: 'original', issuedOn: '2026-03-31', currency: 'EUR', parties: { buyer: { names: [{ value: 'B' }] }, seller: { names: [{ value: 'S' }] } }, lines: [{ number: '1', quantity: { value: '2', unit: 'EA' } }] }))
    const other = (await shown(small.answer.messageId)).mappingVersion
    for (const answer of [await diffOf(sent.mixed, other), await replay(sent.mixed, other)]) expect(answer).toMatchObject({ code: 'request-invalid', at: 'mapping' })
  })

  it('is what the replay then does', async () => {
    const answer = await replay(sent.mixed)
    expect(answer).toMatchObject({ outcome: 'partial', partCounts: { accepted: 153, duplicate: 0, rejected: 3 } })
    const documents = await documentsOf(sent.mixed)
    expect(documents.filter(({ revision }) => revision === 2).length).toBe(150)
    expect(await diffOf(sent.mixed)).toMatchObject({ parts: { ...parts, unchanged: 153, changed: 0, noLongerRefused: 0, newlyRefused: 0, stillRefused: 3, stale: 0 }, documentCounts: { unchanged: 153, changed: 0 } })
  })
})

const finished = async (messageId: string): Promise<void> => {
  for (const untilMs = Date.now() + 60_000; Date.now() < untilMs && (await shown(messageId)).outcome === 'running';) await sleep(50)
}

describe('a giant\'s replay through an earlier mapping', () => {
  it('whose hub is killed goes on by the same version, each document once', async () => {
    expect(await replay(sent.many)).toMatchObject({ outcome: 'accepted', partCounts: { accepted: many } })
    const running = replay(sent.many, sent.version).catch(() => undefined)
    let parts = 0
    for (const untilMs = Date.now() + 30_000; Date.now() < untilMs && parts === 0;) {
      await sleep(5)
      parts = (await shown(sent.many)).progress?.parts ?? 0
    }
    await hub.end('SIGKILL')
    await running
    expect(parts).toBeGreaterThan(0)
    expect(parts).toBeLessThan(many)
    await start()
    await finished(sent.many)
    expect(await shown(sent.many)).toMatchObject({ outcome: 'accepted', mappingVersion: sent.version })
    const documents = await documentsOf(sent.many)
    expect(new Set(documents.map(({ number }) => number)).size).toBe(many)
    expect(documents.every(({ revision, mappingVersion, document }) => revision === 3 && mappingVersion === sent.version && document.accountingCost !== undefined)).toBe(true)
    expect(await diffOf(sent.many, sent.version)).toMatchObject({ differs: false, parts: { unchanged: many } })
  }, 300_000)

  it('is of a selection too', async () => {
    const run = await hub.json('POST', '/replays', { ids: [sent.many] }) as { readonly id: string }
    let state: { readonly finishedAt: string | null } = { finishedAt: null }
    for (const untilMs = Date.now() + 60_000; Date.now() < untilMs && state.finishedAt === null;) {
      await sleep(100)
      state = await hub.json('GET', `/replays/${run.id}`) as typeof state
    }
    expect(state).toMatchObject({ done: 1, outcomes: { accepted: 1 } })
    expect(new Set((await documentsOf(sent.many)).map(({ revision }) => revision))).toEqual(new Set([4]))
  }, 120_000)
})

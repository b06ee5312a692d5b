import { gzipSync } from 'node:zlib'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MessageLineage } from '../../hub/intake/lineage.js'
import { edifactOrders, idocRecords, orderTable, x12Orders } from '../fixtures/giant-texts.js'
import { orderBatch, partsOf, startGiantHub, type GiantHub, type ShownMessage } from '../fixtures/giants.js'
import { order } from '../fixtures/intake.js'

let giants: GiantHub
beforeAll(async () => { giants = await startGiantHub() })
afterAll(async () => { await giants.stop() })

const send = (body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) => giants.hub().send('texts', body, { headers })
const counts = (accepted: number, rejected = 0) => ({ accepted, duplicate: 0, partial: 0, rejected })
const numbered = (name: string, count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${name}-${index}`)
const lineageOf = (messageId: string, part: number): Promise<MessageLineage> => giants.hub().json('GET', `/messages/${messageId}/lineage?part=${part}`) as Promise<MessageLineage>
const placeOf = async (messageId: string, part: number, target: string) => (await lineageOf(messageId, part)).parts[0]?.lineage.find((entry) => (entry as { readonly target: string }).target === target) as { readonly line: number, readonly value: string } | undefined

describe('a large text of documents', () => {
  it.each([
    ['a table', (numbers: readonly string[]) => Buffer.from(`\ufeff${orderTable(numbers)}`), 2, 4], ['an interchange of EDIFACT', (numbers: readonly string[]) => Buffer.from(edifactOrders(numbers), 'latin1'), 3, 33],
    ['an interchange of X12', (numbers: readonly string[]) => Buffer.from(x12Orders(numbers)), 3, 25], ['a file of records', (numbers: readonly string[]) => Buffer.from(idocRecords(numbers)), 1, 35],
  ])('is taken part by part with its envelope and the places of the whole, compressed or not: %s', async (name, make, firstLine, linesEach) => {
    const numbers = numbered(name.slice(-3).toUpperCase(), 60)
    const { status, answer } = await send(gzipSync(make(numbers)), { 'content-encoding': 'gzip' })
    expect({ status, answer }).toMatchObject({ status: 200, answer: { outcome: 'accepted', partCounts: counts(60) } })
    expect((await partsOf(giants.hub(), answer, 'accepted')).map(({ documents }) => documents[0]?.number)).toEqual(numbers)
    const [first, last] = await Promise.all([placeOf(answer.messageId, 1, 'number'), placeOf(answer.messageId, 60, 'number')])
    expect({ value: last?.value, apart: (last?.line ?? 0) - (first?.line ?? 0) }).toEqual({ value: numbers[59], apart: 59 * linesEach })
    expect(first?.line).toBeGreaterThanOrEqual(firstLine)
    const { answer: again } = await send(make(numbers))
    expect(again.partCounts).toEqual({ accepted: 0, duplicate: 60, partial: 0, rejected: 0 })
  })

  it('says which parts are wrong and where, and takes the others', async () => {
    const lines = orderTable(numbered('T', 50)).split('\r\n')
    const row = (document: number): number => 1 + document * 4
    for (const at of [row(7), row(7) + 2]) lines[at] = (lines[at] ?? '').replace('31.03.2026', '31.02.2026')
    lines[row(20) + 1] = (lines[row(20) + 1] ?? '').replace(';pcs;', ';pcs;;;;')
    const { answer } = await send(lines.join('\r\n'))
    expect(answer).toMatchObject({ outcome: 'partial', partCounts: counts(48, 2), parts: [{ part: 8 }, { part: 21 }], errors: [{ code: 'value-invalid', at: 'part 8: 30:5 date' }, { code: 'csv-not-well-formed', at: expect.stringMatching(/^part 21: 83:/) as string }] })
    const interchange = await send(Buffer.from(edifactOrders(numbered('I', 40), 41).replace("UNT+33+M5'", "UNT+34+M5'"), 'latin1'))
    expect(interchange.answer).toMatchObject({ outcome: 'partial', partCounts: counts(39, 2), parts: [{ part: 5, errors: [{ code: 'envelope-invalid' }] }, { part: 41, errors: [{ code: 'envelope-invalid', detail: expect.stringContaining('UNZ counts "41"') as string }] }] })
  })

  it.each([
    ['XML', 'elements and attributes', orderBatch('X', 2).replace('</Order>\n', `</Order>\n<Order>${'<x/>'.repeat(2000)}</Order>\n`)],
    ['JSON', 'values', `[${JSON.stringify(order('J1'))},\n{"kind":"order","lines":[${'{},'.repeat(2000)}{}]},\n${JSON.stringify(order('J2'))}]`],
    ['a table', 'cells', orderTable(['C1']) + orderTable(['C2'], 60).replace(/^.*\r\n/, '') + orderTable(['C3']).replace(/^.*\r\n/, '')],
    ['an interchange', 'segments, elements and components', edifactOrders(['E1', 'E2', 'E3']).replace("UNT+33+M2'", `${"FTX+AAI'".repeat(500)}UNT+533+M2'`)],
    ['a file of records', 'records and fields', idocRecords(['R1', 'R2', 'R3']).split(/(?=EDI_DC40)/).map((document, index) => (index === 1 ? document + 'E2EDK14\n'.repeat(1000) : document)).join('')],
  ])('of which one part has more nodes than the channel lets it have loses that part alone: %s', async (_name, what, body) => {
    const { answer } = await giants.hub().send(what === 'records and fields' ? 'few-records' : 'few', body)
    expect(answer).toMatchObject({ outcome: 'partial', partCounts: counts(2, 1), errors: [{ code: 'limit-exceeded', at: expect.stringMatching(/^part 2: /) as string, detail: `There are more than 1000 ${what}; send them in several messages, or raise maxNodes of the channel, which may be 250000.` }] })
  })

  it('has the rows of a document together, wherever they stand', async () => {
    const numbers = numbered('S', 30)
    const { answer } = await send(orderTable([...numbers, 'S-3', ...numbered('T2', 5), 'S-3'], 1).replaceAll(/(^|\n)S-3;(.*?);10;A-0;/g, (() => { let at = 0; return (_all: string, before: string, middle: string) => `${before}S-3;${middle};${++at}0;A-0;` })()))
    expect(answer).toMatchObject({ outcome: 'accepted', partCounts: counts(35) })
    const parts = await partsOf(giants.hub(), answer, 'accepted')
    expect(parts.at(-1)).toMatchObject({ documents: [{ number: 'S-3', revision: 1 }] })
    expect((await lineageOf(answer.messageId, 35)).parts[0]?.lineage).toContainEqual(expect.objectContaining({ target: 'lines[2].number', value: '30' }))
  })

  it('goes on where it stood after the hub was killed', async () => {
    const numbers = numbered('K', 1500)
    const body = Buffer.from(edifactOrders(numbers), 'latin1')
    const sent = send(body).catch(() => undefined)
    const newest = async (): Promise<ShownMessage | undefined> => {
      const { items } = await giants.hub().json('GET', '/messages?limit=1&outcome=running') as { readonly items: readonly (ShownMessage & { readonly messageId: string })[] }
      return items[0] === undefined ? undefined : await giants.hub().json('GET', `/messages/${items[0].messageId}`) as ShownMessage
    }
    for (const untilMs = Date.now() + 60_000; Date.now() < untilMs && ((await newest())?.progress?.parts ?? 0) === 0;) await sleep(5)
    await giants.hub().end('SIGKILL')
    await sent
    await giants.restart()
    const { answer } = await send(body)
    expect(answer).toMatchObject({ outcome: 'duplicate', partCounts: counts(1500) })
    expect((await partsOf(giants.hub(), answer, 'accepted', 500)).map(({ documents }) => [documents[0]?.number, documents[0]?.revision])).toEqual(numbers.map((number) => [number, 1]))
  }, 300_000)
})

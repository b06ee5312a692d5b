import { describe, expect, it } from 'vitest'
import { deliveringHub } from '../fixtures/delivering-hub.js'
import { until } from '../fixtures/deliveries.js'
import { edifactOrders, x12Orders } from '../fixtures/giant-texts.js'
import type { Arrival } from '../fixtures/receiver.js'

const endpoint = (url: string, id: string, format: string): string => `
  - { id: ${id}-in, connector: http, settings: { url: "${url}/${id}", allowedHosts: [127.0.0.1] }, format: ${format}, system: ${id} }`

const { hub, receiver } = await deliveringHub({
  channels: `  - { id: lotus, formats: [edifact], giantBytes: 2000 }
  - { id: polaris, formats: [x12], acknowledge: always, giantBytes: 2000 }`,
  endpoints: (url) => `${endpoint(url, 'lotus', 'edifact')}${endpoint(url, 'polaris', 'x12')}\n`,
})

const at = async (path: string): Promise<readonly Arrival[]> => (await receiver.arrivals()).filter((arrival) => arrival.path === `/${path}`)
const came = (path: string, many: number): Promise<readonly Arrival[]> => until(() => at(path), (seen) => seen.length >= many, 90_000)
const segmentsOf = (body: string, tags: RegExp): readonly string[] => body.split(/['~]\s*/).filter((segment) => tags.test(segment))
const send = (channel: string, body: string) => hub.send(channel, Buffer.from(body, 'latin1'), { headers: { 'content-type': 'text/plain' } })
const numbered = (name: string, count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${name}-${index}`)
/** Each asks for an acknowledgement in UNB 0031. */
const named = (body: string, reference: string): string => body.replaceAll('REF0815', reference)

describe('an interchange too large to be held', () => {
  it('is acknowledged once, message by message, whatever is repeated', async () => {
    const body = named(edifactOrders(numbered('A', 40)), 'G-1').replace(/(UNH\+M7\+(?:[^']*'){2}\s*DTM\+137:)20260331/, '$120260231').replace("UNT+33+M9'", "UNT+34+M9'")
    expect((await send('lotus', body)).answer).toMatchObject({ outcome: 'partial', partCounts: { accepted: 38, rejected: 2 } })
    const [contrl] = await came('lotus', 1)
    const said = segmentsOf(contrl?.body ?? '', /^U(?:CI|CM|CS|CD|NT)/)
    expect(said).toEqual([
      'UCI+G-1+9520000001018:14+9520000002053:14+7',
      ...Array.from({ length: 40 }, (_, index) => index + 1).flatMap((number) => (number === 7 ? ['UCM+M7+ORDERS:D:96A:UN:EAN008+4', 'UCS+3', 'UCD+12+2'] : number === 9 ? ['UCM+M9+ORDERS:D:96A:UN:EAN008+4+29'] : [`UCM+M${number}+ORDERS:D:96A:UN:EAN008+7`])),
      'UNT+45+1',
    ])
    await send('lotus', body)
    await hub.startAgain()
    await send('lotus', named(edifactOrders(numbered('B', 30)), 'G-2'))
    const arrivals = await came('lotus', 2)
    expect(arrivals.map(({ body: sent }) => segmentsOf(sent, /^UCI/)[0]?.slice(0, 7))).toEqual(['UCI+G-1', 'UCI+G-2'])
  }, 120_000)

  it('is refused as a whole where it does not come whole, each of several for itself', async () => {
    const before = (await at('lotus')).length
    const two = named(edifactOrders(numbered('C', 20), 21), 'G-3') + named(edifactOrders(numbered('D', 20)), 'G-4').replace(/^UNA.{6}\s*/, '')
    expect((await send('lotus', two)).answer).toMatchObject({ outcome: 'partial', partCounts: { accepted: 40, rejected: 1 } })
    const arrivals = (await came('lotus', before + 2)).slice(before)
    expect(arrivals.flatMap(({ body }) => segmentsOf(body, /^UC[IM]/)).filter((segment) => !segment.endsWith('+7') || segment.startsWith('UCI')).toSorted()).toEqual(['UCI+G-3+9520000001018:14+9520000002053:14+4+29', 'UCI+G-4+9520000001018:14+9520000002053:14+7'])
    expect(arrivals.map(({ body }) => segmentsOf(body, /^UCM/).length).toSorted((a, b) => a - b)).toEqual([0, 20])
  }, 120_000)

  it('of X12 is acknowledged by a 997 for each group, with its counts', async () => {
    const body = x12Orders(numbered('X', 30)).replace(/(ST\*850\*0004~\s*BEG\*00\*\w\w\*X-3\*\*)20260331/, '$120260231')
    expect((await send('polaris', body)).answer).toMatchObject({ outcome: 'partial', partCounts: { accepted: 29, rejected: 1 } })
    const [functional] = await came('polaris', 1)
    const said = segmentsOf(functional?.body ?? '', /^AK/)
    expect(said.filter((segment) => !/^AK2|^AK5\*A/.test(segment))).toEqual(['AK1*PO*815', 'AK3*BEG*2**8', 'AK4*5**8*20260231', 'AK5*R*5', 'AK9*P*30*30*29'])
    expect(said.filter((segment) => segment.startsWith('AK2'))).toHaveLength(30)
  }, 120_000)

  it('names those alone that were refused where there are more messages than are named', async () => {
    const before = (await at('lotus')).length
    const count = 10_050
    const message = (index: number): string => `UNH+M${index}+ORDERS:D:96A:UN'BGM+220+L-${index}+9'DTM+137:2026${index === 10_020 ? '0231' : '0331'}:102'NAD+BY+9520000001018::9'NAD+SU+9520000002053::9'LIN+1++4000862141404:EN'QTY+21:1'UNS+S'UNT+9+M${index}'\n`
    const body = `UNB+UNOC:3+9520000001018:14+9520000002053:14+260331:1405+G-5++++1'${Array.from({ length: count }, (_, index) => message(index + 1)).join('')}UNZ+${count}+G-5'`
    expect((await send('lotus', body)).answer).toMatchObject({ outcome: 'partial', partCounts: { accepted: count - 1, rejected: 1 } })
    const arrivals = await came('lotus', before + 1)
    expect(segmentsOf(arrivals.at(-1)?.body ?? '', /^UC/)).toEqual(['UCI+G-5+9520000001018:14+9520000002053:14+7', 'UCM+M10020+ORDERS:D:96A:UN+4', 'UCS+3', 'UCD+12+2'])
  }, 240_000)

  it('that a hub is killed in the middle of is acknowledged once when its last part is taken', async () => {
    const before = (await at('lotus')).length
    const body = named(edifactOrders(numbered('K', 1_500)), 'G-6')
    const sent = send('lotus', body).catch(() => undefined)
    const running = async () => (await hub.json('GET', '/messages?limit=1&outcome=running') as { items: readonly { messageId: string }[] }).items.length
    await until(running, (seen) => seen > 0)
    await hub.startAgain()
    await sent
    expect(await at('lotus')).toHaveLength(before)
    await until(running, (seen) => seen === 0, 90_000)
    await came('lotus', before + 1)
    await hub.startAgain()
    await send('lotus', body)
    await send('lotus', named(edifactOrders(numbered('Z', 30)), 'G-7'))
    const arrivals = (await came('lotus', before + 2)).slice(before)
    expect(arrivals.map(({ body: said }) => segmentsOf(said, /^UCI/)[0]?.slice(0, 7))).toEqual(['UCI+G-6', 'UCI+G-7'])
    expect(segmentsOf(arrivals[0]?.body ?? '', /^UCM\+.*\+7$/)).toHaveLength(1_500)
  }, 240_000)
})

import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { benchOrder } from '../../bench/order.js'
import { oneHub } from '../fixtures/one-hub.js'

const mib = 1024 * 1024

const hub = oneHub({ configuration: `
intake: { heldBytes: ${8 * mib} }
channels:
  - { id: open, formats: [ubl] }
  - { id: busy, formats: [ubl], quota: { perSecond: 20, burst: 40 } }
  - { id: narrow, formats: [ubl], quota: { concurrent: 1 } }
  - { id: batches, formats: [canonical], quota: { perSecond: 5, burst: 5 } }
` })

const keyOf = async (channel: string): Promise<Readonly<Record<string, string>>> => {
  const { key } = await hub.json('POST', '/keys', { role: 'channel', channel }) as { readonly key: string }
  return { authorization: `Bearer ${key}`, 'content-type': 'application/xml' }
}

let numbers = 0
const order = (): string => benchOrder(`BP-${++numbers}`)

const post = (channel: string, headers: Readonly<Record<string, string>>, body = order()): Promise<Response> => hub.request('POST', `/in/${channel}`, { body, headers })

/** Ten messages of one who sends now and then; the others send until they are answered. */
const speak = async (channel: string, headers: Readonly<Record<string, string>>, speaking: { on: boolean }): Promise<readonly number[]> => {
  const statuses: number[] = []
  while (statuses.length < 10) {
    statuses.push((await post(channel, headers)).status)
    await sleep(60)
  }
  speaking.on = false
  return statuses
}

const soap = (channel: string, document: string): string => `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
  <SubmitDocument xmlns="urn:chainhub:v1"><channel>${channel}</channel><document>${document.replace(/^<\?xml[^>]*>/, '')}</document></SubmitDocument></s:Body></s:Envelope>`

/** Sends heads of requests whose bodies never come, and gives what is answered to each once as many as `refused` are. */
const hold = async (headers: Readonly<Record<string, string>>, bytes: number, count: number, refused: number) => {
  const { hostname, port } = new URL(hub.url)
  const answers: string[] = []
  const sockets = Array.from({ length: count }, (_, index) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`POST /in/open HTTP/1.1\r\nhost: hub\r\nauthorization: ${headers['authorization'] ?? ''}\r\ncontent-type: application/xml\r\ncontent-length: ${bytes}\r\n\r\n<`)
    })
    answers[index] = ''
    socket.on('data', (chunk: Buffer) => { answers[index] = `${answers[index] ?? ''}${chunk.toString()}` })
    socket.on('error', () => undefined)
    return socket
  })
  await expect.poll(() => answers.filter((answer) => answer !== '').length).toBeGreaterThanOrEqual(refused)
  return { answers, end: () => { for (const socket of sockets) socket.destroy() } }
}

describe('a sender who floods a channel', () => {
  it('is told 429 and when to come back, stores no more than the quota, and a quiet one of the same channel is answered each time', async () => {
    const [flood, quiet] = [await keyOf('busy'), await keyOf('busy')]
    const statuses = new Map<number, number>()
    const startedMs = Date.now()
    const speaking = { on: true }
    const sendOn = async (): Promise<void> => {
      while (speaking.on) {
        const answer = await post('busy', flood)
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
        if (answer.status === 200) {
          await answer.arrayBuffer()
          continue
        }
        expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
        expect(await answer.json()).toMatchObject({ status: 429, code: 'rate-limited', at: 'channel busy' })
      }
    }
    const [heard] = await Promise.all([speak('busy', quiet, speaking), ...Array.from({ length: 40 }, sendOn)])
    expect(heard).toEqual(Array(10).fill(200))
    expect(statuses.get(429)).toBeGreaterThan(0)
    expect(statuses.get(200)).toBeLessThanOrEqual(40 + 20 * (Date.now() - startedMs) / 1000 + 1)
    expect([...statuses.keys()].filter((status) => status !== 200 && status !== 429)).toEqual([])
  })

  it('without a quota keeps nobody else from being answered', async () => {
    const [flood, quiet] = [await keyOf('open'), await keyOf('open')]
    const speaking = { on: true }
    const sendOn = async (): Promise<void> => { while (speaking.on) await (await post('open', flood)).arrayBuffer() }
    const [heard] = await Promise.all([speak('open', quiet, speaking), ...Array.from({ length: 60 }, sendOn)])
    expect(heard).toEqual(Array(10).fill(200))
  })

  it('hears the same over SOAP, as a fault with HTTP 429', async () => {
    const headers = { ...await keyOf('narrow'), 'content-type': 'text/xml; charset=utf-8', soapaction: '""' }
    const [answers] = [await Promise.all(Array.from({ length: 30 }, () => hub.request('POST', '/soap/v1', { body: soap('narrow', order()), headers })))]
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused.length).toBeGreaterThan(0)
    for (const answer of refused) {
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1'])
      expect(await answer.text()).toMatch(/<faultcode>soap:Client<\/faultcode>[^]*<ch:code>rate-limited<\/ch:code>/)
    }
  })
})

describe('a message of many documents', () => {
  it('counts as many', async () => {
    const headers = { ...await keyOf('batches'), 'content-type': 'application/json' }
    const orders = Array.from({ length: 30 }, (_, index) => ({
      kind: 'order', number: `B-${index}`, function: 'original', issuedOn: '2026-03-02', currency: 'EUR', parties: { buyer: { identifiers: [{ value: '1' }], names: [{ value: 'Nordlicht' }] } },
      lines: [{ number: '1', item: { names: [{ value: 'Bolt' }] }, quantity: { value: '1', unit: 'C62' } }],
    }))
    expect((await post('batches', headers, JSON.stringify(orders))).status).toBe(200)
    const next = await post('batches', headers, JSON.stringify({ ...orders[0], number: 'B-31' }))
    expect(next.status).toBe(429)
    expect(Number(next.headers.get('retry-after'))).toBeGreaterThan(1)
  })
})

describe('the memory of all that is received', () => {
  it('is held to its budget: who has more under way than falls to him hears 503 before his body is read, others are served', async () => {
    const [greedy, quiet] = [await keyOf('open'), await keyOf('open')]
    const held = await hold(greedy, mib, 10, 6)
    try {
      const refused = held.answers.filter((answer) => answer !== '')
      for (const answer of refused) {
        expect(answer).toMatch(/^HTTP\/1\.1 503 [^]*\r\nretry-after: \d+\r\n/i)
        expect(answer).toContain('"code":"busy"')
      }
      expect((await post('open', quiet)).status).toBe(200)
      const overSoap = await hub.request('POST', '/soap/v1', { body: soap('open', order()) + ' '.repeat(2 * mib), headers: { ...greedy, 'content-type': 'text/xml; charset=utf-8' } })
      expect([overSoap.status, overSoap.headers.get('retry-after')]).toEqual([503, '2'])
      expect(await overSoap.text()).toContain('<ch:code>busy</ch:code>')
    } finally {
      held.end()
    }
    await expect.poll(async () => (await post('open', greedy)).status).toBe(200)
  })
})

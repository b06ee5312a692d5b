import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { makeOutbound, systemDeps } from '../../../connectors/http/make-outbound.js'
import type { DeliveryResult, OutboundLine } from '../../../connectors/contract.js'
import { startPartnerServer } from '../soap-client/partner-server.js'

const outbound = makeOutbound(systemDeps)
let wanted: 'plain' | 'bomb' | 'redirect' | 'cut' = 'plain'
const partner = await startPartnerServer((_asked, response, socket) => {
  switch (wanted) {
    case 'bomb': return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20_000_000)))
    case 'redirect': return void response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end()
    case 'cut': return void socket.destroy()
    case 'plain': return void response.writeHead(200).end('taken')
    default: return wanted satisfies never
  }
})
afterAll(async () => {
  await outbound.close()
  await partner.close()
})

const lineTo = (settings: object): OutboundLine => {
  const line = outbound.open(settings)
  if (!line.ok) throw new Error(line.detail)
  return line.value
}
const deliver = (line: OutboundLine): Promise<DeliveryResult> =>
  line.deliver({ operation: '', payload: { type: 'xml', bytes: Buffer.from('<Order/>') }, place: { id: 'id-1', key: 'k', sequence: 1 } })
const codeOf = (result: DeliveryResult): unknown => (result.ok ? 'ok' : { code: result.code, retry: result.retry, mayHaveTakenEffect: result.mayHaveTakenEffect })

describe('a delivery over HTTP', () => {
  it('goes to this machine or an inner network only where the host is allowed by name', async () => {
    expect(codeOf(await deliver(lineTo({ url: partner.url })))).toEqual({ code: 'address-refused', retry: false, mayHaveTakenEffect: false })
    expect(partner.asked.length).toBe(0)
    expect(codeOf(await deliver(lineTo({ url: partner.url, allowedHosts: [`127.0.0.1:${partner.port}`] })))).toBe('ok')
  })

  it('is never redirected', async () => {
    wanted = 'redirect'
    expect(codeOf(await deliver(lineTo({ url: partner.url, allowedHosts: ['127.0.0.1'] })))).toEqual({ code: 'address-refused', retry: false, mayHaveTakenEffect: false })
  })

  it('reads no more of an answer than it may, however small it came', async () => {
    wanted = 'bomb'
    expect(codeOf(await deliver(lineTo({ url: partner.url, allowedHosts: ['127.0.0.1'], maxAnswerBytes: 10_000 })))).toMatchObject({ code: 'answer-too-large' })
  })

  it('keeps its connection, and tries once over a fresh one where the old breaks without a word', async () => {
    wanted = 'plain'
    const line = lineTo({ url: partner.url, allowedHosts: ['127.0.0.1'] })
    await deliver(line)
    const before = partner.asked.length
    wanted = 'cut'
    expect(codeOf(await deliver(line))).toEqual({ code: 'partner-interrupted', retry: true, mayHaveTakenEffect: true })
    expect(partner.asked.length - before).toBe(2)
  })

  it('says who is not there', async () => {
    expect(codeOf(await deliver(lineTo({ url: 'http://127.0.0.1:9/', allowedHosts: ['127.0.0.1'] })))).toEqual({ code: 'partner-unreachable', retry: true, mayHaveTakenEffect: false })
  })

  it.each([
    [{}, 'url'], [{ url: 'ftp://x/' }, 'url'], [{ url: 'https://u:p@x/' }, 'url'], [{ url: 'https://x/', credentials: { type: 'bearer' } }, 'credentials'],
    [{ url: 'https://x/', httpHeaders: { 'Idempotency-Key': '1' } }, 'httpHeaders.Idempotency-Key'], [{ url: 'https://x/', tyop: 1 }, 'tyop'], [{ url: 'https://x/', method: 'GET' }, 'method'],
  ])('with the settings %j is refused at %s', (settings, at) => {
    const line = outbound.open(settings)
    expect(line.ok ? 'ok' : `${line.code} ${line.at} ${line.detail}`).toContain(at)
    expect(line.ok ? 'ok' : line.code).toBe('config-invalid')
  })
})

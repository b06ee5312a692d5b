import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { TradeDocument } from '../../schemas/canonical/trade-document.js'
import { deliveringHub } from '../fixtures/delivering-hub.js'
import { company, documentOf, lineOf } from '../fixtures/documents.js'
import { until } from '../fixtures/deliveries.js'
import { dedupe } from '../fixtures/receiver.js'

const { hub, receiver } = await deliveringHub({
  endpoints: (url) => `
  - id: partner
    connector: http
    settings: { url: "${url}/inbox", allowedHosts: [127.0.0.1], timeoutMs: 2000, credentials: { type: bearer, token: { env: PARTNER_TOKEN } } }
    format: canonical
    concurrency: 4
    retry: { firstMs: 20, maxMs: 200, attempts: 1000 }
    breaker: { failures: 1000 }
`,
  environment: { PARTNER_TOKEN: 'sesame' },
})

const parties = { buyer: company('Bo', 'gln:9520000001018'), seller: company('Selma', 'gln:9520000002053') }

describe('a hub that is killed while it delivers', () => {
  it('sends all of it, in order for each key, and what it sends twice bears the same id and bytes', async () => {
    const seed = Number(process.env['SEED'] ?? randomInt(1_000_000))
    console.info(`seed ${seed}`)
    await receiver.control({ behaviours: [], otherwise: 'slow 20', rate: 0.2, failures: ['status 500', 'reset', 'die', 'retry-after 0'], seed })
    const put = await hub.request('PUT', '/subscriptions/orders', { body: JSON.stringify({ endpoint: 'partner', kinds: ['order'] }), headers: { 'content-type': 'application/json' } })
    expect({ status: put.status, text: put.status === 200 ? '' : await put.text() }).toEqual({ status: 200, text: '' })
    const [keys, revisions, kills] = [12, 12, 4]
    for (let revision = 1; revision <= revisions; revision++) {
      const batch = Array.from({ length: keys }, (_, key) => documentOf('order', `K${key}`, parties, [lineOf('1', 'A', String(revision))]))
      const { status } = await hub.send('canonical', JSON.stringify(batch), { headers: { 'content-type': 'application/json' } })
      expect(status).toBe(200)
      if (revision % (revisions / kills) === 0) await hub.startAgain()
    }
    await until(async () => (await hub.json('GET', '/deliveries?limit=500') as { items: { state: string }[] }).items, (seen) => seen.length === keys * revisions && seen.every(({ state }) => state === 'sent'), 150_000)
    const arrivals = (await receiver.arrivals()).map((arrival) => ({ ...arrival, then: arrival.then === 'slow 20' ? 'ok' : arrival.then }))
    const { taken, faults } = dedupe(arrivals)
    expect(faults).toEqual([])
    expect([...taken.values()].map((queue) => queue.map(({ body }) => (JSON.parse(body) as TradeDocument).lines[0]?.quantity?.value))).toEqual(Array.from({ length: keys }, () => Array.from({ length: revisions }, (_, index) => String(index + 1))))
    expect(new Set(arrivals.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer sesame']))
  }, 300_000)
})

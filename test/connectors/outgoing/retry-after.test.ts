import { describe, expect, it } from 'vitest'
import { placeHeaders } from '../../../connectors/outgoing/place-headers.js'
import { readRetryAfter, retryAfterOf } from '../../../connectors/outgoing/retry-after.js'

const nowMs = Date.parse('2026-11-22T07:00:00Z')

describe('Retry-After', () => {
  it.each([['120', 120_000], ['Sun, 22 Nov 2026 07:00:30 GMT', 30_000], ['Sun, 22 Nov 2026 06:00:00 GMT', 0], ['99999999999', 86_400_000], ['soon', undefined], ['', undefined], ['-1', undefined], ['2026-11-22', undefined]])('%s means %s ms', (header, ms) => {
    expect(readRetryAfter(header, nowMs)).toBe(ms)
  })

  it('is heeded of 429 and 503 alone', () => {
    const headers = { 'retry-after': '7' }
    expect([429, 503, 500, 301].map((status) => retryAfterOf({ status, headers }, nowMs).retryAfterMs)).toEqual([7_000, 7_000, undefined, undefined])
  })
})

describe('the headers of a delivery', () => {
  it('are ASCII whatever the key is, and lead back to it', () => {
    const key = 'order:上海 100%😀@erp/id:1'
    const headers = placeHeaders({ id: 'x', key, sequence: 3 })
    expect(headers['chainhub-key']).toMatch(/^[\x21-\x7e]+$/)
    expect(decodeURIComponent(headers['chainhub-key'] ?? '')).toBe(key)
    expect(headers).toMatchObject({ 'idempotency-key': 'x', 'chainhub-sequence': '3' })
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backOffMs, isExhausted } from '../../../hub/delivery/back-off.js'
import { afterAttempt, healthy, type Health } from '../../../hub/delivery/breaker.js'
import { businessKeyOf } from '../../../hub/delivery/business-key.js'
import { readDuration } from '../../../hub/delivery/duration.js'
import { isChanged } from '../../../hub/delivery/field-change.js'
import { judgeAttempt } from '../../../hub/delivery/judge-attempt.js'
import { stampControlNumber } from '../../../hub/delivery/stamp-control-number.js'
import { readXml } from '../../../schemas/xml-reader.js'
import { writeXml } from '../../../schemas/xml-writer.js'
import { company, documentOf, lineOf, refersTo } from '../../fixtures/documents.js'

const rules = { firstMs: 1_000, maxMs: 60_000, attempts: 5, ageMs: 3_600_000 }

describe('back-off', () => {
  it('spreads over all of a span that doubles up to its cap', () => {
    expect([1, 2, 3, 10, 500].map((failed) => backOffMs(failed, rules, () => 0.999_999))).toEqual([1_999, 3_999, 7_999, 59_999, 59_999])
    expect(backOffMs(3, rules, () => 0)).toBe(0)
    expect(backOffMs(3, rules, () => 0.5)).toBe(4_000)
  })

  it('ends with the attempts or with the age', () => {
    expect([isExhausted({ failed: 4, ageMs: 0 }, rules), isExhausted({ failed: 5, ageMs: 0 }, rules), isExhausted({ failed: 1, ageMs: 3_600_000 }, rules)]).toEqual([false, true, true])
  })
})

describe('an attempt', () => {
  const failed = { ok: false, code: 'partner-unavailable', at: 'answer', detail: 'x', retry: true, mayHaveTakenEffect: true } as const

  it('that failed waits at least as long as the partner asked, and says so of the endpoint', () => {
    expect(judgeAttempt({ ...failed, status: 503, retryAfterMs: 90_000 }, { failed: 0, ageMs: 0 }, rules, () => 0.5)).toEqual({ verdict: { type: 'retry', inMs: 90_000 }, endpointBad: true, holdMs: 90_000 })
    expect(judgeAttempt({ ...failed, status: 429 }, { failed: 0, ageMs: 0 }, rules, () => 0.5).endpointBad).toBe(false)
    expect(judgeAttempt(failed, { failed: 0, ageMs: 0 }, rules, () => 0.5).verdict).toEqual({ type: 'retry', inMs: 1_000 })
  })

  it('that cannot succeed parks the document and says nothing of the endpoint, but where it knows nobody', () => {
    const refused = { ...failed, code: 'partner-denied', retry: false } as const
    expect(judgeAttempt({ ...refused, status: 422 }, { failed: 0, ageMs: 0 }, rules, Math.random)).toEqual({ verdict: { type: 'park' }, endpointBad: false, holdMs: undefined })
    expect(judgeAttempt({ ...refused, status: 401 }, { failed: 0, ageMs: 0 }, rules, Math.random).endpointBad).toBe(true)
  })
})

describe('the breaker', () => {
  it('opens once after so many failures in a row, and recovers once with the first success', () => {
    fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (outcomes, failures) => {
      let health: Health = healthy
      let row = 0
      let open = false
      for (const wasBad of outcomes) {
        const next = afterAttempt(health, wasBad, { failures, probeMs: 1 })
        row = wasBad ? row + 1 : 0
        const expected: boolean = wasBad ? open || row >= failures : false
        expect(next.change).toBe(expected === open ? open ? 'held' : undefined : expected ? 'opened' : 'recovered')
        open = expected
        health = next.health
        expect(health.open).toBe(open)
      }
    }))
  })
})

describe('a duration', () => {
  it.each([['PT30M', 1_800_000], ['P1D', 86_400_000], ['P1DT2H3M4S', 93_784_000], ['P', undefined], ['PT', undefined], ['1h', undefined], ['P1M', undefined], ['PT0S', undefined]])('%s is %s ms', (text, ms) => { expect(readDuration(text)).toBe(ms) })
})

describe('a change', () => {
  it.each([
    ['lines[].quantity.value', { lines: [{ quantity: { value: '1' } }] }, { lines: [{ quantity: { value: '2' } }] }, true],
    ['lines[].quantity', { lines: [{ quantity: { value: '1', unit: 'C62' } }] }, { lines: [{ quantity: { unit: 'C62', value: '1' } }] }, false],
    ['lines[]', { lines: [1] }, { lines: [1, 2] }, true],
    ['delivery.promised', {}, { delivery: { promised: { to: '2026-01-01' } } }, true],
    ['delivery.promised', { notes: ['a'] }, { notes: ['b'] }, false],
    ['name', { name: 'a' }, {}, true],
  ])('at %s is seen', (path, before, after, changed) => { expect(isChanged(path, before, after)).toBe(changed) })
})

describe('the business key', () => {
  const parties = { buyer: company('Bo', 'gln:1'), seller: company('Selma', 'gln:2') }
  it('is the order\'s for all that belongs to it, and a party\'s own', () => {
    const key = 'order:4711@erp/gln:1'
    expect([
      businessKeyOf('erp', documentOf('order', '4711', parties, [])), businessKeyOf('erp', documentOf('order-change', 'C1', parties, [], refersTo('order', '4711'))),
      businessKeyOf('erp', documentOf('invoice', 'I1', parties, [lineOf('1', 'A', '1', refersTo('order', '4711'))])),
    ]).toEqual([key, key, key])
    expect(businessKeyOf('erp', { kind: 'party', number: 'K7', function: 'original', party: {} })).toBe('party:K7@erp')
  })
})

describe('a control number', () => {
  const stamped = (xml: string): { readonly controlNumber: string, readonly text: string } => {
    const root = readXml(xml)
    if (!root.ok) throw new Error(root.detail)
    const { root: written, controlNumber } = stampControlNumber(root.value, 42, '3e7f8c2a-5d1b-8f4e-9a60-1c2d3e4f5a6b')
    const text = writeXml(written)
    return { controlNumber, text: text.ok ? text.value.replace(/^<\?.*\?>\s*/, '').trim() : '' }
  }
  it.each([
    ['<ORDERS05><IDOC BEGIN="1"><EDI_DC40 SEGMENT="1"><TABNAM>EDI_DC40</TABNAM><DIRECT>2</DIRECT></EDI_DC40></IDOC></ORDERS05>', '0000000000000042', '<TABNAM>EDI_DC40</TABNAM><DOCNUM>0000000000000042</DOCNUM><DIRECT>2</DIRECT>'],
    ['<cXML payloadID="PO-1" timestamp="t"/>', '42.3e7f8c2a-5d1b-8f4e-9a60-1c2d3e4f5a6b@chainhub', '<cXML payloadID="42.3e7f8c2a-5d1b-8f4e-9a60-1c2d3e4f5a6b@chainhub" timestamp="t"/>'],
    ['<e:OrderRequest xmlns:e="http://sap.com/xi/EDI"><Order/></e:OrderRequest>', '3E7F8C2A5D1B8F4E9A601C2D3E4F5A6B', '<MessageHeader><ID>3E7F8C2A5D1B8F4E9A601C2D3E4F5A6B</ID></MessageHeader><Order/>'],
    ['<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>', '3e7f8c2a-5d1b-8f4e-9a60-1c2d3e4f5a6b', 'Order-2"/>'],
  ])('stands where the format has one: %s', (xml, controlNumber, part) => {
    const { controlNumber: found, text } = stamped(xml)
    expect(found).toBe(controlNumber)
    expect(text.replace(/\s*\n\s*/g, '')).toContain(part)
  })
})

import { describe, expect, it } from 'vitest'
import type { TradeDocument } from '../../schemas/canonical/trade-document.js'
import { issuerKeyOf, keyedPartiesOf, keyedReferencesOf, sourceKeyOf } from '../../schemas/source-key.js'
import { threadAnchorsOf, threadIdOf } from '../../schemas/thread-id.js'

const seller = (gln: string) => ({ identifiers: [{ scheme: 'gln', value: gln }], names: [{ value: `Seller ${gln}` }] })
const document = (of: Partial<TradeDocument>): TradeDocument => ({ kind: 'order', number: '34', function: 'original', issuedOn: '2026-03-02', lines: [], ...of })

describe('the source key of a party', () => {
  it('takes the system\'s own number before shared schemes, exactly as sent', () => {
    expect(sourceKeyOf('erp', { identifiers: [{ scheme: 'gln', value: '9521000000013' }, { value: '0010300099' }] })).toBe('erp/id:0010300099')
  })

  it('keeps two customers apart to whom two sellers gave the same number', () => {
    const buyer = { identifiers: [{ assigner: 'seller', value: '10001' }] }
    const [ours, theirs] = [seller('9521000000013'), seller('9521000000020')].map((one) => issuerKeyOf('hub', document({ parties: { buyer, seller: one } })))
    expect(ours).toBe('hub/id@gln:9521000000013:10001')
    expect(theirs).not.toBe(ours)
  })

  it('falls back to the name with its country, and to nothing', () => {
    expect(sourceKeyOf('erp', { names: [{ value: ' Lotus ' }], address: { country: 'CN' } })).toBe('erp/name:lotus,CN')
    expect(sourceKeyOf('erp', { contacts: [{ name: 'Li' }] })).toBeUndefined()
  })

  it('is never longer than 400 bytes, whole where it fits, and tells names apart by their ends', () => {
    const keyOf = (name: string) => sourceKeyOf('erp', { names: [{ value: name }] }) ?? ''
    const fits = 'n'.repeat(391)
    expect(keyOf(fits)).toBe(`erp/name:${fits}`)
    for (const character of ['n', 'é', '贸', '\u{20000}']) {
      const [one, other] = [keyOf(character.repeat(20_000)), keyOf(`${character.repeat(20_000)}.`)]
      expect(one).not.toBe(other)
      expect(Buffer.byteLength(one)).toBeLessThanOrEqual(400)
      expect(one).toMatch(new RegExp(`^erp/name:(${character})+~[0-9a-f]{64}$`, 'u'))
    }
    const identifier = { scheme: '\u{20000}'.repeat(200), assigner: '\u{20000}'.repeat(200), value: '\u{20000}'.repeat(200) }
    expect(Buffer.byteLength(sourceKeyOf('erp', { identifiers: [identifier] }) ?? '')).toBeLessThanOrEqual(400)
  })

  it('is the location number of the place that goods go to, though the customer\'s account stands beside it', () => {
    const account = { assigner: 'seller', value: '10001' }
    const parties = { buyer: { identifiers: [account] }, shipTo: { identifiers: [account, { scheme: 'gln', value: '9521000000037' }] }, seller: seller('9521000000013') }
    expect(keyedPartiesOf('hub', document({ parties })).map(({ key }) => key)).toEqual(['hub/id@gln:9521000000013:10001', 'hub/gln:9521000000013', 'hub/gln:9521000000037'])
  })

  it('is the same on head and lines', () => {
    const buyer = { identifiers: [{ assigner: 'seller', value: '10001' }] }
    const keys = keyedPartiesOf('hub', document({ parties: { buyer, seller: seller('9521000000013') }, lines: [{ number: '1', parties: { shipTo: buyer } }] }))
    expect(keys.map(({ role, line, key }) => [role, line, key])).toEqual([
      ['buyer', undefined, 'hub/id@gln:9521000000013:10001'], ['seller', undefined, 'hub/gln:9521000000013'], ['shipTo', '1', 'hub/id@gln:9521000000013:10001'],
    ])
  })
})

describe('the references of a document', () => {
  const parties = { buyer: { identifiers: [{ value: 'B1' }] }, seller: { identifiers: [{ value: 'S1' }] } }

  it('are keyed by the usual issuer of their kind, and by the other side\'s number where it is given', () => {
    expect(keyedReferencesOf('hub', document({ kind: 'invoice', parties, references: [{ kind: 'order', number: '34', counterpartNumber: 'SO-9' }] }))).toMatchObject([
      { kind: 'order', number: '34', issuer: 'hub/id:B1', counterpart: false }, { kind: 'order', number: 'SO-9', issuer: 'hub/id:S1', counterpart: true },
    ])
  })

  it('are keyed fast, however many there are and however long the name of their issuer', () => {
    const named = { buyer: { names: [{ value: 'n'.repeat(100_000) }] } }
    const references = Array.from({ length: 50_000 }, (_, index) => ({ kind: 'order', number: `${index}` }) as const)
    const startedMs = performance.now()
    expect(keyedReferencesOf('hub', document({ kind: 'invoice', parties: named, references }))).toHaveLength(50_000)
    expect(performance.now() - startedMs).toBeLessThan(2000)
  })

  it('leave out the NA that Peppol has people write, and keep the sales order number beside it', () => {
    expect(keyedReferencesOf('hub', document({ kind: 'invoice', parties, references: [{ kind: 'order', number: 'NA', counterpartNumber: 'SO-9' }] }))).toMatchObject([
      { kind: 'order', number: 'SO-9', issuer: 'hub/id:S1', counterpart: false },
    ])
  })

  it('lead to the thread that the order itself names, once, whatever else they name', () => {
    const order = document({ parties })
    const invoice = document({ kind: 'invoice', number: '7', parties, references: [{ kind: 'order', number: '34', counterpartNumber: 'SO-9' }, { kind: 'despatch', number: 'D1' }] })
    const idsOf = (of: TradeDocument) => threadAnchorsOf('hub', of).map((anchor) => threadIdOf('hub', anchor))
    expect(idsOf(invoice)).toEqual(idsOf(order))
  })

  it('lead a collective invoice to the threads of all its orders', () => {
    const invoice = document({ kind: 'invoice', parties, lines: ['1', '2', '3', '3'].map((number, index) => ({ number: String(index), references: [{ kind: 'order', number }] })) })
    expect(threadAnchorsOf('hub', invoice).map(({ number }) => number)).toEqual(['1', '2', '3'])
  })
})

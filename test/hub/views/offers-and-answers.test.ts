import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TradeDocument } from '../../../schemas/canonical/trade-document.js'
import { company, decimal, documentOf, lineOf, refersTo } from '../../fixtures/documents.js'
import { startCrm, threadIdsOf, type Acceptance } from '../../fixtures/crm-journal.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()
const newCrm = async () => startCrm(await postgres.newDatabase())

const buyer = company('Käufer AG', 'gln:5790000000012')
const seller = company('Seller Ltd', 'gln:5790000000029')
const sides = { buyer, seller }

const accepted = (document: TradeDocument, system = 'erp'): Acceptance => ({ system, document })
const trade = (kind: Parameters<typeof documentOf>[0], number: string, lines: Parameters<typeof documentOf>[3] = [], extra: Partial<TradeDocument> = {}): Acceptance =>
  accepted(documentOf(kind, number, sides, lines, extra))
const answer = (number: string, to: Parameters<typeof refersTo>[0], toNumber: string): Acceptance =>
  accepted(documentOf('application-response', number, { sender: buyer, receiver: seller }, [], { response: { code: 'under-query' }, ...refersTo(to, toNumber) }))
const payment = (number: string, invoices: readonly string[]): Acceptance =>
  trade('remittance', number, invoices.map((invoice, index) => ({ number: String(index + 1), debit: { value: decimal('10'), currency: 'EUR' }, ...refersTo('invoice', invoice) })))

const request = trade('quotation-request', 'RFQ-1', [lineOf('1', 'A', '10')])
const quotation = trade('quotation', 'Q-1', [lineOf('1', 'A', '10'), lineOf('2', 'B', '5')], refersTo('quotation-request', 'RFQ-1'))
const order = trade('order', '34', [lineOf('1', 'A', '10')], refersTo('quotation', 'Q-1'))
const invoice = (number: string, to: string): Acceptance => trade('invoice', number, [lineOf('1', 'A', '10', refersTo('order', to, { line: '1' }))], refersTo('order', to))
const idOf = (acceptance: Acceptance) => threadIdsOf(acceptance)[0]
const named = ({ documents }: { readonly documents: readonly { readonly kind: string, readonly number: string }[] }) => documents.map(({ kind, number }) => `${kind} ${number}`).sort()

describe('the thread of an order', () => {
  test('begins with the quotation that it names and the request for it, whatever order they come in, and counts the order alone', async () => {
    const all = [request, quotation, order, answer('A1', 'quotation', 'Q-1')]
    const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
    console.log(`seed ${seed}`)
    await fc.assert(fc.asyncProperty(fc.shuffledSubarray([...all], { minLength: all.length }), async (shuffled) => {
      const crm = await newCrm()
      for (const each of shuffled) await crm.take(each)
      for (const each of all) {
        const view = await crm.thread(idOf(each))
        expect(view.anchor).toEqual({ kind: 'order', number: '34' })
        expect(named(view)).toEqual(['application-response A1', 'order 34', 'quotation Q-1', 'quotation-request RFQ-1'])
        expect(view.missing).toEqual([])
        expect(view.lines.map(({ line }) => line)).toEqual(['1'])
        expect(view.amounts).toMatchObject([{ currency: 'EUR', ordered: '100' }])
      }
      await crm.database.close()
    }), { seed, numRuns: 6 })
  })

  test('is the quotation\'s own until an order names it', async () => {
    const crm = await newCrm()
    await crm.take(quotation, request)
    const view = await crm.thread(idOf(quotation))
    expect(idOf(quotation)).toBe(idOf(request))
    expect(named(view)).toEqual(['quotation Q-1', 'quotation-request RFQ-1'])
    expect(view.lines).toEqual([])
  })

  test('holds what is answered to its invoice and what is paid for it, a payment of two orders in both', async () => {
    const crm = await newCrm()
    const other = trade('order', '35', [lineOf('1', 'A', '10')])
    const paid = payment('P1', ['I-34', 'I-35'])
    await crm.take(paid, answer('A2', 'invoice', 'I-34'), invoice('I-34', '34'), invoice('I-35', '35'), trade('order', '34', [lineOf('1', 'A', '10')]), other)
    expect(named(await crm.thread(idOf(order)))).toEqual(['application-response A2', 'invoice I-34', 'order 34', 'remittance P1'])
    expect(named(await crm.thread(idOf(other)))).toEqual(['invoice I-35', 'order 35', 'remittance P1'])
    expect((await crm.thread(idOf(order))).amounts).toEqual([{ currency: 'EUR', ordered: '100', invoiced: '100', credited: '0', open: '100' }])
    expect(threadIdsOf(paid)).toHaveLength(2)
  })

  test('takes a change that comes before the order, and one that comes twice, once', async () => {
    const crm = await newCrm()
    const change = trade('order-change', 'C1', [lineOf('1', 'A', '8', { action: 'change' })], { function: 'change', issuedOn: '2026-11-02', ...refersTo('order', '34') })
    await crm.take(change, { ...change, system: 'scm' }, trade('order', '34', [lineOf('1', 'A', '10')]))
    const view = await crm.thread(idOf(order))
    expect(view.lines.map(({ ordered }) => ordered)).toMatchObject([[{ value: '8' }]])
    expect(view.amounts).toMatchObject([{ ordered: '80' }])
    expect(view.documents.filter(({ counted }) => counted).map(({ kind }) => kind)).toEqual(['order', 'order-change'])
  })
})

describe('what stands alone', () => {
  test('joins no thread, whatever it names, but has a thread of its own with the answers to it', async () => {
    const crm = await newCrm()
    const statement = trade('statement', 'S1', [{ number: '1', debit: { value: decimal('10'), currency: 'EUR' }, ...refersTo('invoice', 'I-34') }])
    const catalogue = trade('catalogue', 'CAT', [{ number: '1', item: { sellersNumber: 'A' } }])
    await crm.take(statement, catalogue, answer('A3', 'catalogue', 'CAT'), invoice('I-34', '34'), trade('order', '34', [lineOf('1', 'A', '10')]))
    expect(named(await crm.thread(idOf(order)))).toEqual(['invoice I-34', 'order 34'])
    const own = await crm.thread(idOf(statement))
    expect(named(own)).toEqual(['statement S1'])
    expect(own.missing).toEqual([])
    expect(named(await crm.thread(idOf(answer('A3', 'catalogue', 'CAT'))))).toEqual(['application-response A3', 'catalogue CAT'])
  })

  test('owes nobody anything', async () => {
    const crm = await newCrm()
    await crm.take(trade('inventory-report', 'L1', [lineOf('1', 'A', '10')]), trade('forecast', 'F1', [lineOf('1', 'A', '10')]), trade('statement', 'S1'))
    expect(await crm.database.query('select kind, payable from trade_document order by kind')).toEqual([{ kind: 'forecast', payable: null }, { kind: 'inventory-report', payable: null }, { kind: 'statement', payable: null }])
  })
})

import { describe, expect, test } from 'vitest'
import { company, decimal, documentOf, lineOf, refersTo } from '../../fixtures/documents.js'
import { startCrm, threadIdsOf, type Acceptance } from '../../fixtures/crm-journal.js'
import { startPostgres } from '../../fixtures/postgres.js'
import type { JournalEntry } from '../../../schemas/journal-entry.js'
import { valueOf, warehouseOf } from '../../warehouse/temporary-warehouse.js'

const postgres = await startPostgres()
const newCrm = async () => startCrm(await postgres.newDatabase())

const buyer = company('Käufer AG', 'K1', 'gln:5790000000012')
const seller = company('Seller Ltd', 'S1', 'gln:5790000000029')
const document = (system: string, ...[kind, number, quantity, extra = {}]: [Parameters<typeof documentOf>[0], string, string, Parameters<typeof documentOf>[4]?]): Acceptance =>
  ({ system, document: documentOf(kind, number, { buyer, seller }, [lineOf('1', 'A', quantity)], extra) })

const partyId = async (crm: Awaited<ReturnType<typeof newCrm>>, q = 'käufer') => (await crm.parties.list({ q, limit: 1 })).items[0]?.id ?? ''

const revenueOf = async (entries: readonly JournalEntry[]) =>
  valueOf(await (await warehouseOf(entries)).query('sales', { rows: [], measures: ['revenue'] })).cells[0]?.['revenue']

describe('the customer view', () => {
  test('says what is owed and overdue, once for a document that two systems sent, without tests, copies, cancelled and replaced ones', async () => {
    const crm = await newCrm()
    const [, first] = await crm.take(
      document('erp', 'invoice', 'I1', '100', { dueOn: '2026-11-20' }),
      document('erp', 'invoice', 'I2', '50', { paymentTerms: [{ days: '60' }] }),
      document('scm', 'invoice', 'I1', '100', { dueOn: '2026-11-20' }),
      document('erp', 'credit-note', 'G1', '10'),
      document('erp', 'invoice', 'I3', '7', { function: 'copy' }),
      document('erp', 'invoice', 'I4', '7', { function: 'cancel' }),
      { ...document('erp', 'invoice', 'I5', '7'), test: true },
    )
    await crm.take({ ...document('erp', 'invoice', 'I2', '40', { paymentTerms: [{ days: '60' }] }), revision: 2, replaces: first?.documentId })
    const view = await crm.customer(await partyId(crm))
    expect(view.balances).toEqual([{ currency: 'EUR', invoiced: '1680', credited: '120', open: '1560', overdue: '1200' }])
    expect((await crm.customer(await partyId(crm), '2027-01-01')).balances[0]?.overdue).toBe('1680')
    expect(view.counts).toEqual({ 'invoice': 2, 'credit-note': 1 })
    expect(view.journalSeq).toBe(crm.journal.entries.length)
  })

  test('takes prepayments off and computes what a document without totals comes to', async () => {
    const crm = await newCrm()
    const euro = (value: string) => ({ value: decimal(value), currency: 'EUR' })
    await crm.take(
      document('erp', 'invoice', 'I1', '1', { totals: { taxInclusive: euro('0.1'), prepaid: euro('0.02') } }),
      { system: 'erp', document: { ...documentOf('invoice', 'I2', { buyer, seller }, [lineOf('1', 'A', '0.02')], { allowancesCharges: [{ type: 'allowance', amount: euro('0.05') }], taxTotals: [{ amount: euro('0.03') }] }), totals: {} } },
    )
    expect((await crm.customer(await partyId(crm))).balances).toMatchObject([{ open: '0.26' }])
  })

  test('computes what lines with a price and no amount come to, as the thread and the sales cube do', async () => {
    const crm = await newCrm()
    const euro = (value: string) => ({ value: decimal(value), currency: 'EUR' })
    const lines = [{ number: '1', quantity: { value: decimal('250'), unit: 'C62' }, price: { amount: euro('4'), baseQuantity: { value: decimal('100') } } }]
    const priced = (kind: 'order' | 'invoice', number: string, extra = {}): Acceptance => ({ system: 'erp', document: { ...documentOf(kind, number, { buyer, seller }, lines, extra), totals: {} } })
    const invoice = priced('invoice', 'PI', refersTo('order', 'PO'))
    await crm.take(priced('order', 'PO'), invoice)
    expect((await crm.customer(await partyId(crm))).balances).toMatchObject([{ invoiced: '10', open: '10' }])
    expect((await crm.thread(threadIdsOf(invoice)[0])).amounts).toMatchObject([{ currency: 'EUR', ordered: '10', invoiced: '10' }])
    expect(await revenueOf(crm.journal.entries)).toBe('10')
  })

  test('keeps the real document where a test revises it, with thread and cube, and gives it up to the next real one', async () => {
    const crm = await newCrm()
    const real = document('erp', 'invoice', 'I1', '100')
    const [first] = await crm.take(real)
    const agreed = async () => [(await crm.customer(await partyId(crm))).balances[0]?.invoiced, (await crm.thread(threadIdsOf(real)[0])).amounts[0]?.invoiced, await revenueOf(crm.journal.entries)]
    expect(await agreed()).toEqual(['1200', '1000', '1000'])
    const [trial] = await crm.take({ ...document('erp', 'invoice', 'I1', '7'), test: true, revision: 2, replaces: first?.documentId })
    expect(await agreed()).toEqual(['1200', '1000', '1000'])
    const [copy] = await crm.take({ ...document('erp', 'invoice', 'I1', '8', { function: 'copy' }), revision: 3, replaces: trial?.documentId })
    expect(await agreed()).toEqual(['1200', '1000', '1000'])
    await crm.take({ ...document('erp', 'invoice', 'I1', '90'), revision: 4, replaces: copy?.documentId })
    expect(await agreed()).toEqual(['1080', '900', '900'])
    expect((await crm.thread(threadIdsOf(real)[0])).documents.map(({ current }) => current)).toEqual([false, false, false, true])
  })

  test('believes the system from which a document came first, in whatever revision, when another one sends it too', async () => {
    const crm = await newCrm()
    const real = document('zeta', 'invoice', 'I1', '100')
    const [first] = await crm.take(real)
    await crm.take(document('alpha', 'invoice', 'I1', '1'))
    const shown = async () => [(await crm.customer(await partyId(crm))).balances[0]?.invoiced, (await crm.thread(threadIdsOf(real)[0])).amounts[0]?.invoiced]
    expect(await shown()).toEqual(['1200', '1000'])
    await crm.take({ ...document('zeta', 'invoice', 'I1', '90'), revision: 2, replaces: first?.documentId })
    expect(await shown()).toEqual(['1080', '900'])
  })

  test('bills the bill-to party and not the buyer', async () => {
    const crm = await newCrm()
    const parties = { buyer, seller, billTo: company('Zentrale', 'Z1') }
    await crm.take({ system: 'erp', document: documentOf('invoice', 'I1', parties, [lineOf('1', 'A', '1')]) })
    expect((await crm.customer(await partyId(crm))).balances).toEqual([])
    expect((await crm.customer(await partyId(crm, 'zentrale'))).balances).toMatchObject([{ open: '12' }])
  })

  test('pages orders newest first, each with its thread', async () => {
    const crm = await newCrm()
    const orders = ['2026-11-03', '2026-11-01', '2026-11-02'].map((issuedOn, index) => document('erp', 'order', String(index), '1', { issuedOn }))
    await crm.take(...orders)
    const id = await partyId(crm)
    const page = await crm.customer(id, '2026-12-01', 2)
    expect(page.orders.items.map(({ number }) => number)).toEqual(['0', '2'])
    expect((await crm.customer(id, '2026-12-01', 2, page.orders.next)).orders).toMatchObject({ items: [{ number: '1' }] })
    expect(page.orders.items[0]?.threadId).toBe(orders[0] === undefined ? '' : threadIdsOf(orders[0])[0])
    await expect(crm.customer(id, '2026-12-01', 2, 'nonsense')).rejects.toThrow('cursor')
  })

  test('lists what each system knows and gives the word of the founding record first', async () => {
    const crm = await newCrm()
    await crm.take(document('erp', 'order', '1', '1'), { system: 'scm', document: documentOf('despatch', 'D1', { buyer: company('KAEUFER', 'C-9', 'gln:5790000000012') }, [lineOf('1', 'A', '1')], refersTo('order', '1')) })
    const view = await crm.customer(await partyId(crm))
    expect(view).toMatchObject({ name: 'Käufer AG', country: 'DE', sources: 2, test: false, counts: { order: 1, despatch: 1 } })
    expect(view.sourceRecords.map(({ key, name }) => [key, name])).toEqual([['erp/id:K1', 'Käufer AG'], ['scm/id:C-9', 'KAEUFER']])
  })
})

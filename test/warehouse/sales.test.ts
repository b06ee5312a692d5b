import { describe, expect, it } from 'vitest'
import { partyIdOf } from '../../schemas/ids.js'
import { company, creditNote, decimal, documentId, found, invoice, journalOf, line, link, source } from './entries.js'
import { applyAll, valueOf, warehouseOf } from './temporary-warehouse.js'

const member = (key: string, name: string) => ({ key: partyIdOf(source(key)), name })
const ask = async (entries: ReturnType<typeof journalOf>, body: unknown) => valueOf(await (await warehouseOf(entries)).query('sales', body))
const byCustomer = { rows: ['customer'], measures: ['revenue'] }
const revenueOf = async (entries: ReturnType<typeof journalOf>) => (await ask(entries, { rows: [], measures: ['revenue'] })).cells

describe('the cube of sales', () => {
  it('gives revenue by customer and month, invoices less credit notes, with the journal number it is of', async () => {
    const answer = await ask(journalOf(
      invoice('1', [line('1', '100'), line('2', '20.5')]),
      invoice('2', [line('1', '7')], { issuedOn: '2026-12-01' }),
      creditNote('3', [line('1', '20.25')], { issuedOn: '2026-11-30' }),
      invoice('4', [line('1', '9')], { parties: { billTo: company('K2', '上海贸易', 'CN') } }),
    ), { rows: ['customer', 'date.month'], measures: ['revenue', 'quantity', 'invoices', 'creditNotes', 'lines'] })
    expect(answer).toEqual({
      cube: 'sales', journalSeq: 4, asOf: '2026-11-01T00:00:04.000Z', leftOut: 0, waiting: 0, rows: ['customer', 'date.month', 'currency'], columns: [],
      measures: ['revenue', 'quantity', 'invoices', 'creditNotes', 'lines'],
      cells: [
        { 'customer': member('erp/id:K1', 'Company K1'), 'date.month': '2026-11', 'currency': 'EUR', 'revenue': '100.25', 'quantity': '2', 'invoices': 1, 'creditNotes': 1, 'lines': 3 },
        { 'customer': member('erp/id:K1', 'Company K1'), 'date.month': '2026-12', 'currency': 'EUR', 'revenue': '7', 'quantity': '2', 'invoices': 1, 'creditNotes': 0, 'lines': 1 },
        { 'customer': member('erp/id:K2', '上海贸易'), 'date.month': '2026-11', 'currency': 'EUR', 'revenue': '9', 'quantity': '2', 'invoices': 1, 'creditNotes': 0, 'lines': 1 },
      ],
    })
  })

  it('counts allowances and charges of the head, so that revenue is the total without tax', async () => {
    const amount = (value: string) => ({ value: decimal(value), currency: 'EUR' })
    const cells = await revenueOf(journalOf(invoice('1', [line('1', '100')], { allowancesCharges: [{ type: 'allowance', amount: amount('10') }, { type: 'charge', amount: amount('2.5') }] })))
    expect(cells).toEqual([{ currency: 'EUR', revenue: '92.5' }])
  })

  it('computes a line without amount from quantity, price, base quantity, allowances and charges', async () => {
    const amount = (value: string) => ({ value: decimal(value), currency: 'EUR' })
    const cells = await revenueOf(journalOf(invoice('1', [{
      number: '1', quantity: { value: decimal('30'), unit: 'C62' }, price: { amount: amount('9.99'), baseQuantity: { value: decimal('100') } },
      allowancesCharges: [{ type: 'allowance', amount: amount('0.5') }, { type: 'charge', amount: amount('0.1') }],
    }])))
    expect(cells).toEqual([{ currency: 'EUR', revenue: '2.597' }])
  })

  it('computes percentages that stand alone, of a line from price times quantity, of the head from the lines', async () => {
    const amount = (value: string) => ({ value: decimal(value), currency: 'EUR' })
    const discounted = { number: '1', quantity: { value: decimal('3') }, price: { amount: amount('9.99') }, allowancesCharges: [{ type: 'allowance' as const, percent: decimal('5') }] }
    const head = { allowancesCharges: [{ type: 'allowance' as const, percent: decimal('10') }, { type: 'charge' as const, percent: decimal('1'), base: amount('50') }] }
    expect(await revenueOf(journalOf(invoice('1', [discounted])))).toEqual([{ currency: 'EUR', revenue: '28.4715' }])
    expect(await revenueOf(journalOf(invoice('1', [discounted, line('2', '1.5285')], head)))).toEqual([{ currency: 'EUR', revenue: '27.5' }])
  })

  it('leaves out an invoice whose head takes a percentage of lines of several currencies', async () => {
    const lines = [line('1', '10'), { ...line('2', '10'), amount: { value: decimal('10'), currency: 'CNY' } }]
    expect((await ask(journalOf(invoice('1', lines, { allowancesCharges: [{ type: 'allowance', percent: decimal('10') }] })), { rows: [], measures: ['revenue'] })).leftOut).toBe(1)
  })

  it('counts a line once whose sub-lines are within its amount', async () => {
    expect(await revenueOf(journalOf(invoice('1', [line('1', '10', { subLines: [line('1.1', '4'), line('1.2', '6')] })])))).toEqual([{ currency: 'EUR', revenue: '10' }])
  })

  it('lets a revision take the place of the document before it, in one batch and over several', async () => {
    const entries = journalOf(
      invoice('1', [line('1', '100')]),
      { document: invoice('1', [line('1', '60')]), replaces: documentId('d1'), revision: 2 },
      { document: invoice('1', [line('1', '61')], { function: 'replace' }), replaces: documentId('d2'), revision: 3 },
    )
    for (const batch of [1, 2, 3]) {
      const answer = valueOf(await (await warehouseOf(entries, batch)).query('sales', { rows: [], measures: ['revenue', 'invoices'] }))
      expect(answer.cells).toEqual([{ currency: 'EUR', revenue: '61', invoices: 1 }])
    }
  })

  it('takes a cancelled invoice out, and adds nothing for a copy, whether it comes alone or after its original', async () => {
    const cancelled = journalOf(invoice('1', [line('1', '100')]), { document: invoice('1', [line('1', '100')], { function: 'cancel' }), replaces: documentId('d1') })
    const drafts = [
      invoice('1', [line('1', '100')]),
      { document: invoice('1', [line('1', '100')], { function: 'copy' }), replaces: documentId('d1') },
      invoice('2', [line('1', '5')], { function: 'copy' }),
    ]
    const copied = journalOf(...drafts)
    const copiedThenReplaced = journalOf(...drafts, { document: invoice('1', [line('1', '70')]), replaces: documentId('d2') })
    for (const batch of [1, 10]) {
      const revenue = async (entries: typeof copied) => valueOf(await (await warehouseOf(entries, batch)).query('sales', { rows: [], measures: ['revenue'] })).cells
      expect(await revenue(cancelled)).toEqual([])
      expect(await revenue(copied)).toEqual([{ currency: 'EUR', revenue: '100' }])
      expect(await revenue(copiedThenReplaced)).toEqual([{ currency: 'EUR', revenue: '70' }])
    }
  })

  it('lets a test document reach no figure, not even by replacing a real one', async () => {
    const entries = journalOf(
      invoice('1', [line('1', '100')]),
      { document: invoice('2', [line('1', '5')]), test: true },
      { document: invoice('1', [line('1', '5')]), test: true, replaces: documentId('d1') },
    )
    expect(await revenueOf(entries)).toEqual([{ currency: 'EUR', revenue: '100' }])
  })

  it('never sums over currencies, and never quantities of different units', async () => {
    const entries = journalOf(invoice('1', [line('1', '100'), line('2', '50', { currency: 'USD' }), line('3', '1', { quantity: { value: decimal('1.5'), unit: 'KGM' } })]))
    expect((await ask(entries, { rows: [], measures: ['revenue', 'quantity'], totals: true })).cells).toEqual([
      { currency: 'EUR', revenue: '101', quantity: null },
      { currency: 'USD', revenue: '50', quantity: '2' },
    ])
    expect((await ask(entries, { rows: ['unit'], measures: ['quantity', 'invoices'] })).cells).toEqual([
      { unit: 'C62', quantity: '4', invoices: 1 },
      { unit: 'KGM', quantity: '1.5', invoices: 1 },
    ])
  })

  it('counts an invoice once in every cell that it touches', async () => {
    const entries = journalOf(invoice('1', [line('1', '1'), line('2', '1'), line('3', '1', { item: { gtin: '2' } })]), invoice('2', [line('1', '1')]))
    const answer = await ask(entries, { rows: ['product'], measures: ['invoices', 'lines'], totals: true })
    expect(answer.cells).toEqual([
      { product: { key: 'gtin:04012345000009', name: 'Bolt' }, invoices: 2, lines: 3 },
      { product: { key: 'gtin:2', name: 'gtin:2' }, invoices: 1, lines: 1 },
    ])
    expect(answer.totals).toEqual([{ over: ['product'], cell: { invoices: 2, lines: 4 } }])
  })

  it('keeps an amount of twenty digits exact, and leaves out and counts what it would have to round', async () => {
    const entries = journalOf(
      invoice('1', [line('1', '12345678901234567890.12')]), invoice('2', [line('1', '0.01')]),
      invoice('3', [line('1', '5'), line('2', '0.00000000001')]), invoice('4', [line('1', '5')], { issuedOn: '2026-02-30' }),
    )
    const answer = await ask(entries, { rows: [], measures: ['revenue'] })
    expect(answer.cells).toEqual([{ currency: 'EUR', revenue: '12345678901234567890.13' }])
    expect(answer.leftOut).toBe(2)
  })
})

describe('customers as golden parties', () => {
  const entries = journalOf(
    invoice('1', [line('1', '100')]),
    { document: invoice('2', [line('1', '10')], { parties: { buyer: company('77', 'Company one', 'AT') } }), system: 'shop' },
    invoice('3', [line('1', '1')], { parties: { buyer: company('K3') } }),
    [found('erp/id:K1'), found('shop/id:77')],
    [found('erp/id:K3')],
    [link('shop/id:77', 'erp/id:K1')],
    [link('erp/id:K1', 'erp/id:K3')],
  )
  const upTo = async (number: number) => (await ask(entries.slice(0, number), byCustomer)).cells

  it('shows sources that nothing was decided about as they are', async () => {
    expect(await upTo(3)).toEqual([
      { customer: member('erp/id:K1', 'Company K1'), currency: 'EUR', revenue: '100' },
      { customer: member('erp/id:K3', 'Company K3'), currency: 'EUR', revenue: '1' },
      { customer: member('shop/id:77', 'Company one'), currency: 'EUR', revenue: '10' },
    ])
  })

  it('makes two sources one customer when they are linked later, and keeps the party that was founded first', async () => {
    expect(await upTo(6)).toEqual([
      { customer: member('erp/id:K1', 'Company K1'), currency: 'EUR', revenue: '110' },
      { customer: member('erp/id:K3', 'Company K3'), currency: 'EUR', revenue: '1' },
    ])
  })

  it('merges golden parties with all their sources', async () => {
    expect(await upTo(7)).toEqual([{ customer: member('erp/id:K1', 'Company K1'), currency: 'EUR', revenue: '111' }])
  })

  it('names the customer by the latest name of the source that founded it, also from a party document', async () => {
    const renamed = journalOf(
      invoice('1', [line('1', '100')]),
      { document: { kind: 'party', number: 'K1', function: 'original', party: { names: [{ value: 'Renamed' }], address: { country: 'FR' } } } },
      [found('erp/id:K1')],
      invoice('2', [line('1', '1')], { parties: { buyer: { identifiers: [{ value: 'K1' }] } } }),
    )
    expect((await ask(renamed, { rows: ['customer.country', 'customer'], measures: ['revenue'] })).cells)
      .toEqual([{ 'customer.country': 'FR', 'customer': member('erp/id:K1', 'Renamed'), 'currency': 'EUR', 'revenue': '101' }])
  })

  it('follows a merge that comes after the cells were asked for', async () => {
    const warehouse = await warehouseOf(entries.slice(0, 5), 1)
    expect(valueOf(await warehouse.query('sales', byCustomer)).cells).toHaveLength(3)
    await applyAll(warehouse, entries)
    expect(valueOf(await warehouse.query('sales', byCustomer)).cells).toHaveLength(1)
  })
})

describe('the cube of orders', () => {
  it('tells what was ordered', async () => {
    const warehouse = await warehouseOf(journalOf(invoice('1', [line('1', '100'), line('2', '1')], { kind: 'order' }), invoice('1', [line('1', '100')])))
    expect(valueOf(await warehouse.query('orders', { rows: ['date.quarter'], measures: ['ordered', 'orders', 'lines'] })).cells)
      .toEqual([{ 'date.quarter': '2026-Q4', 'currency': 'EUR', 'ordered': '101', 'orders': 1, 'lines': 2 }])
  })
})

import { describe, expect, it } from 'vitest'
import { describeCubes } from '../../warehouse/open-warehouse.js'
import { company, creditNote, invoice, journalOf, line } from './entries.js'
import { temporaryFolder, openAt, valueOf, warehouseOf } from './temporary-warehouse.js'

const month = (number: number) => `2026-${String(number).padStart(2, '0')}-10`
const sale = (number: string, buyer: string, amount: string, inMonth: number) =>
  invoice(number, [line('1', amount)], { issuedOn: month(inMonth), parties: { buyer: company(buyer, buyer, buyer === 'C' ? 'AT' : 'DE') } })
const entries = journalOf(sale('1', 'A', '10', 1), sale('2', 'A', '5', 2), sale('3', 'B', '7', 1), sale('4', 'C', '30', 4), sale('5', 'B', '1', 2), creditNote('6', [line('1', '2')], { issuedOn: month(4), parties: {} }))
const ask = async (body: unknown) => (await warehouseOf(entries)).query('sales', body)
const cellsOf = async (body: unknown) => valueOf(await ask(body)).cells
const names = (cells: readonly Readonly<Record<string, unknown>>[]) => cells.map((cell) => {
  const customer = cell['customer']
  return typeof customer === 'object' && customer !== null && 'name' in customer ? customer.name : customer
})

describe('a question to a cube', () => {
  it('gives the top rows by a measure, and rows without a member last', async () => {
    const cells = await cellsOf({ rows: ['customer'], measures: ['revenue'], order: [{ by: 'revenue', direction: 'desc' }], limit: 2 })
    expect(cells.map((cell) => cell['revenue'])).toEqual(['30', '15'])
    expect(names(await cellsOf({ rows: ['customer'], measures: ['revenue'] }))).toEqual(['A', 'B', 'C', null])
    expect(names(await cellsOf({ rows: ['customer'], measures: ['revenue'], order: [{ by: 'customer', direction: 'desc' }] }))).toEqual(['C', 'B', 'A', null])
  })

  it('orders and limits whole rows when there are columns', async () => {
    const answer = valueOf(await ask({ rows: ['customer'], columns: ['date.month'], measures: ['revenue'], order: [{ by: 'revenue', direction: 'desc' }], limit: 2 }))
    expect(answer.rows).toEqual(['customer', 'currency'])
    expect(answer.columns).toEqual(['date.month'])
    expect(answer.cells.map((cell) => [names([cell])[0], cell['date.month'], cell['revenue']])).toEqual([['C', '2026-04', '30'], ['A', '2026-01', '10'], ['A', '2026-02', '5']])
  })

  it('filters by members of any level, also by having none', async () => {
    expect(await cellsOf({ rows: ['date.month'], measures: ['revenue'], filters: [{ level: 'customer.country', in: ['DE'] }, { level: 'date.quarter', in: ['2026-Q1', '2026-Q4'] }] }))
      .toEqual([{ 'date.month': '2026-01', 'currency': 'EUR', 'revenue': '17' }, { 'date.month': '2026-02', 'currency': 'EUR', 'revenue': '6' }])
    expect(await cellsOf({ rows: [], measures: ['revenue'], filters: [{ level: 'customer', in: [null] }] })).toEqual([{ currency: 'EUR', revenue: '-2' }])
    expect(await cellsOf({ rows: ['date.year'], measures: ['lines'], filters: [{ level: 'date.year', in: [2026] }, { level: 'currency', in: ['EUR'] }, { level: 'kind', in: ['credit-note'] }] }))
      .toEqual([{ 'date.year': '2026', 'lines': 1 }])
    expect(await cellsOf({ rows: [], measures: ['revenue'], filters: [{ level: 'customer', in: [] }] })).toEqual([])
  })

  it('sums up over each beginning of the rows, over all rows and per currency, whatever the limit', async () => {
    const { totals = [], cells } = valueOf(await ask({ rows: ['customer.country', 'date.month'], measures: ['revenue'], totals: true, limit: '1' }))
    expect(cells).toHaveLength(1)
    expect(totals).toEqual([
      { over: ['customer.country', 'date.month'], cell: { currency: 'EUR', revenue: '51' } },
      { over: ['date.month'], cell: { 'customer.country': 'AT', 'currency': 'EUR', 'revenue': '30' } },
      { over: ['date.month'], cell: { 'customer.country': 'DE', 'currency': 'EUR', 'revenue': '23' } },
      { over: ['date.month'], cell: { 'customer.country': null, 'currency': 'EUR', 'revenue': '-2' } },
    ])
  })

  it('names days, months, quarters and years as they are filtered by', async () => {
    const levels = ['date.year', 'date.quarter', 'date.month', 'date.day', 'kind', 'supplier.country']
    const [cell = {}] = await cellsOf({ rows: levels, measures: ['lines'], filters: [{ level: 'date.month', in: ['2026-04'] }, { level: 'customer', in: [null] }] })
    expect(cell).toEqual({ 'date.year': '2026', 'date.quarter': '2026-Q2', 'date.month': '2026-04', 'date.day': '2026-04-10', 'kind': 'credit-note', 'supplier.country': null, 'lines': 1 })
    const again = await cellsOf({ rows: levels, measures: ['lines'], filters: levels.map((level) => ({ level, in: [cell[level]] })) })
    expect(again).toEqual([cell])
  })

  it('answers an empty warehouse with no cell and the position 0', async () => {
    const warehouse = await openAt(`${await temporaryFolder()}/empty.duckdb`)
    expect(valueOf(await warehouse.query('sales', { rows: [], measures: ['revenue', 'invoices'], totals: true }))).toMatchObject({ journalSeq: 0, asOf: null, cells: [] })
  })

  it.each([
    [{ rows: ['custmer'], measures: ['revenue'] }, 'rows[0]', /no level 'custmer'; there are customer, customer\.country/],
    [{ rows: [], measures: ['profit'] }, 'measures[0]', /there are revenue, quantity/],
    [{ rows: [], measures: ['constructor'] }, 'measures[0]', /no measure/],
    [{ rows: ['customer', 'customer'], measures: ['revenue'] }, 'customer', /twice/],
    [{ rows: [], measures: ['revenue'], filters: [{ level: 'date.month', in: ['2026-13'] }] }, 'filters[0].in[0]', /one looks like 2026-11/],
    [{ rows: [], measures: ['revenue'], filters: [{ level: 'kind', in: ['order'] }] }, 'filters[0].in[0]', /no key of level kind/],
    [{ rows: [], measures: ['revenue'], order: [{ by: 'customer' }] }, 'order[0].by', /there are currency, revenue/],
    [{ rows: [], measures: [] }, 'measures', /fewer than 1/],
    [{ rows: [], measures: ['revenue'], sql: '1' }, 'sql', /no member 'sql'/],
    [{ rows: [], measures: ['revenue'], limit: 0 }, 'limit', /must be/],
    ['revenue', 'body', /not of the type object/],
  ])('refuses %j and says what there is', async (body, at, detail) => {
    const answer = await ask(body)
    expect(answer).toMatchObject({ ok: false, code: 'query-invalid', at, detail: expect.stringMatching(detail) as unknown })
  })

  it('refuses an unknown cube and names those that there are', async () => {
    expect(await (await warehouseOf(entries)).query('sale', {})).toMatchObject({ ok: false, code: 'not-found', detail: expect.stringMatching(/orders, sales/) as unknown })
  })

  it('takes SQL in names and keys for names and keys', async () => {
    const warehouse = await warehouseOf(entries)
    const evil = [`A'; drop table fact_sales; --`, `' or 1=1 --`, `"; delete from party; --`, '$1', '%', '\0']
    for (const text of evil) {
      expect(valueOf(await warehouse.query('sales', { rows: [], measures: ['revenue'], filters: [{ level: 'customer', in: [text] }, { level: 'unit', in: [text] }] })).cells).toEqual([])
      for (const body of [
        { rows: [text], measures: ['revenue'] }, { rows: [], columns: [text], measures: ['revenue'] }, { rows: [], measures: [text] },
        { rows: [], measures: ['revenue'], filters: [{ level: text, in: ['x'] }] }, { rows: [], measures: ['revenue'], filters: [{ level: 'date.day', in: [text] }] },
        { rows: [], measures: ['revenue'], order: [{ by: text }] }, { rows: [], measures: ['revenue'], order: [{ by: 'revenue', direction: text }] },
      ]) expect(await warehouse.query('sales', body)).toMatchObject({ ok: false, code: 'query-invalid' })
      expect(await warehouse.query(text, { rows: [], measures: ['revenue'] })).toMatchObject({ ok: false, code: 'not-found' })
      expect(await warehouse.drill('sales', { cell: { [text]: 'x' } })).toMatchObject({ ok: false, code: 'query-invalid' })
      expect(await warehouse.drill('sales', { cell: {}, cursor: text })).toMatchObject({ ok: false, code: 'query-invalid' })
    }
    expect(valueOf(await warehouse.query('sales', { rows: [], measures: ['revenue'] })).cells).toEqual([{ currency: 'EUR', revenue: '51' }])
  })
})

describe('drilling', () => {
  it('leads from a cell, as it was answered, to the facts and the messages that brought them', async () => {
    const warehouse = await warehouseOf(entries)
    const { cells } = valueOf(await warehouse.query('sales', { rows: ['customer', 'date.quarter'], measures: ['revenue'] }))
    const answer = valueOf(await warehouse.drill('sales', { cell: cells[0] }))
    expect(answer).toMatchObject({ cube: 'sales', journalSeq: 6, asOf: '2026-11-01T00:00:06.000Z' })
    expect(answer.items).toMatchObject([
      { documentId: 'd1', messageId: 'm1', kind: 'invoice', number: '1', revision: 1, journalSeq: 1, line: '1', figures: { amount: '10', quantity: '2' } },
      { documentId: 'd2', messageId: 'm2', figures: { amount: '5' } },
    ])
    expect(answer.items[0]?.members).toMatchObject({ customer: { name: 'A' }, product: { key: 'gtin:04012345000009', name: 'Bolt' }, date: '2026-01-10', currency: 'EUR', unit: 'C62', kind: 'invoice' })
    expect(valueOf(await warehouse.drill('sales', { cell: { customer: null } })).items.map(({ documentId }) => documentId)).toEqual(['d6'])
  })

  it('goes on where the page before ended', async () => {
    const warehouse = await warehouseOf(entries)
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = valueOf(await warehouse.drill('sales', { cell: { currency: 'EUR' }, filters: [{ level: 'date.year', in: ['2026'] }], limit: 4, ...(cursor === undefined ? {} : { cursor }) }))
      seen.push(...page.items.map(({ documentId }) => documentId))
      cursor = page.next
    } while (cursor !== undefined)
    expect(seen).toEqual(['d1', 'd2', 'd3', 'd4', 'd5', 'd6'])
  })
})

it('describes what can be asked', async () => {
  const [orders, sales] = await describeCubes()
  expect(orders?.name).toBe('orders')
  expect(sales?.levels.map(({ name }) => name)).toEqual(
    ['customer', 'customer.country', 'supplier', 'supplier.country', 'product', 'date.year', 'date.quarter', 'date.month', 'date.day', 'currency', 'unit', 'kind'])
  expect(sales?.hierarchies).toContainEqual(['date.year', 'date.quarter', 'date.month', 'date.day'])
  expect(sales?.measures.map(({ name, type, perCurrency }) => [name, type, perCurrency])).toContainEqual(['revenue', 'decimal', true])
})

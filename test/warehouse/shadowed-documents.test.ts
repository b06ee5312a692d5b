import { describe, expect, it } from 'vitest'
import type { TradeDocument } from '../../schemas/canonical/trade-document.js'
import { creditNote, documentId, found, invoice, journalOf, line, link } from './entries.js'
import { applyAll, openAt, temporaryFolder, valueOf, warehouseOf } from './temporary-warehouse.js'

const seller = { identifiers: [{ scheme: 'gln', value: '4012345000009' }] }
const sent = (amount: string, extra: Partial<TradeDocument> = {}) => invoice('1', [line('1', amount)], { parties: { seller }, ...extra })
const from = (system: string, document: TradeDocument, replaces?: string) => ({ system, document, ...(replaces === undefined ? {} : { replaces: documentId(replaces) }) })
const merge = [found('erp/gln:4012345000009'), link('shop/gln:4012345000009', 'erp/gln:4012345000009')]
type Entries = ReturnType<typeof journalOf>

/** What the cube tells, which must be the same however the journal is cut into batches. */
const revenueOf = async (entries: Entries): Promise<readonly unknown[]> => {
  const [all, ...others] = await Promise.all([entries.length, 1, 2].map((batch) => warehouseOf(entries, batch)))
  if (all === undefined) throw new Error('There is no warehouse.')
  for (const other of others) expect(await other.digest()).toBe(await all.digest())
  return valueOf(await all.query('sales', { rows: [], measures: ['revenue', 'invoices'] })).cells
}
const once = (revenue: string) => [{ currency: 'EUR', revenue, invoices: 1 }]
const twice = (revenue: string) => [{ currency: 'EUR', revenue, invoices: 2 }]

describe('a document that two systems sent', () => {
  it('counts once, as the first one told it, in cells, totals and the facts behind them', async () => {
    const warehouse = await warehouseOf(journalOf(merge, from('erp', sent('100')), from('shop', sent('99')), from('shop', sent('7', { number: '2' }))))
    const { cells, totals } = valueOf(await warehouse.query('sales', { rows: ['date.day'], columns: ['kind'], measures: ['revenue'], totals: true }))
    expect(cells.map((cell) => cell['revenue'])).toEqual(['107'])
    expect(totals?.map(({ cell }) => cell['revenue'])).toEqual(['107', '107', '107'])
    expect(valueOf(await warehouse.drill('sales', { cell: {} })).items.map((item) => item.documentId)).toEqual(['d2', 'd4'])
  })

  it('counts twice while nothing says that their issuers are the same, and when it is of two kinds, two numbers or no issuer', async () => {
    expect(await revenueOf(journalOf(from('erp', sent('100')), from('shop', sent('99'))))).toEqual(twice('199'))
    expect(await revenueOf(journalOf(merge, from('erp', sent('100')), from('shop', sent('9', { number: '2' }))))).toEqual(twice('109'))
    expect(await revenueOf(journalOf(merge, from('erp', sent('100')), from('shop', creditNote('1', [line('1', '9')], { parties: { seller } }))))).toEqual(once('91'))
    expect(await revenueOf(journalOf(merge, from('erp', sent('100', { parties: {} })), from('erp', sent('9', { parties: {} }))))).toEqual(twice('109'))
  })

  it('counts once though the warehouse was closed between them', async () => {
    const file = `${await temporaryFolder()}/w.duckdb`
    const entries = journalOf(merge, from('erp', sent('100')), from('shop', sent('99')))
    const first = await openAt(file)
    await applyAll(first, entries.slice(0, 2))
    await first.close()
    const second = await openAt(file)
    await applyAll(second, entries)
    expect(valueOf(await second.query('sales', { rows: [], measures: ['revenue', 'invoices'] })).cells).toEqual(once('100'))
  })

  it('stays with the one first received when either is revised', async () => {
    const entries = journalOf(merge, from('erp', sent('100')), from('shop', sent('99')), from('shop', sent('98'), 'd3'), from('erp', sent('90'), 'd2'), from('erp', sent('80'), 'd5'))
    for (const [length, revenue] of [[4, '100'], [5, '90'], [6, '80']] as const) expect(await revenueOf(entries.slice(0, length))).toEqual(once(revenue))
  })

  it('counts once from the merge of its issuers on', async () => {
    const entries = journalOf(from('shop', sent('99')), from('erp', sent('100')), from('shop', sent('98'), 'd1'), merge)
    const warehouse = await warehouseOf(entries.slice(0, 3))
    expect(valueOf(await warehouse.query('sales', { rows: [], measures: ['invoices'] })).cells).toEqual([{ invoices: 2 }])
    await applyAll(warehouse, entries)
    expect(valueOf(await warehouse.query('sales', { rows: [], measures: ['invoices'] })).cells).toEqual([{ invoices: 1 }])
    expect(await revenueOf(entries)).toEqual(once('98'))
  })

  it('is told by the second when the first is cancelled, and by the first again when that is issued anew', async () => {
    const entries = journalOf(merge, from('erp', sent('100')), from('shop', sent('99')), from('erp', sent('100', { function: 'cancel' }), 'd2'),
      from('erp', sent('100', { function: 'copy' }), 'd4'), from('erp', sent('90'), 'd5'))
    for (const [length, revenue] of [[3, '100'], [4, '99'], [5, '99'], [6, '90']] as const) expect(await revenueOf(entries.slice(0, length))).toEqual(once(revenue))
  })

  it('is not told by a test or a copy, which yet keep the place of the document that follows them', async () => {
    const entries = journalOf(merge, { ...from('erp', sent('1')), test: true }, from('erp', sent('1', { number: '2', function: 'copy' })), from('shop', sent('99')), from('shop', sent('9', { number: '2' })),
      from('erp', sent('100'), 'd2'), from('erp', sent('10', { number: '2' }), 'd3'))
    expect(await revenueOf(entries.slice(0, 5))).toEqual(twice('108'))
    expect(await revenueOf(entries)).toEqual(twice('110'))
  })

  it('is not counted as left out when another stands for it', async () => {
    const exact = from('erp', sent('100'))
    const finer = from('shop', sent('0.00000000001'))
    const leftOut = async (entries: Entries) => valueOf(await (await warehouseOf(entries)).query('sales', { rows: [], measures: ['lines'] })).leftOut
    expect(await leftOut(journalOf(exact, finer))).toBe(1)
    expect(await leftOut(journalOf(merge, exact, finer))).toBe(0)
  })
})

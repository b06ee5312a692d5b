import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import { projectFolder } from '../../schemas/project-folder.js'
import { invoice, journalOf, line } from './entries.js'
import { valueOf, warehouseOf } from './temporary-warehouse.js'

const names = ['request-for-quotation', 'quotation', 'application-response', 'message-level-response', 'catalogue', 'catalogue-response', 'statement', 'remittance-advice', 'inventory-report', 'forecast']
// Held against their schema by the tests of the sample pairs.
const documents = names.map((name) => JSON.parse(readFileSync(projectFolder('mappings', 'ubl', 'samples', `${name}.canonical.json`), 'utf8')) as CanonicalDocument)

it('offers, answers, payments, accounts, stock and forecasts pass by the cubes of sales and orders, their parties become members', async () => {
  const warehouse = await warehouseOf(journalOf(...documents, invoice('1', [line('1', '100')])), 3)
  expect(valueOf(await warehouse.query('sales', { rows: [], measures: ['revenue', 'invoices'] }))).toMatchObject({ leftOut: 0, journalSeq: documents.length + 1, cells: [{ currency: 'EUR', revenue: '100', invoices: 1 }] })
  expect(valueOf(await warehouse.query('orders', { rows: [], measures: ['orders'] })).cells).toMatchObject([])
})

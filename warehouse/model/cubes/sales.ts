import type { FactRow, Cube } from '../cube.js'
import { currency } from '../dimensions/currency.js'
import { date } from '../dimensions/date.js'
import { kindOf } from '../dimensions/kind.js'
import { party } from '../dimensions/party.js'
import { product } from '../dimensions/product.js'
import { unit } from '../dimensions/unit.js'
import { moneyRows } from '../money-rows.js'
import { ok } from '../../../schemas/result.js'

/** What was invoiced less what was credited, without tax, by the day of issue. A copy or a cancellation adds nothing. */
export const cube: Cube = {
  name: 'sales',
  title: 'Sales',
  version: 1,
  kinds: ['invoice', 'credit-note'],
  dimensions: { customer: party, supplier: party, product, date, currency, unit, kind: kindOf(['invoice', 'credit-note']) },
  figures: ['amount', 'quantity'],
  measures: {
    revenue: { title: 'Invoiced less credited, net of tax', sql: 'sum(f.amount)', type: 'decimal', perCurrency: true },
    quantity: { title: 'Quantity, empty where units would mix', sql: 'case when min(f.unit) is not distinct from max(f.unit) then sum(f.quantity) end', type: 'decimal', perCurrency: false },
    invoices: { title: 'Invoices', sql: `count(distinct f.document) filter (where f.kind = 'invoice')`, type: 'count', perCurrency: false },
    creditNotes: { title: 'Credit notes', sql: `count(distinct f.document) filter (where f.kind = 'credit-note')`, type: 'count', perCurrency: false },
    lines: { title: 'Lines', sql: 'count(f.line)', type: 'count', perCurrency: false },
  },
  rowsOf: (system, document) => {
    if (document.function === 'copy' || document.function === 'cancel') return ok([])
    const rows = moneyRows(system, document, document.kind === 'credit-note' ? -1 : 1)
    return rows.ok ? ok(rows.value.map((row): FactRow => ({ ...row, columns: { ...row.columns, kind: document.kind } }))) : rows
  },
}

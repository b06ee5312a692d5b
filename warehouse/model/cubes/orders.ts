import type { Cube } from '../cube.js'
import { currency } from '../dimensions/currency.js'
import { date } from '../dimensions/date.js'
import { party } from '../dimensions/party.js'
import { product } from '../dimensions/product.js'
import { unit } from '../dimensions/unit.js'
import { moneyRows } from '../money-rows.js'
import { ok } from '../../../schemas/result.js'

/** What was ordered, without tax, by the day of the order, as the latest revision of the order says it. A copy or a cancellation adds nothing. */
export const cube: Cube = {
  name: 'orders',
  title: 'Orders',
  version: 1,
  kinds: ['order'],
  dimensions: { customer: party, supplier: party, product, date, currency, unit },
  figures: ['amount', 'quantity'],
  measures: {
    ordered: { title: 'Ordered, net of tax', sql: 'sum(f.amount)', type: 'decimal', perCurrency: true },
    quantity: { title: 'Quantity, empty where units would mix', sql: 'case when min(f.unit) is not distinct from max(f.unit) then sum(f.quantity) end', type: 'decimal', perCurrency: false },
    orders: { title: 'Orders', sql: 'count(distinct f.document)', type: 'count', perCurrency: false },
    lines: { title: 'Lines', sql: 'count(f.line)', type: 'count', perCurrency: false },
  },
  rowsOf: (system, document) => (document.function === 'copy' || document.function === 'cancel' ? ok([]) : moneyRows(system, document, 1)),
}

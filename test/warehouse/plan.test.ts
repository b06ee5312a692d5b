import { expect, it } from 'vitest'
import { cube } from '../../warehouse/model/cubes/sales.js'
import { planQuery } from '../../warehouse/query/plan.js'
import { cellsSql } from '../../warehouse/query/plan-sql.js'
import type { CubeQuery } from '../../warehouse/query/cube-query.js'
import { valueOf } from './temporary-warehouse.js'

const plan = (query: CubeQuery) => valueOf(planQuery(cube, query))
const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name)

it('adds the currency to the rows when an amount is asked for, and only then', () => {
  expect(names(plan({ rows: ['customer'], measures: ['revenue'] }).rows)).toEqual(['customer', 'currency'])
  expect(names(plan({ rows: ['customer'], measures: ['invoices'] }).rows)).toEqual(['customer'])
  expect(names(plan({ rows: ['customer'], columns: ['currency'], measures: ['revenue'] }).rows)).toEqual(['customer'])
})

it('sums up over each beginning of rows and columns, never over currencies', () => {
  const { totals } = plan({ rows: ['customer'], columns: ['date.year', 'date.month'], measures: ['revenue'], totals: true })
  expect(totals.map(names)).toEqual([
    ['currency'], ['date.year', 'currency'], ['date.year', 'date.month', 'currency'],
    ['customer', 'currency'], ['customer', 'date.year', 'currency'],
  ])
})

it('writes no value of the question into the statement', () => {
  const { sql, parameters } = cellsSql(plan({ rows: ['customer'], measures: ['revenue'], filters: [{ level: 'product', in: [`x' or ''='`, 'y'] }, { level: 'date.month', in: ['2026-11'] }] }), 10)
  expect(sql).not.toContain('or \'\'')
  expect(parameters).toEqual([`x' or ''='`, 'y', 202611])
})

it('joins only the tables that the question needs', () => {
  expect(cellsSql(plan({ rows: ['date.month'], measures: ['revenue'] }), 10).sql).not.toContain('left join')
  expect(cellsSql(plan({ rows: [], measures: ['revenue'], filters: [{ level: 'supplier', in: ['x'] }] }), 10).sql).toContain('left join golden_party "supplier"')
})

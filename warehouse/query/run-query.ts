import { fail, ok, type Result } from '../../schemas/result.js'
import type { Engine } from '../engines/engine.js'
import type { CubeLevel } from '../model/cube.js'
import { cellOf, freshnessOf, type AnswerCell, type Freshness } from './answer.js'
import type { Plan } from './plan.js'
import { cellsSql, totalSql } from './plan-sql.js'

/** More would hold up everyone else while they are turned into text. */
const maxCells = 100_000

export interface TotalCell {
  /** The levels that the total goes over. */
  readonly over: readonly string[]
  readonly cell: AnswerCell
}

export interface CubeAnswer extends Freshness {
  readonly cube: string
  /** As answered: with `currency` where that had to be added. */
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  readonly measures: readonly string[]
  readonly cells: readonly AnswerCell[]
  readonly totals?: readonly TotalCell[]
}

/** Answers a planned question from one instant. Fails with `query-invalid` when the answer would have more than 100,000 cells. */
export const runQuery = (engine: Engine, plan: Plan): Promise<Result<CubeAnswer>> => engine.read(async (tx) => {
  const freshness = await freshnessOf(tx, plan.cube)
  const levels = [...plan.rows, ...plan.columns]
  const ask = async (statement: ReturnType<typeof cellsSql>, of: readonly CubeLevel[]): Promise<readonly AnswerCell[]> =>
    (await tx.rows(statement.sql, statement.parameters)).map((row) => cellOf(of, plan.measures, row))
  const cells = await ask(cellsSql(plan, maxCells + 1), levels)
  const totals: TotalCell[] = []
  for (const set of plan.totals) {
    const over = levels.filter((level) => !set.includes(level)).map(({ name }) => name)
    totals.push(...(await ask(totalSql(plan, set, maxCells + 1), set)).map((cell) => ({ over, cell })))
  }
  if (cells.length + totals.length > maxCells) return fail('query-invalid', '', `The answer has more than ${maxCells} cells; ask for fewer levels, filter, or set a limit.`)
  return ok({
    cube: plan.cube.name, ...freshness, rows: namesOf(plan.rows), columns: namesOf(plan.columns), measures: namesOf(plan.measures), cells,
    ...(plan.totals.length === 0 ? {} : { totals }),
  })
})

const namesOf = (all: readonly { readonly name: string }[]): readonly string[] => all.map(({ name }) => name)

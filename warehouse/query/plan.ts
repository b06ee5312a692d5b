import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { levelsOf, type Cube, type CubeLevel, type Measure } from '../model/cube.js'
import type { CubeQuery } from './cube-query.js'

export interface PlannedMeasure extends Measure {
  readonly name: string
}

export interface PlannedFilter {
  readonly level: CubeLevel
  /** Keys as SQL compares them. */
  readonly keys: readonly (string | number)[]
  /** Whether facts without a member pass too. */
  readonly orNone: boolean
}

export interface PlannedOrder {
  readonly by: { readonly level: CubeLevel } | { readonly measure: PlannedMeasure }
  readonly direction: 'asc' | 'desc'
}

/** A question that names only what the cube has. */
export interface Plan {
  readonly cube: Cube
  readonly rows: readonly CubeLevel[]
  readonly columns: readonly CubeLevel[]
  readonly measures: readonly PlannedMeasure[]
  readonly filters: readonly PlannedFilter[]
  readonly order: readonly PlannedOrder[]
  readonly limit: number | undefined
  /** The sets of levels that totals are wanted for. */
  readonly totals: readonly (readonly CubeLevel[])[]
}

/**
 * Checks a question against the cube. When an amount is asked for and no currency, the level `currency` joins the rows; no total goes over currencies then either.
 * Fails with `query-invalid`, naming what there is.
 */
export const planQuery = (cube: Cube, query: CubeQuery): Result<Plan> => {
  const measures = all(query.measures, (name, at) => measureNamed(cube, name, `measures[${at}]`))
  if (!measures.ok) return measures
  const asked = all(query.rows, (name, at) => levelNamed(cube, name, `rows[${at}]`))
  if (!asked.ok) return asked
  const columns = all(query.columns ?? [], (name, at) => levelNamed(cube, name, `columns[${at}]`))
  if (!columns.ok) return columns
  const twice = firstTwice([...query.rows, ...query.columns ?? []]) ?? firstTwice(query.measures)
  if (twice !== undefined) return fail('query-invalid', twice, `'${twice}' is asked for twice.`)
  const filters = planFilters(cube, query.filters ?? [])
  if (!filters.ok) return filters
  const perCurrency = measures.value.some((measure) => measure.perCurrency)
  const rows = perCurrency ? withCurrency(cube, asked.value, columns.value) : asked.value
  const order = all(query.order ?? [], (wish, at) => planOrder(rows, columns.value, measures.value, wish, `order[${at}].by`))
  if (!order.ok) return order
  const totals = query.totals === true ? totalSets(rows, columns.value, perCurrency) : []
  const limit = query.limit === undefined ? undefined : Number(query.limit)
  return ok({ cube, rows, columns: columns.value, measures: measures.value, filters: filters.value, order: order.value, limit, totals })
}

const all = <From, To>(from: readonly From[], plan: (one: From, at: number) => Result<To>): Result<readonly To[]> => {
  const planned: To[] = []
  for (const [at, one] of from.entries()) {
    const result = plan(one, at)
    if (!result.ok) return result
    planned.push(result.value)
  }
  return ok(planned)
}

const firstTwice = (names: readonly string[]): string | undefined => names.find((name, at) => names.indexOf(name) !== at)

const unknown = (what: string, name: string, at: string, known: readonly string[]): Failure =>
  fail('query-invalid', at, `There is no ${what} '${name.slice(0, 60)}'; there are ${known.join(', ')}.`)

/** Fails with `query-invalid`, naming the levels that there are. */
export const levelNamed = (cube: Cube, name: string, at: string): Result<CubeLevel> => {
  const levels = levelsOf(cube)
  const level = levels.find((one) => one.name === name)
  return level === undefined ? unknown('level', name, at, levels.map((one) => one.name)) : ok(level)
}

const measureNamed = (cube: Cube, name: string, at: string): Result<PlannedMeasure> => {
  const measure = Object.entries(cube.measures).find(([known]) => known === name)?.[1]
  return measure === undefined ? unknown('measure', name, at, Object.keys(cube.measures)) : ok({ ...measure, name })
}

const withCurrency = (cube: Cube, rows: readonly CubeLevel[], columns: readonly CubeLevel[]): readonly CubeLevel[] => {
  if ([...rows, ...columns].some(({ name }) => name === 'currency')) return rows
  const currency = levelsOf(cube).find(({ name }) => name === 'currency')
  if (currency === undefined) throw new Error(`Cube ${cube.name} has amounts and no level currency.`)
  return [...rows, currency]
}

type Key = string | number | null

/** Fails with `query-invalid` for a level that there is not and for a key that the level cannot have. */
export const planFilters = (cube: Cube, filters: readonly { readonly level: string, readonly in: readonly Key[] }[]): Result<readonly PlannedFilter[]> =>
  all(filters, (filter, at) => {
    const level = levelNamed(cube, filter.level, `filters[${at}].level`)
    return level.ok ? planFilter(level.value, filter.in, `filters[${at}].in`) : level
  })

/** Facts of the members with these keys; null stands for facts that have no member. */
export const planFilter = (level: CubeLevel, wanted: readonly Key[], at: string): Result<PlannedFilter> => {
  const keys = all(wanted.filter((key) => key !== null), (key, index): Result<string | number> => {
    const parsed = level.level.parse(String(key))
    return parsed === undefined ? fail('query-invalid', `${at}[${index}]`, `'${String(key).slice(0, 60)}' is no key of level ${level.name}; one looks like ${level.level.example}.`) : ok(parsed)
  })
  return keys.ok ? ok({ level, keys: keys.value, orNone: wanted.includes(null) }) : keys
}

const planOrder = (
  rows: readonly CubeLevel[], columns: readonly CubeLevel[], measures: readonly PlannedMeasure[],
  wish: { readonly by: string, readonly direction?: 'asc' | 'desc' }, at: string,
): Result<PlannedOrder> => {
  const direction = wish.direction ?? 'asc'
  const level = rows.find(({ name }) => name === wish.by)
  if (level !== undefined) return ok({ by: { level }, direction })
  const measure = measures.find(({ name }) => name === wish.by)
  if (measure !== undefined) return ok({ by: { measure }, direction })
  if (columns.some(({ name }) => name === wish.by)) return fail('query-invalid', at, `Columns stand in the order of their keys; '${wish.by}' cannot order rows.`)
  return unknown('row or measure asked for', wish.by, at, [...rows, ...measures].map(({ name }) => name))
}

/** Each beginning of the rows crossed with each beginning of the columns, but the whole; levels that must not be summed over are in all of them. */
const totalSets = (rows: readonly CubeLevel[], columns: readonly CubeLevel[], perCurrency: boolean): readonly (readonly CubeLevel[])[] => {
  const kept = [...rows, ...columns].filter(({ name }) => perCurrency && name === 'currency')
  const summed = (levels: readonly CubeLevel[]): readonly (readonly CubeLevel[])[] => {
    const free = levels.filter((level) => !kept.includes(level))
    return free.map((_, length) => free.slice(0, length)).concat([free])
  }
  const whole = rows.length + columns.length
  return summed(rows).flatMap((rowSet) => summed(columns).map((columnSet) => [...rowSet, ...columnSet, ...kept])).filter((set) => set.length < whole)
}

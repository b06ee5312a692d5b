import type { Parameter } from '../engines/engine.js'
import { factTable, type Cube, type CubeLevel } from '../model/cube.js'
import { hasTable } from '../model/model.js'
import type { Plan, PlannedFilter, PlannedMeasure, PlannedOrder } from './plan.js'

export interface Statement {
  readonly sql: string
  readonly parameters: readonly Parameter[]
}

/** Where a level's dimension stands: the alias of its table or the fact's own column. Every name is the model's, none a caller's. */
const placeOf = ({ role, dimension }: CubeLevel): string => (hasTable(dimension) ? `"${role}"` : `f."${role}"`)

export const groupOf = (level: CubeLevel): string => level.level.group(placeOf(level))
export const keyOf = (level: CubeLevel): string => level.level.key(placeOf(level))
export const nameOf = (level: CubeLevel): string | undefined => level.level.name?.(placeOf(level))

/** The facts of all documents that are not shadowed, with the tables of the dimensions that these levels need. */
export const fromFact = (cube: Cube, levels: readonly CubeLevel[]): string => {
  const roles = new Set(levels.map(({ role }) => role))
  const joins = Object.entries(cube.dimensions).flatMap(([role, dimension]) =>
    (roles.has(role) && hasTable(dimension) ? [`left join ${dimension.members.relation} "${role}" on "${role}".key = f."${role}"`] : []))
  return [`from ${factTable(cube)} f anti join shadowed on shadowed.document = f.document`, ...joins].join(' ')
}

/** The condition that all filters pass, with parameters numbered from `first`. */
export const whereOf = (filters: readonly PlannedFilter[], first = 1): Statement => {
  const parameters: Parameter[] = []
  const conditions = filters.map(({ level, keys, orNone }) => {
    const list = keys.map((key) => `$${first - 1 + parameters.push(key)}`)
    const among = list.length === 0 ? 'false' : `${keyOf(level)} in (${list.join(', ')})`
    return orNone ? `(${among} or ${keyOf(level)} is null)` : among
  })
  return { sql: conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`, parameters }
}

const filtered = (plan: Plan, levels: readonly CubeLevel[]): string =>
  `${fromFact(plan.cube, [...levels, ...plan.filters.map(({ level }) => level)])} ${whereOf(plan.filters).sql}`

const measureColumns = (measures: readonly PlannedMeasure[]): readonly string[] => measures.map(({ sql }, at) => `${sql} as m${at}`)

/** A level's key as k0, k1, … and its name, where it has one, as n0, n1, …; both follow from the group, so any of its rows tells them. */
const memberColumns = (levels: readonly CubeLevel[]): readonly string[] => levels.flatMap((level, at) => {
  const name = nameOf(level)
  return [`any_value(${keyOf(level)}) as k${at}`, ...(name === undefined ? [] : [`any_value(${name}) as n${at}`])]
})

const grouped = (terms: readonly string[]): string => (terms.length === 0 ? '' : `group by ${terms.join(', ')}`)

/** By what was asked, then by the rows' names and keys, so that the order is always one and the same. */
const orderTerms = (plan: Plan): readonly string[] => [...plan.order.flatMap(orderTerm), ...plan.rows.flatMap((level) => levelTerms(level, 'asc'))]

const orderTerm = ({ by, direction }: PlannedOrder): readonly string[] => ('level' in by ? levelTerms(by.level, direction) : [`${by.measure.sql} ${direction} nulls last`])

const levelTerms = (level: CubeLevel, direction: 'asc' | 'desc'): readonly string[] => {
  const name = nameOf(level)
  return [...(name === undefined ? [] : [`any_value(${name}) ${direction} nulls last`]), `any_value(${keyOf(level)}) ${direction} nulls last`]
}

/** The statement for the cells, at most `cap` of them. With columns, the order and the limit are those of whole rows over all their columns. */
export const cellsSql = (plan: Plan, cap: number): Statement => {
  const levels = [...plan.rows, ...plan.columns]
  const select = [...memberColumns(levels), ...measureColumns(plan.measures)].join(', ')
  const parameters = whereOf(plan.filters).parameters
  // Without a row to group by, SQL gives a row for no facts at all, and that is no cell.
  const some = 'having count(*) > 0'
  if (plan.columns.length === 0) {
    const order = orderTerms(plan)
    const sql = `select ${select} ${filtered(plan, levels)} ${grouped(levels.map(groupOf))} ${some}${order.length === 0 ? '' : ` order by ${order.join(', ')}`} limit ${Math.min(cap, plan.limit ?? cap)}`
    return { sql, parameters }
  }
  const ranked = plan.rows.map((level, at) => `${groupOf(level)} as r${at}`)
  const order = orderTerms(plan)
  const top = `select ${[...ranked, `row_number() over (${order.length === 0 ? '' : `order by ${order.join(', ')}`}) as place`].join(', ')}
    ${filtered(plan, plan.rows)} ${grouped(plan.rows.map(groupOf))} ${some}`
  const meets = ['true', ...plan.rows.map((level, at) => `${groupOf(level)} is not distinct from ranked.r${at}`)].join(' and ')
  const facts = fromFact(plan.cube, [...levels, ...plan.filters.map(({ level }) => level)])
  const sql = `with ranked as (${top}) select ${select} ${facts} join ranked on ${meets} and ranked.place <= ${plan.limit ?? cap} ${whereOf(plan.filters).sql}
    ${grouped([...levels.map(groupOf), 'ranked.place'])} order by ranked.place, ${plan.columns.flatMap((level) => levelTerms(level, 'asc')).join(', ')} limit ${cap}`
  return { sql, parameters }
}

/** The statement for one set of totals, over all rows, also those past the limit. */
export const totalSql = (plan: Plan, levels: readonly CubeLevel[], cap: number): Statement => {
  const select = [...memberColumns(levels), ...measureColumns(plan.measures)].join(', ')
  const order = levels.flatMap((level) => levelTerms(level, 'asc'))
  return {
    sql: `select ${select} ${filtered(plan, levels)} ${grouped(levels.map(groupOf))} having count(*) > 0${order.length === 0 ? '' : ` order by ${order.join(', ')}`} limit ${cap}`,
    parameters: whereOf(plan.filters).parameters,
  }
}

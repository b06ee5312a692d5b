import { fail, ok, type Result } from '../../schemas/result.js'
import type { Engine, Row } from '../engines/engine.js'
import { levelsOf, type Cube, type CubeLevel } from '../model/cube.js'
import { freshnessOf, memberOf, type Freshness, type MemberValue } from './answer.js'
import type { DrillQuery } from './cube-query.js'
import { levelNamed, planFilter, planFilters, type PlannedFilter } from './plan.js'
import { fromFact, keyOf, nameOf, whereOf } from './plan-sql.js'

export interface DrilledFact {
  readonly documentId: string
  readonly messageId: string
  readonly kind: string
  /** The document's own number. */
  readonly number: string
  readonly revision: number
  readonly journalSeq: number
  /** Null for what belongs to the whole document. */
  readonly line: string | null
  /** Every dimension at its finest level. */
  readonly members: Readonly<Record<string, MemberValue>>
  /** Decimals in canonical spelling. */
  readonly figures: Readonly<Record<string, string>>
}

export interface DrillAnswer extends Freshness {
  readonly cube: string
  readonly items: readonly DrilledFact[]
  readonly next?: string
}

const defaultLimit = 100

/** The facts behind a cell in journal order, each with the message that brought it. Measures in the cell are passed over. Fails with `query-invalid`. */
export const drill = async (engine: Engine, cube: Cube, query: DrillQuery): Promise<Result<DrillAnswer>> => {
  const filters = planDrill(cube, query)
  if (!filters.ok) return filters
  const after = query.cursor === undefined ? ([0, -1] as const) : readCursor(query.cursor)
  if (after === undefined) return fail('query-invalid', 'cursor', 'The cursor is none that this operation gave.')
  const limit = Number(query.limit ?? defaultLimit)
  const levels = finestLevels(cube)
  return engine.read(async (tx) => {
    const freshness = await freshnessOf(tx, cube)
    const rows = await tx.rows(drillSql(cube, levels, filters.value, limit + 1), [...after, ...whereOf(filters.value, 3).parameters])
    const items = rows.slice(0, limit).map((row) => factOf(cube, levels, row))
    const last = rows.length > limit ? rows[limit - 1] : undefined
    return ok({ cube: cube.name, ...freshness, items, ...(last === undefined ? {} : { next: `${String(last['entry'])}-${String(last['ordinal'])}` }) })
  })
}

const planDrill = (cube: Cube, query: DrillQuery): Result<readonly PlannedFilter[]> => {
  const planned = planFilters(cube, query.filters ?? [])
  if (!planned.ok) return planned
  const filters = [...planned.value]
  for (const [name, member] of Object.entries(query.cell)) {
    if (Object.hasOwn(cube.measures, name)) continue
    const level = levelNamed(cube, name, `cell.${name.slice(0, 60)}`)
    if (!level.ok) return level
    const filter = planFilter(level.value, [typeof member === 'object' && member !== null ? member.key : member], `cell.${name}`)
    if (!filter.ok) return filter
    filters.push(filter.value)
  }
  return ok(filters)
}

const readCursor = (cursor: string): readonly [number, number] | undefined => {
  const [, entry, ordinal] = /^(\d{1,15})-(\d{1,9})$/.exec(cursor) ?? []
  return entry === undefined || ordinal === undefined ? undefined : [Number(entry), Number(ordinal)]
}

/** A dimension with hierarchies at the end of its first one, any other as it is. */
const finestLevels = (cube: Cube): readonly CubeLevel[] => Object.entries(cube.dimensions).flatMap(([role, dimension]) => {
  const finest = dimension.hierarchies[0]?.at(-1) ?? ''
  return levelsOf(cube).filter((level) => level.role === role && level.level === dimension.levels[finest])
})

const drillSql = (cube: Cube, levels: readonly CubeLevel[], filters: readonly PlannedFilter[], limit: number): string => {
  const columns = [
    'd.document_id', 'd.message_id', 'd.kind as document_kind', 'd.number as document_number', 'd.revision', 'd.entry', 'f.ordinal', 'f.line',
    ...levels.flatMap((level, at) => {
      const name = nameOf(level)
      return [`${keyOf(level)} as k${at}`, ...(name === undefined ? [] : [`${name} as n${at}`])]
    }),
    ...cube.figures.map((figure, at) => `f."${figure}" as f${at}`),
  ]
  const { sql } = whereOf(filters, 3)
  return `select ${columns.join(', ')} ${fromFact(cube, [...levels, ...filters.map(({ level }) => level)])} join document d on d.key = f.document
    ${sql === '' ? 'where' : `${sql} and`} (d.entry > $1 or (d.entry = $1 and f.ordinal > $2)) order by d.entry, f.ordinal limit ${limit}`
}

const factOf = (cube: Cube, levels: readonly CubeLevel[], row: Row): DrilledFact => ({
  documentId: String(row['document_id']),
  messageId: String(row['message_id']),
  kind: String(row['document_kind']),
  number: String(row['document_number']),
  revision: Number(row['revision']),
  journalSeq: Number(row['entry']),
  line: typeof row['line'] === 'string' ? row['line'] : null,
  members: Object.fromEntries(levels.map((level, at) => [level.role, memberOf(level, row, at)])),
  figures: Object.fromEntries(cube.figures.map((figure, at) => [figure, String(row[`f${at}`])])),
})

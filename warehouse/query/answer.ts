import type { Cell, Reader, Row } from '../engines/engine.js'
import type { Cube, CubeLevel } from '../model/cube.js'
import type { PlannedMeasure } from './plan.js'

/** A member of a level that people have another name for than its key. */
export interface NamedMember {
  readonly key: string
  readonly name: string | null
}

/** Null where the facts have no member: a document without a customer, an allowance without a product. */
export type MemberValue = NamedMember | string | null

/** Levels and measures by their names; decimals as text in canonical spelling, counts as numbers. */
export type AnswerCell = Readonly<Record<string, MemberValue | number>>

export interface Freshness {
  /** The number of the last journal entry that the answer knows of; answer and number are of one instant. */
  readonly journalSeq: number
  /** When that entry was recorded, in UTC; null before the first. */
  readonly asOf: string | null
  /** Documents of the cube's kinds that no figure tells, because a figure of theirs would have had to be rounded. */
  readonly leftOut: number
  /** Documents of the cube's kinds that no figure tells yet, because they are parked or wait for one that is. */
  readonly waiting: number
}

export const memberOf = (level: CubeLevel, row: Row, at: number): MemberValue => {
  const key = row[`k${at}`] ?? null
  if (key === null || typeof key === 'boolean') return null
  const text = level.level.write(key)
  return level.level.name === undefined ? text : { key: text, name: textOf(row[`n${at}`] ?? null) }
}

const textOf = (cell: Cell): string | null => (cell === null ? null : String(cell))

export const cellOf = (levels: readonly CubeLevel[], measures: readonly PlannedMeasure[], row: Row): AnswerCell => Object.fromEntries<MemberValue | number>([
  ...levels.map((level, at) => [level.name, memberOf(level, row, at)] as const),
  ...measures.map(({ name, type }, at) => [name, measureOf(type, row[`m${at}`] ?? null)] as const),
])

const measureOf = (type: PlannedMeasure['type'], cell: Cell): string | number | null => {
  if (cell === null || typeof cell === 'boolean') return null
  return type === 'count' ? Number(cell) : String(cell)
}

export const freshnessOf = async (tx: Reader, cube: Cube): Promise<Freshness> => {
  const [row] = await tx.rows(
    `select number, recorded_at, (select count(*) from left_out anti join shadowed using (document) where cube = $1) as left_out,
       (select count(*) from parked_entry where kind in (select unnest($2::varchar[])) and entry in (select entry from parked_key where not starts_with(key, 'test '))) as waiting
     from position`, [cube.name, cube.kinds])
  const recordedAt = row?.['recorded_at'] ?? null
  return { journalSeq: Number(row?.['number']), asOf: textOf(recordedAt), leftOut: Number(row?.['left_out']), waiting: Number(row?.['waiting']) }
}

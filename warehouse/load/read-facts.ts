import type { TradeDocument } from '../../schemas/canonical/trade-document.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import type { Cell } from '../engines/engine.js'
import { figureDigits, fitsFigure, type Cube, type FactRow } from '../model/cube.js'
import { hasTable, type Model } from '../model/model.js'
import type { Member } from '../model/dimension.js'

/** A value of a column: a member of a dimension with a table, to be replaced by its key, or what stands there. */
type Column = { readonly dimension: string, readonly member: string } | Cell

export interface StoredRow {
  readonly cube: string
  readonly ordinal: number
  readonly line: string | null
  /** In the order of the fact's columns. */
  readonly columns: readonly Column[]
}

export interface DocumentFacts {
  readonly rows: readonly StoredRow[]
  readonly members: readonly { readonly dimension: string, readonly member: Member }[]
  /** Cubes that cannot tell the document exactly, and why. */
  readonly leftOut: readonly { readonly cube: string, readonly failure: Failure }[]
}

/** The rows of a document in every cube of its kind. A figure that would have to be rounded, or a date that is none, leaves the document out of that cube. */
export const readFacts = (model: Model, system: string, document: TradeDocument): DocumentFacts => {
  const rows: StoredRow[] = []
  const members: DocumentFacts['members'][number][] = []
  const leftOut: DocumentFacts['leftOut'][number][] = []
  for (const cube of model.cubes.filter(({ kinds }) => kinds.includes(document.kind))) {
    const read = readCube(cube, system, document)
    if (!read.ok) leftOut.push({ cube: cube.name, failure: read })
    else {
      rows.push(...read.value.rows)
      members.push(...read.value.members)
    }
  }
  return { rows, members, leftOut }
}

const readCube = (cube: Cube, system: string, document: TradeDocument): Result<Omit<DocumentFacts, 'leftOut'>> => {
  const facts = cube.rowsOf(system, document)
  if (!facts.ok) return facts
  const rows: StoredRow[] = []
  const members: DocumentFacts['members'][number][] = []
  for (const [ordinal, row] of facts.value.entries()) {
    const columns = columnsOf(cube, row)
    if (!columns.ok) return columns
    rows.push({ cube: cube.name, ordinal, line: row.line ?? null, columns: columns.value })
    for (const [role, dimension] of Object.entries(cube.dimensions)) {
      const member = row.columns[role]
      if (typeof member === 'object') members.push({ dimension: dimension.name, member })
    }
  }
  return ok({ rows, members })
}

const columnsOf = (cube: Cube, row: FactRow): Result<readonly Column[]> => {
  const columns: Column[] = []
  for (const [role, dimension] of Object.entries(cube.dimensions)) {
    const value = row.columns[role]
    if (value === undefined) columns.push(null)
    else if (typeof value === 'object') columns.push({ dimension: dimension.name, member: value.key })
    else {
      const stored = hasTable(dimension) ? undefined : dimension.store(value)
      if (stored === undefined) return fail('value-invalid', role, `'${value.slice(0, 60)}' is no ${dimension.title.toLowerCase()}.`)
      columns.push(stored)
    }
  }
  for (const figure of cube.figures) {
    const value = row.columns[figure]
    if (typeof value !== 'string') return fail('field-missing', figure, 'The row has no figure.')
    if (!fitsFigure(value)) return fail('value-invalid', figure, `${value.slice(0, 60)} has more than ${figureDigits.whole} digits before or ${figureDigits.fraction} after the point.`)
    columns.push(value)
  }
  return ok(columns)
}

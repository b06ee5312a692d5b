import type { TradeDocument, TradeKind } from '../../schemas/canonical/trade-document.js'
import type { Decimal } from '../../schemas/decimal.js'
import { netPlaces } from '../../schemas/allowance-amount.js'
import type { Result } from '../../schemas/result.js'
import type { Dimension, Level, Member } from './dimension.js'

export interface Measure {
  readonly title: string
  /** An aggregate over the fact, whose columns are reached through the alias `f`. */
  readonly sql: string
  readonly type: 'decimal' | 'count'
  /** An amount: never summed over currencies, so the level `currency` is added to whoever asks for it. */
  readonly perCurrency: boolean
}

/** One row of the fact: a member, a text of a dimension without table or a figure for each column that it has. */
export interface FactRow {
  /** The line's number; undefined for what belongs to the whole document. */
  readonly line: string | undefined
  readonly columns: Readonly<Record<string, Member | string | undefined>>
}

/** A fact with its dimensions, and what is measured in it. One file under cubes/ exports one as `cube`; nothing else lists it. */
export interface Cube {
  /** Lower case letters and `-`; the fact's table is named after it. */
  readonly name: string
  readonly title: string
  /** Counted up when `rowsOf` changes, so that an older file is built anew. */
  readonly version: number
  readonly kinds: readonly TradeKind[]
  /** The fact's columns: dimensions by the role that they play here, then figures. */
  readonly dimensions: Readonly<Record<string, Dimension>>
  readonly figures: readonly string[]
  readonly measures: Readonly<Record<string, Measure>>
  /** The rows of a document, figures as decimals. A document that cannot be told in rows fails, is left out and counted as left out. */
  readonly rowsOf: (system: string, document: TradeDocument) => Result<readonly FactRow[]>
}

/** A level as questions name it: `customer`, `date.month`. */
export interface CubeLevel {
  readonly name: string
  /** The role of the dimension in the cube. */
  readonly role: string
  readonly dimension: Dimension
  readonly level: Level
}

const levelName = (role: string, level: string): string => (level === '' ? role : `${role}.${level}`)

export const levelsOf = (cube: Cube): readonly CubeLevel[] => Object.entries(cube.dimensions).flatMap(([role, dimension]) =>
  Object.entries(dimension.levels).map(([name, level]) => ({ name: levelName(role, name), role, dimension, level })))

/** Level names from coarse to fine. */
export const hierarchiesOf = (cube: Cube): readonly (readonly string[])[] => Object.entries(cube.dimensions).flatMap(([role, dimension]) =>
  dimension.hierarchies.map((levels) => levels.map((level) => levelName(role, level))))

export const factTable = (cube: Cube): string => `fact_${cube.name.replaceAll('-', '_')}`

/** Digits that a figure may have before and after the point. A stated figure with more is never rounded: its document is left out and counted. */
export const figureDigits = { whole: 24, fraction: netPlaces } as const

export const fitsFigure = (figure: Decimal | string): boolean => {
  const [whole = '', fraction = ''] = figure.replace('-', '').split('.')
  return whole.length <= figureDigits.whole && fraction.length <= figureDigits.fraction
}

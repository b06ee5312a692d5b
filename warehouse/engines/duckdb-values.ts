import {
  DuckDBDateValue, DuckDBDecimalType, DuckDBDecimalValue, DuckDBTypeId, listValue, BIGINT, BOOLEAN, LIST, VARCHAR, type DuckDBType, type DuckDBValue,
} from '@duckdb/node-api'
import { parseDecimal } from '../../schemas/decimal.js'
import type { Cell, Parameter } from './engine.js'

const dayMs = 86_400_000

/** A value as DuckDB gives it, as the engine's callers know it. Throws for a float: no figure of the warehouse is one. */
export const cellOf = (value: DuckDBValue): Cell => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'bigint' || typeof value === 'number') return wholeNumber(value)
  if (value instanceof DuckDBDecimalValue) return decimalText(value)
  if (value instanceof DuckDBDateValue) return new Date(value.days * dayMs).toISOString().slice(0, 10)
  throw new TypeError('A column has a type that the warehouse does not use.')
}

const wholeNumber = (value: bigint | number): number => {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is no whole number below 2^53.`)
  return number
}

const decimalText = (value: DuckDBDecimalValue): string => {
  const decimal = parseDecimal(`${value.value}e-${value.scale}`)
  if (!decimal.ok) throw new RangeError(decimal.detail)
  return decimal.value
}

/** Throws when a result has a column of floats, even where all its values happen to be whole. */
export const refuseFloats = (types: readonly DuckDBType[]): void => {
  if (types.some((type) => type.typeId === DuckDBTypeId.FLOAT || type.typeId === DuckDBTypeId.DOUBLE)) throw new TypeError('A column is a float; amounts are decimals.')
}

/** A value for a column of `type`. */
export const storedValue = (cell: Cell, type: DuckDBType): DuckDBValue => {
  if (cell === null || typeof cell === 'boolean') return cell
  if (type instanceof DuckDBDecimalType) return decimalValueOf(String(cell), type)
  if (type.typeId === DuckDBTypeId.BIGINT) return BigInt(cell)
  if (type.typeId === DuckDBTypeId.DATE) return dateValueOf(String(cell))
  return cell
}

const dateValueOf = (text: string): DuckDBDateValue => {
  const at = new Date(`${text}T00:00:00Z`)
  // It takes 31 February for 3 March.
  if (at.getUTCDate() !== Number(text.slice(-2))) throw new RangeError(`${text} is no day.`)
  return new DuckDBDateValue(at.getTime() / dayMs)
}

const decimalValueOf = (text: string, type: DuckDBDecimalType): DuckDBDecimalValue => {
  const [whole = '', fraction = ''] = text.split('.')
  const unscaled = BigInt(whole + fraction.padEnd(type.scale, '0'))
  if (fraction.length > type.scale || String(unscaled).replace('-', '').length > type.width) throw new RangeError(`${text} does not fit ${String(type)}.`)
  return new DuckDBDecimalValue(unscaled, type.width, type.scale)
}

/** A statement's parameter and the type that it is bound as. A number is always a whole one. */
export const boundParameter = (parameter: Parameter): { readonly value: DuckDBValue, readonly type: DuckDBType } => {
  if (typeof parameter === 'number') return { value: BigInt(parameter), type: BIGINT }
  if (typeof parameter === 'boolean') return { value: parameter, type: BOOLEAN }
  if (parameter === null || typeof parameter === 'string') return { value: parameter, type: VARCHAR }
  const numbers = parameter.some((item) => typeof item === 'number')
  return { value: listValue(parameter.map((item) => (typeof item === 'number' ? BigInt(item) : item))), type: LIST(numbers ? BIGINT : VARCHAR) }
}

import { parseDecimal, sumDecimals, type Decimal } from '../../schemas/decimal.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { everyAt, isDraft, type CanonicalPath, type Draft } from './canonical-path.js'

/** A control figure: what the values at a path come to, or how many there are. A document says it, and nothing stores it. */
export interface Figure {
  /** `sum(lines[].quantity.value)` */
  readonly text: string
  readonly of: 'sum' | 'count'
  readonly path: CanonicalPath
}

/**
 * What an object makes of a figure: exact decimals as text; of amounts and quantities as a whole, such an object; undefined where there is nothing to add. Fails with total-mismatch where one of the values is no number, or
 * they are amounts of several currencies.
 */
export const figureOf = (object: Draft, { of, path }: Figure): Result<unknown> => {
  const held = everyAt(object, path)
  if (of === 'count') return ok(String(held.length))
  const numbers: Decimal[] = []
  const currencies = new Set<unknown>()
  const units = new Set<unknown>()
  for (const { value, holder } of held) {
    const { value: text, currency, unit } = isDraft(value) ? value : { currency: path.last.name === 'value' ? holder['currency'] : undefined, value, unit: undefined }
    const number = typeof text === 'string' ? parseDecimal(text) : undefined
    if (number?.ok !== true) return fail('total-mismatch', path.text, `'${String(text).slice(0, 40)}' is no number that could be added`)
    numbers.push(number.value)
    currencies.add(currency)
    units.add(unit)
  }
  if (currencies.size > 1) return fail('total-mismatch', path.text, `amounts of several currencies are not added (${[...currencies].map(String).join(', ')})`)
  if (numbers.length === 0) return ok(undefined)
  const sum = sumDecimals(numbers)
  return ok(isDraft(held[0]?.value) ? { value: sum, ...oneOf('currency', currencies), ...oneOf('unit', units) } : sum)
}

const oneOf = (name: string, values: ReadonlySet<unknown>): Draft => {
  const [one] = values
  return one === undefined || values.size > 1 ? {} : { [name]: one }
}

/** Whether what is stated is what the object makes; why not, else. Nothing adds up to zero. */
export const figureProblem = (object: Draft, figure: Figure, stated: unknown): string | undefined => {
  const made = figureOf(object, figure)
  if (!made.ok) return `${wordsOf(stated)} is stated, and ${figure.text} can't be made: ${made.detail}.`
  const [says, makes] = [wordsOf(stated), wordsOf(made.value ?? '0')]
  return says === makes || (made.value === undefined && says.split(' ')[0] === '0') ? undefined : `${says} is stated, but ${figure.text} makes ${makes}.`
}

const wordsOf = (value: unknown): string => {
  const { value: text, currency } = isDraft(value) ? value : { value, currency: undefined }
  const number = parseDecimal(String(text))
  return `${number.ok ? number.value : String(text)}${typeof currency === 'string' ? ` ${currency}` : ''}`
}

import type { Predicate } from './schema-predicate.js'

type Schema = Readonly<Record<string, unknown>>

interface Shortening {
  readonly parts: ReadonlyMap<string, Schema>
  readonly predicateOf: (name: string) => Predicate
  /** Of what is wrong in one list no more is left. */
  readonly mostWrong: number
  /** Lists that had more items than they may have, which is not seen of what is left of them. */
  readonly tooLong: { readonly path: string, readonly most: number }[]
}

const isObject = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value)

const referenceOf = (schema: unknown): string | undefined => {
  const name = isObject(schema) ? schema['$ref'] : undefined
  return typeof name === 'string' ? name : undefined
}

/**
 * A value without what stands in its lists behind the items that are wrong and told of, for a validator that says everything that is wrong: ajv joins the errors of what it refers to anew for each, which took
 * hours for 200,000 lines. Items keep their places.
 */
export const shortenLists = (shortening: Shortening, schema: unknown, value: unknown, path = ''): unknown => {
  const name = referenceOf(schema)
  const whole = name === undefined ? schema : shortening.parts.get(name)
  if (!isObject(whole)) return value
  if (Array.isArray(value)) return shortened(shortening, whole, value, path)
  const { properties } = whole
  if (!isObject(value) || !isObject(properties)) return value
  return Object.fromEntries(Object.entries(value).map(([member, held]) => [member, Object.hasOwn(properties, member) ? shortenLists(shortening, properties[member], held, path === '' ? member : `${path}.${member}`) : held]))
}

const shortened = (shortening: Shortening, { items, maxItems }: Schema, list: readonly unknown[], path: string): readonly unknown[] => {
  const name = referenceOf(items)
  if (name === undefined) return list
  const isRight = shortening.predicateOf(name)
  const left: unknown[] = []
  let wrong = 0
  for (const [index, item] of list.entries()) {
    const right = isRight(item)
    left.push(right ? item : shortenLists(shortening, items, item, `${path}[${index}]`))
    if (!right && ++wrong >= shortening.mostWrong) break
  }
  if (typeof maxItems === 'number' && list.length > maxItems && left.length <= maxItems) shortening.tooLong.push({ path, most: maxItems })
  return left
}

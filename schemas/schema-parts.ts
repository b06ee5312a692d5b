/** A JSON Schema as plain data. */
type Schema = Readonly<Record<string, unknown>>

interface Splitting {
  /** Each part under its own text, so that what is said twice is one part. */
  readonly named: Map<string, string>
  readonly parts: Map<string, Schema>
  /** What the references of the schema that is being read mean. */
  readonly references: Map<string, string>
}

const isObject = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Takes schemas apart: gives them with a reference (`part-3`) in place of each object schema below, and those parts. A validator that is compiled from
 * them is many small functions, which a runtime compiles fast and optimises; one made of the whole is a function of megabytes, which it only interprets.
 */
export const splitSchemas = <Name extends string>(schemas: Readonly<Record<Name, object>>) => {
  const splitting: Splitting = { named: new Map(), parts: new Map(), references: new Map() }
  const names = new Map(Object.entries<object>(schemas).map(([name, schema]) => [name, partOf(splitting, { ...schema })]))
  return { parts: splitting.parts, nameOf: (name: Name): string => names.get(name) ?? name }
}

/** The name of the part that says what the schema says. */
const partOf = (splitting: Splitting, schema: Schema): string => {
  const { named, parts, references } = splitting
  const { $id, ...rest } = schema
  const text = JSON.stringify(schema)
  const known = named.get(text)
  if (known !== undefined) return known
  const name = `part-${named.size}`
  named.set(text, name)
  // Before the parts of it are read, since they may refer to it.
  if (typeof $id === 'string') references.set($id, name)
  parts.set(name, membersOf(splitting, rest))
  return name
}

const membersOf = (splitting: Splitting, schema: Schema): Schema =>
  Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, rewritten(splitting, value)]))

const rewritten = (splitting: Splitting, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => rewritten(splitting, item))
  if (!isObject(value)) return value
  if (typeof value['$ref'] === 'string') return { $ref: splitting.references.get(value['$ref']) ?? value['$ref'] }
  return value['type'] === 'object' ? { $ref: partOf(splitting, value) } : membersOf(splitting, value)
}

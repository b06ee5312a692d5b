type Schema = Readonly<Record<string, unknown>>

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The same JSON Schema with each object schema that stands in it more than once said once, under `$defs`, and referred to: what a compiler makes
 * of it, and the time it takes, grows with its parts and no longer with their places.
 */
export const shareParts = (schema: Schema): Schema => {
  const places = new Map<string, number>()
  countObjects(schema, places)
  const names = new Map([...places].filter(([, count]) => count > 1).map(([text], index) => [text, `part-${index}`]))
  const defs: Record<string, unknown> = {}
  const id = typeof schema['$id'] === 'string' ? schema['$id'] : ''
  const share = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(share)
    if (!isSchema(value)) return value
    const name = value['type'] === 'object' ? names.get(JSON.stringify(value)) : undefined
    if (name === undefined) return inside(value)
    defs[name] ??= inside(value)
    // Named from the whole: a part that has an `$id` of its own is the base of what stands in it.
    return { $ref: `${id}#/$defs/${name}` }
  }
  const inside = (value: Schema): Schema => Object.fromEntries(Object.entries(value).map(([key, held]) => [key, share(held)]))
  const shared = inside(schema)
  return { ...shared, $defs: defs }
}

const countObjects = (value: unknown, places: Map<string, number>): void => {
  if (Array.isArray(value)) for (const held of value) countObjects(held, places)
  if (!isSchema(value)) return
  if (value['type'] === 'object') {
    const text = JSON.stringify(value)
    places.set(text, (places.get(text) ?? 0) + 1)
  }
  for (const held of Object.values(value)) countObjects(held, places)
}

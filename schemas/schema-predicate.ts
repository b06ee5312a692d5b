/** Whether a value is what a schema asks for. */
export type Predicate = (value: unknown) => boolean

type Schema = Readonly<Record<string, unknown>>

interface Compiling {
  readonly formats: Readonly<Record<string, (text: string) => boolean>>
  readonly partOf: (name: string) => Predicate
}

interface Member {
  readonly test: Predicate
  readonly required: boolean
}

/**
 * Compiles the parts of schemas that were taken apart, each when it is first asked for, into closures that say yes or no. They go through what a value has and
 * not through all that it might have, so that they take a fraction of the time of a validator that can say why. Throws for a keyword that they don't
 * know: nothing is passed over.
 */
export const compilePredicates = (parts: ReadonlyMap<string, Schema>, formats: Compiling['formats']): ((name: string) => Predicate) => {
  const made = new Map<string, Predicate>()
  const partOf = (name: string): Predicate => {
    const known = made.get(name)
    if (known !== undefined) return known
    const part = parts.get(name)
    if (part === undefined) throw new Error(`there is no schema ${name}`)
    // Entered before it is made, so that a part may hold itself.
    made.set(name, (value) => partOf(name)(value))
    const test = compileSchema({ formats, partOf }, part)
    made.set(name, test)
    return test
  }
  return partOf
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

const schemaOf = (value: unknown): Schema => {
  if (!isObject(value)) throw new Error('a schema is no object')
  return value
}

const namesOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [])

/** `minLength` and its like; undefined where there is none. */
const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** What says nothing of a value. */
const silent = ['type', 'title', 'description', '$id']

const onlyHas = (schema: Schema, keywords: readonly string[]): void => {
  const other = Object.keys(schema).find((keyword) => !keywords.includes(keyword) && !silent.includes(keyword))
  if (other !== undefined) throw new Error(`the keyword ${other} is not known here`)
}

const compileSchema = (compiling: Compiling, schema: Schema): Predicate => {
  const { $ref, anyOf, type } = schema
  if (typeof $ref === 'string') {
    onlyHas(schema, ['$ref'])
    return compiling.partOf($ref)
  }
  if (Array.isArray(anyOf)) {
    onlyHas(schema, ['anyOf'])
    const choices = anyOf.map((one) => compileSchema(compiling, schemaOf(one)))
    return (value) => choices.some((choice) => choice(value))
  }
  switch (type) {
    case 'object': return compileObject(compiling, schema)
    case 'array': return compileList(compiling, schema)
    case 'string': return compileText(compiling, schema)
    case 'integer': return compileInteger(schema)
    default: throw new Error(`the type ${String(type)} is not known`)
  }
}

const compileObject = (compiling: Compiling, schema: Schema): Predicate => {
  onlyHas(schema, ['properties', 'required', 'additionalProperties', 'if', 'then'])
  if (schema['additionalProperties'] !== false) throw new Error('an object schema is open')
  const required = namesOf(schema['required'])
  const members = new Map(Object.entries(schemaOf(schema['properties'])).map(([name, member]): [string, Member] => [name, { test: compileSchema(compiling, schemaOf(member)), required: required.includes(name) }]))
  const either = eitherOf(schema)
  const needed = required.length
  return (value) => {
    if (!isObject(value)) return false
    let found = 0
    for (const name in value) {
      const member = members.get(name)
      if (member === undefined) return false
      const held = value[name]
      if (held === undefined) continue
      if (member.required) found++
      if (!member.test(held)) return false
    }
    return found === needed && (either === undefined || either.some((name) => value[name] !== undefined))
  }
}

/** The names of which one has to be there: `if` one of them is not, `then` the other. */
const eitherOf = (schema: Schema): readonly string[] | undefined => {
  if (schema['if'] === undefined && schema['then'] === undefined) return undefined
  const [condition, consequence] = [schemaOf(schema['if']), schemaOf(schema['then'])]
  const absent = schemaOf(condition['not'])
  onlyHas(condition, ['not'])
  onlyHas(absent, ['required'])
  onlyHas(consequence, ['required'])
  const names = [...namesOf(absent['required']), ...namesOf(consequence['required'])]
  if (names.length !== 2) throw new Error('a condition is of another form than: if not one member, then another')
  return names
}

const compileList = (compiling: Compiling, schema: Schema): Predicate => {
  onlyHas(schema, ['items', 'minItems', 'maxItems'])
  const test = compileSchema(compiling, schemaOf(schema['items']))
  const { min = 0, max = Infinity } = { min: numberOf(schema['minItems']), max: numberOf(schema['maxItems']) }
  return (value) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) return false
    for (const item of value as readonly unknown[]) if (!test(item)) return false
    return true
  }
}

const compileText = ({ formats }: Compiling, schema: Schema): Predicate => {
  onlyHas(schema, ['minLength', 'maxLength', 'pattern', 'format', 'enum', 'const'])
  const { min = 0, max = Infinity } = { min: numberOf(schema['minLength']), max: numberOf(schema['maxLength']) }
  const isLongEnough = (text: string): boolean => text.length >= min && (text.length <= max || lengthOf(text) <= max) && (min < 2 || lengthOf(text) >= min)
  const tests = [patternOf(schema['pattern']), formatOf(formats, schema['format']), oneOf(schema)].filter((test) => test !== undefined)
  const [first, ...others] = tests
  if (first === undefined) return (value) => typeof value === 'string' && isLongEnough(value)
  if (others.length === 0) return (value) => typeof value === 'string' && isLongEnough(value) && first(value)
  return (value) => typeof value === 'string' && isLongEnough(value) && tests.every((test) => test(value))
}

/** In characters, as JSON Schema counts them, and not in UTF-16 code units, of which there are never fewer. */
const lengthOf = (text: string): number => {
  let length = 0
  for (let at = 0; at < text.length; length++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
  return length
}

const patternOf = (pattern: unknown): ((text: string) => boolean) | undefined => {
  if (typeof pattern !== 'string') return undefined
  const form = new RegExp(pattern, 'u')
  return (text) => form.test(text)
}

const formatOf = (formats: Compiling['formats'], name: unknown): ((text: string) => boolean) | undefined => {
  if (typeof name !== 'string') return undefined
  const format = formats[name]
  if (format === undefined) throw new Error(`the format ${name} is not known`)
  return format
}

const oneOf = (schema: Schema): ((text: string) => boolean) | undefined => {
  const { enum: several, const: one } = schema
  if (one !== undefined) return (text) => text === one
  const texts = namesOf(several)
  return several === undefined ? undefined : (text) => texts.includes(text)
}

const compileInteger = (schema: Schema): Predicate => {
  onlyHas(schema, ['minimum'])
  const minimum = numberOf(schema['minimum']) ?? -Infinity
  return (value) => Number.isInteger(value) && typeof value === 'number' && value >= minimum
}

import { Ajv, type Options } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Node } from '../../../schemas/node.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import { compareNumbers, isMultipleOf } from './exact-number.js'
import { explainJsonErrors } from './explain-json-error.js'
import type { Finding } from './finding.js'
import { jsonFormats, patternOf } from './json-formats.js'
import { jsonInstance, type JsonInstance } from './json-instance.js'
import { placeOfPointer } from './json-place.js'
import { linkJsonSchemas, type JsonSchemaFile } from './link-json-schemas.js'
import type { SchemaFile } from './schema-set.js'

/** The JSON Schemas of a set, compiled. */
export interface CompiledJsonSchemas {
  /** The path of the schema that documents are held against. */
  readonly root: string
  readonly check: (document: Node) => readonly Finding[]
}

const dialects: ReadonlyMap<string, typeof Ajv | typeof Ajv2019 | typeof Ajv2020> = new Map<string, typeof Ajv | typeof Ajv2019 | typeof Ajv2020>([
  ['http://json-schema.org/draft-07/schema', Ajv], ['https://json-schema.org/draft/2019-09/schema', Ajv2019], ['https://json-schema.org/draft/2020-12/schema', Ajv2020],
])

const draft7 = 'http://json-schema.org/draft-07/schema'

/**
 * Compiles the JSON Schemas of a set; documents are held against `root`, or else the one that no other refers to. A schema that names no dialect is of draft-07.
 * Fails with schema-invalid at `path:line`.
 */
export const compileJsonSchemas = (files: readonly SchemaFile[], root: string | undefined): Result<CompiledJsonSchemas> => {
  const linked = linkJsonSchemas(files)
  if (!linked.ok) return linked
  const main = chooseRoot(linked.value, root)
  if (!main.ok) return main
  const dialect = dialectOf(linked.value, main.value)
  if (!dialect.ok) return dialect
  const wrong = brokenSchema(linked.value, new dialect.value({ ...options, logger: false }))
  return wrong ?? compile(linked.value, main.value, dialect.value)
}

const chooseRoot = (files: readonly JsonSchemaFile[], root: string | undefined): Result<JsonSchemaFile> => {
  const referred = new Set(files.flatMap(({ refersTo }) => [...refersTo]))
  const tops = files.filter(({ path }) => !referred.has(path))
  const [only] = root === undefined ? tops : files.filter(({ path }) => path === root)
  if (only !== undefined && (root !== undefined || tops.length === 1)) return ok(only)
  const names = (tops.length > 0 ? tops : files).map(({ path }) => path).join(', ')
  return fail('schema-invalid', 'root', root === undefined ? `Say which JSON Schema documents are held against: ${names}.` : `There is no JSON Schema ${root} in the directory; there are ${names}.`)
}

const dialectOf = (files: readonly JsonSchemaFile[], main: JsonSchemaFile): Result<typeof Ajv | typeof Ajv2019 | typeof Ajv2020> => {
  const name = main.dialect ?? files.find(({ dialect }) => dialect !== undefined)?.dialect ?? draft7
  const other = files.find(({ dialect }) => dialect !== undefined && dialect !== name)
  if (other !== undefined) return fail('schema-invalid', `${other.path}:1`, `The schema is of the dialect ${other.dialect ?? ''}, ${main.path} of ${name}; the schemas of one set have one dialect.`)
  const found = dialects.get(name)
  return found === undefined ? fail('schema-invalid', `${main.path}:1`, `The dialect ${name} is not known; write the schema in draft-07, 2019-09 or 2020-12.`) : ok(found)
}

const regExp = Object.assign((pattern: string): RegExp => patternOf(pattern), { code: 'patternOf' })

const options: Options = {
  // Partners' schemas hold keywords of other tools. A name like toString is a member only where the document has it.
  strict: false, ownProperties: true, allErrors: true, messages: true, verbose: true, logger: false, formats: { ...jsonFormats }, code: { regExp },
}

const brokenSchema = (files: readonly JsonSchemaFile[], ajv: Ajv | Ajv2019 | Ajv2020): Result<never> | undefined => {
  for (const { path, written, root } of files) {
    if (typeof written === 'object' && written !== null && '$async' in written) return fail('schema-invalid', `${path}:1`, 'The keyword $async is not taken.')
    if (ajv.validateSchema(written as object) === true) continue
    const error = ajv.errors?.[0]
    const { node, path: place } = placeOfPointer(root, (error?.instancePath ?? '').split('/').slice(1))
    return fail('schema-invalid', `${path}:${node.line}`, `${place} ${error?.message ?? 'is not valid in a JSON Schema'}.`)
  }
  return undefined
}

const compile = (files: readonly JsonSchemaFile[], main: JsonSchemaFile, dialect: typeof Ajv | typeof Ajv2019 | typeof Ajv2020): Result<CompiledJsonSchemas> => {
  const ajv = new dialect({ ...options, validateSchema: false })
  const current: { instance: JsonInstance | undefined } = { instance: undefined }
  addExactLimits(ajv, current)
  try {
    for (const { schema } of files) ajv.addSchema(schema as object)
    const validate = ajv.getSchema(main.id)
    if (validate === undefined) throw new Error(`the schema ${main.id} was not added`)
    return ok({
      root: main.path,
      check: (document) => {
        current.instance = jsonInstance(document)
        if (validate(current.instance.value) === true) return []
        return explainJsonErrors(validate.errors ?? [], document)
      },
    })
  } catch (error) {
    return fail('schema-invalid', main.path, `The schemas do not compile: ${error instanceof Error ? error.message : String(error)}.`)
  }
}

const rules: Readonly<Record<string, (value: string, limit: string) => boolean>> = {
  minimum: (value, limit) => compareNumbers(value, limit) >= 0,
  maximum: (value, limit) => compareNumbers(value, limit) <= 0,
  exclusiveMinimum: (value, limit) => compareNumbers(value, limit) > 0,
  exclusiveMaximum: (value, limit) => compareNumbers(value, limit) < 0,
  multipleOf: isMultipleOf,
}

/** ajv compares JavaScript numbers; here the digits that were sent meet the digits that the schema has. */
const addExactLimits = (ajv: Ajv | Ajv2019 | Ajv2020, current: { readonly instance: JsonInstance | undefined }): void => {
  for (const [keyword, holds] of Object.entries(rules)) {
    ajv.removeKeyword(keyword)
    ajv.addKeyword({
      keyword, type: 'number', schemaType: 'string', errors: false,
      validate: (limit: string, value: number, _schema?: object, context?: { readonly parentData: unknown, readonly parentDataProperty: string | number }): boolean =>
        holds(current.instance?.textOf(context?.parentData, context?.parentDataProperty ?? '', value) ?? String(value), limit),
    })
  }
}

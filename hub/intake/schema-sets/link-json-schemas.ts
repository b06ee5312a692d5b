import { jsonMembers } from '../../../schemas/json-members.js'
import { readJson } from '../../../schemas/json-reader.js'
import type { Node } from '../../../schemas/node.js'
import { fail, ok, type Failure, type Result } from '../../../schemas/result.js'
import { schemaValue } from './json-instance.js'
import type { SchemaFile } from './schema-set.js'

/** A file of a set as ajv is given it. */
export interface JsonSchemaFile {
  readonly path: string
  /** Its `$id`, or an address that only this set has. */
  readonly id: string
  /** With its references absolute and the limits of numbers as the text that was written. */
  readonly schema: unknown
  /** As written, to be held against its meta-schema. */
  readonly written: unknown
  readonly root: Node
  /** Its `$schema` without an empty fragment. */
  readonly dialect: string | undefined
  /** The paths of the files that it refers to. */
  readonly refersTo: ReadonlySet<string>
}

/** Reads JSON Schemas that refer to each other by `$id`, by relative path or by name. Fails with schema-invalid at `path:line`. */
export const linkJsonSchemas = (files: readonly SchemaFile[]): Result<readonly JsonSchemaFile[]> => {
  const parsed: Parsed[] = []
  for (const { path, text } of files) {
    const root = readJson(text)
    if (!root.ok) return fail('schema-invalid', `${path}:${root.at}`, `The file is not JSON: ${root.detail}`)
    if (root.value.kind !== 'object') return fail('schema-invalid', `${path}:1`, 'The file holds no JSON Schema; leave it out of the directory or mend it.')
    parsed.push({ path, root: root.value, id: withoutFragment(absolute(textIn(root.value, '$id') ?? '', addressOf(path))) })
  }
  const ids = new Map(parsed.flatMap((file) => [...embeddedIds(file.root, file.id), file.id, addressOf(file.path)].map((id) => [id, file] as const)))
  const linked: JsonSchemaFile[] = []
  for (const file of parsed) {
    const linking: Linking = { file, files: parsed, ids, refersTo: new Set(), failure: undefined }
    const schema = toSchema(linking, file.root, file.id)
    if (linking.failure !== undefined) return linking.failure
    linked.push({ ...file, schema, written: schemaValue(file.root), dialect: textIn(file.root, '$schema')?.replace(/#$/, ''), refersTo: linking.refersTo })
  }
  return ok(linked)
}

interface Parsed {
  readonly path: string
  readonly root: Node
  readonly id: string
}

interface Linking {
  readonly file: Parsed
  readonly files: readonly Parsed[]
  readonly ids: ReadonlyMap<string, Parsed>
  readonly refersTo: Set<string>
  failure: Failure | undefined
}

const addressOf = (path: string): string => `set:///${encodeURI(path)}`
const withoutFragment = (uri: string): string => uri.replace(/#.*$/, '')

const absolute = (reference: string, base: string): string => (URL.canParse(reference, base) ? new URL(reference, base).href : reference)

const textIn = (object: Node, name: string): string | undefined => object.children.find((child) => child.name === name && child.kind === 'string' && child.listed !== true)?.text

const embeddedIds = (node: Node, base: string): readonly string[] => node.children.flatMap((child) => {
  const id = child.kind === 'object' ? textIn(child, '$id') : undefined
  const own = id === undefined || id.startsWith('#') ? base : absolute(id, base)
  return [...(own === base ? [] : [withoutFragment(own)]), ...embeddedIds(child, own)]
})

const limits = new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'])
const values = new Set(['const', 'enum', 'default', 'examples'])
/** Keywords whose members have names of the schema's own. */
const named = new Set(['properties', 'patternProperties', 'definitions', '$defs', 'dependentSchemas', 'dependencies'])

const toSchema = (linking: Linking, node: Node, base: string): unknown => {
  if (node.kind !== 'object') return node.kind === 'array' ? node.children.map((child) => toSchema(linking, child, base)) : schemaValue(node)
  const id = textIn(node, '$id')
  const own = node === linking.file.root || id === undefined || id.startsWith('#') ? base : absolute(id, base)
  return objectOf(node, (name, value) => {
    if (node === linking.file.root && name === '$id') return linking.file.id
    if (!('kind' in value)) return values.has(name) ? value.map(schemaValue) : value.map((one) => toSchema(linking, one, own))
    if (values.has(name)) return schemaValue(value)
    if (limits.has(name) && value.kind === 'number') return value.text
    if (name === '$ref' && value.kind === 'string') return resolve(linking, value, own)
    if (named.has(name) && value.kind === 'object') return objectOf(value, (_name, inner) => ('kind' in inner ? toSchema(linking, inner, own) : inner.map((one) => toSchema(linking, one, own))))
    return toSchema(linking, value, own)
  }, node === linking.file.root && id === undefined ? { $id: linking.file.id } : {})
}

const objectOf = (node: Node, valueOf: (name: string, value: Node | readonly Node[]) => unknown, start: object = {}): object => {
  for (const { name, value } of jsonMembers(node)) Object.defineProperty(start, name, { value: valueOf(name, value), enumerable: true, writable: true, configurable: true })
  return start
}

const resolve = (linking: Linking, { text, line }: Node, base: string): string => {
  if (text.startsWith('#') || text.startsWith('http://json-schema.org/') || text.startsWith('https://json-schema.org/')) return text
  const { file, files, ids, refersTo } = linking
  const fragment = text.includes('#') ? text.slice(text.indexOf('#')) : ''
  const uri = withoutFragment(absolute(text, base))
  const byId = ids.get(uri)
  const target = byId ?? ids.get(withoutFragment(absolute(text, addressOf(file.path)))) ?? onlyNamed(files, uri)
  if (target === undefined) {
    linking.failure ??= fail('schema-invalid', `${file.path}:${line}`, `The reference ${text} leads to no file of the directory. The hub loads nothing from outside: put the file beside the others and register the directory again.`)
    return text
  }
  if (target !== file) refersTo.add(target.path)
  return byId !== undefined && uri !== addressOf(target.path) ? uri + fragment : target.id + fragment
}

const onlyNamed = (files: readonly Parsed[], uri: string): Parsed | undefined => {
  const name = uri.slice(uri.lastIndexOf('/') + 1)
  const found = files.filter(({ path }) => path.slice(path.lastIndexOf('/') + 1) === name)
  return found.length === 1 ? found[0] : undefined
}

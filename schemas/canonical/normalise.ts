import type { TSchema } from '@sinclair/typebox'
import { parseDecimal } from '../decimal.js'
import { jsonMembers } from '../json-members.js'
import type { Issue } from '../message-answer.js'
import type { Node } from '../node.js'

interface Normalised {
  readonly value: Readonly<Record<string, unknown>>
  readonly issues: readonly Issue[]
  /** Where each single value stands in the document and in the source; empty unless it was asked for. */
  readonly leaves: readonly Place[]
  readonly objects: readonly Place[]
}

/** A path of the document with what was read there. */
export interface Place {
  readonly path: string
  readonly node: Node
}

interface Walk {
  readonly issues: Issue[]
  readonly leaves: Place[]
  readonly objects: Place[]
  readonly placed: boolean
  /** Schemas that refer to themselves, by the name that they do it with. */
  readonly named: Map<string, TSchema>
}

/** No more issues of one document are told. */
const mostIssues = 200

/**
 * A document in the hub's own form, read from JSON by the schema of its kind, in its one spelling: decimals as canonical text whether they were sent as text or as number.
 * Members that the schema does not know are issues (field-unknown), as are null and values of another form (value-invalid), each at line, column
 * and path, the first 200 of them. What must be there is for validateDocument to say.
 */
export const normalise = (schema: TSchema, root: Node, placed: boolean): Normalised => {
  const walk: Walk = { issues: [], leaves: [], objects: [], placed, named: new Map() }
  const value = valueOf(walk, schema, root, '')
  return { value: isObject(value) ? value : {}, issues: walk.issues, leaves: walk.leaves, objects: walk.objects }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const refuse = (walk: Walk, node: Node, path: string, detail: string, code: Issue['code'] = 'value-invalid'): unknown => {
  if (walk.issues.length < mostIssues) walk.issues.push({ code, at: `${node.line}:${node.column} ${path}`.trimEnd(), detail })
  return undefined
}

const resolved = (walk: Walk, schema: TSchema): TSchema => {
  const reference: unknown = schema['$ref']
  if (typeof reference === 'string') return walk.named.get(reference) ?? schema
  if (typeof schema.$id === 'string') walk.named.set(schema.$id, schema)
  return schema
}

const valueOf = (walk: Walk, given: TSchema, node: Node, path: string): unknown => {
  const schema = resolved(walk, given)
  if (node.kind === 'null') return refuse(walk, node, path, 'The value is null; leave out what is not known.')
  if (schema['type'] === 'object') return objectOf(walk, schema, node, path)
  if (node.kind === 'object' || node.kind === 'array') return refuse(walk, node, path, 'Expected a single value.')
  if (walk.placed) walk.leaves.push({ path, node })
  if (schema['title'] === 'decimal') return decimalOf(walk, node, path)
  if (schema['type'] === 'integer') return integerOf(walk, node, path)
  if (node.kind !== 'string') return refuse(walk, node, path, `Expected text, found ${node.text}; write it in quotes.`)
  return node.text
}

const decimalOf = (walk: Walk, node: Node, path: string): unknown => {
  const decimal = node.kind === 'boolean' ? undefined : parseDecimal(node.text)
  if (decimal === undefined) return refuse(walk, node, path, `Expected a decimal number, found ${node.text}.`)
  return decimal.ok ? decimal.value : refuse(walk, node, path, decimal.detail)
}

const integerOf = (walk: Walk, node: Node, path: string): unknown =>
  /^\d{1,15}$/.test(node.text) ? Number(node.text) : refuse(walk, node, path, `Expected a whole number, found ${node.text.slice(0, 40)}.`)

const objectOf = (walk: Walk, schema: TSchema, node: Node, path: string): unknown => {
  if (node.kind !== 'object') return refuse(walk, node, path, 'Expected an object.')
  if (walk.placed && path !== '') walk.objects.push({ path, node })
  const properties: unknown = schema['properties']
  const known = isObject(properties) ? properties : {}
  const object: Record<string, unknown> = {}
  for (const { name, value } of jsonMembers(node)) {
    const member = Object.hasOwn(known, name) ? known[name] : undefined
    const at = path === '' ? name : `${path}.${name}`
    const first = 'kind' in value ? value : value[0] ?? node
    if (!isSchema(member)) {
      if (walk.issues.length < mostIssues) refuse(walk, first, at, `The member '${name.slice(0, 80)}' is not one of the ${path === '' ? 'document' : path}'s: ${Object.keys(known).join(', ')}.`, 'field-unknown')
    } else {
      const held = memberOf(walk, member, value, at, node)
      if (held !== undefined) object[name] = held
    }
  }
  return object
}

const isSchema = (value: unknown): value is TSchema => isObject(value)

const memberOf = (walk: Walk, given: TSchema, value: Node | readonly Node[], path: string, parent: Node): unknown => {
  const schema = resolved(walk, given)
  const items: unknown = schema['items']
  if (schema['type'] === 'array' && isSchema(items)) {
    if ('kind' in value) return value.kind === 'array' && value.children.length === 0 ? [] : refuse(walk, value, path, 'Expected a list.')
    return value.map((item, index) => valueOf(walk, items, item, `${path}[${index}]`))
  }
  return 'kind' in value ? valueOf(walk, schema, value, path) : refuse(walk, value[0] ?? parent, path, 'Expected one value, found a list.')
}

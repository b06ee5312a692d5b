import { KindGuard, type Static, type TArray, type TObject, type TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Node } from '../node.js'
import { fail, ok, type Failure, type Result } from '../result.js'
import { isXmlSpace } from '../xml-tree.js'
import { wireNamespace } from './wire-schema.js'

/** Whose attributes change nothing about a value: xsi:type, and xmime:contentType beside binary content. */
const passedOver: readonly string[] = ['http://www.w3.org/2001/XMLSchema-instance', 'http://www.w3.org/2005/05/xmlmime']

/**
 * Reads the members of an element by their schema. Their order is not held against a caller, since their names tell them
 * apart; a member of another namespace or of none, one that the schema does not know, one that stands twice, an attribute
 * (a SOAP encoding's `href` among them) and stray text are refused. Fails with request-invalid at the member's path, which begins with `path`.
 */
export const decodeWire = <S extends TObject>(schema: S, node: Node, path = node.name): Result<Static<S>> => {
  const stray = findStray(node, path)
  if (stray !== undefined) return stray
  const members: Record<string, unknown> = {}
  for (const child of node.children) {
    const at = `${path}.${child.name}`
    const member = schema.properties[child.name]
    if (child.namespace !== wireNamespace || member === undefined) return unknownMember(schema, child, at)
    const value = KindGuard.IsArray(member) ? decodeItem(member, child, at, members[child.name]) : decodeOnce(member, child, at, members)
    if (!value.ok) return value
    members[child.name] = value.value
  }
  return Value.Check(schema, members) ? ok(members) : invalidMember(schema, path, members)
}

const decodeOnce = (member: TSchema, child: Node, at: string, members: Readonly<Record<string, unknown>>): Result<unknown> =>
  Object.hasOwn(members, child.name) ? fail('request-invalid', at, 'The element stands twice.') : decodeValue(member, child, at)

/** The items so far and one more. */
const decodeItem = ({ items: schema }: TArray, child: Node, at: string, before: unknown): Result<readonly unknown[]> => {
  if (!KindGuard.IsObject(schema)) throw new Error(`${at} is of a kind that no request has`)
  const item = decodeWire(schema, child, at)
  const items: readonly unknown[] = Array.isArray(before) ? before : []
  return item.ok ? ok([...items, item.value]) : item
}

const decodeValue = (schema: TSchema, node: Node, at: string): Result<unknown> => {
  const attribute = findAttribute(node, at)
  if (attribute !== undefined) return attribute
  if (KindGuard.IsAny(schema)) return ok(node)
  if (node.children.length > 0) return fail('request-invalid', at, 'The element holds a value and no elements.')
  if (KindGuard.IsInteger(schema)) return decodeInteger(node.text, at)
  if (KindGuard.IsString(schema)) return ok(schema['whiteSpace'] === 'collapse' ? collapse(node.text) : node.text)
  throw new Error(`${at} is of a kind that no request has`)
}

const decodeInteger = (text: string, at: string): Result<number> => {
  const digits = collapse(text)
  return /^[+-]?[0-9]{1,15}$/.test(digits) ? ok(Number(digits)) : fail('request-invalid', at, `${shown(digits)} is not a whole number.`)
}

const collapse = (text: string): string => text.replace(/[ \t\n\r]+/g, ' ').replace(/^ | $/g, '')

const findStray = (node: Node, at: string): Failure | undefined => {
  if (!isXmlSpace(node.text)) return fail('request-invalid', at, 'The element holds elements and no text.')
  return findAttribute(node, at)
}

const findAttribute = (node: Node, at: string): Failure | undefined => {
  const found = node.attributes.find(({ namespace }) => !passedOver.includes(namespace))
  return found && fail('request-invalid', `${at}@${found.name}`, 'The element takes no such attribute.')
}

const unknownMember = (schema: TObject, child: Node, at: string): Failure => {
  if (child.namespace !== wireNamespace && schema.properties[child.name] !== undefined) {
    return fail('request-invalid', at, `The element stands in the namespace "${child.namespace}"; it belongs to ${wireNamespace}.`)
  }
  return fail('request-invalid', at, `There is no such element; there are ${Object.keys(schema.properties).join(', ')}.`)
}

const invalidMember = (schema: TObject, path: string, members: Readonly<Record<string, unknown>>): Failure => {
  const missing = schema.required?.find((member) => !Object.hasOwn(members, member))
  if (missing !== undefined) return fail('request-invalid', `${path}.${missing}`, 'The element is missing.')
  const error = Value.Errors(schema, members).First()
  if (error === undefined) throw new Error('a value is invalid without an error')
  return fail('request-invalid', `${path}${error.path.replaceAll('/', '.')}`, `${shown(error.value)} is not valid here: ${error.message}.`)
}

/** A fault says which value it means, not all of it: what is too long comes back short. */
const shown = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

import { KindGuard, type Static, type TObject, type TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Node } from '../node.js'
import { fail, ok, type Failure, type Result } from '../result.js'
import { isXmlSpace } from '../xml-tree.js'
import { wireNamespace } from './wire-schema.js'

const instanceNamespace = 'http://www.w3.org/2001/XMLSchema-instance'

/**
 * Reads the members of an element by their schema. Their order is not held against a caller, since their names tell them
 * apart; a member of another namespace or of none, one that the schema does not know, one that stands twice, an attribute
 * (a SOAP encoding's `href` among them) and stray text are refused. Fails with request-invalid at the member's path.
 */
export const decodeWire = <S extends TObject>(schema: S, node: Node): Result<Static<S>> => {
  const stray = findStray(node, node.name)
  if (stray !== undefined) return stray
  const members: Record<string, unknown> = {}
  for (const child of node.children) {
    const at = `${node.name}.${child.name}`
    const member = schema.properties[child.name]
    if (child.namespace !== wireNamespace || member === undefined) return unknownMember(schema, child, at)
    if (Object.hasOwn(members, child.name)) return fail('request-invalid', at, 'The element stands twice.')
    const value = decodeValue(member, child, at)
    if (!value.ok) return value
    members[child.name] = value.value
  }
  return Value.Check(schema, members) ? ok(members) : invalidMember(schema, node.name, members)
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
  return /^[+-]?[0-9]{1,15}$/.test(digits) ? ok(Number(digits)) : fail('request-invalid', at, `${JSON.stringify(digits)} is not a whole number.`)
}

const collapse = (text: string): string => text.replace(/[ \t\n\r]+/g, ' ').replace(/^ | $/g, '')

const findStray = (node: Node, at: string): Failure | undefined => {
  if (!isXmlSpace(node.text)) return fail('request-invalid', at, 'The element holds elements and no text.')
  return findAttribute(node, at)
}

const findAttribute = (node: Node, at: string): Failure | undefined => {
  const found = node.attributes.find(({ namespace }) => namespace !== instanceNamespace)
  return found && fail('request-invalid', `${at}@${found.name}`, 'The element takes no such attribute.')
}

const unknownMember = (schema: TObject, child: Node, at: string): Failure => {
  if (child.namespace !== wireNamespace && schema.properties[child.name] !== undefined) {
    return fail('request-invalid', at, `The element stands in the namespace "${child.namespace}"; it belongs to ${wireNamespace}.`)
  }
  return fail('request-invalid', at, `There is no such element; there are ${Object.keys(schema.properties).join(', ')}.`)
}

const invalidMember = (schema: TObject, name: string, members: Readonly<Record<string, unknown>>): Failure => {
  const missing = schema.required?.find((member) => !Object.hasOwn(members, member))
  if (missing !== undefined) return fail('request-invalid', `${name}.${missing}`, 'The element is missing.')
  const error = Value.Errors(schema, members).First()
  if (error === undefined) throw new Error('a value is invalid without an error')
  return fail('request-invalid', `${name}${error.path.replaceAll('/', '.')}`, `${JSON.stringify(error.value)} is not valid here: ${error.message}.`)
}

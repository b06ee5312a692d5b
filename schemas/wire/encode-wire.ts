import { KindGuard, type Static, type TObject, type TSchema } from '@sinclair/typebox'
import type { Node } from '../node.js'
import { replaceNonXml } from './replace-non-xml.js'
import { wireNamespace } from './wire-schema.js'

/**
 * Turns a value into an element of our namespace: members in the order of the schema whatever their order in the value,
 * absent ones left out, one element for each item of an array. A character that XML does not have becomes U+FFFD.
 */
export const encodeWire = <S extends TObject>(schema: S, name: string, value: Static<S>): Node => encodeValue(schema, name, value)

const encodeValue = (schema: TSchema, name: string, value: unknown): Node => {
  if (KindGuard.IsObject(schema)) return wireElement(name, '', encodeMembers(schema, value))
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return wireElement(name, replaceNonXml(String(value)), [])
  throw new Error(`${name} is no value that goes over the wire`)
}

const encodeMembers = (schema: TObject, value: unknown): readonly Node[] => {
  if (!isRecord(value)) throw new Error('an object is missing')
  return Object.entries(schema.properties).flatMap(([name, member]) => {
    const held = value[name]
    if (held === undefined) return []
    if (!KindGuard.IsArray(member)) return [encodeValue(member, name, held)]
    if (!Array.isArray(held)) throw new Error(`${name} is no array`)
    return held.map((item) => encodeValue(member.items, name, item))
  })
}

const wireElement = (name: string, text: string, children: readonly Node[]): Node =>
  ({ name, namespace: wireNamespace, attributes: [], children, text, kind: 'element', line: 0, column: 0 })

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

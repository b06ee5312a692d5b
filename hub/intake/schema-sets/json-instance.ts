import { jsonMembers } from '../../../schemas/json-members.js'
import type { Node } from '../../../schemas/node.js'
import { fitsFloat, isWhole } from './exact-number.js'

/** A document as ajv takes it, and the text of each number that no JavaScript number holds, by its object or array and its name or position. */
export interface JsonInstance {
  readonly value: unknown
  readonly textOf: (parent: unknown, property: string | number, value: number) => string
}

/**
 * Makes plain values of a tree that was read from JSON. Every member is an own property. Where it is to be `exact`, another number stands in place of one of
 * too many digits, whole where that is whole; `textOf` gives what was sent.
 */
export const jsonInstance = (root: Node, exact = true): JsonInstance => {
  const inexact = new Map<unknown, Map<string, string>>()
  const toValue = (node: Node, parent: unknown, property: string): unknown => {
    switch (node.kind) {
      case 'object': return toObject(node)
      case 'array': return toArray(node.children)
      case 'boolean': return node.text === 'true'
      case 'null': return null
      case 'string': return node.text
      case 'number': return !exact || fitsFloat(node.text) ? Number(node.text) : toStandIn(node.text, parent, property)
      case 'element': throw new Error('an XML element has no JSON value')
      default: return node.kind satisfies never
    }
  }
  const toArray = (nodes: readonly Node[]): unknown[] => {
    const array: unknown[] = []
    for (const [index, node] of nodes.entries()) array.push(toValue(node, array, String(index)))
    return array
  }
  const toObject = (node: Node): object => {
    const object = {}
    for (const { name, value } of jsonMembers(node)) {
      const plain = 'kind' in value ? toValue(value, object, name) : toArray(value)
      Object.defineProperty(object, name, { value: plain, enumerable: true, writable: true, configurable: true })
    }
    return object
  }
  const toStandIn = (text: string, parent: unknown, property: string): number => {
    const texts = inexact.get(parent) ?? new Map<string, string>()
    inexact.set(parent, texts.set(property, text))
    if (!isWhole(text)) return standIn
    return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(text)))
  }
  const value = toValue(root, undefined, '')
  return { value, textOf: (parent, property, number) => inexact.get(parent)?.get(parent === undefined ? '' : String(property)) ?? textOfFloat(number) }
}

/** Not whole, and no number that a list of allowed values names. */
const standIn = 0.123_456_789_012_345

/** A value of a schema, whose numbers meet those of documents as JavaScript has them. */
export const schemaValue = (node: Node): unknown => jsonInstance(node, false).value

const textOfFloat = (number: number): string => String(number).replace('e+', 'e')

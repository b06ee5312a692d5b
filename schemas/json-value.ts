import { jsonMembers } from './json-members.js'
import { readJson } from './json-reader.js'
import type { Node } from './node.js'
import { ok, type Result } from './result.js'

/** What a JSON text says, as plain values; a number is its text, so that `100.00` and 20 digits stay what they were. */
export type JsonValue = null | boolean | string | readonly JsonValue[] | { readonly [name: string]: JsonValue }

/** Reads a JSON text as strictly as readJson, with its failures, into plain values. */
export const readJsonValue = (text: string): Result<JsonValue> => {
  const read = readJson(text)
  return read.ok ? ok(nodeToValue(read.value)) : read
}

/** Turns a tree that was read from JSON into plain values. Every member is an own property, `__proto__` among them. */
export const nodeToValue = (node: Node): JsonValue => {
  switch (node.kind) {
    case 'object': return objectValue(node)
    case 'array': return node.children.map(nodeToValue)
    case 'boolean': return node.text === 'true'
    case 'null': return null
    case 'string':
    case 'number': return node.text
    case 'element': throw new Error('an XML element has no JSON value')
    default: return node.kind satisfies never
  }
}

const objectValue = (node: Node): { readonly [name: string]: JsonValue } => {
  const object: Record<string, JsonValue> = {}
  for (const { name, value } of jsonMembers(node)) {
    const plain = 'kind' in value ? nodeToValue(value) : value.map(nodeToValue)
    if (name === '__proto__') Object.defineProperty(object, name, { value: plain, enumerable: true, writable: true, configurable: true })
    else object[name] = plain
  }
  return object
}

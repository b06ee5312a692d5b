import { describe, expect, test } from 'vitest'
import { nodeToValue, readJsonValue } from '../../schemas/json-value.js'
import { writeJson } from '../../schemas/json-writer.js'
import type { Node } from '../../schemas/node.js'

const node = (name: string, kind: Node['kind'], rest: Partial<Node> = {}): Node =>
  ({ name, namespace: '', attributes: [], children: [], text: '', kind, line: 0, column: 0, ...rest })

describe('writing JSON', () => {
  test('numbers are written as their text and listed members as one array', () => {
    const root = node('', 'object', { children: [
      node('a', 'number', { text: '100.00', listed: true }), node('b', 'boolean', { text: 'false' }), node('a', 'number', { text: '12345678901234567890', listed: true }),
    ] })
    expect(writeJson(root)).toEqual({ ok: true, value: '{"a":[100.00,12345678901234567890],"b":false}' })
  })
  test('a text that is no number is refused where it stands', () => {
    const root = node('', 'object', { children: [node('lines', 'object', { listed: true, children: [node('qty', 'number', { text: '1,5' })] })] })
    expect(writeJson(root)).toMatchObject({ ok: false, code: 'value-invalid', at: 'lines[0].qty' })
  })
  test('a name that stands twice without being listed is refused', () => {
    expect(writeJson(node('', 'object', { children: [node('a', 'null'), node('a', 'null')] }))).toMatchObject({ ok: false, code: 'value-invalid', at: 'a' })
  })
})

describe('plain values', () => {
  test('numbers are their text', () => {
    expect(readJsonValue('{"a":[1.50,true,null,"x"]}')).toEqual({ ok: true, value: { a: ['1.50', true, null, 'x'] } })
    expect(readJsonValue('{"a":1,"a":2}')).toMatchObject({ ok: false, code: 'json-not-well-formed' })
  })
  test('a member named __proto__ is an own property and changes no prototype', () => {
    const value = nodeToValue(node('', 'object', { children: [node('__proto__', 'object', { children: [node('admin', 'boolean', { text: 'true' })] })] }))
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value ?? {})).toEqual(['__proto__'])
    expect(value).not.toHaveProperty('admin')
  })
})

import { jsonMembers } from './json-members.js'
import type { Node } from './node.js'
import { fail, ok, type Failure, type Result } from './result.js'

interface JsonWriting {
  /** Two spaces a level, one member or element a line. */
  readonly indent?: boolean
}

/**
 * Writes a tree as JSON, such that readJson gives the same tree. A number is written as its text. Fails with value-invalid
 * at the path of a number that is none in JSON, or of a name that stands twice in one object without being listed.
 */
export const writeJson = (root: Node, options: JsonWriting = {}): Result<string> => {
  const pen: Pen = { indent: options.indent === true, failure: undefined }
  const text = value(pen, root, '\n', '')
  return pen.failure ?? ok(text)
}

interface Pen {
  readonly indent: boolean
  failure: Failure | undefined
}

const jsonNumber = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/

const value = (pen: Pen, node: Node, lineStart: string, path: string): string => {
  switch (node.kind) {
    case 'object': return object(pen, node, lineStart, path)
    case 'array': return array(pen, node.children, lineStart, path)
    case 'string': return JSON.stringify(node.text)
    case 'boolean': return node.text === 'true' ? 'true' : 'false'
    case 'null': return 'null'
    case 'number':
      if (!jsonNumber.test(node.text)) pen.failure ??= fail('value-invalid', path, `${JSON.stringify(node.text)} is not a number in JSON.`)
      return node.text
    case 'element': throw new Error('an XML element can not be written as JSON')
    default: return node.kind satisfies never
  }
}

const object = (pen: Pen, node: Node, lineStart: string, path: string): string => {
  const inner = `${lineStart}  `
  const names = new Set<string>()
  const members = jsonMembers(node).map(({ name, value: held }) => {
    const at = path === '' ? name : `${path}.${name}`
    if (names.size === names.add(name).size) pen.failure ??= fail('value-invalid', at, 'The member stands twice in one object.')
    const text = 'kind' in held ? value(pen, held, inner, at) : array(pen, held, inner, at)
    return `${JSON.stringify(name)}:${pen.indent ? ' ' : ''}${text}`
  })
  return enclosed(pen, '{', members, '}', lineStart)
}

const array = (pen: Pen, elements: readonly Node[], lineStart: string, path: string): string =>
  enclosed(pen, '[', elements.map((element, index) => value(pen, element, `${lineStart}  `, `${path}[${index}]`)), ']', lineStart)

const enclosed = (pen: Pen, start: string, parts: readonly string[], end: string, lineStart: string): string => {
  if (parts.length === 0 || !pen.indent) return start + parts.join(',') + end
  const inner = `${lineStart}  `
  return start + inner + parts.join(`,${inner}`) + lineStart + end
}

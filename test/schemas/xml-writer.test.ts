import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Node, NodeAttribute } from '../../schemas/node.js'
import { readXml } from '../../schemas/xml-reader.js'
import { writeXml } from '../../schemas/xml-writer.js'

const element = (name: string, rest: Partial<Node> = {}): Node =>
  ({ name, namespace: '', attributes: [], children: [], text: '', kind: 'element', line: 0, column: 0, ...rest })

const written = (root: Node, options: Parameters<typeof writeXml>[1] = {}): string => {
  const result = writeXml(root, options)
  if (!result.ok) throw new Error(`${result.code} ${result.at} ${result.detail}`)
  return result.value.replace('<?xml version="1.0" encoding="UTF-8"?>\n', '')
}

const unplaced = (node: Node): Node => ({
  ...node, line: 0, column: 0, children: node.children.map(unplaced),
  ...(node.mixed === undefined ? {} : { mixed: node.mixed.map((piece) => typeof piece === 'string' ? piece : unplaced(piece)) }),
})

const names = fc.constantFrom('a', 'b-1', '__proto__', 'constructor', '订单', '𠀀')
const namespaces = fc.constantFrom('', '', 'urn:a', 'urn:b"&<', 'http://www.w3.org/XML/1998/namespace', ' spaced ')
const characters = fc.string({ unit: fc.oneof(fc.constantFrom('<', '>', '&', '"', "'", '\r', '\n', '\t', ']]>', ' ', '汉', '𠀀', '\u0085', '\u2028'), fc.string({ minLength: 1, maxLength: 1 })) })
const attributes = fc.uniqueArray(fc.record<NodeAttribute>({ name: names, namespace: namespaces, value: characters }), { selector: ({ name, namespace }) => `${name} ${namespace}`, maxLength: 4 })

/** A tree as the reader makes it: neighbouring texts are one, and mixed is there only beside text that is not white space. */
const assemble = (name: string, namespace: string, attributes: readonly NodeAttribute[], parts: readonly (string | Node)[]): Node => {
  const pieces: (string | Node)[] = []
  for (const part of parts) {
    const last = pieces.at(-1)
    if (typeof part === 'string' && typeof last === 'string') pieces[pieces.length - 1] = last + part
    else if (part !== '') pieces.push(part)
  }
  const children = pieces.filter((piece) => typeof piece !== 'string')
  const text = pieces.filter((piece) => typeof piece === 'string').join('')
  const mixed = children.length > 0 && /[^ \t\r\n]/.test(text)
  return element(name, { namespace, attributes, children, text, ...(mixed ? { mixed: pieces } : {}) })
}

const trees = fc.letrec<{ tree: Node }>((tie) => ({
  tree: fc.tuple(names, namespaces, attributes, fc.array(fc.oneof({ depthSize: 'small', maxDepth: 4 }, characters, tie('tree')), { maxLength: 4 }))
    .map(([name, namespace, attributes, parts]) => assemble(name, namespace, attributes, parts)),
})).tree

describe('reading what was written', () => {
  test('gives the same tree, whatever prefixes are wished for', () => {
    const prefixes = fc.dictionary(namespaces, fc.constantFrom('', 'p', 'xml', 'xmlns', 'ns1', '1', 'q'))
    fc.assert(fc.property(trees, prefixes, (tree, wished) => {
      const result = writeXml(tree, { prefixes: wished })
      const again = result.ok ? readXml(result.value) : result
      expect(again.ok ? unplaced(again.value) : again).toEqual(tree)
    }), { numRuns: 500 })
  })
})

describe('the text', () => {
  test('declares the given prefixes on the root', () => {
    const root = element('Order', { namespace: 'urn:o', attributes: [{ name: 'x', namespace: 'urn:c', value: '1' }], children: [element('ID', { namespace: 'urn:c', text: '007' })] })
    expect(written(root, { prefixes: { 'urn:o': '', 'urn:c': 'cbc' } })).toBe('<Order xmlns="urn:o" xmlns:cbc="urn:c" cbc:x="1"><cbc:ID>007</cbc:ID></Order>')
    expect(written(root)).toBe('<ns1:Order xmlns:ns1="urn:o" xmlns:ns2="urn:c" ns2:x="1"><ns2:ID>007</ns2:ID></ns1:Order>')
  })
  test('escapes what a reader would change', () => {
    const root = element('a', { text: 'x\r\n]]>&', attributes: [{ name: 'b', namespace: '', value: '"\t\n\r<' }] })
    expect(written(root)).toBe('<a b="&quot;&#9;&#10;&#13;&lt;">x&#13;\n]]&gt;&amp;</a>')
  })
  test('is indented where that changes no text', () => {
    const mixed = element('m', { text: 'x', children: [element('i')], mixed: ['x', element('i')] })
    expect(written(element('a', { children: [element('b', { children: [element('c', { text: ' ' })] }), mixed] }), { indent: true }))
      .toBe('<a>\n  <b>\n    <c> </c>\n  </b>\n  <m>x<i/></m>\n</a>\n')
  })
  test.each([
    ['a control character', element('a', { children: [element('b', { text: '\u0001' })] }), 'a.b'],
    ['half a surrogate pair', element('a', { text: '\ud800' }), 'a'],
    ['a name with a space', element('a b'), 'a b'],
    ['a name with a colon', element('p:a'), 'p:a'],
    ['an attribute twice', element('a', { attributes: [{ name: 'b', namespace: '', value: '1' }, { name: 'b', namespace: '', value: '2' }] }), 'a@b'],
    ['an attribute xmlns', element('a', { attributes: [{ name: 'xmlns', namespace: '', value: 'u' }] }), 'a@xmlns'],
  ])('is refused for %s', (_what, root, at) => {
    expect(writeXml(root)).toMatchObject({ ok: false, code: 'value-invalid', at })
  })
})

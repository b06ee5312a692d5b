import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Node } from '../../schemas/node.js'
import { readXml } from '../../schemas/xml-reader.js'
import { writeXml } from '../../schemas/xml-writer.js'
import { element, namespaces, unplaced, xmlTrees } from '../fixtures/xml-trees.js'

const written = (root: Node, options: Parameters<typeof writeXml>[1] = {}): string => {
  const result = writeXml(root, options)
  if (!result.ok) throw new Error(`${result.code} ${result.at} ${result.detail}`)
  return result.value.replace('<?xml version="1.0" encoding="UTF-8"?>\n', '')
}

describe('reading what was written', () => {
  test('gives the same tree, whatever prefixes are wished for', () => {
    const prefixes = fc.dictionary(namespaces, fc.constantFrom('', 'p', 'xml', 'xmlns', 'ns1', '1', 'q'))
    fc.assert(fc.property(xmlTrees, prefixes, (tree, wished) => {
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

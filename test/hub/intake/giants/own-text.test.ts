import { describe, expect, it } from 'vitest'
import { ownText } from '../../../../hub/intake/giants/own-text.js'
import { readXml } from '../../../../schemas/xml-reader.js'

const piece = (text: string, namespaces: readonly (readonly [string, string])[]) => ({ text, context: { namespaces, line: 1, column: 1 } })

describe('the text of a document that was cut out', () => {
  it.each([
    ['<a:x><b/></a:x>', [['a', 'urn:a'], ['', 'urn:b']]],
    ['<a:x xmlns:a="urn:own" t="a:y > xmlns:b="/>', [['a', 'urn:a'], ['b', 'urn:"&<b']]],
    ["<x xmlns='urn:own'\n  y='1'><z/></x>", [['', 'urn:outer'], ['a', 'urn:1'], ['a', 'urn:2']]],
    ['<x/>', []],
  ] as const)('reads by itself as it does where it stood: %s', (text, namespaces) => {
    const given = text.replace('t="a:y > xmlns:b="', 't="a:y > xmlns:b=\'"')
    const there = readXml(given, {}, { nodes: 0 }, { namespaces, line: 1, column: 1 })
    const alone = readXml(ownText(piece(given, namespaces)))
    const bare = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (key, member: unknown) => (key === 'column' ? undefined : member)))
    expect(there.ok).toBe(true)
    expect(bare(alone)).toEqual(bare(there))
  })

  it('keeps the prefixes of its sender, those in values too', () => {
    expect(ownText(piece('<a:x t="b:y"/>', [['a', 'urn:a'], ['b', 'urn:b']]))).toBe('<a:x xmlns:a="urn:a" xmlns:b="urn:b" t="b:y"/>')
  })
})

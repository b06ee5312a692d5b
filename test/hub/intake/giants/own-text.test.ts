import { describe, expect, it } from 'vitest'
import { ownText, textUnder } from '../../../../hub/intake/giants/own-text.js'
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

describe('the text of documents that were cut out, below their root', () => {
  it.each([
    '<o:Many xmlns:o="urn:o" xmlns="urn:d" xmlns:t="urn:t" plain="1 &amp; &quot;2&quot;" t:typed="x&#10;y" xml:lang="de"><o:head t="o:q">x</o:head><line/></o:Many>',
    '<Many xmlns="urn:o" xmlns:again="urn:o" again:a="1"><line again:b="2"/></Many>',
    '<Many><line xmlns="urn:x"/></Many>',
  ])('reads as it does where it stood: %s', (text) => {
    const whole = readXml(text)
    if (!whole.ok) throw new Error(whole.detail)
    const tag = /^<[^>]*>/.exec(text)?.[0] ?? ''
    const namespaces = [...tag.matchAll(/\sxmlns(?::(\w+))?="([^"]*)"/g)].map(([, prefix = '', uri = '']) => [prefix, uri] as const)
    const again = readXml(textUnder(whole.value, text.slice(tag.length, text.lastIndexOf('</')), { namespaces, line: 1, column: 1 }))
    const bare = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (key, member: unknown) => (key === 'column' || key === 'line' ? undefined : member)))
    expect(bare(again)).toEqual(bare(whole))
  })
})

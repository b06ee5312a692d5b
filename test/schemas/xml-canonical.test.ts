import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { XmlC14NMode, XmlDocument } from 'libxml2-wasm'
import { describe, expect, it } from 'vitest'
import { decodeText } from '../../schemas/decode-text.js'
import type { Node } from '../../schemas/node.js'
import { projectFolder } from '../../schemas/project-folder.js'
import { canonicalise } from '../../schemas/xml-canonical.js'
import { readXml } from '../../schemas/xml-reader.js'

const inOrder = (node: Node): readonly Node[] => [node, ...node.children.flatMap(inOrder)]

const read = (text: string): Node => {
  const root = readXml(text)
  if (!root.ok) throw new Error(`${root.at} ${root.detail}`)
  return root.value
}

const ours = (text: string, nodes: readonly Node[], inclusivePrefixes: readonly string[] = []): readonly string[] => {
  const canonical = canonicalise(text, nodes.map(({ line, column }) => ({ line, column, inclusivePrefixes })))
  if (!canonical.ok) throw new Error(canonical.detail)
  return canonical.value
}

/** What libxml2 gives for the elements of these numbers in document order. */
const theirs = (text: string, numbers: readonly number[], inclusivePrefixes: readonly string[] = []): readonly string[] => {
  const document = XmlDocument.fromBuffer(Buffer.from(text, 'utf8'))
  try {
    const nodes = document.find('//*')
    return numbers.map((number) => nodes[number]?.canonicalizeToString({ mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0, inclusiveNamespacePrefixes: [...inclusivePrefixes] }) ?? '')
  } finally {
    document.dispose()
  }
}

const prefixes = ['', 'a', 'b', 'ü']
// None with an ampersand: libxml2 writes that as it is, against section 2.3 of Canonical XML.
const uris = ['urn:one', 'urn:two', 'http://example.org/Z', 'http://example.org/a']
const value = fc.array(fc.constantFrom('x', '&lt;', '&amp;', '&#13;', '&#10;', '&#9;', '\t', '\n', '\r\n', '>', "'", '汉', '😀', ' '), { maxLength: 4 }).map((pieces) => pieces.join(''))
const text = fc.oneof(value, value.map((piece) => piece.replaceAll('"', '')), fc.constantFrom('<!-- a comment -->', '<![CDATA[<&]]>', '<![CDATA[]]>'))

interface Plan {
  readonly prefix: number
  readonly declared: readonly (readonly [prefix: number, uri: number])[]
  readonly attributes: readonly (readonly [prefix: number, name: string, value: string])[]
  readonly content: readonly (string | Plan)[]
}

const plans = fc.letrec<{ plan: Plan }>((tie) => ({
  plan: fc.record({
    prefix: fc.nat(3),
    declared: fc.uniqueArray(fc.tuple(fc.nat(3), fc.nat(uris.length)), { selector: ([prefix]) => prefix, maxLength: 3 }),
    attributes: fc.uniqueArray(fc.tuple(fc.nat(3), fc.constantFrom('m', 'n', '\ufb01', '𠀀'), value), { selector: ([prefix, name]) => `${prefix}:${name}`, maxLength: 3 }),
    content: fc.array(fc.oneof({ maxDepth: 4 }, text, tie('plan')), { maxLength: 4 }),
  }),
})).plan

/** A document of a plan, whose prefixes are all declared: those that would not be stand for none. */
const write = (plan: Plan, scope: ReadonlyMap<string, string>): string => {
  const own = new Map(scope)
  const declarations = plan.declared.flatMap(([index, uri]) => {
    const prefix = prefixes[index] ?? ''
    const given = uris[uri]
    if (given === undefined && prefix !== '') return []
    own.set(prefix, given ?? '')
    return [` xmlns${prefix === '' ? '' : ':'}${prefix}="${given ?? ''}"`]
  })
  const named = (index: number): string => ((own.get(prefixes[index] ?? '') ?? '') === '' || prefixes[index] === '' ? '' : `${prefixes[index] ?? ''}:`)
  const seen = new Set<string>()
  const attributes = plan.attributes.flatMap(([index, name, given]) => {
    const prefix = named(index)
    const key = `${prefix === '' ? '' : own.get(prefix.slice(0, -1)) ?? ''} ${name}`
    if (seen.size === seen.add(key).size) return []
    return [` ${prefix}${name}="${given}"`]
  })
  const tag = `${named(plan.prefix)}e`
  const content = plan.content.map((piece) => (typeof piece === 'string' ? piece : write(piece, own))).join('')
  return `<${tag}${[...attributes, ...declarations].join('')}>${content}</${tag}>`
}

describe('exclusive canonicalisation', () => {
  it('gives for every element of any document what libxml2 gives', () => {
    fc.assert(fc.property(plans, fc.subarray(['a', 'b', '#default']), (plan, inclusive) => {
      const document = write(plan, new Map())
      const nodes = inOrder(read(document))
      expect(ours(document, nodes, inclusive)).toEqual(theirs(document, nodes.map((_node, index) => index), inclusive))
    }), { numRuns: 300 })
  })

  it('leaves out comments and CDATA marks, renders what is used and no more, and sorts by namespace and name', () => {
    const document = '<r xmlns="urn:d" xmlns:z="urn:a" xmlns:y="urn:b" xmlns:unused="urn:c"><z:e y:b="1" b="2" z:a="3" a=\'4"\'>x<!-- c -->&#13;<![CDATA[<&]]><f/></z:e></r>'
    expect(ours(document, [inOrder(read(document))[1] ?? read(document)])).toEqual([
      '<z:e xmlns:y="urn:b" xmlns:z="urn:a" a="4&quot;" b="2" z:a="3" y:b="1">x&#xD;&lt;&amp;<f xmlns="urn:d"></f></z:e>',
    ])
  })

  it('fails rather than repeat a long namespace without end', () => {
    const document = `<r xmlns:p="urn:${'x'.repeat(10_000)}"><b>${'<p:c/>'.repeat(10_000)}</b></r>`
    const [, body] = inOrder(read(document))
    expect(canonicalise(document, [{ line: body?.line ?? 0, column: body?.column ?? 0, inclusivePrefixes: [] }])).toMatchObject({ ok: false, code: 'limit-exceeded' })
  })

  const corpora = projectFolder('..', 'shared', 'corpora')
  it.skipIf(!existsSync(corpora))('gives for the root and some element of each document of the corpora what libxml2 gives', () => {
    const files = readdirSync(corpora, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.xml'))
    let compared = 0
    for (const name of files) {
      const decoded = decodeText(readFileSync(join(corpora, name)))
      if (!decoded.ok || /<!DOCTYPE|<\?(?!xml\s)/.test(decoded.value.text)) continue
      const document = decoded.value.text.replace(/^<\?xml[^>]*\?>/, '')
      const nodes = inOrder(read(document))
      const numbers = [0, Math.floor(nodes.length / 3), nodes.length - 1]
      expect(ours(document, numbers.map((number) => nodes[number] ?? read(document))), name).toEqual(theirs(document, numbers))
      compared++
    }
    expect(compared).toBeGreaterThan(100)
  })
})

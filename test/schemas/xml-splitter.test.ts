import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Node } from '../../schemas/node.js'
import type { Result } from '../../schemas/result.js'
import { readXml } from '../../schemas/xml-reader.js'
import { makeXmlSplitter, type XmlPiece } from '../../schemas/xml-splitter.js'

/** Splits a text that comes in steps of these lengths, over and over. */
const split = (text: string, steps: readonly number[] = [7], longestPiece = 10_000) => {
  let root: Node | undefined
  const splitter = makeXmlSplitter({ onRoot: (read) => { root = read }, longestPiece })
  const cuts: Result<XmlPiece>[] = []
  for (let at = 0, step = 0; at < text.length; step++) {
    const next = at + (steps[step % steps.length] ?? 1)
    cuts.push(...splitter.push(text.slice(at, next)))
    at = next
  }
  cuts.push(...splitter.end())
  return { root, cuts, failure: splitter.failure() }
}

const nodesOf = (cuts: readonly Result<XmlPiece>[]) => cuts.map((cut) => (cut.ok ? readXml(cut.value.text, {}, { nodes: 0 }, cut.value.context) : cut))

const batch = '<?xml version="1.0"?>\n<!-- a > b -->\n<!DOCTYPE b:Batch SYSTEM "x>y">\n<?go on?><b:Batch xmlns:b="urn:b" xmlns="urn:d" at=">">\n'
  + '  <Order id="a>b"><Line/><Line a=\'>"/Order>\'/>&amp; <![CDATA[</Order>]]><!-- </Order> --><?x </Order>?></Order>\n'
  + '<!-- between --><b:Order xsi:type="b:T" xmlns:xsi="urn:x">b:QName</b:Order\n><b:Order/><Order xmlns="">上海\n<Deep><Order/></Deep></Order>\n</b:Batch>\n<!-- after -->\n'

const stepLengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 })

describe('the children of a large document', () => {
  it('are the very nodes that the whole document has, places and namespaces included, however the text comes', () => {
    const whole = readXml(batch)
    if (!whole.ok) throw new Error(whole.detail)
    fc.assert(fc.property(stepLengths, (steps) => {
      const { cuts, root, failure } = split(batch, steps)
      expect(failure).toBeUndefined()
      expect(root).toMatchObject({ name: 'Batch', namespace: 'urn:b', attributes: [{ name: 'at', value: '>' }] })
      expect(nodesOf(cuts)).toEqual(whole.value.children.map((value) => ({ ok: true, value })))
    }), { verbose: true })
  })

  it('of an empty root are none', () => {
    expect(split('<a/>')).toMatchObject({ cuts: [], failure: undefined })
    expect(split('<a>\n</a>')).toMatchObject({ cuts: [], failure: undefined })
  })

  it('fail alone where they are too long, whether or not the text holds more of them', () => {
    const { cuts, failure } = split(`<a>\n<b/><c>${'x'.repeat(500)}<d>${'<e/>'.repeat(100)}</d></c>\n<b/></a>`, [50], 200)
    expect(cuts).toMatchObject([{ ok: true }, { ok: false, code: 'limit-exceeded', at: '2:5' }, { ok: true, value: { line: 3, column: 1 } }])
    expect(failure).toBeUndefined()
  })
})

describe('a large document that is not well-formed', () => {
  it.each<[string, string, string, string]>([
    ['text between the children', '<a>\n<b/> x</a>', '2:6', 'xml-not-well-formed'],
    ['text behind the root', '<a><b/></a>\n x', '2:2', 'xml-not-well-formed'],
    ['text before the root', 'x<a/>', '1:1', 'xml-not-well-formed'],
    ['an end tag of another name', '<a>\n<b><c></b></c></a>', '2:7', 'xml-not-well-formed'],
    ['an end tag whose name begins alike', '<a>\n<b></bc></a>', '2:4', 'xml-not-well-formed'],
    ['a root that does not end', '<a><b/>\n', '2:1', 'xml-not-well-formed'],
    ['a child that does not end', '<a>\n<b>', '2:4', 'xml-not-well-formed'],
    ['a tag that does not end', '<a>\n<b', '2:1', 'xml-not-well-formed'],
    ['a comment that does not end', '<a>\n<!-- ', '2:1', 'xml-not-well-formed'],
    ['two hyphens in a comment between', '<a>\n<!-- -- --></a>', '2:6', 'xml-not-well-formed'],
    ['two roots', '<a></a><b/>', '1:8', 'xml-not-well-formed'],
    ['no root', '<!-- x -->', '1:11', 'xml-not-well-formed'],
    ['a late XML declaration', '<a/><?xml version="1.0"?>', '1:5', 'xml-not-well-formed'],
    ['a CDATA section between', '<a><![CDATA[ ]]></a>', '1:4', 'xml-not-well-formed'],
    ['a root with an attribute twice', '<a b="1" b="2"></a>', '1:1', 'xml-not-well-formed'],
    ['an undeclared prefix of the root', '<a:b></a:b>', '1:1', 'xml-not-well-formed'],
    ['a late document type declaration', '<a><!DOCTYPE a></a>', '1:4', 'xml-not-well-formed'],
    ['two document type declarations', '<!DOCTYPE a><!DOCTYPE a><a/>', '1:13', 'xml-not-well-formed'],
    ['an entity declaration', '<!DOCTYPE a [<!ENTITY b "c">]><a/>', '1:1', 'xml-forbidden'],
    ['elements too deep', '<a>'.repeat(300), '1:601', 'limit-exceeded'],
  ])('is refused at its place for %s', (_name, text, at, code) => {
    for (const steps of [[1], [1000]]) expect(split(text, steps).failure).toMatchObject({ code, at })
  })

  it('gives the children before the place', () => {
    expect(split('<a><b/><c/></d>').cuts).toHaveLength(2)
  })

  it('is refused where a comment never ends, without holding it', () => {
    expect(split(`<a><!-- ${'x'.repeat(1000)}`, [50], 200).failure).toMatchObject({ code: 'limit-exceeded', at: '1:4' })
  })
})

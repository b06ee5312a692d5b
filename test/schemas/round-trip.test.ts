import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeText } from '../../schemas/decode-text.js'
import { readJson } from '../../schemas/json-reader.js'
import { writeJson } from '../../schemas/json-writer.js'
import type { Node } from '../../schemas/node.js'
import type { Result } from '../../schemas/result.js'
import { readXml } from '../../schemas/xml-reader.js'
import { writeXml } from '../../schemas/xml-writer.js'
import { foreignXml, makeDraw } from '../fixtures/foreign-xml.js'
import { foreignJson, jsonTrees } from '../fixtures/json-trees.js'
import { unplaced, xmlTrees } from '../fixtures/xml-trees.js'

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
console.info(`round trips: seed ${seed}`)

const seeds = fc.integer()
const marked = (text: string): Buffer => Buffer.from(`\ufeff${text}`)
const encoders: readonly ((text: string) => Uint8Array)[] = [
  (text) => Buffer.from(text), marked, (text) => Buffer.from(text, 'utf16le'), (text) => Buffer.from(text, 'utf16le').swap16(),
  (text) => Buffer.from(`\ufeff${text}`, 'utf16le'), (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
]
const encoded = (text: string, index: number): Uint8Array => (encoders[index] ?? marked)(text)

const treeOf = (bytes: Uint8Array, read: (text: string) => Result<Node>): unknown => {
  const decoded = decodeText(bytes)
  const root = decoded.ok ? read(decoded.value.text) : decoded
  return root.ok ? unplaced(root.value) : root
}
const again = (written: Result<string>, read: (text: string) => Result<Node>): unknown => (written.ok ? treeOf(Buffer.from(written.value), read) : written)

describe('XML', () => {
  it('is the same tree however a system writes it: prefixes, references, CDATA, comments, quotes, line ends, encoding', () => {
    fc.assert(fc.property(xmlTrees, seeds, fc.nat(5), (tree, spelling, encoding) => {
      expect(treeOf(encoded(foreignXml(tree, makeDraw(spelling)), encoding), readXml)).toEqual(tree)
    }), { seed, numRuns: 1500 })
  })
  it('is the same tree when what was read is written and read again', () => {
    fc.assert(fc.property(xmlTrees, seeds, (tree, spelling) => {
      const root = readXml(foreignXml(tree, makeDraw(spelling)))
      expect(root.ok && again(writeXml(root.value), readXml)).toEqual(tree)
    }), { seed, numRuns: 500 })
  })
  it('keeps identifiers, decimals and dates as they were sent, in text and attributes', () => {
    const values = fc.oneof(fc.constantFrom('007', '12345678901234567890', '1.10', '-0', '+49 123', '0x1F', '1e200000', ' 2026-03-05 ', '2026-03-05+08:00', 'true', 'null', 'NaN'), fc.stringMatching(/^[-+0-9.eE ]{1,40}$/))
    fc.assert(fc.property(values, seeds, (value, spelling) => {
      const tree: Node = { name: 'ID', namespace: '', attributes: [{ name: 'v', namespace: '', value }], children: [], text: value, kind: 'element', line: 0, column: 0 }
      expect(treeOf(Buffer.from(foreignXml(tree, makeDraw(spelling))), readXml)).toEqual(tree)
    }), { seed, numRuns: 500 })
  })
})

describe('JSON', () => {
  it('is the same tree however a system writes it: white space, escapes, encoding; numbers keep their digits, members their order', () => {
    fc.assert(fc.property(jsonTrees.value, seeds, fc.nat(5), (tree, spelling, encoding) => {
      expect(treeOf(encoded(foreignJson(tree, makeDraw(spelling)), encoding), readJson)).toEqual(tree)
    }), { seed, numRuns: 1500 })
  })
  it('is the same tree when what was read is written and read again', () => {
    fc.assert(fc.property(fc.oneof(jsonTrees.value, jsonTrees.array), seeds, fc.boolean(), (tree, spelling, indent) => {
      const root = readJson(foreignJson(tree, makeDraw(spelling)))
      expect(root.ok && again(writeJson(root.value, { indent }), readJson)).toEqual(tree)
    }), { seed, numRuns: 1500 })
  })
  it('with a member twice in one object is refused, at any depth', () => {
    fc.assert(fc.property(jsonTrees.value, fc.constantFrom('a', '__proto__', 'constructor', ''), (tree, name) => {
      const text = `[{"x":{${JSON.stringify(name)}:1,"z":${foreignJson(tree, makeDraw(1))},${JSON.stringify(name)}:1}}]`
      expect(readJson(text)).toMatchObject({ code: 'json-not-well-formed', detail: expect.stringContaining('stands twice') as unknown })
    }), { seed, numRuns: 200 })
  })
})

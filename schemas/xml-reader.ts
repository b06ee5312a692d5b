import { nextLineEnd, withLineFeeds } from './line-feeds.js'
import { mostNodes, tooManyNodes, type Node, type NodeAttribute, type NodeCount } from './node.js'
import { fail, ok, type Failure, type Result } from './result.js'
import { makeXmlNamespaces } from './xml-namespaces.js'
import { scanXml, type RefuseXml, type WrittenAttribute } from './xml-scanner.js'
import { makeXmlTree } from './xml-tree.js'

/** What one document may have at most; lengths are in UTF-16 code units. */
interface XmlLimits {
  readonly depth: number
  /** Of one element, namespace declarations included. */
  readonly attributes: number
  readonly nameLength: number
  /** Names and prefixes that differ, as they are written. */
  readonly names: number
  /** Namespaces that differ. */
  readonly namespaces: number
  /** Namespace declarations of an element and those around it, also where one hides another. */
  readonly declarations: number
  /** Elements and attributes together. */
  readonly nodes: number
  readonly textLength: number
}

/** Where a text stands that was cut out of a larger document: what was declared around it, and the place of its first character. */
export interface XmlContext {
  /** Pairs of prefix ('' for the default namespace) and URI. */
  readonly namespaces: readonly (readonly [string, string])[]
  readonly line: number
  readonly column: number
}

const ownDocument: XmlContext = { namespaces: [], line: 1, column: 1 }

const defaultLimits: XmlLimits = { depth: 200, attributes: 256, nameLength: 1024, names: 20_000, namespaces: 10_000, declarations: 4096, nodes: mostNodes, textLength: 256 * 1024 * 1024 }

/**
 * Reads an XML 1.0 document with namespaces into a tree. Comments and processing instructions are passed over, and the text
 * around them is one. A document type declaration may have a name and an external identifier, which is never opened.
 * Namespace declarations are not among a node's attributes. A document that calls itself version 1.1 is held to 1.0.
 * Fails with xml-not-well-formed, xml-forbidden (an internal subset) or limit-exceeded, each at line and column.
 * Texts that share a `count` share the limit of nodes. A text that was cut out of a document is read in its `context`.
 */
export const readXml = (text: string, limits: Partial<XmlLimits> = {}, count: NodeCount = { nodes: 0 }, context: XmlContext = ownDocument): Result<Node> => {
  const most = { ...defaultLimits, ...(count.most === undefined ? {} : { nodes: count.most }), ...limits }
  if (text.length > most.textLength) return fail('limit-exceeded', '1:1', `The document is longer than ${most.textLength} characters.`)
  const reading = makeReading(text.includes('\r') ? withLineFeeds(text) : text, most, count, context)
  try {
    return ok(reading.read())
  } catch (error) {
    const failure = reading.failure()
    if (failure === undefined) throw error
    return failure
  }
}


const makeReading = (text: string, limits: XmlLimits, count: NodeCount, context: XmlContext) => {
  let failure: Failure | undefined
  const refuse: RefuseXml = (code, offset, detail) => {
    const lineStart = text.lastIndexOf('\n', offset - 1) + 1
    let { line } = context
    for (let end = nextLineEnd(text, 0); end !== -1 && end < lineStart; end = nextLineEnd(text, end + 1)) line++
    failure = fail(code, `${line}:${(offset < 1 ? 0 : offset - lineStart) + (line === context.line ? context.column : 1)}`, oneLine(detail))
    throw new Error(failure.detail)
  }
  return {
    read: (): Node => {
      checkCharacters(text, refuse)
      const surplus = surplusTag(text, limits.nodes)
      if (surplus !== undefined) refuse('limit-exceeded', surplus, tooManyNodes(limits.nodes, elements))
      return buildTree(text, limits, count, refuse, context)
    },
    failure: (): Failure | undefined => failure,
  }
}

const buildTree = (text: string, limits: XmlLimits, count: NodeCount, refuse: RefuseXml, context: XmlContext): Node => {
  const tree = makeXmlTree()
  const place = makePlaces(text, context)
  let at = 0
  let names = 0
  const uris = new Set<string>()
  const namespaces = makeXmlNamespaces((reason) => refuse('xml-not-well-formed', at, reason), (name) => {
    if (++names > limits.names) refuse('limit-exceeded', at, `There are more than ${limits.names} different names.`)
    if (name.length > limits.nameLength) refuse('limit-exceeded', at, `A name is longer than ${limits.nameLength} characters.`)
  }, (uri, open) => {
    if (open > limits.declarations) refuse('limit-exceeded', at, `More than ${limits.declarations} namespace declarations stand in an element and those around it.`)
    if (uris.add(uri).size > limits.namespaces) refuse('limit-exceeded', at, `There are more than ${limits.namespaces} different namespaces.`)
  })
  let depth = 0
  for (const [prefix, uri] of context.namespaces) namespaces.declare(prefix, uri, 0)
  scanXml(text, limits.attributes, {
    start: (name, written, offset) => {
      at = offset
      count.nodes += 1 + written.length
      if (++depth > limits.depth) refuse('limit-exceeded', offset, `Elements are nested more than ${limits.depth} levels deep.`)
      if (count.nodes > limits.nodes) refuse('limit-exceeded', offset, tooManyNodes(limits.nodes, elements))
      const attributes = written.length === 0 ? none : resolveAttributes(written, namespaces, depth, (detail) => refuse('xml-not-well-formed', offset, detail))
      const { local, namespace } = namespaces.element(name)
      const { line, lineStart } = place(offset)
      tree.start(local, namespace, attributes, line, offset - lineStart + 1)
    },
    end: () => {
      namespaces.leave(depth--)
      tree.end()
    },
    text: tree.text,
    refuse,
  })
  return tree.root()
}

const elements = 'elements and attributes'

/** Four characters for each, `<a/>`. */
const shortestElement = 4

/**
 * Where the start tag stands that is one too many: seen before a tree is built that would be thrown away. Undefined where a comment, a section or an
 * instruction, which may hold a `<` of its own, leaves that to the reading.
 */
const surplusTag = (text: string, most: number): number | undefined => {
  if (text.length <= most * shortestElement) return undefined
  let tags = 0
  for (let at = text.indexOf('<', 1); at !== -1; at = text.indexOf('<', at + 1)) {
    const code = text.charCodeAt(at + 1)
    if (code === 0x21 || code === 0x3f) return undefined
    if (code !== 0x2f && ++tags > most) return at
  }
  return undefined
}

const none: readonly never[] = []

const resolveAttributes = (
  written: readonly WrittenAttribute[], namespaces: ReturnType<typeof makeXmlNamespaces>, depth: number, malformed: (detail: string) => never,
): readonly NodeAttribute[] => {
  const [only] = written
  if (only !== undefined && written.length === 1 && !only.name.startsWith('xmlns')) {
    const { local, namespace } = namespaces.attribute(only.name)
    return [{ name: local, namespace, value: only.value }]
  }
  const plain: WrittenAttribute[] = []
  for (const attribute of written) {
    const { name, value } = attribute
    if (name === 'xmlns') namespaces.declare('', value, depth)
    else if (name.startsWith('xmlns:')) namespaces.declare(name.slice(6) || malformed('A declaration names no prefix.'), value, depth)
    else plain.push(attribute)
  }
  if (plain.length === 0) return none
  const seen = new Set<string>()
  return plain.map(({ name, value }) => {
    const { local, namespace } = namespaces.attribute(name)
    if (seen.size === seen.add(`${local} ${namespace}`).size) malformed(`The attribute ${name} stands twice in one element.`)
    return { name: local, namespace, value }
  })
}

/** Behind a longer line another one like it is looked for. */
const shortLine = 16

/** Gives the line of an offset (1-based) and where it starts, for offsets that only grow. */
const makePlaces = (text: string, { line, column }: XmlContext) => {
  const place = { line, lineStart: 1 - column }
  let lineEnd = nextLineEnd(text, 0)
  return (offset: number): Readonly<typeof place> => {
    while (lineEnd !== -1 && lineEnd < offset) {
      const isShort = lineEnd - place.lineStart < shortLine
      place.line++
      place.lineStart = lineEnd + 1
      lineEnd = isShort ? nextLineEnd(text, lineEnd + 1) : text.indexOf('\n', lineEnd + 1)
    }
    return place
  }
}

// eslint reads the control characters as a slip of the pen in a literal.
const suspect = new RegExp('[\\0-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff]')
const noCharacter = new RegExp('[\\0-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]|\\p{Surrogate}', 'u')

/** XML 1.0, production 2. The first expression is many times as fast and answers for almost every document. */
const checkCharacters = (text: string, refuse: RefuseXml): void => {
  const offset = suspect.test(text) ? text.search(noCharacter) : -1
  if (offset !== -1) refuse('xml-not-well-formed', offset, 'The document holds a character that XML does not have.')
}

const detailLength = 200

const oneLine = (detail: string): string => detail.replace(/\s+/g, ' ').slice(0, detailLength)

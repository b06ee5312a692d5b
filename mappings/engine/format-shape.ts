import type { After, Binding, Converter, Finish } from './converter.js'
import type { ElementName, Syntax } from './format.js'
import type { Block } from './rule.js'
import type { Qualifiers } from './source-place.js'
import type { SourcePath, SourcePredicate, SourceSegment } from './source-path.js'

/** Everything that reading and writing need to know of one map, its files read and its names looked up. */
export interface FormatShape {
  readonly id: string
  readonly language: string
  readonly syntax: Syntax
  /** How the language's documents look in JSON, where the maps are written for XML. */
  readonly json: Binding | undefined
  /** Another syntax in which its documents come, as the description says. */
  readonly also: Syntax | undefined
  readonly kind: string
  readonly root: ElementName
  /** The child of the root at which a document is cut into parts that carry its head each. */
  readonly split: ElementName | undefined
  /** Whether a document may have any other name at its root, being recognised by what stands inside. */
  readonly anyRoot: boolean
  /** What a document is recognised by, which writing puts there. */
  readonly where: readonly SourcePredicate[]
  readonly body: Block
  readonly blocks: ReadonlyMap<string, Block>
  readonly converters: ReadonlyMap<string, Converter>
  readonly after: ReadonlyMap<string, After>
  /** Attributes without a namespace that say nothing that their element does not. */
  readonly ignoredAttributes: ReadonlySet<string>
  /** Elements whose content is kept by hash only. */
  readonly binary: ReadonlySet<string>
  /** Elements, and attributes with an `@`, whose values are shown to nobody: they give no field and no extension. */
  readonly secret: ReadonlySet<string>
  /** The system identifier of the document type declaration that is written; it is accepted on reading, and never loaded. */
  readonly doctype: string | undefined
  readonly ownNamespaces: ReadonlyMap<string, string>
  readonly prefixOf: (namespace: string) => string
  readonly namespaceOf: (prefix: string) => string | undefined
  /** Paths that recognition looked at: used, though they give no field. */
  readonly used: readonly (readonly SourceSegment[])[]
  /** Says that a document is a test, where the format has such a sign. */
  readonly test: SourcePath | undefined
  /** Constant texts that writing puts where nothing else stands and the parent is there. */
  readonly fill: readonly { readonly path: SourcePath, readonly text: string }[]
  /** Paths whose elements are left out with all below them, such as the envelope around the document; rules may write them. */
  readonly ignored: readonly SourcePath[]
  /** What tells elements of one name apart, the first of these that is there, by that name: a path names them by it and not by position. */
  readonly qualifiers: Qualifiers
  readonly finish: Finish | undefined
  /** The order of the root's children, and of those below. */
  readonly childOrder: () => ChildOrder
}

/** In which order the children of one node are written. */
export interface ChildOrder {
  /** undefined for what has no place of its own and stands behind the others. */
  readonly rankOf: (name: string, namespace: string) => number | undefined
  readonly below: (name: string, namespace: string) => ChildOrder
}

/** Nothing is ordered. */
export const unordered: ChildOrder = { rankOf: () => undefined, below: () => unordered }


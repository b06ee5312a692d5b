/**
 * One ordered tree for every syntax: what a reader makes of the bytes and a writer turns into bytes again.
 * Nothing in it is a JavaScript number; values are the text that the sender wrote.
 *
 * XML: `name` is the local name, `namespace` its URI (never a prefix), `text` the character data directly inside, references
 * and CDATA resolved, whitespace exact. `mixed` is there only where text and elements stand side by side, in their order.
 * JSON: a member is a child named by its key. A member whose value is an array becomes one child for each element, each
 * `listed`; an empty array one child of kind `array` without children; an element that is itself an array, and an array at
 * the root, a node of kind `array` whose children are `listed` and named ''. `namespace` is '' and `attributes` is empty.
 */
export interface Node {
  readonly name: string
  readonly namespace: string
  readonly attributes: readonly NodeAttribute[]
  readonly children: readonly Node[]
  readonly text: string
  readonly mixed?: readonly (string | Node)[]
  readonly kind: NodeKind
  readonly listed?: true
  /** The root of a part that was cut from a giant: what the giant's head has, and one of its many children. */
  readonly cut?: true
  /** 1-based, of the first character of the start tag or value; 0 in a tree that was built rather than read. */
  readonly line: number
  readonly column: number
}

/** What one message may have at most, whatever its channel says: elements and attributes of XML, values of JSON, cells, segments with what is in them. A node takes some 200 bytes of memory. */
export const mostNodes = 250_000

/** Said of more nodes than there may be, by a name for them all. */
export const tooManyNodes = (most: number, what: string): string =>
  `There are more than ${most} ${what}; send them in several messages${most < mostNodes ? `, or raise maxNodes of the channel, which may be ${mostNodes}` : ''}.`

/** Documents of one message. */
export const mostParts = 10_000

/** How many nodes were read so far, of one text or of all texts that share it. */
export interface NodeCount {
  nodes: number
  /** How many there may be, where that is fewer than mostNodes. */
  readonly most?: number | undefined
}

export type NodeKind = 'element' | 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

export interface NodeAttribute {
  readonly name: string
  readonly namespace: string
  readonly value: string
}

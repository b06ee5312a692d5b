import type { ErrorCode } from '../../schemas/error-registry.js'
import type { RuleFunction } from './description/rule-tests.js'
import type { Node, NodeKind } from '../../schemas/node.js'

/** Notes that a value is wrong; `warning` where the document is taken all the same. Gives undefined, which a converter hands on as "no value". */
export type Report = (code: ErrorCode, detail: string, severity?: 'warning') => unknown

/** Notes that a document can't be written as it is, and why. */
export type Refuse = (detail: string) => void

/** What the document as a whole says at a canonical path, for converters that go by it. */
export type Said = (field: string) => unknown

/** What writing puts into a node. */
export interface Written {
  readonly text?: string
  readonly kind?: NodeKind
  /** Attributes without a namespace, or `xml:lang`. */
  readonly attributes?: Readonly<Record<string, string | undefined>>
  readonly children?: readonly { readonly name: string, readonly namespace: string, readonly written: Written }[]
}

/** A named pair: from a node of the source to a canonical value, and back. */
export interface Converter {
  /** The attributes that `read` looks at besides the text, with the member that they become; `all` where it takes the whole node with all below it. */
  readonly takes: Readonly<Record<string, string>> | 'all'
  /** The child elements that `read` takes with all below them; what stands beside them is for other rules. */
  readonly takesChildren?: readonly string[]
  /** `text` is the node's own, or an attribute's, without white space around it. `undefined` means that the value is not one for this rule. */
  readonly read: (text: string, node: Node, report: Report, said: Said) => unknown
  /** `undefined` where the value is left out; `refuse` where leaving it out, or writing another, would say something wrong. */
  readonly write: (value: unknown, refuse: Refuse, said: Said) => Written | undefined
  /** The field of the document that `said` is asked for. */
  readonly by?: string
}

/** Looks at an item when all its rules were applied, and may set what only several fields together say. `above` is the node around the item's. */
export type After = (item: Record<string, unknown>, node: Node, above: Node | undefined) => void

/** Looks at the written document as a whole, children in their order, and gives what is sent. */
export type Finish = (root: Node) => Node

/** A second syntax of a language's documents, so that one map serves both. Named in format.yaml: `json: ubl`. */
export interface Binding {
  /** The tree that the maps are written for, each node at the place where it stands in what was sent; undefined where the document is none of the language. */
  readonly read: (root: Node) => Node | undefined
  /** A tree as the maps write it, in the second syntax. */
  readonly write: (root: Node) => Node
}

/** What the functions.ts beside a map exports. */
export interface MapFunctions {
  readonly bindings?: Readonly<Record<string, Binding>>
  readonly converters?: Readonly<Record<string, Converter>>
  readonly after?: Readonly<Record<string, After>>
  readonly finish?: Readonly<Record<string, Finish>>
  /** What named rules of profiles ask for by `function`. */
  readonly rules?: Readonly<Record<string, RuleFunction>>
}

/** A converter that looks at the text alone. */
export const textConverter = (
  read: (text: string, report: Report) => unknown, write: (value: string, refuse: Refuse) => string | undefined = (value) => value, kind: NodeKind = 'string',
): Converter => ({
  takes: {},
  read: (text, _node, report) => read(text, report),
  write: (value, refuse) => {
    const text = typeof value === 'string' ? write(value, refuse) : undefined
    return text === undefined ? undefined : { text, kind }
  },
})

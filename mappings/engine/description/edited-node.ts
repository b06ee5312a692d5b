import type { Node, NodeKind } from '../../../schemas/node.js'
import type { SourceSegment } from '../source-path.js'
import { holds } from '../source-path.js'

/** A tree that can be changed. */
export interface EditedNode {
  readonly name: string
  readonly namespace: string
  attributes: { readonly name: string, readonly namespace: string, value: string }[]
  children: EditedNode[]
  text: string
  readonly kind: NodeKind
  /** Whether it held elements at first. */
  readonly held: boolean
  readonly listed?: true
  readonly line: number
  readonly column: number
}

/** A copy of its own, without the order of text between elements. */
export const edited = ({ name, namespace, attributes, children, text, kind, listed, line, column }: Node): EditedNode =>
  ({ name, namespace, attributes: attributes.map((attribute) => ({ ...attribute })), children: children.map(edited), text, kind, held: children.length > 0, ...(listed === undefined ? {} : { listed }), line, column })

/** A place that can be read, written and emptied. */
export interface Spot {
  /** The element itself, where it is one. */
  readonly node: EditedNode | undefined
  readonly text: string
  readonly write: (text: string) => void
  readonly remove: () => void
}

/** The elements and attributes that a path leads to from a node. */
export const spotsAt = (node: EditedNode, segments: readonly SourceSegment[], index = 0): readonly Spot[] => {
  const segment = segments[index]
  if (segment === undefined) return []
  if (segment.attribute) {
    const found = node.attributes.find(({ name, namespace }) => name === segment.name && namespace === segment.namespace)
    return found === undefined ? [] : [{ node: undefined, text: found.value, write: (text) => { found.value = text }, remove: () => { node.attributes = node.attributes.filter((one) => one !== found) } }]
  }
  const children = node.children.filter((child) => child.name === segment.name && child.namespace === segment.namespace && holds(child, segment.predicates))
  if (index < segments.length - 1) return children.flatMap((child) => spotsAt(child, segments, index + 1))
  return children.map((child) => ({ node: child, text: child.text.trim(), write: (text) => { child.text = text }, remove: () => { node.children = node.children.filter((one) => one !== child) } }))
}

/** The nodes that a path leads to. */
export const nodesAt = (node: EditedNode, segments: readonly SourceSegment[]): readonly EditedNode[] => segments.reduce<readonly EditedNode[]>((nodes, segment) =>
  nodes.flatMap((one) => one.children.filter((child) => child.name === segment.name && child.namespace === segment.namespace && holds(child, segment.predicates))), [node])

export const newNode = (name: string, namespace: string, text = ''): EditedNode => ({ name, namespace, attributes: [], children: [], text, kind: 'element', held: false, line: 0, column: 0 })

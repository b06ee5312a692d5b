import type { Node, NodeAttribute, NodeKind } from '../../schemas/node.js'
import { xmlNamespace } from '../../schemas/xml-names.js'
import type { Written } from './converter.js'
import type { Syntax } from './format.js'
import { unordered, type ChildOrder } from './format-shape.js'
import { holds, isNamed, type SourceSegment } from './source-path.js'

/** A node while it is being written, which predicates can be asked of as of any other. */
export interface BuiltNode extends Node {
  readonly attributes: NodeAttribute[]
  children: BuiltNode[]
  text: string
  kind: NodeKind
}

export const buildNode = (name: string, namespace: string, syntax: Syntax): BuiltNode =>
  ({ name, namespace, attributes: [], children: [], text: '', kind: syntax === 'xml' ? 'element' : 'object', line: 0, column: 0 })

/** Adds a child; what a JSON list repeats is `listed`. */
export const addChild = (parent: BuiltNode, name: string, namespace: string, listed: boolean): BuiltNode => {
  const made = buildNode(name, namespace, parent.kind === 'element' ? 'xml' : 'json')
  const child: BuiltNode = listed && made.kind === 'object' ? { ...made, listed } : made
  parent.children.push(child)
  return child
}

/** Whether nothing was written here yet. */
export const isEmpty = (node: BuiltNode): boolean => node.text === '' && node.children.length === 0 && node.attributes.length === 0

/** The `position`th child that a step means, made with what its predicates say where it is missing. */
export const childAt = (parent: BuiltNode, segment: SourceSegment, position: number, listed: boolean): BuiltNode => {
  let before = 0
  for (const child of parent.children) {
    if (isNamed(child, segment) && holds(child, segment.predicates) && before++ === position) return child
  }
  const child = addChild(parent, segment.name, segment.namespace, listed)
  for (const { path, value, negated } of segment.predicates) {
    if (value !== undefined && !negated) writeInto(endOf(child, path), path.at(-1), { text: value })
  }
  return child
}

/** The first child of this name that `isMeant`; undefined where there is none. */
export const findChild = (parent: BuiltNode, segment: SourceSegment, isMeant: (child: Node) => boolean): BuiltNode | undefined =>
  parent.children.find((child) => isNamed(child, segment) && isMeant(child))

/** The node that the path leads to from here, made where it is missing; an attribute's path ends at its element. */
export const endOf = (node: BuiltNode, segments: readonly SourceSegment[]): BuiltNode =>
  segments.reduce((at, segment) => segment.attribute ? at : childAt(at, segment, 0, false), node)

/** Puts a written value into a node, or into its attribute where the last step is one. */
export const writeInto = (node: BuiltNode, last: SourceSegment | undefined, written: Written): void => {
  if (last?.attribute === true) {
    node.attributes.push({ name: last.name, namespace: last.namespace, value: written.text ?? '' })
    return
  }
  if (written.text !== undefined) node.text = written.text
  if (node.kind !== 'element' && written.text !== undefined) node.kind = written.kind ?? 'string'
  for (const [name, value] of Object.entries(written.attributes ?? {})) {
    if (value !== undefined) node.attributes.push(name.startsWith('xml:') ? { name: name.slice('xml:'.length), namespace: xmlNamespace, value } : { name, namespace: '', value })
  }
  for (const child of written.children ?? []) writeInto(addChild(node, child.name, child.namespace, false), undefined, child.written)
}

/** Puts the children of a tree into the order of the format; what the format does not order keeps its place behind. */
export const finishNode = (order: ChildOrder, node: BuiltNode): Node => {
  if (order === unordered || node.children.length === 0) return node
  if (node.children.length > 1) sortChildren(order, node)
  for (const child of node.children) finishNode(order.below(child.name, child.namespace), child)
  return node
}

const sortChildren = (order: ChildOrder, node: BuiltNode): void => {
  const ranked = node.children.map((child) => ({ child, rank: order.rankOf(child.name, child.namespace) ?? Infinity }))
  ranked.sort((a, b) => (a.rank === b.rank ? 0 : a.rank - b.rank))
  node.children = ranked.map(({ child }) => child)
}

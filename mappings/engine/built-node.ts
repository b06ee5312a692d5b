import type { Node, NodeKind } from '../../schemas/node.js'
import { xmlNamespace } from '../../schemas/xml-names.js'
import type { Written } from './converter.js'
import type { Syntax } from './format.js'
import { unordered, type ChildOrder } from './format-shape.js'
import { saysSo, textsAt, type SourcePredicate, type SourceSegment } from './source-path.js'

/** A node while it is being written. */
export interface BuiltNode {
  readonly name: string
  readonly namespace: string
  readonly attributes: { readonly name: string, readonly namespace: string, readonly value: string }[]
  children: BuiltNode[]
  text: string
  kind: NodeKind
  listed: boolean
  readonly line: 0
  readonly column: 0
}

export const buildNode = (name: string, namespace: string, syntax: Syntax): BuiltNode =>
  ({ name, namespace, attributes: [], children: [], text: '', kind: syntax === 'xml' ? 'element' : 'object', listed: false, line: 0, column: 0 })

/** Adds a child; what a JSON list repeats is `listed`. */
export const addChild = (parent: BuiltNode, name: string, namespace: string, listed: boolean): BuiltNode => {
  const child = buildNode(name, namespace, parent.kind === 'element' ? 'xml' : 'json')
  if (child.kind === 'object') child.listed = listed
  parent.children.push(child)
  return child
}

/** Whether nothing was written here yet. */
export const isEmpty = (node: BuiltNode): boolean => node.text === '' && node.children.length === 0 && node.attributes.length === 0

const isNamed = (node: BuiltNode, segment: SourceSegment): boolean => node.name === segment.name && node.namespace === segment.namespace

const asNode = (node: BuiltNode): Node => ({ name: node.name, namespace: node.namespace, attributes: node.attributes, children: node.children.map(asNode), text: node.text, kind: node.kind, line: 0, column: 0 })

/** Whether the node agrees with what the predicates say, or has nothing there that speaks against them. */
const agrees = (node: BuiltNode, predicates: readonly SourcePredicate[]): boolean => predicates.every((predicate) => saysSo(textsAt(asNode(node), predicate.path), predicate))

/** The `position`th child that a step means, made with what its predicates say where it is missing. */
export const childAt = (parent: BuiltNode, segment: SourceSegment, position: number, listed: boolean): BuiltNode => {
  let before = 0
  for (const child of parent.children) {
    if (isNamed(child, segment) && agrees(child, segment.predicates) && before++ === position) return child
  }
  const child = addChild(parent, segment.name, segment.namespace, listed)
  for (const { path, value, negated } of segment.predicates) {
    if (value !== undefined && !negated) writeInto(endOf(child, path), path.at(-1), { text: value })
  }
  return child
}

/** The first child of this name that `isMeant`; undefined where there is none. */
export const findChild = (parent: BuiltNode, segment: SourceSegment, isMeant: (child: Node) => boolean): BuiltNode | undefined =>
  parent.children.find((child) => isNamed(child, segment) && isMeant(asNode(child)))

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

/** The finished tree, children in the order of the format; what the format does not order keeps its place behind. */
export const finishNode = (order: ChildOrder, node: BuiltNode): Node => {
  if (order !== unordered && node.children.length > 1) {
    const rank = (child: BuiltNode): number => order.rankOf(child.name, child.namespace) ?? Infinity
    const ranks = new Map(node.children.map((child) => [child, rank(child)]))
    node.children.sort((a, b) => { const left = ranks.get(a) ?? 0; const right = ranks.get(b) ?? 0; return left === right ? 0 : left - right })
  }
  const { name, namespace, attributes, text, kind } = node
  const finished: Node = { name, namespace, attributes, children: node.children.map((child) => finishNode(order === unordered ? order : order.below(child.name, child.namespace), child)), text, kind, line: 0, column: 0 }
  return node.listed ? { ...finished, listed: true } : finished
}

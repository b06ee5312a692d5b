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
  return makeChild(parent, segment, listed)
}

/** Where a list is among the children of a node: at the first that it has not seen. */
export interface Cursor {
  next: number
}

/** The next child that a step means, as childAt makes it: many items one after the other ask each child once. */
export const childBehind = (parent: BuiltNode, segment: SourceSegment, cursor: Cursor): BuiltNode => {
  const { children } = parent
  while (cursor.next < children.length) {
    const child = children[cursor.next++]
    if (child !== undefined && isNamed(child, segment) && holds(child, segment.predicates)) return child
  }
  const made = makeChild(parent, segment, true)
  cursor.next = children.length
  return made
}

/** Adds a child that a step means, with what its predicates say. */
export const makeChild = (parent: BuiltNode, segment: SourceSegment, listed: boolean): BuiltNode => {
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
export const endOf = (node: BuiltNode, segments: readonly SourceSegment[]): BuiltNode => {
  let end = node
  for (const segment of segments) if (!segment.attribute) end = childAt(end, segment, 0, false)
  return end
}

/** Puts a written value into a node, or into its attribute where the last step is one. */
export const writeInto = (node: BuiltNode, last: SourceSegment | undefined, written: Written): void => {
  if (last?.attribute === true) {
    node.attributes.push({ name: last.name, namespace: last.namespace, value: written.text ?? '' })
    return
  }
  if (written.text !== undefined) node.text = written.text
  if (node.kind !== 'element' && written.text !== undefined) node.kind = written.kind ?? 'string'
  if (written.attributes !== undefined) addAttributes(node, written.attributes)
  for (const child of written.children ?? nothing) writeInto(addChild(node, child.name, child.namespace, false), undefined, child.written)
}

const nothing: readonly never[] = []

const addAttributes = (node: BuiltNode, attributes: NonNullable<Written['attributes']>): void => {
  for (const name of Object.keys(attributes)) {
    const value = attributes[name]
    if (value !== undefined) node.attributes.push(name.startsWith('xml:') ? { name: name.slice('xml:'.length), namespace: xmlNamespace, value } : { name, namespace: '', value })
  }
}

/** Puts the children of a tree into the order of the format; what the format does not order keeps its place behind. */
export const finishNode = (order: OrderMemory, node: BuiltNode): Node => {
  const { children } = node
  if (order.order === unordered || children.length === 0) return node
  let last = -1
  let isSorted = true
  for (const child of children) {
    const place = placeOf(order, child)
    if (place.rank < last) isSorted = false
    last = place.rank
    finishNode(place.below, child)
  }
  if (!isSorted) node.children = children.map((child) => ({ child, rank: placeOf(order, child).rank })).sort((a, b) => (a.rank === b.rank ? 0 : a.rank - b.rank)).map(({ child }) => child)
  return node
}

/** The places of one order that were asked for before, by name. What the format does not know is not kept: documents bring what names they like. */
export interface OrderMemory {
  readonly order: ChildOrder
  readonly places: Map<string, PlaceInOrder[]>
  /** Of the orders below too. */
  readonly memories: Map<ChildOrder, OrderMemory>
}

interface PlaceInOrder {
  readonly namespace: string
  readonly rank: number
  readonly below: OrderMemory
}

export const rememberOrder = (order: ChildOrder, memories = new Map<ChildOrder, OrderMemory>()): OrderMemory => {
  const known = memories.get(order)
  if (known !== undefined) return known
  const memory = { order, places: new Map<string, PlaceInOrder[]>(), memories }
  memories.set(order, memory)
  return memory
}

const placeOf = ({ order, places, memories }: OrderMemory, { name, namespace }: BuiltNode): PlaceInOrder => {
  const known = places.get(name)
  if (known !== undefined) for (const place of known) if (place.namespace === namespace) return place
  const rank = order.rankOf(name, namespace)
  const place = { namespace, rank: rank ?? Infinity, below: rememberOrder(order.below(name, namespace), memories) }
  if (rank !== undefined) places.set(name, [...known ?? [], place])
  return place
}

import type { Node } from '../../schemas/node.js'
import type { SourceSegment } from './source-path.js'

/** The way from the root down to a node that is being read; its path is made when somebody asks. */
export interface Trail {
  readonly parent: Trail | undefined
  readonly node: Node
  /** Among the children of its parent, from 0. */
  readonly index: number
  path: string | undefined
  /** Of the children, where there are many. */
  positions: readonly number[] | undefined
}

export const rootTrail = (node: Node): Trail => ({ parent: undefined, node, index: 0, path: '', positions: undefined })

export const trailTo = (parent: Trail, node: Node, index: number): Trail => ({ parent, node, index, path: undefined, positions: undefined })

/** By the name of an element, the children or attributes that say which one of its kind it is. */
export type Qualifiers = ReadonlyMap<string, readonly Qualifier[]>

export interface Qualifier {
  /** As a path writes it: `QUALF`, `@type`, `C507/2005`. */
  readonly text: string
  readonly segments: readonly SourceSegment[]
}

/** How a format writes paths. */
export interface Naming {
  readonly prefixOf: (namespace: string) => string
  readonly qualifiers: Qualifiers
}

/**
 * `cac:OrderLine[2]/cac:LineItem`, `IDOC/E1EDK03[IDDAT=012]/DATUM`, from below the root; a position where a name stands more than once or in a list,
 * with a qualifier where the same one does.
 */
export const pathOf = (trail: Trail, naming: Naming): string => {
  if (trail.path !== undefined) return trail.path
  const { parent, node } = trail
  if (parent === undefined) return (trail.path = '')
  const above = pathOf(parent, naming)
  const qualified = qualifierOf(node, naming.qualifiers)
  const position = qualified === '' ? positionOf(parent, trail) : positionAmong(parent, trail, qualified, naming.qualifiers)
  const name = `${naming.prefixOf(node.namespace)}${node.name}${qualified}`
  const step = position > 0 ? `${name}[${position}]` : name
  return (trail.path = above === '' ? step : `${above}/${step}`)
}

/** What stands in a path between brackets must not read as something else there. */
const qualifying = /^[^[\]/#@{}=|\n]{1,80}$/

/** `[QUALF=001]`, or '' where the element has nothing that tells it apart. */
const qualifierOf = (node: Node, qualifiers: Qualifiers): string => {
  for (const { text, segments } of qualifiers.get(node.name) ?? []) {
    const value = qualifyingText(node, segments, 0)
    if (qualifying.test(value)) return `[${text}=${value}]`
  }
  return ''
}

const qualifyingText = (node: Node, segments: readonly SourceSegment[], from: number): string => {
  const segment = segments[from]
  if (segment === undefined) return node.text.trim()
  if (segment.attribute) return node.attributes.find(({ name }) => name === segment.name)?.value ?? ''
  const child = node.children.find(({ name }) => name === segment.name)
  return child === undefined ? '' : qualifyingText(child, segments, from + 1)
}

const fewChildren = 24

/** From 1, among the siblings with the same name and qualifier; 0 for one that stands alone. */
const positionAmong = (parent: Trail, { node, index }: Trail, qualified: string, qualifiers: Qualifiers): number => {
  if (parent.node.children.length > fewChildren) return knownQualified(parent.node, qualifiers)[index] ?? 0
  const same = parent.node.children.map((sibling) => sibling.name === node.name && sibling.namespace === node.namespace && qualifierOf(sibling, qualifiers) === qualified)
  return same.filter(Boolean).length > 1 ? same.slice(0, index + 1).filter(Boolean).length : 0
}

/** From 1, among the siblings of the same name; 0 for one that stands alone and in no list. */
const positionOf = (parent: Trail, { node, index }: Trail): number => {
  const { children } = parent.node
  if (children.length > fewChildren) return (parent.positions ??= knownPositions(parent.node))[index] ?? 0
  let before = 0
  let all = 0
  for (let at = 0; at < children.length; at++) {
    const sibling = children[at]
    if (sibling?.name !== node.name || sibling.namespace !== node.namespace) continue
    all++
    if (at <= index) before++
  }
  return all > 1 || node.listed === true ? before : 0
}

/** As `positions`, of those that a format tells apart. */
const qualifiedPositions = new WeakMap<Node, { readonly qualifiers: Qualifiers, readonly positions: readonly number[] }>()

const knownQualified = (node: Node, qualifiers: Qualifiers): readonly number[] => {
  const known = qualifiedPositions.get(node)
  if (known?.qualifiers === qualifiers) return known.positions
  const positions = positionsAmong(node.children, qualifiers)
  qualifiedPositions.set(node, { qualifiers, positions })
  return positions
}

const positionsAmong = (children: readonly Node[], qualifiers: Qualifiers): readonly number[] => {
  const counts = new Map<string, { all: number, before: number }>()
  const same = children.map((child) => {
    const key = `${child.namespace} ${child.name}${qualifierOf(child, qualifiers)}`
    const known = counts.get(key) ?? { all: 0, before: 0 }
    if (known.all++ === 0) counts.set(key, known)
    return known
  })
  return same.map((count) => (count.all === 1 ? 0 : ++count.before))
}

/** Of nodes with many children: several that walk the same document ask for them. */
const positions = new WeakMap<Node, readonly number[]>()

const knownPositions = (node: Node): readonly number[] => {
  const known = positions.get(node) ?? positionsOf(node.children)
  positions.set(node, known)
  return known
}

const positionsOf = (children: readonly Node[]): readonly number[] => {
  const counts = new Map<string, { readonly name: string, readonly namespace: string, readonly first: number, count: number }>()
  const found: number[] = []
  let last: ReturnType<typeof counts.get>
  for (let index = 0; index < children.length; index++) {
    const child = children[index]
    if (child === undefined) continue
    const { name, namespace, listed } = child
    // Most children are like the one before them.
    const isLikeLast = last !== undefined && last.name === name && last.namespace === namespace
    const key = isLikeLast ? '' : `${namespace} ${name}`
    const known = isLikeLast ? last : counts.get(key)
    last = known ?? { name, namespace, first: index, count: 1 }
    if (known === undefined) counts.set(key, last)
    else found[known.first] = 1
    found.push(known === undefined ? Number(listed === true) : ++known.count)
  }
  return found
}

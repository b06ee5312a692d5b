import type { Node } from '../../schemas/node.js'

/** The way from the root down to a node that is being read; its path is made when somebody asks. */
export interface Trail {
  readonly parent: Trail | undefined
  readonly node: Node
  /** Among the children of its parent, from 0. */
  readonly index: number
  /** The name with its prefix, where the map has it. */
  readonly step: string | undefined
  path: string | undefined
  /** Of the children, where there are many. */
  positions: readonly number[] | undefined
}

export const rootTrail = (node: Node): Trail => ({ parent: undefined, node, index: 0, step: undefined, path: '', positions: undefined })

export const trailTo = (parent: Trail, node: Node, index: number, step?: string): Trail => ({ parent, node, index, step, path: undefined, positions: undefined })

type PrefixOf = (namespace: string) => string

/** `cac:OrderLine[2]/cac:LineItem`, from below the root; a position where a name stands more than once or in a list. */
export const pathOf = (trail: Trail, prefixOf: PrefixOf): string => {
  if (trail.path !== undefined) return trail.path
  const { parent, node } = trail
  if (parent === undefined) return (trail.path = '')
  const above = pathOf(parent, prefixOf)
  const position = positionOf(parent, trail)
  const name = trail.step ?? `${prefixOf(node.namespace)}${node.name}`
  const step = position > 0 ? `${name}[${position}]` : name
  return (trail.path = above === '' ? step : `${above}/${step}`)
}

const fewChildren = 24

/** From 1, among the siblings of the same name; 0 for one that stands alone and in no list. */
const positionOf = (parent: Trail, { node, index }: Trail): number => {
  const { children } = parent.node
  if (children.length > fewChildren) return (parent.positions ??= positionsOf(children))[index] ?? 0
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

const positionsOf = (children: readonly Node[]): readonly number[] => {
  const counts = new Map<string, { readonly first: number, count: number }>()
  const positions: number[] = []
  for (const [index, { name, namespace, listed }] of children.entries()) {
    const key = `${namespace} ${name}`
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { first: index, count: 1 })
    else positions[known.first] = 1
    positions.push(known === undefined ? Number(listed === true) : ++known.count)
  }
  return positions
}

import type { Node } from '../../schemas/node.js'

/** The way from the root down to a node that is being read; its path is made when somebody asks. */
export interface Trail {
  readonly parent: Trail | undefined
  readonly node: Node
  path: string | undefined
}

type PrefixOf = (namespace: string) => string

/** `cac:OrderLine[2]/cac:LineItem`, from below the root; a position where a name stands more than once or in a list. */
export const pathOf = (trail: Trail, prefixOf: PrefixOf): string => {
  if (trail.path !== undefined) return trail.path
  const { parent, node } = trail
  if (parent === undefined) return (trail.path = '')
  const above = pathOf(parent, prefixOf)
  let before = 0
  let all = 0
  for (const sibling of parent.node.children) {
    if (sibling.name !== node.name || sibling.namespace !== node.namespace) continue
    all++
    if (sibling === node) before = all
  }
  const name = `${prefixOf(node.namespace)}${node.name}`
  const step = all > 1 || node.listed === true ? `${name}[${before}]` : name
  return (trail.path = above === '' ? step : `${above}/${step}`)
}

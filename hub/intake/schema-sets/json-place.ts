import { jsonMembers } from '../../../schemas/json-members.js'
import type { Node } from '../../../schemas/node.js'

/** Follows the steps of a JSON Pointer as far as the tree goes; the path is `lines[2]/price`, positions from 1, `.` for the root. */
export const placeOfPointer = (root: Node, steps: readonly (string | number)[]): { readonly node: Node, readonly path: string } => {
  let node = root
  let members: readonly Node[] = root.kind === 'array' ? root.children : []
  let path = ''
  for (const step of steps) {
    const name = String(step).replaceAll('~1', '/').replaceAll('~0', '~')
    const found = node.kind === 'array' || members.length > 0 ? members[Number(name)] : undefined
    if (found !== undefined) {
      node = found
      path += `[${Number(name) + 1}]`
      members = node.kind === 'array' ? node.children : []
      continue
    }
    const value = jsonMembers(node).find((member) => member.name === name)?.value
    if (value === undefined) break
    path += `${path === '' ? '' : '/'}${name}`
    const first = 'kind' in value ? value : value[0]
    if (first === undefined) break
    // The elements of an array are children of the object itself; the first stands for the array.
    members = 'kind' in value ? (value.kind === 'array' ? value.children : []) : value
    if ('kind' in value) node = value
    else node = { ...first, children: value, kind: 'array' }
  }
  return { node, path: path === '' ? '.' : path }
}

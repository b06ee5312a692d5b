import type { Node } from './node.js'

/** One member of an object: its name, and its value or the elements of its array. */
interface JsonMember {
  readonly name: string
  readonly value: Node | readonly Node[]
}

/**
 * Puts the children of an object node together as members, in the order of their first appearance: listed ones of one name
 * are one array. A name that stands twice otherwise, which no JSON text can say, comes out as two members.
 */
export const jsonMembers = (object: Node): readonly JsonMember[] => {
  const members: JsonMember[] = []
  const arrays = new Map<string, Node[]>()
  for (const child of object.children) {
    if (child.listed !== true) {
      members.push({ name: child.name, value: child })
      continue
    }
    const elements = arrays.get(child.name)
    if (elements !== undefined) {
      elements.push(child)
      continue
    }
    const added = [child]
    arrays.set(child.name, added)
    members.push({ name: child.name, value: added })
  }
  return members
}

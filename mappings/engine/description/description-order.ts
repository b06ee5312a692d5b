import { unordered, type ChildOrder } from '../format-shape.js'
import { clark } from './parse-description.js'
import { membersOf, resolveType, type Description, type Member, type TypeUse } from './description.js'

/** The order of children as a description has it, each tree looked at when something of it is first written. */
export const orderOfDescription = (description: Description, document: Member): ChildOrder => {
  const named = new Map<string, ChildOrder>()
  const orderOf = (use: TypeUse): ChildOrder => {
    const known = use.form === 'named' ? named.get(use.name) : undefined
    if (known !== undefined) return known
    const type = resolveType(description, use)
    if (type.form === 'value') return unordered
    const places = new Map(membersOf(type).map((member, rank) => [clark(member.namespace, member.name), { rank, type: member.type }]))
    const below = new Map<string, ChildOrder>()
    const order: ChildOrder = {
      rankOf: (name, namespace) => places.get(clark(namespace, name))?.rank,
      below: (name, namespace) => {
        const key = clark(namespace, name)
        const held = below.get(key)
        if (held !== undefined) return held
        // Only what is described is kept: names of extensions are without number.
        const place = places.get(key)
        if (place === undefined) return unordered
        const made = orderOf(place.type)
        below.set(key, made)
        return made
      },
    }
    if (use.form === 'named') named.set(use.name, order)
    return order
  }
  return orderOf(document.type)
}

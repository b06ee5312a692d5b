import type { ElementUse } from './content-model.js'
import type { GivenElement } from './given-element.js'

/** The children that the caller gave, taken out one by one as the schema asks for them. */
export interface ElementPool {
  /** The next one that is not taken and fits one of the names; undefined where there is none. */
  readonly take: (uses: readonly ElementUse[]) => Taken | undefined
  readonly has: (uses: readonly ElementUse[]) => boolean
  /** The first in the caller's order that is not taken and has one of these local names. */
  readonly first: (names: ReadonlySet<string>) => GivenElement | undefined
  readonly takeWhere: (wanted: (given: GivenElement) => boolean) => GivenElement | undefined
  readonly left: () => GivenElement | undefined
}

interface Taken {
  readonly given: GivenElement
  readonly use: ElementUse
}

/** Whether a given element may be this one of the schema. */
export const fits = (given: GivenElement, use: Pick<ElementUse, 'name' | 'namespace'>): boolean => given.name === use.name && (given.namespace === undefined || given.namespace === use.namespace)

export const makeElementPool = (children: readonly GivenElement[]): ElementPool => {
  const taken = new Set<GivenElement>()
  // Turned round, so that taking the first one of a name is taking the last one of a list.
  const byName = new Map<string, GivenElement[]>()
  for (const child of [...children].reverse()) {
    const named = byName.get(child.name)
    if (named === undefined) byName.set(child.name, [child])
    else named.push(child)
  }
  let from = 0
  const firstLeft = (wanted: (given: GivenElement) => boolean): GivenElement | undefined => {
    for (let child = children[from]; child !== undefined && taken.has(child); child = children[from]) from++
    for (let at = from; at < children.length; at++) {
      const child = children[at]
      if (child !== undefined && !taken.has(child) && wanted(child)) return child
    }
    return undefined
  }
  const find = (uses: readonly ElementUse[]): Taken & { readonly named: GivenElement[], readonly index: number } | undefined => {
    for (const use of uses) {
      const named = byName.get(use.name) ?? []
      const index = named.findLastIndex((given) => !taken.has(given) && fits(given, use))
      const given = named[index]
      if (given !== undefined) return { given, use, named, index }
    }
    return undefined
  }
  return {
    take: (uses) => {
      const found = find(uses)
      if (found === undefined) return undefined
      taken.add(found.given)
      found.named.splice(found.index, 1)
      return found
    },
    has: (uses) => find(uses) !== undefined,
    first: (names) => firstLeft(({ name }) => names.has(name)),
    takeWhere: (wanted) => {
      const found = firstLeft(wanted)
      if (found !== undefined) taken.add(found)
      return found
    },
    left: () => firstLeft(() => true),
  }
}

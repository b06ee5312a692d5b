import { jsonMembers } from '../../schemas/json-members.js'
import { lazily } from '../../schemas/lazily.js'
import type { Issue } from '../../schemas/message-answer.js'
import type { Node } from '../../schemas/node.js'
import type { SourcePlace, Translation } from './format.js'

/**
 * Names the source place of issues whose `at` is a canonical path (`lines[0].amount`), as the mapping's own issues do: `7:3 cbc:IssueDate`. What is
 * missing is placed at the nearest thing around it that the document has, at last at the root. The canonical path stays in `detail`.
 */
export const locateIssues = (issues: readonly Issue[], traced: Traced, root: Node): readonly Issue[] => {
  const own = ownPlaces(traced, new Set(issues.flatMap(({ at }) => (at === '' ? [] : [at]))))
  const places = lazily(() => placesOf(traced, issues.map(({ at }) => at)))
  const atRoot = { source: '', line: root.line, column: root.column }
  return issues.map((issue) => {
    const { line, column, source } = own.get(issue.at) ?? nearest(places(), issue.at) ?? atRoot
    return { ...issue, at: `${line}:${column} ${source}`.trimEnd(), detail: withPath(issue) }
  })
}

/** The same for a document in the hub's own form, whose paths are those of its source: they are walked, whatever else the document has. */
export const locateInOwnForm = (issues: readonly Issue[], root: Node): readonly Issue[] => {
  const membersOf = makeMembers()
  return issues.map((issue) => {
    const { line, column } = nodeAt(root, issue.at, membersOf)
    return { ...issue, at: `${line}:${column} ${issue.at}`.trimEnd(), detail: withPath(issue) }
  })
}

const withPath = ({ at, detail }: Issue): string => (at === '' || detail.includes(at) ? detail : `${at}: ${detail}`)

type MembersOf = (node: Node) => ReadonlyMap<string, Node | readonly Node[]>

/** Of those nodes alone that a path goes through; the lines of a document stand in one. */
const makeMembers = (): MembersOf => {
  const known = new Map<Node, ReturnType<MembersOf>>()
  return (node) => {
    const members = known.get(node) ?? new Map(jsonMembers(node).map(({ name, value }) => [name, value] as const))
    known.set(node, members)
    return members
  }
}

/** What a path leads to, or as far as it leads; a list is where its first element is. */
const nodeAt = (root: Node, path: string, membersOf: MembersOf): Node => {
  let node = root
  let list: readonly Node[] = []
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    const next = name === undefined ? list[Number(index)] : membersOf(node).get(name)
    if (next === undefined) return node
    list = 'kind' in next ? [] : next
    node = 'kind' in next ? next : next[0] ?? node
  }
  return node
}

type Traced = Pick<Translation, 'lineage' | 'objects'>

type Places = ReadonlyMap<string, SourcePlace>

/** Those of these paths that have a place of their own, as most have. */
const ownPlaces = ({ lineage, objects }: Traced, paths: ReadonlySet<string>): Places => {
  const places = new Map<string, SourcePlace>()
  for (const list of [objects, lineage]) for (const place of list) if (paths.has(place.target) && !places.has(place.target)) places.set(place.target, place)
  return places
}

/** These paths and those above them, each with its own place; a path that has none, such as that of a list, with the first of what is below it. */
const placesOf = (traced: Traced, paths: readonly string[]): Places => {
  const wanted = new Set<string>()
  for (const one of paths) for (let path = one; path !== '' && !wanted.has(path); path = above(path)) wanted.add(path)
  const places = new Map(ownPlaces(traced, wanted))
  let missing = wanted.size - places.size
  for (const list of [traced.objects, traced.lineage]) {
    for (const place of list) {
      if (missing === 0) return places
      for (let path = above(place.target); path !== ''; path = above(path)) {
        if (places.has(path)) break
        if (!wanted.has(path)) continue
        places.set(path, place)
        missing--
      }
    }
  }
  return places
}

const nearest = (places: Places, at: string): SourcePlace | undefined => {
  for (let path = at; path !== ''; path = above(path)) {
    const place = places.get(path)
    if (place !== undefined) return place
  }
  return undefined
}

/** `lines[0].price` of `lines[0].price.amount`, `lines` of `lines[0]`. */
const above = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('.'), path.lastIndexOf('[')))

import { lazily } from '../../schemas/lazily.js'
import type { Issue } from '../../schemas/message-answer.js'
import type { Node } from '../../schemas/node.js'
import type { SourcePlace, Translation } from './format.js'

/**
 * Names the source place of issues whose `at` is a canonical path (`lines[0].amount`), as the mapping's own issues do: `7:3 cbc:IssueDate`. What is
 * missing is placed at the nearest thing around it that the document has, at last at the root. The canonical path stays in `detail`. With `samePaths`, the source being in the hub's own form, a path is good as it is.
 */
export const locateIssues = (issues: readonly Issue[], traced: Traced, root: Node, samePaths: boolean): readonly Issue[] => {
  const own = ownPlaces(traced, new Set(issues.flatMap(({ at }) => (at === '' ? [] : [at]))))
  const places = lazily(() => placesOf(traced))
  const atRoot = { source: '', line: root.line, column: root.column }
  return issues.map((issue) => {
    const { line, column, source } = own.get(issue.at) ?? nearest(places(), issue.at) ?? atRoot
    const detail = issue.at === '' || issue.detail.includes(issue.at) ? issue.detail : `${issue.at}: ${issue.detail}`
    return { ...issue, at: `${line}:${column} ${samePaths ? issue.at : source}`.trimEnd(), detail }
  })
}

type Traced = Pick<Translation, 'lineage' | 'objects'>

type Places = ReadonlyMap<string, SourcePlace>

/** Those of these paths that have a place of their own, as most have. */
const ownPlaces = ({ lineage, objects }: Traced, paths: ReadonlySet<string>): Places => {
  const places = new Map<string, SourcePlace>()
  for (const list of [objects, lineage]) for (const place of list) if (paths.has(place.target) && !places.has(place.target)) places.set(place.target, place)
  return places
}

/** Each path with its own place; a path that has none, such as that of a list, with the first of what is below it. */
const placesOf = ({ lineage, objects }: Traced): Places => {
  const places = new Map<string, SourcePlace>()
  const all: readonly SourcePlace[] = [...objects, ...lineage]
  for (const place of all) if (!places.has(place.target)) places.set(place.target, place)
  for (const place of all) {
    for (let path = above(place.target); path !== '' && !places.has(path); path = above(path)) places.set(path, place)
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

import type { Node } from '../../schemas/node.js'
import type { Issue } from '../../schemas/message-answer.js'
import type { Inherited } from './compile-reading.js'
import type { Report, Said } from './converter.js'
import type { FormatShape } from './format-shape.js'
import type { Kept, LineageLog } from './lineage-log.js'
import type { Trail } from './source-place.js'
import { trimmed } from './trimmed-text.js'

/** A step of the way down to the node that is being read; one for each depth, used again by the next node there. */
export interface Place extends Trail {
  readonly parent: Place | undefined
  node: Node
  index: number
  below: Place | undefined
  /** Counts the walks over the children of nodes at this place. */
  walks: number
  /** By the number of an edge that is for one child alone, the walk that met it last. */
  readonly met: number[]
}

/** One reading of one document. */
export interface Run {
  readonly shape: FormatShape
  readonly root: Node
  readonly issues: Issue[]
  errors: number
  readonly kept: Kept[]
  /** Characters in the paths of what was kept. */
  keptPaths: number
  readonly log: LineageLog | undefined
  /** The paths that converters gave issues of. */
  readonly said: Set<string>
  /** What inherited fields found in the document. */
  readonly inherited: Map<Inherited, Inheritance | undefined>
  /** Where the converter that is at work reads. */
  trail: Trail
  readonly report: Report
  readonly documentSays: Said
  /** What was thrown to end the walk. */
  stopped: Error | undefined
}

/** No more errors of one document are told, and no more warnings. */
export const mostIssues = 200

/** Notes an issue; with the last error that is told the walk ends. */
export const note = (run: Run, issue: Issue): void => {
  if (issue.severity !== undefined && run.issues.length - run.errors >= mostIssues) return
  run.issues.push(issue)
  if (issue.severity === undefined && ++run.errors >= mostIssues) end(run, issue)
}

/** Ends the walk: the document is refused whatever else it says. */
export const stop = (run: Run, issue: Issue): never => {
  run.issues.push(issue)
  return end(run, issue)
}

const end = (run: Run, { detail }: Issue): never => {
  run.stopped = new Error(detail)
  throw run.stopped
}

export interface Inheritance {
  readonly text: string
  readonly trail: Trail
}

/** The place of a child: the one of that depth, used again. */
export const placeBelow = (place: Place, node: Node, index: number): Place => {
  const below = place.below
  if (below === undefined) return (place.below = { parent: place, node, index, path: undefined, positions: undefined, below: undefined, walks: 0, met: [] })
  below.node = node
  below.index = index
  below.path = undefined
  below.positions = undefined
  return below
}

/** Beside elements there is only white space unless the content is mixed. */
export const ownText = (node: Node): string =>
  node.kind === 'null' || node.kind === 'array' || (node.children.length > 0 && node.mixed === undefined) ? '' : trimmed(node.text)

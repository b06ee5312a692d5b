import type { Node } from '../../schemas/node.js'
import { isDraft, type Draft } from './canonical-path.js'
import type { Converter } from './converter.js'
import type { LineageEntry, SourcePlace } from './format.js'
import type { ReadFigure } from './compile-reading.js'
import { attributeKey, type SourceSegment } from './source-path.js'
import { pathOf, rootTrail, trailTo, type Naming, type Trail } from './source-place.js'

/** What is being filled: the document, or an item of it. */
export interface Context {
  readonly object: Draft
  /** Where it began in the source. */
  readonly node: Node
  /** undefined for the document itself. */
  readonly above: Context | undefined
  /** Where the object stands below the one above; '' where nobody asked for the lineage. */
  readonly place: string
  /** Its position in the list there, from 0. */
  readonly position: number
  readonly isListed: boolean
  /** What its conditions were found to be, by their numbers. */
  answers: (boolean | undefined)[] | undefined
  /** The control figures that were read of it. */
  stated: { readonly figure: ReadFigure, readonly value: unknown, readonly at: string }[] | undefined
}

/** A field that was filled, as it is noted down while reading: nothing of it is put into words yet. */
export interface FilledField {
  readonly context: Context
  /** Below the object of the context, with the positions that lists above it had. */
  readonly place: string
  /** From 0, where the field is a list. */
  readonly position: number | undefined
  /** Of an object with a value of its own, that is what the text became. */
  readonly value: unknown
  readonly node: Node
  /** The name of an attribute of the node, or the path below it, where the text is not its own. */
  readonly attribute: string | readonly SourceSegment[] | undefined
  readonly text: string
  /** Whose further attributes count. */
  readonly converter: Converter | undefined
}

/** What reading notes down for the lineage, in the order of the source. */
export interface LineageLog {
  readonly fields: FilledField[]
  readonly contexts: Context[]
}

/** Something that stays with the document as an extension, and the node that it stood in. */
export interface Kept {
  readonly extension: { readonly format: string, readonly path: string, readonly value: string }
  readonly node: Node
}

export interface Traced {
  readonly lineage: readonly LineageEntry[]
  readonly objects: readonly SourcePlace[]
}

/** Puts into words what was noted down of a tree: for each field, object and extension its place in the document and in the source. */
export const renderLineage = (root: Node, naming: Naming, { fields, contexts }: LineageLog, kept: readonly Kept[]): Traced => {
  const trails = new Map<Node, Trail>()
  addTrails(trails, rootTrail(root))
  const sourceOf = (node: Node): string => pathOf(trails.get(node) ?? rootTrail(root), naming)
  // Contexts are noted down before what stands inside them.
  const targets = new Map<Context, string>()
  for (const context of contexts) targets.set(context, targetOf(context, targets))
  const lineage: LineageEntry[] = []
  for (const field of fields) addEntries(lineage, naming, field, targets.get(field.context) ?? '', sourceOf(field.node))
  const objects = contexts.map((context) => ({ target: targets.get(context) ?? '', source: sourceOf(context.node), line: context.node.line, column: context.node.column }))
  const extensions = kept.map(({ extension, node }, index) => ({ target: `extensions[${index}]`, source: extension.path, line: node.line, column: node.column }))
  return { lineage, objects: [...objects, ...extensions] }
}

const addTrails = (trails: Map<Node, Trail>, trail: Trail): void => {
  trails.set(trail.node, trail)
  for (const [index, child] of trail.node.children.entries()) addTrails(trails, trailTo(trail, child, index))
}

const addEntries = (lineage: LineageEntry[], naming: Naming, { place, position, value: held, node, attribute: inside, text, converter }: FilledField, above: string, source: string): void => {
  const { line, column } = node
  const target = `${above === '' ? '' : `${above}.`}${place}${position === undefined ? '' : `[${position}]`}`
  const hasValue = isDraft(held) && 'value' in held
  lineage.push({ target: hasValue ? `${target}.value` : target, source: `${source}${typeof inside === 'string' ? `/@${inside}` : stepsOf(inside ?? [], naming)}`, line, column, value: text })
  if (converter === undefined || converter.takes === 'all') return
  for (const attribute of node.attributes) {
    const member = converter.takes[attributeKey(attribute)]
    if (member !== undefined) lineage.push({ target: `${target}.${member}`, source: `${source}/@${attribute.name}`, line, column, value: attribute.value })
  }
}

const stepsOf = (segments: readonly SourceSegment[], { prefixOf }: Naming): string =>
  segments.map(({ name, namespace, attribute }) => `/${attribute ? '@' : ''}${prefixOf(namespace)}${name}`).join('')

/** `lines[0].price` */
const targetOf = ({ above, place, position, isListed }: Context, targets: ReadonlyMap<Context, string>): string => {
  const outer = above === undefined ? '' : targets.get(above) ?? ''
  return `${outer === '' ? '' : `${outer}.`}${place}${isListed ? `[${position}]` : ''}`
}

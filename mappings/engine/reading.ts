import { createHash } from 'node:crypto'
import { lazily } from '../../schemas/lazily.js'
import type { Issue } from '../../schemas/message-answer.js'
import type { Node } from '../../schemas/node.js'
import { countAt, findHolder, isDraft, makeHolder, newItem, placeOf, valueAt, type Draft } from './canonical-path.js'
import type { Action, Branch, Condition, ContextReader, Edge, FieldAction, FromAbove, Inherited, ItemAction, ReadFigure } from './compile-reading.js'
import type { Report, Said } from './converter.js'
import { figureProblem } from './figure.js'
import type { FormatShape } from './format-shape.js'
import { renderLineage, type Context, type Kept, type LineageLog, type Traced } from './lineage-log.js'
import type { DefaultRule } from './rule.js'
import { pathOf, rootTrail, trailTo, type Trail } from './source-place.js'
import { attributeKey, holds, isNamed, isThere, textsAt, type SourceSegment } from './source-path.js'
import { trimmed } from './trimmed-text.js'

export interface Reading {
  readonly document: Draft
  readonly issues: readonly Issue[]
  /** Put into words when it is first asked for; empty where reading was not told to note it down. */
  readonly traced: () => Traced
}

/** A step of the way down to the node that is being read; one for each depth, used again by the next node there. */
interface Place extends Trail {
  readonly parent: Place | undefined
  node: Node
  index: number
  below: Place | undefined
  /** Counts the walks over the children of nodes at this place. */
  walks: number
  /** By the number of an edge that is for one child alone, the walk that met it last. */
  readonly met: number[]
}

interface Run {
  readonly shape: FormatShape
  readonly root: Node
  readonly issues: Issue[]
  readonly kept: Kept[]
  readonly log: LineageLog | undefined
  /** The paths that converters gave issues of. */
  readonly said: Set<string>
  /** What inherited fields found in the document. */
  readonly inherited: Map<Inherited, Inheritance | undefined>
  /** Where the converter that is at work reads. */
  trail: Trail
  readonly report: Report
  readonly documentSays: Said
}

interface Inheritance {
  readonly text: string
  readonly trail: Trail
}

const untraced: Traced = { lineage: [], objects: [] }

/** Walks a document once and fills a canonical document by the map; what no rule takes is kept as extensions. */
export const readDocument = (shape: FormatShape, reader: ContextReader, root: Node, lineage: boolean, documentSays: Said): Reading => {
  const place: Place = { parent: undefined, node: root, index: 0, path: '', positions: undefined, below: undefined, walks: 0, met: [] }
  const run: Run = {
    shape, root, issues: [], kept: [], log: lineage ? { fields: [], contexts: [] } : undefined, said: new Set(), inherited: new Map(), trail: place, documentSays,
    report: (code, detail, severity) => {
      const path = pathOf(run.trail, shape)
      const at = `${run.trail.node.line}:${run.trail.node.column} ${path}`
      run.said.add(path)
      run.issues.push(severity === undefined ? { code, at, detail } : { code, at, detail, severity })
      return undefined
    },
  }
  const document: Draft = { kind: shape.kind }
  readContext(run, reader, { object: document, node: root, above: undefined, place: '', position: 0, isListed: false, answers: undefined, stated: undefined }, place)
  if (shape.kind !== 'party' && shape.kind !== 'product') document['lines'] ??= []
  const { kept, log } = run
  // JSON members have no order that a writer must keep.
  if (shape.syntax === 'json') kept.sort((a, b) => (a.extension.path < b.extension.path ? -1 : 1))
  if (kept.length > 0) document['extensions'] = kept.map(({ extension }) => extension)
  return { document, issues: run.issues, traced: log === undefined ? () => untraced : lazily(() => renderLineage(root, shape, log, kept)) }
}

const readContext = (run: Run, reader: ContextReader, context: Context, place: Place): void => {
  visit(run, reader.branch, context, place)
  for (const field of reader.above) takeFromAbove(run, field, context, place)
  reader.after?.(context.object, context.node, place.parent?.node)
  for (const rule of reader.defaults) applyDefault(run, rule, context)
  for (const { target, source } of reader.required) if (valueAt(context.object, target) === undefined) reportMissing(run, source, target.text, context, place)
  // The head of a giant's part states the figures of the whole.
  if (reader.figures.length > 0 && (run.root.cut !== true || context.above !== undefined)) checkFigures(run, reader.figures, context, place)
}

const reportMissing = (run: Run, source: string, what: string, context: Context, place: Place): void => {
  const above = pathOf(place, run.shape)
  const path = `${above === '' ? '' : `${above}/`}${source}`
  // What stands there and is wrong was said already.
  if (run.said.has(path)) return
  run.issues.push({ code: 'field-missing', at: `${context.node.line}:${context.node.column} ${path}`, detail: `${source} is missing or empty; the ${run.shape.kind} needs it as its ${context.above === undefined ? '' : 'line\'s '}${what}.` })
}

/** Compares what is stated with what the finished item makes. */
const checkFigures = (run: Run, figures: readonly ReadFigure[], context: Context, place: Place): void => {
  for (const { figure, value, at } of context.stated ?? []) {
    const detail = figureProblem(context.object, figure, value)
    if (detail !== undefined) run.issues.push(figure.required ? { code: 'total-mismatch', at, detail } : { code: 'total-mismatch', at, detail, severity: 'warning' })
  }
  for (const figure of figures) {
    if (figure.required && context.stated?.some((one) => one.figure === figure) !== true) reportMissing(run, figure.source, figure.text, context, place)
  }
}

/** What the group says of its items, where they do not say it themselves. */
const takeFromAbove = (run: Run, { levels, target, segments, converter }: FromAbove, context: Context, place: Place): void => {
  let group: Place | undefined = place
  for (let level = 0; level < levels; level++) group = group?.parent
  const [text] = group === undefined ? [] : textsAt(group.node, segments)
  if (group === undefined || text === undefined || text === '' || findHolder(context.object, target)?.[target.last.name] !== undefined) return
  run.trail = group
  const value = converter.read(text, group.node, run.report, run.documentSays)
  if (value === undefined) return
  makeHolder(context.object, target)[target.last.name] = value
  run.log?.fields.push({ context, place: placeOf(context.object, target), position: undefined, value: undefined, node: group.node, attribute: segments, text, converter: undefined })
}

const applyDefault = (run: Run, rule: DefaultRule | Inherited, context: Context): void => {
  const { target } = rule
  // A default completes what is there; it makes no object of its own.
  const holder = findHolder(context.object, target)
  if (holder === undefined || holder[target.last.name] !== undefined) return
  if (rule.rule === 'default') {
    holder[target.last.name] = rule.text ?? String(context.position + 1)
    return
  }
  const found = inheritanceOf(run, rule)
  // What is wrong with it was said where it stands, or by another rule that inherits it.
  if (found === undefined || run.said.has(pathOf(found.trail, run.shape))) return
  run.trail = found.trail
  const value = rule.converter.read(found.text, found.trail.node, run.report, run.documentSays)
  if (value !== undefined) holder[target.last.name] = value
}

/** Looked for once, however many lines inherit it. */
const inheritanceOf = (run: Run, rule: Inherited): Inheritance | undefined => {
  const { inherited, root } = run
  if (inherited.has(rule)) return inherited.get(rule)
  const [text, ...others] = textsAt(root, rule.segments)
  const isOne = text !== undefined && text !== '' && others.every((other) => other === text)
  const trail = isOne ? trailAlong(rootTrail(root), rule.segments) : undefined
  const found = trail === undefined || text === undefined ? undefined : { text, trail }
  inherited.set(rule, found)
  return found
}

/** The way down to the first place that a path leads to; an attribute's ends at its element. */
const trailAlong = (trail: Trail, segments: readonly SourceSegment[], from = 0): Trail | undefined => {
  const segment = segments[from]
  if (segment === undefined || segment.attribute) return trail
  for (const [index, child] of trail.node.children.entries()) {
    const below = isNamed(child, segment) && holds(child, segment.predicates) ? trailAlong(trailTo(trail, child, index), segments, from + 1) : undefined
    if (below !== undefined) return below
  }
  return undefined
}

const visit = (run: Run, branch: Branch, context: Context, place: Place): void => {
  const { node } = place
  const { attributes, children } = node
  const taker = branch.actions.length === 0 ? undefined : take(run, branch.actions, context, place, ownText(node))
  let field: FieldAction | undefined
  if (taker !== undefined) {
    if (taker.action === 'item' || taker.action === 'ignored') return
    if (taker.action === 'field') field = taker
    if (field?.converter.takes === 'all') return
  }
  if (attributes.length > 0) visitAttributes(run, branch, context, place, field)
  if (taker === undefined) keepText(run, place)
  if (children.length > 0) visitChildren(run, branch, context, place, field?.converter.takesChildren)
}

const visitAttributes = (run: Run, branch: Branch, context: Context, place: Place, field: FieldAction | undefined): void => {
  for (const attribute of place.node.attributes) {
    const key = attributeKey(attribute)
    if (field?.takenAttributes.includes(key) === true) continue
    const actions = branch.attributes.get(key)
    if (actions !== undefined && take(run, actions, context, place, trimmed(attribute.value), attribute.name) !== undefined) continue
    keepAttribute(run, place, attribute)
  }
}

const visitChildren = (run: Run, branch: Branch, context: Context, place: Place, taken: readonly string[] | undefined): void => {
  const { met } = place
  const { children } = place.node
  const walk = ++place.walks
  let last: Edge | undefined
  for (let index = 0; index < children.length; index++) {
    const child = children[index]
    if (child === undefined || taken?.includes(child.name) === true) continue
    const below = placeBelow(place, child, index)
    let edge = last === undefined ? branch.first : last.next
    if (edge === undefined || edge.name !== child.name || edge.namespace !== child.namespace) {
      edge = edgeTo(branch, child)
      if (edge?.isAlone === true) {
        if (last === undefined) branch.first = edge
        else last.next = edge
      }
    }
    if (edge === undefined || (!edge.many && met[edge.number] === walk)) {
      keepAll(run, below)
      continue
    }
    last = edge
    if (!edge.many) met[edge.number] = walk
    visit(run, edge.branch, context, below)
  }
}

const placeBelow = (place: Place, node: Node, index: number): Place => {
  const below = place.below
  if (below === undefined) return (place.below = { parent: place, node, index, path: undefined, positions: undefined, below: undefined, walks: 0, met: [] })
  below.node = node
  below.index = index
  below.path = undefined
  below.positions = undefined
  return below
}

const edgeTo = (branch: Branch, child: Node): Edge | undefined => {
  const edges = branch.edges.get(child.name)
  if (edges === undefined) return undefined
  for (const edge of edges) {
    if (edge.namespace === child.namespace && (edge.predicates.length === 0 || holds(child, edge.predicates))) return edge
  }
  return undefined
}

/** Beside elements there is only white space unless the content is mixed. */
const ownText = (node: Node): string =>
  node.kind === 'null' || node.kind === 'array' || (node.children.length > 0 && node.mixed === undefined) ? '' : trimmed(node.text)

/** The first action that can do something with the value does it. */
const take = <A extends Action>(run: Run, actions: readonly A[], context: Context, place: Place, text: string, attribute?: string): A | undefined => {
  let used: A | undefined
  for (const action of actions) {
    if (action.action === 'ignored') return action
    if (action.action === 'used') {
      used = action
      continue
    }
    if (action.condition !== undefined && !isMet(action.condition, context)) continue
    const done = action.action === 'item' ? readItem(run, action, context, place) : readField(run, action, context, place, text, attribute)
    if (done) return action
  }
  return used
}

const isMet = ({ number, also, segments, wanted }: Condition, context: Context): boolean =>
  ((context.answers ??= [])[number] ??= (also === undefined || isMet(also, context)) && isThere(context.node, segments) === wanted)

const readField = (run: Run, action: FieldAction, context: Context, place: Place, text: string, attribute: string | undefined): boolean => {
  if (text === '' && !action.readsEmpty) return false
  if (action.figure !== undefined) return readFigure(run, action, action.figure, context, place, text, attribute)
  const { target, beside, converter } = action
  const { list, name, presets } = target.last
  const found = findHolder(context.object, target)
  if (!list && found !== undefined && found[name] !== undefined) return false
  run.trail = place
  const value = converter.read(text, place.node, run.report, run.documentSays)
  if (value === undefined) return false
  const holder = found ?? makeHolder(context.object, target)
  if (beside.length > 0) {
    fillAll(run, action, context, value, text, attribute)
    return true
  }
  let position: number | undefined
  if (list) position = append(holder, name, presets.length > 0 && isDraft(value) ? Object.assign(value, newItem(target.last)) : value)
  else holder[name] = value
  run.log?.fields.push({ context, place: target.place ?? placeOf(context.object, target), position, value, node: place.node, attribute, text, converter })
  return true
}

const readFigure = (run: Run, { converter }: FieldAction, figure: ReadFigure, context: Context, place: Place, text: string, attribute: string | undefined): boolean => {
  run.trail = place
  const value = converter.read(text, place.node, run.report, run.documentSays)
  if (value === undefined) return false
  const stated = context.stated ??= []
  stated.push({ figure, value, at: `${place.node.line}:${place.node.column} ${pathOf(place, run.shape)}${attribute === undefined ? '' : `/@${attribute}`}` })
  run.log?.fields.push({ context, place: figure.text, position: undefined, value, node: place.node, attribute, text, converter: undefined })
  return true
}

/** A value that says several fields is a list. */
const fillAll = (run: Run, action: FieldAction, context: Context, value: unknown, text: string, attribute: string | undefined): void => {
  const pair: readonly unknown[] = Array.isArray(value) ? value : [value]
  for (const [index, target] of [action.target, ...action.beside].entries()) {
    const one = pair[index]
    if (one === undefined) continue
    makeHolder(context.object, target)[target.last.name] = one
    const position = target.last.list ? countAt(context.object, target) - 1 : undefined
    run.log?.fields.push({ context, place: placeOf(context.object, target), position, value: one, node: run.trail.node, attribute, text, converter: action.converter })
  }
}

/** Gives the position. */
const append = (holder: Draft, name: string, value: unknown): number => {
  const held = holder[name]
  if (Array.isArray(held)) return held.push(value) - 1
  holder[name] = [value]
  return 0
}

const readItem = (run: Run, action: ItemAction, context: Context, place: Place): boolean => {
  const { target, reader } = action
  const { last } = target
  if (!last.list && valueAt(context.object, target) !== undefined) return false
  const position = countAt(context.object, target)
  const object = newItem(last)
  const preset = Object.keys(object).length
  const { kept, log } = run
  const [extensions, fields, contexts] = [kept.length, log?.fields.length ?? 0, log?.contexts.length ?? 0]
  const item: Context = { object, node: place.node, above: context, place: log === undefined ? '' : placeOf(context.object, target), position, isListed: last.list, answers: undefined, stated: undefined }
  log?.contexts.push(item)
  readContext(run, reader, item, place)
  if (Object.keys(object).length > preset && reader.needs.every((any) => any.some((need) => valueAt(object, need) !== undefined))) {
    const holder = makeHolder(context.object, target)
    if (last.list) append(holder, last.name, object)
    else holder[last.name] = object
    return true
  }
  kept.length = extensions
  if (log !== undefined) {
    log.fields.length = fields
    log.contexts.length = contexts
  }
  return false
}

const keepAll = (run: Run, place: Place): void => {
  const { node } = place
  if (run.shape.secret.has(node.name)) return
  const before = run.kept.length
  for (const attribute of node.attributes) keepAttribute(run, place, attribute)
  keepText(run, place)
  // Of another language nobody here can say that an empty element means nothing.
  if (run.kept.length === before && node.kind === 'element' && node.children.length === 0 && node.namespace !== '' && !run.shape.ownNamespaces.has(node.namespace)) keep(run, node, pathOf(place, run.shape), '')
  for (const [index, child] of node.children.entries()) keepAll(run, placeBelow(place, child, index))
}

const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance'

const keepAttribute = (run: Run, place: Place, { name, namespace, value }: Node['attributes'][number]): void => {
  const { secret, ignoredAttributes, prefixOf } = run.shape
  if (value === '' || namespace === schemaInstance || (secret.size > 0 && secret.has(`@${name}`)) || (namespace === '' && ignoredAttributes.has(name))) return
  keep(run, place.node, `${pathOf(place, run.shape)}/@${namespace === '' ? '' : prefixOf(namespace)}${name}`, value)
}

/** A value that is no text says so behind its path, so that writing gives the same kind back: `weight#number`. */
const keepText = (run: Run, place: Place): void => {
  const { node } = place
  const text = ownText(node)
  if (text === '' || run.shape.secret.has(node.name)) return
  const path = pathOf(place, run.shape)
  if (run.shape.binary.has(node.name)) keep(run, node, `${path}#sha256`, createHash('sha256').update(Buffer.from(text, 'base64')).digest('hex'))
  else keep(run, node, node.kind === 'number' || node.kind === 'boolean' ? `${path}#${node.kind}` : path, text)
}

const keep = ({ shape, kept }: Run, node: Node, path: string, value: string): void => {
  kept.push({ extension: { format: shape.language, path, value }, node })
}

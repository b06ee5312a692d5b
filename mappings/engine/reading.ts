import { lazily } from '../../schemas/lazily.js'
import type { Issue } from '../../schemas/message-answer.js'
import type { Node } from '../../schemas/node.js'
import { countAt, makeHolder, newItem, placeOf, valueAt, type Draft } from './canonical-path.js'
import type { Action, Branch, Condition, ContextReader, Edge, FieldAction, ItemAction, ReadFigure } from './compile-reading.js'
import type { Said } from './converter.js'
import { figureProblem } from './figure.js'
import type { FormatShape } from './format-shape.js'
import { forgetKept, keepAll, keepAttribute, keepText } from './keep-extensions.js'
import { renderLineage, type Context, type Traced } from './lineage-log.js'
import { append, readField } from './read-field.js'
import { applyDefault, takeFromAbove } from './read-elsewhere.js'
import { note, ownText, placeBelow, type Place, type Run } from './reading-run.js'
import { pathOf } from './source-place.js'
import { attributeKey, holds, isThere } from './source-path.js'
import { trimmed } from './trimmed-text.js'

export interface Reading {
  readonly document: Draft
  readonly issues: readonly Issue[]
  /** Put into words when it is first asked for; empty where reading was not told to note it down. */
  readonly traced: () => Traced
}

const untraced: Traced = { lineage: [], objects: [] }

/** Walks a document once and fills a canonical document by the map; what no rule takes is kept as extensions. Where that is too much, or too much is wrong, the walk ends, with an issue. */
export const readDocument = (shape: FormatShape, reader: ContextReader, root: Node, lineage: boolean, documentSays: Said): Reading => {
  const place: Place = { parent: undefined, node: root, index: 0, path: '', positions: undefined, below: undefined, walks: 0, met: [] }
  const run: Run = {
    shape, root, issues: [], errors: 0, kept: [], keptPaths: 0, log: lineage ? { fields: [], contexts: [] } : undefined, said: new Set(), inherited: new Map(), trail: place, documentSays, stopped: undefined,
    report: (code, detail, severity) => {
      const path = pathOf(run.trail, shape)
      const at = `${run.trail.node.line}:${run.trail.node.column} ${path}`
      run.said.add(path)
      note(run, severity === undefined ? { code, at, detail } : { code, at, detail, severity })
      return undefined
    },
  }
  const document: Draft = { kind: shape.kind }
  try {
    readContext(run, reader, { object: document, node: root, above: undefined, place: '', position: 0, isListed: false, answers: undefined, stated: undefined }, place)
  } catch (error) {
    if (run.stopped === undefined || error !== run.stopped) throw error
  }
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
  note(run, { code: 'field-missing', at: `${context.node.line}:${context.node.column} ${path}`, detail: `${source} is missing or empty; the ${run.shape.kind} needs it as its ${context.above === undefined ? '' : 'line\'s '}${what}.` })
}

/** Compares what is stated with what the finished item makes. */
const checkFigures = (run: Run, figures: readonly ReadFigure[], context: Context, place: Place): void => {
  for (const { figure, value, at } of context.stated ?? []) {
    const detail = figureProblem(context.object, figure, value)
    if (detail !== undefined) note(run, figure.required ? { code: 'total-mismatch', at, detail } : { code: 'total-mismatch', at, detail, severity: 'warning' })
  }
  for (const figure of figures) {
    if (figure.required && context.stated?.some((one) => one.figure === figure) !== true) reportMissing(run, figure.source, figure.text, context, place)
  }
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

const edgeTo = (branch: Branch, child: Node): Edge | undefined => {
  const edges = branch.edges.get(child.name)
  if (edges === undefined) return undefined
  for (const edge of edges) {
    if (edge.namespace === child.namespace && (edge.predicates.length === 0 || holds(child, edge.predicates))) return edge
  }
  return undefined
}

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
  forgetKept(run, extensions)
  if (log !== undefined) {
    log.fields.length = fields
    log.contexts.length = contexts
  }
  return false
}

import { createHash } from 'node:crypto'
import type { Issue } from '../../schemas/message-answer.js'
import type { Node } from '../../schemas/node.js'
import { countAt, findHolder, isDraft, makeHolder, newItem, placeOf, valueAt, type Draft } from './canonical-path.js'
import type { Action, Branch, ContextReader, Edge, FieldAction, FromAbove, Inherited, ItemAction } from './compile-reading.js'
import type { Report } from './converter.js'
import type { LineageEntry, SourcePlace } from './format.js'
import type { FormatShape } from './format-shape.js'
import type { DefaultRule } from './rule.js'
import { pathOf, rootTrail, trailTo, type Trail } from './source-place.js'
import { attributeKey, holds, isNamed, textsAt, type SourceSegment } from './source-path.js'

interface Extension {
  readonly format: string
  readonly path: string
  readonly value: string
}

export interface Reading {
  readonly document: Draft
  readonly issues: readonly Issue[]
  readonly lineage: readonly LineageEntry[]
  readonly objects: readonly SourcePlace[]
}

/** What is kept of the source places where somebody asks for the lineage. */
interface Tracing {
  readonly entries: LineageEntry[]
  readonly objects: SourcePlace[]
  readonly extensions: Map<Extension, Node>
}

interface Run {
  readonly shape: FormatShape
  readonly root: Node
  readonly issues: Issue[]
  readonly extensions: Extension[]
  readonly tracing: Tracing | undefined
  /** The paths that converters gave issues of. */
  readonly said: Set<string>
  /** Where the converter that is at work reads. */
  trail: Trail
  readonly report: Report
  /** The namespaces met so far, and the map's copies of them. */
  readonly namespaces: { readonly sent: string[], readonly own: string[] }
}

interface Context {
  readonly object: Draft
  readonly node: Node
  /** Of the object in the document, with a point behind, '' for the document itself; without lineage '.' for all others. */
  readonly path: string
  readonly position: number
}

/** Walks a document once and fills a canonical document by the map; what no rule takes is kept as extensions. */
export const readDocument = (shape: FormatShape, reader: ContextReader, root: Node, lineage: boolean): Reading => {
  const trail = rootTrail(root)
  const run: Run = {
    shape, root, issues: [], extensions: [], tracing: lineage ? { entries: [], objects: [], extensions: new Map() } : undefined, said: new Set(), trail, namespaces: { sent: [], own: [] },
    report: (code, detail, severity) => {
      const path = pathOf(run.trail, shape)
      const at = `${run.trail.node.line}:${run.trail.node.column} ${path}`
      run.said.add(path)
      run.issues.push(severity === undefined ? { code, at, detail } : { code, at, detail, severity })
      return undefined
    },
  }
  const document: Draft = { kind: shape.kind }
  readContext(run, reader, { object: document, node: root, path: '', position: 1 }, trail)
  if (shape.kind !== 'party' && shape.kind !== 'product') document['lines'] ??= []
  // JSON members have no order that a writer must keep.
  if (shape.syntax === 'json') run.extensions.sort((a, b) => (a.path < b.path ? -1 : 1))
  if (run.extensions.length > 0) document['extensions'] = run.extensions
  return { document, issues: run.issues, lineage: run.tracing?.entries ?? [], objects: run.tracing === undefined ? [] : objectsOf(run, run.tracing) }
}

const objectsOf = (run: Run, { objects, extensions }: Tracing): readonly SourcePlace[] => [...objects, ...run.extensions.map((extension, index) => {
  const { line, column } = extensions.get(extension) ?? run.root
  return { target: `extensions[${index}]`, source: extension.path, line, column }
})]

const readContext = (run: Run, reader: ContextReader, context: Context, trail: Trail): void => {
  visit(run, reader.branch, context, trail)
  for (const field of reader.above) takeFromAbove(run, field, context, trail)
  reader.after?.(context.object, context.node, trail.parent?.node)
  for (const rule of reader.defaults) applyDefault(run, rule, context)
  for (const { target, source } of reader.required) {
    if (valueAt(context.object, target) !== undefined) continue
    const above = pathOf(trail, run.shape)
    const path = `${above === '' ? '' : `${above}/`}${source}`
    // What stands there and is wrong was said already.
    if (run.said.has(path)) continue
    run.issues.push({ code: 'field-missing', at: `${context.node.line}:${context.node.column} ${path}`, detail: `${source} is missing or empty; the ${run.shape.kind} needs it as its ${context.path === '' ? '' : 'line\'s '}${target.text}.` })
  }
}

/** What the group says of its items, where they do not say it themselves. */
const takeFromAbove = (run: Run, { levels, target, segments, converter }: FromAbove, context: Context, trail: Trail): void => {
  let group: Trail | undefined = trail
  for (let level = 0; level < levels; level++) group = group?.parent
  const [text] = group === undefined ? [] : textsAt(group.node, segments)
  if (group === undefined || text === undefined || text === '' || findHolder(context.object, target)?.[target.last.name] !== undefined) return
  run.trail = group
  const value = converter.read(text, group.node, run.report)
  if (value === undefined) return
  makeHolder(context.object, target)[target.last.name] = value
  if (run.tracing === undefined) return
  const { line, column } = group.node
  const source = [pathOf(group, run.shape), ...segments.map(({ name, namespace, attribute }) => `${attribute ? '@' : ''}${run.shape.prefixOf(namespace)}${name}`)].join('/')
  run.tracing.entries.push({ target: context.path + placeOf(context.object, target), source, line, column, value: text })
}

const applyDefault = (run: Run, rule: DefaultRule | Inherited, context: Context): void => {
  const { target } = rule
  // A default completes what is there; it makes no object of its own.
  const holder = findHolder(context.object, target)
  if (holder === undefined || holder[target.last.name] !== undefined) return
  if (rule.rule === 'default') {
    holder[target.last.name] = rule.text ?? String(context.position)
    return
  }
  const texts = textsAt(run.root, rule.segments)
  if (new Set(texts).size !== 1 || texts[0] === '') return
  const trail = trailAlong(rootTrail(run.root), rule.segments)
  // What is wrong with it was said where it stands, or by another rule that inherits it.
  if (trail === undefined || run.said.has(pathOf(trail, run.shape))) return
  run.trail = trail
  const value = rule.converter.read(texts[0] ?? '', trail.node, run.report)
  if (value !== undefined) holder[target.last.name] = value
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

const visit = (run: Run, branch: Branch, context: Context, trail: Trail): void => {
  const { node } = trail
  const taker = take(run, branch.actions, context, trail, ownText(node))
  if (taker?.action === 'item' || taker?.action === 'ignored') return
  const taken = taker?.action === 'field' ? taker.converter.takes : undefined
  if (taken === 'all') return
  for (const attribute of node.attributes) {
    const key = attributeKey(attribute)
    if (taken?.[key] !== undefined) continue
    const actions = branch.attributes.get(key)
    if (actions !== undefined && take(run, actions, context, trail, attribute.value.trim(), attribute.name) !== undefined) continue
    keepAttribute(run, trail, attribute)
  }
  if (taker === undefined) keepText(run, trail)
  visitChildren(run, branch, context, trail, taker?.action === 'field' ? taker.converter.takesChildren : undefined)
}

const visitChildren = (run: Run, branch: Branch, context: Context, trail: Trail, taken: readonly string[] | undefined): void => {
  let seen: boolean[] | undefined
  const { children } = trail.node
  for (let index = 0; index < children.length; index++) {
    const child = children[index]
    if (child === undefined || taken?.includes(child.name) === true) continue
    const edge = edgeTo(run, branch, child)
    const below = trailTo(trail, child, index, edge?.step)
    if (edge === undefined || (!edge.many && seen?.[edge.number] === true)) {
      keepAll(run, below)
      continue
    }
    if (!edge.many) (seen ??= [])[edge.number] = true
    visit(run, edge.branch, context, below)
  }
}

/** The map's own copy of a namespace: comparing one string with itself costs nothing, comparing 70 equal letters for each element does. */
const namespaceFor = (run: Run, namespace: string): string => {
  const { sent, own } = run.namespaces
  const known = sent.indexOf(namespace)
  if (known >= 0) return own[known] ?? namespace
  sent.push(namespace)
  return own[own.push(run.shape.ownNamespaces.get(namespace) ?? namespace) - 1] ?? namespace
}

const edgeTo = (run: Run, branch: Branch, child: Node): Edge | undefined => {
  const edges = branch.edges.get(child.name)
  if (edges === undefined) return undefined
  const namespace = namespaceFor(run, child.namespace)
  for (const edge of edges) {
    if (edge.namespace === namespace && (edge.predicates.length === 0 || holds(child, edge.predicates))) return edge
  }
  return undefined
}

/** Beside elements there is only white space unless the content is mixed. */
const ownText = (node: Node): string =>
  node.kind === 'null' || node.kind === 'array' || (node.children.length > 0 && node.mixed === undefined) ? '' : node.text.trim()

/** The first action that can do something with the value does it. */
const take = <A extends Action>(run: Run, actions: readonly A[], context: Context, trail: Trail, text: string, attribute?: string): A | undefined => {
  let used: A | undefined
  for (const action of actions) {
    if (action.action === 'ignored') return action
    if (action.action === 'used') {
      used = action
      continue
    }
    if (action.condition !== undefined && !action.condition(context.node)) continue
    const done = action.action === 'item' ? readItem(run, action, context, trail) : readField(run, action, context, trail, text, attribute)
    if (done) return action
  }
  return used
}

const readField = (run: Run, action: FieldAction, context: Context, trail: Trail, text: string, attribute: string | undefined): boolean => {
  const { target, beside, converter } = action
  if (text === '' && converter.takes !== 'all' && converter.takesChildren === undefined) return false
  const { list, name } = target.last
  const found = findHolder(context.object, target)
  if (!list && found?.[name] !== undefined) return false
  run.trail = trail
  const value = converter.read(text, trail.node, run.report)
  if (value === undefined) return false
  const holder = found ?? makeHolder(context.object, target)
  if (beside.length > 0) fillAll(run, action, context, trail, value, text, attribute)
  else if (list) append(holder, name, isDraft(value) && target.last.presets.length > 0 ? Object.assign(value, newItem(target.last)) : value)
  else holder[name] = value
  if (run.tracing !== undefined && beside.length === 0) trace(run.tracing.entries, run, action, context, trail, { text, value }, attribute)
  return true
}

/** A value that says several fields is a list. */
const fillAll = (run: Run, action: FieldAction, context: Context, trail: Trail, value: unknown, text: string, attribute: string | undefined): void => {
  const pair: readonly unknown[] = Array.isArray(value) ? value : [value]
  for (const [index, target] of [action.target, ...action.beside].entries()) {
    const one = pair[index]
    if (one === undefined) continue
    makeHolder(context.object, target)[target.last.name] = one
    if (run.tracing !== undefined) trace(run.tracing.entries, run, { ...action, target }, context, trail, { text, value: one }, attribute)
  }
}

const trace = (lineage: LineageEntry[], run: Run, { target, converter }: FieldAction, context: Context, trail: Trail, taken: { readonly text: string, readonly value: unknown }, attribute: string | undefined): void => {
  const { line, column, attributes } = trail.node
  const source = pathOf(trail, run.shape)
  const position = target.last.list ? `[${countAt(context.object, target) - 1}]` : ''
  const place = context.path + placeOf(context.object, target) + position
  const whole = isDraft(taken.value) && 'value' in taken.value ? `${place}.value` : place
  lineage.push({ target: whole, source: attribute === undefined ? source : `${source}/@${attribute}`, line, column, value: taken.text })
  if (converter.takes === 'all') return
  for (const { name, namespace, value } of attributes) {
    const member = converter.takes[attributeKey({ name, namespace })]
    if (member !== undefined) lineage.push({ target: `${place}.${member}`, source: `${source}/@${name}`, line, column, value })
  }
}

const append = (holder: Draft, name: string, value: unknown): void => {
  const held = holder[name]
  if (Array.isArray(held)) held.push(value)
  else holder[name] = [value]
}

const readItem = (run: Run, action: ItemAction, context: Context, trail: Trail): boolean => {
  const { target, reader } = action
  const { last } = target
  if (!last.list && valueAt(context.object, target) !== undefined) return false
  const count = countAt(context.object, target)
  const object = newItem(last)
  const preset = Object.keys(object).length
  const extensions = run.extensions.length
  const entries = run.tracing?.entries.length ?? 0
  const objects = run.tracing?.objects.length ?? 0
  const path = run.tracing === undefined ? '.' : `${context.path}${placeOf(context.object, target)}${last.list ? `[${count}]` : ''}.`
  run.tracing?.objects.push({ target: path.slice(0, -1), source: pathOf(trail, run.shape), line: trail.node.line, column: trail.node.column })
  readContext(run, reader, { object, node: trail.node, path, position: count + 1 }, trail)
  if (Object.keys(object).length > preset && reader.needs.every((any) => any.some((need) => valueAt(object, need) !== undefined))) {
    const holder = makeHolder(context.object, target)
    if (last.list) append(holder, last.name, object)
    else holder[last.name] = object
    return true
  }
  run.extensions.length = extensions
  if (run.tracing !== undefined) {
    run.tracing.entries.length = entries
    run.tracing.objects.length = objects
  }
  return false
}

const keepAll = (run: Run, trail: Trail): void => {
  if (run.shape.secret.has(trail.node.name)) return
  const kept = run.extensions.length
  for (const attribute of trail.node.attributes) keepAttribute(run, trail, attribute)
  keepText(run, trail)
  const { node } = trail
  // Of another language nobody here can say that an empty element means nothing.
  if (run.extensions.length === kept && node.kind === 'element' && node.children.length === 0 && node.namespace !== '' && !run.shape.ownNamespaces.has(node.namespace)) keep(run, node, pathOf(trail, run.shape), '')
  for (const [index, child] of trail.node.children.entries()) keepAll(run, trailTo(trail, child, index))
}

const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance'

const keepAttribute = (run: Run, trail: Trail, { name, namespace, value }: Node['attributes'][number]): void => {
  if (value === '' || namespace === schemaInstance || run.shape.secret.has(`@${name}`) || (namespace === '' && run.shape.ignoredAttributes.has(name))) return
  keep(run, trail.node, `${pathOf(trail, run.shape)}/@${namespace === '' ? '' : run.shape.prefixOf(namespace)}${name}`, value)
}

/** A value that is no text says so behind its path, so that writing gives the same kind back: `weight#number`. */
const keepText = (run: Run, trail: Trail): void => {
  const { node } = trail
  const text = ownText(node)
  if (text === '' || run.shape.secret.has(node.name)) return
  const path = pathOf(trail, run.shape)
  if (run.shape.binary.has(node.name)) keep(run, node, `${path}#sha256`, createHash('sha256').update(Buffer.from(text, 'base64')).digest('hex'))
  else keep(run, node, node.kind === 'number' || node.kind === 'boolean' ? `${path}#${node.kind}` : path, text)
}

const keep = (run: Run, node: Node, path: string, value: string): void => {
  const extension = { format: run.shape.language, path, value }
  run.extensions.push(extension)
  run.tracing?.extensions.set(extension, node)
}

import { fail, ok, type Result } from '../../schemas/result.js'
import { below, type CanonicalPath } from './canonical-path.js'
import type { After, Converter } from './converter.js'
import type { Figure } from './figure.js'
import type { FormatShape } from './format-shape.js'
import type { Block, DefaultRule, FieldRule, FigureRule, Rule } from './rule.js'
import { attributeKey, type SourcePath, type SourcePredicate, type SourceSegment } from './source-path.js'

/** What to do where a path ends. */
export type Action = FieldAction | ItemAction | UsedAction | IgnoredAction

/** What a predicate looked at is used, though it gives no field. */
interface UsedAction {
  readonly action: 'used'
}

/** Left out with all below it. */
interface IgnoredAction {
  readonly action: 'ignored'
}

/** Asked of the node that a context began at, whose answer is kept with it by the number. */
export interface Condition {
  readonly number: number
  /** What must hold besides. */
  readonly also: Condition | undefined
  readonly segments: readonly SourceSegment[]
  /** Whether the path has to lead somewhere, or nowhere. */
  readonly wanted: boolean
}

interface Conditional {
  readonly condition: Condition | undefined
  readonly target: CanonicalPath
}

export interface FieldAction extends Conditional {
  readonly action: 'field'
  readonly beside: readonly CanonicalPath[]
  readonly converter: Converter
  /** What is stated here, and compared with the item when that is finished; such a value gives no field. */
  readonly figure: ReadFigure | undefined
  /** Whether an element without a text of its own may have a value. */
  readonly readsEmpty: boolean
  /** Attributes that are no further fields. */
  readonly takenAttributes: readonly string[]
}

export interface ReadFigure extends Figure {
  /** Below the node of the context. */
  readonly source: string
  readonly required: boolean
}

export interface ItemAction extends Conditional {
  readonly action: 'item'
  readonly reader: ContextReader
}

/** All paths of a context as one tree, so that reading walks the document once and looks each child up by its name. */
export interface Branch {
  readonly edges: Map<string, Edge[]>
  readonly attributes: Map<string, (FieldAction | UsedAction)[]>
  readonly actions: Action[]
  /** The edge that the first child took last time: documents of one kind mostly say the same things in the same order. */
  first: Edge | undefined
}

export interface Edge {
  readonly name: string
  readonly namespace: string
  readonly predicates: readonly SourcePredicate[]
  /** Whether every such child is looked at, or the first alone. */
  many: boolean
  /** Counts the edges of a branch. */
  readonly number: number
  /** Whether every child of the name goes this way. */
  isAlone: boolean
  readonly branch: Branch
  /** What the child behind one of this edge took last time. */
  next: Edge | undefined
}

/** How one item, or the whole document, is read. */
export interface ContextReader {
  readonly branch: Branch
  readonly needs: Block['needs']
  readonly after: After | undefined
  readonly above: readonly FromAbove[]
  readonly defaults: readonly (DefaultRule | Inherited)[]
  readonly required: readonly { readonly target: CanonicalPath, readonly source: string }[]
  readonly figures: readonly ReadFigure[]
}

/** A field that comes from elsewhere in the document where all such places say the same. */
export interface Inherited {
  readonly rule: 'inherited'
  readonly target: CanonicalPath
  readonly segments: readonly SourceSegment[]
  readonly converter: Converter
}

/** A field that the group above an item says, so many levels up. */
export interface FromAbove {
  readonly levels: number
  readonly target: CanonicalPath
  readonly segments: readonly SourceSegment[]
  readonly converter: Converter
}

interface Compiling {
  readonly shape: FormatShape
  readonly named: Map<string, ContextReader>
}

interface Place {
  readonly target: CanonicalPath | undefined
  readonly source: readonly SourceSegment[]
  readonly sourceText: string
  readonly condition: Condition | undefined
}

interface Growing {
  readonly branch: Branch
  readonly defaults: (DefaultRule | Inherited)[]
  readonly required: { target: CanonicalPath, source: string }[]
  readonly figures: ReadFigure[]
  conditions: number
}

/** Compiles the reading direction of a map. Fails with mapping-invalid at the file and line of the rule. */
export const compileReading = (shape: FormatShape): Result<ContextReader> => {
  const reader = compileContext({ shape, named: new Map() }, shape.body, [])
  if (!reader.ok) return reader
  for (const { segments } of shape.ignored) ignore(shape, reader.value.branch, segments)
  for (const path of shape.used) markUsed(shape, reader.value.branch, path)
  return reader
}

const emptyBranch = (): Branch => ({ edges: new Map(), attributes: new Map(), actions: [], first: undefined })

const markUsed = (shape: FormatShape, branch: Branch, path: readonly SourceSegment[]): void => {
  const last = path.at(-1)
  if (last?.attribute !== true) grow(shape, branch, path, false).actions.push({ action: 'used' })
  else addAttribute(grow(shape, branch, path.slice(0, -1), false), last, { action: 'used' })
}

const addAttribute = ({ attributes }: Branch, segment: SourceSegment, action: FieldAction | UsedAction): void => {
  const name = attributeKey(segment)
  attributes.set(name, [...attributes.get(name) ?? [], action])
}

const compileContext = (compiling: Compiling, block: Block, above: readonly FromAbove[]): Result<ContextReader> => {
  const growing: Growing = { branch: emptyBranch(), defaults: [], required: [], figures: [], conditions: 0 }
  const after = block.after === undefined ? undefined : compiling.shape.after.get(block.after)
  if (block.after !== undefined && after === undefined) return fail('mapping-invalid', compiling.shape.id, `There is no function '${block.after}' in functions.ts.`)
  const added = addRules(compiling, growing, block.rules, { target: undefined, source: [], sourceText: '', condition: undefined })
  if (!added.ok) return added
  const { branch, defaults, required, figures } = growing
  return ok({ branch, defaults, required, figures, needs: block.needs, after, above })
}

const addRules = (compiling: Compiling, growing: Growing, rules: readonly Rule[], place: Place): Result<undefined> => {
  for (const rule of rules) {
    const added = addRule(compiling, growing, rule, place)
    if (!added.ok) return added
  }
  return ok(undefined)
}

const addRule = (compiling: Compiling, growing: Growing, rule: Rule, place: Place): Result<undefined> => {
  switch (rule.rule) {
    case 'default': growing.defaults.push({ ...rule, target: below(place.target, rule.target) }); return ok(undefined)
    case 'condition': {
      const segments = [...place.source, ...rule.source.segments]
      const asking = (wanted: boolean): Condition => ({ number: growing.conditions++, also: place.condition, segments, wanted })
      const added = addRules(compiling, growing, rule.rules, { ...place, condition: asking(!rule.absent.source) })
      return added.ok ? addRules(compiling, growing, rule.otherwise, { ...place, condition: asking(rule.absent.source) }) : added
    }
    case 'include': {
      const block = compiling.shape.blocks.get(rule.block)
      if (block === undefined) return fail('mapping-invalid', rule.at, `There is no block '${rule.block}'.`)
      return addRules(compiling, growing, block.rules, { ...place, source: [...place.source, ...rule.source.segments], sourceText: joined(place.sourceText, rule.source) })
    }
    case 'ignore': {
      ignore(compiling.shape, growing.branch, [...place.source, ...rule.source.segments])
      return ok(undefined)
    }
    case 'figure': return rule.direction === 'out' ? ok(undefined) : addFigure(compiling, growing, rule, place)
    case 'field': return rule.direction === 'out' ? ok(undefined) : addField(compiling, growing, rule, place)
    default: return rule satisfies never
  }
}

const addField = (compiling: Compiling, growing: Growing, rule: FieldRule, place: Place): Result<undefined> => {
  const target = below(place.target, rule.target)
  const source = [...place.source, ...rule.source.segments]
  const sourceText = joined(place.sourceText, rule.source)
  if (rule.required) growing.required.push({ target, source: sourceText })
  if (rule.below !== undefined) return addBelow(compiling, growing, rule, { target, source, sourceText, condition: place.condition })
  const converter = compiling.shape.converters.get(rule.converter)
  if (converter === undefined) return fail('mapping-invalid', rule.at, `There is no converter or code list '${rule.converter}'.`)
  if (rule.source.absolute) {
    growing.defaults.push({ rule: 'inherited', target, segments: rule.source.segments, converter })
    return ok(undefined)
  }
  const beside = rule.beside.map((one) => below(place.target, one))
  addAction(compiling, growing, source, { condition: place.condition, target, beside, converter, figure: undefined })
  return ok(undefined)
}

/** A figure counts as used, whatever it says. */
const addFigure = (compiling: Compiling, growing: Growing, { at, of, target, source, converter: name, required }: FigureRule, place: Place): Result<undefined> => {
  const converter = compiling.shape.converters.get(name)
  if (converter === undefined) return fail('mapping-invalid', at, `There is no converter or code list '${name}'.`)
  const path = below(place.target, target)
  const figure: ReadFigure = { text: `${of}(${path.text})`, of, path, source: joined(place.sourceText, source), required }
  growing.figures.push(figure)
  addAction(compiling, growing, [...place.source, ...source.segments], { condition: place.condition, target: path, beside: [], converter, figure })
  return ok(undefined)
}

const addAction = ({ shape }: Compiling, { branch }: Growing, source: readonly SourceSegment[], said: Omit<FieldAction, 'action' | 'readsEmpty' | 'takenAttributes'>): void => {
  const last = source.at(-1)
  const { takes, takesChildren } = said.converter
  const action: FieldAction = {
    action: 'field', condition: said.condition, target: said.target, beside: said.beside, converter: said.converter, figure: said.figure,
    readsEmpty: takes === 'all' || takesChildren !== undefined, takenAttributes: takes === 'all' ? [] : Object.keys(takes),
  }
  const list = said.figure === undefined && said.target.last.list
  if (last?.attribute === true) {
    addAttribute(grow(shape, branch, source.slice(0, -1), list), last, action)
  } else grow(shape, branch, source, list).actions.push(action)
}

const joined = (above: string, source: SourcePath): string => above === '' || above === '.' || source.absolute ? source.text : source.text === '.' ? above : `${above}/${source.text}`

/** A block below one object is read in place; a block below a list, or one that is taken whole, gets a context of its own. */
const addBelow = (compiling: Compiling, growing: Growing, rule: FieldRule, place: Place & { readonly target: CanonicalPath }): Result<undefined> => {
  const block = typeof rule.below === 'string' ? compiling.shape.blocks.get(rule.below) : rule.below
  if (block === undefined) return fail('mapping-invalid', rule.at, `There is no block '${typeof rule.below === 'string' ? rule.below : ''}'.`)
  const list = place.target.last.list && place.target.last.index === undefined
  if (!list && !block.whole) return addRules(compiling, growing, block.rules, place)
  const above = compileAbove(compiling, growing, block, place.source)
  if (!above.ok) return above
  const name = typeof rule.below === 'string' && above.value.length === 0 ? rule.below : rule.at
  let compiled = compiling.named.get(name)
  if (compiled === undefined) {
    // Entered before it is finished, so that a block may hold itself.
    const reader: { -readonly [K in keyof ContextReader]: ContextReader[K] } = { branch: emptyBranch(), needs: [], after: undefined, above: [], defaults: [], required: [], figures: [] }
    compiling.named.set(name, reader)
    const made = compileContext(compiling, block, above.value)
    if (!made.ok) return made
    Object.assign(reader, made.value)
    // What chose the node says nothing more.
    for (const { path, value } of place.source.at(-1)?.predicates ?? []) if (value !== undefined) markUsed(compiling.shape, reader.branch, path)
    compiled = reader
  }
  grow(compiling.shape, growing.branch, place.source, list).actions.push({ action: 'item', condition: place.condition, target: place.target, reader: compiled })
  return ok(undefined)
}

const ignore = (shape: FormatShape, branch: Branch, segments: readonly SourceSegment[]): void => {
  if (segments.at(-1)?.attribute === true) markUsed(shape, branch, segments)
  else grow(shape, branch, segments, true).actions.unshift({ action: 'ignored' })
}

/** The fields of a group are read once for each of its items; where they stand counts as used. */
const compileAbove = (compiling: Compiling, growing: Growing, block: Block, source: readonly SourceSegment[]): Result<readonly FromAbove[]> => {
  const group = source.findIndex((segment) => segment.repeats)
  const above: FromAbove[] = []
  for (const { at, target, source: { segments }, converter: name } of block.under) {
    if (group < 0 || group === source.length - 1) return fail('mapping-invalid', at, 'Mark the step that is the group with `*`, above the items\'.')
    const converter = compiling.shape.converters.get(name)
    if (converter === undefined) return fail('mapping-invalid', at, `There is no converter or code list '${name}'.`)
    markUsed(compiling.shape, growing.branch, [...source.slice(0, group + 1), ...segments])
    above.push({ levels: source.length - 1 - group, target, segments, converter })
  }
  return ok(above)
}

/** The branch at the end of a path, made where it is missing. */
const grow = (shape: FormatShape, branch: Branch, segments: readonly SourceSegment[], list: boolean): Branch => {
  const marked = segments.some((segment) => segment.repeats)
  return segments.reduce((at, segment, index) => {
    const many = segment.repeats || (list && !marked && index === segments.length - 1)
    const edges = at.edges.get(segment.name) ?? []
    const same = edges.find((edge) => edge.namespace === segment.namespace && JSON.stringify(edge.predicates) === JSON.stringify(segment.predicates))
    if (same !== undefined) {
      same.many ||= many
      return same.branch
    }
    const number = [...at.edges.values()].reduce((sum, all) => sum + all.length, 0)
    const edge: Edge = { name: segment.name, namespace: segment.namespace, predicates: segment.predicates, many, number, isAlone: edges.length === 0 && segment.predicates.length === 0, branch: emptyBranch(), next: undefined }
    for (const other of edges) other.isAlone = false
    // Edges with predicates are asked first.
    at.edges.set(segment.name, [...edges, edge].sort((a, b) => b.predicates.length - a.predicates.length))
    for (const { path, value } of segment.predicates) {
      if (value !== undefined) markUsed(shape, edge.branch, path)
    }
    return edge.branch
  }, branch)
}

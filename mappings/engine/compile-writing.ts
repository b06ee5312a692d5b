import { fail, ok, type Result } from '../../schemas/result.js'
import { childBehind, endOf, findChild, isEmpty, makeChild, writeInto, type BuiltNode } from './built-node.js'
import { below, isDraft, itemsAt, parseCanonicalPath, valueAt, type CanonicalPath, type Draft } from './canonical-path.js'
import type { Refuse, Said } from './converter.js'
import type { FormatShape } from './format-shape.js'
import { figureOf } from './figure.js'
import type { Block, FieldRule, FigureRule, Rule } from './rule.js'
import { holds, textsAt, type SourceSegment } from './source-path.js'

/** Writes what it knows of an item into a node. */
export type Writer = (item: Draft, node: BuiltNode) => void

/** What one writing has its writers share. Writing never waits, so that one at a time is under way. */
interface WritingRun {
  document: Draft
  /** Why the document can't be written: the path in the source, and what is wrong with the field. */
  readonly refused: { readonly at: string, readonly detail: string }[]
}

export interface CompiledWriting {
  readonly write: Writer
  readonly run: WritingRun
}

interface Compiling {
  readonly shape: FormatShape
  readonly run: WritingRun
  readonly said: Said
  readonly named: Map<string, { write: Writer }>
  /** How many rules ask their converter even where the document says nothing. */
  unasked: number
}

interface Place {
  readonly target: CanonicalPath | undefined
  readonly source: readonly SourceSegment[]
}

/** Compiles the writing direction of a map. Fails with mapping-invalid at the file and line of the rule. */
export const compileWriting = (shape: FormatShape): Result<CompiledWriting> => {
  const run: WritingRun = { document: {}, refused: [] }
  const said: Said = (field) => {
    const path = parseCanonicalPath(field, '')
    return path.ok ? valueAt(run.document, path.value) : undefined
  }
  const write = compileBlock({ shape, run, said, named: new Map(), unasked: 0 }, shape.body.rules, { target: undefined, source: [] })
  return write.ok ? ok({ write: write.value, run }) : write
}

const refuserOf = ({ run }: Compiling, target: CanonicalPath, { source }: Pick<FieldRule, 'source'>): Refuse => (detail) => {
  run.refused.push({ at: source.text, detail: `${target.text}: ${detail}` })
}

const compileBlock = (compiling: Compiling, rules: readonly Rule[], place: Place): Result<Writer> => {
  const writers: Writer[] = []
  for (const rule of rules) {
    const writer = compileRule(compiling, rule, place)
    if (!writer.ok) return writer
    if (writer.value !== undefined) writers.push(writer.value)
  }
  return ok((item, node) => { for (const write of writers) write(item, node) })
}

const compileRule = (compiling: Compiling, rule: Rule, place: Place): Result<Writer | undefined> => {
  switch (rule.rule) {
    case 'default':
    case 'ignore': return ok(undefined)
    case 'condition': {
      const there = compileBlock(compiling, rule.rules, place)
      if (!there.ok) return there
      const otherwise = compileBlock(compiling, rule.otherwise, place)
      if (!otherwise.ok) return otherwise
      const condition = below(place.target, rule.canonical)
      const { value, absent } = rule
      return ok((item, node) => {
        const held = valueAt(item, condition)
        const isSaid = value === undefined ? held !== undefined : held === value;
        (isSaid === absent.canonical ? otherwise : there).value(item, node)
      })
    }
    case 'include': {
      const block = compiling.shape.blocks.get(rule.block)
      if (block === undefined) return fail('mapping-invalid', rule.at, `There is no block '${rule.block}'.`)
      return compileBlock(compiling, block.rules, { ...place, source: [...place.source, ...rule.source.segments] })
    }
    case 'figure': return rule.direction === 'in' ? ok(undefined) : compileFigure(compiling, rule, place)
    case 'field': return rule.direction === 'in' ? ok(undefined) : compileField(compiling, rule, place.target, { target: below(place.target, rule.target), source: [...place.source, ...rule.source.segments] })
    default: return rule satisfies never
  }
}

const compileField = (compiling: Compiling, rule: FieldRule, place: CanonicalPath | undefined, { target, source }: Place & { readonly target: CanonicalPath }): Result<Writer> => {
  const list = target.last.list && target.last.index === undefined
  if (rule.beside.length > 0) return compileBeside(compiling, rule, [target, ...rule.beside.map((one) => below(place, one))], source)
  if (rule.below !== undefined) {
    const block: Block | undefined = typeof rule.below === 'string' ? compiling.shape.blocks.get(rule.below) : rule.below
    if (block === undefined) return fail('mapping-invalid', rule.at, 'There is no such block.')
    if (!list) return compileInPlace(compiling, block, { target, source })
    const item = compileItem(compiling, typeof rule.below === 'string' ? rule.below : rule.at, block)
    if (item.ok && block.under.length > 0) return compileGrouped(compiling, block, (one, node) => { item.value.write(one, node) }, { target, source })
    return item.ok ? ok(forEach(target, source, (value, node) => { if (isDraft(value)) item.value.write(value, node) })) : item
  }
  const converter = compiling.shape.converters.get(rule.converter)
  if (converter === undefined) return fail('mapping-invalid', rule.at, `There is no converter or code list '${rule.converter}'.`)
  const last = source.at(-1)
  const { said } = compiling
  const refuse = refuserOf(compiling, target, rule)
  if (list) {
    return ok(forEach(target, source, (value, node) => {
      const written = converter.write(value, refuse, said)
      if (written !== undefined) writeInto(node, last, written)
    }))
  }
  return ok((item, node) => {
    const value = valueAt(item, target)
    const written = value === undefined ? undefined : converter.write(value, refuse, said)
    if (written !== undefined) writeInto(endOf(node, source), last, written)
  })
}

/** A control figure is made of the document, and stands where nothing else was written. */
const compileFigure = (compiling: Compiling, rule: FigureRule, place: Place): Result<Writer> => {
  const converter = compiling.shape.converters.get(rule.converter)
  if (converter === undefined) return fail('mapping-invalid', rule.at, `There is no converter or code list '${rule.converter}'.`)
  const path = below(place.target, rule.target)
  const source = [...place.source, ...rule.source.segments]
  const last = source.at(-1)
  const { said } = compiling
  const refuse = refuserOf(compiling, path, rule)
  return ok((item, node) => {
    const figure = figureOf(item, { of: rule.of, path, text: '' })
    if (!figure.ok) refuse(`${figure.detail}.`)
    const written = figure.ok && figure.value !== undefined ? converter.write(figure.value, refuse, said) : undefined
    if (written === undefined) return
    const end = endOf(node, source)
    const isTaken = last?.attribute === true ? end.attributes.some(({ name, namespace }) => name === last.name && namespace === last.namespace) : end.text !== ''
    if (!isTaken) writeInto(end, last, written)
  })
}

/** A block below one object says nothing where the object is not there. */
const compileInPlace = (compiling: Compiling, block: Block, place: Place & { readonly target: CanonicalPath }): Result<Writer> => {
  const before = compiling.unasked
  const written = compileBlock(compiling, block.rules, place)
  if (!written.ok || compiling.unasked > before) return written
  const { target } = place
  const write = written.value
  return ok((item, node) => { if (valueAt(item, target) !== undefined) write(item, node) })
}

/** One value for several fields: the converter is given them all, unless the first is missing where it is read too. */
const compileBeside = (compiling: Compiling, rule: FieldRule, targets: readonly CanonicalPath[], source: readonly SourceSegment[]): Result<Writer> => {
  const converter = compiling.shape.converters.get(rule.converter)
  if (converter === undefined) return fail('mapping-invalid', rule.at, `There is no converter or code list '${rule.converter}'.`)
  if (rule.direction === 'out') compiling.unasked++
  const { said } = compiling
  const refuse = refuserOf(compiling, targets[0] ?? rule.target, rule)
  return ok((item, node) => {
    const values = targets.map((target) => valueAt(item, target))
    const written = values[0] === undefined && rule.direction === 'both' ? undefined : converter.write(values, refuse, said)
    if (written !== undefined) writeInto(endOf(node, source), source.at(-1), written)
  })
}

const compileItem = (compiling: Compiling, name: string, block: Block): Result<{ readonly write: Writer }> => {
  const known = compiling.named.get(name)
  if (known !== undefined) return ok(known)
  // Entered before it is finished, so that a block may hold itself.
  const item: { write: Writer } = { write: () => { throw new Error(`the block ${name} is not compiled`) } }
  compiling.named.set(name, item)
  const made = compileBlock(compiling, block.rules, { target: undefined, source: [] })
  if (!made.ok) return made
  item.write = made.value
  return ok(item)
}

/** Writes each item below the group that says what the item says; an item that says nothing goes into the first. */
const compileGrouped = (compiling: Compiling, block: Block, write: Writer, { target, source }: Place & { readonly target: CanonicalPath }): Result<Writer> => {
  const at = source.findIndex((segment) => segment.repeats)
  const [step, last] = [source[at], source.at(-1)]
  const keys: { readonly path: readonly SourceSegment[], readonly textOf: (item: Draft) => string | undefined }[] = []
  for (const rule of block.under) {
    const converter = compiling.shape.converters.get(rule.converter)
    if (converter === undefined || step === undefined || last === undefined) return fail('mapping-invalid', rule.at, `There is no converter or code list '${rule.converter}'.`)
    keys.push({ path: rule.source.segments, textOf: (item) => converter.write(valueAt(item, rule.target), refuserOf(compiling, rule.target, rule), compiling.said)?.text })
  }
  return ok((document, node) => {
    const groups = new Map<string, BuiltNode>()
    for (const item of itemsAt(document, target)) {
      if (!isDraft(item) || step === undefined || last === undefined) continue
      const texts = keys.map(({ textOf }) => textOf(item))
      const name = JSON.stringify(texts)
      const group = groups.get(name) ?? groupOf(endOf(node, source.slice(0, at)), step, keys.map(({ path }, index) => ({ path, text: texts[index] })))
      groups.set(name, group)
      write(item, makeChild(endOf(group, source.slice(at + 1, -1)), last, true))
    }
  })
}

const groupOf = (parent: BuiltNode, step: SourceSegment, said: readonly { readonly path: readonly SourceSegment[], readonly text: string | undefined }[]): BuiltNode => {
  const found = findChild(parent, step, (child) => holds(child, step.predicates) && said.every(({ path, text }) => text === undefined || textsAt(child, path)[0] === text))
  if (found !== undefined) return found
  const made = makeChild(parent, step, true)
  for (const { path, text } of said) if (text !== undefined) writeInto(endOf(made, path), path.at(-1), { text })
  return made
}

/** Writes each item to the next occurrence of the step that repeats; one that another list made is shared while its place is free. */
const forEach = (target: CanonicalPath, source: readonly SourceSegment[], write: (value: unknown, node: BuiltNode) => void): Writer => {
  const marked = source.findIndex((segment) => segment.repeats)
  const at = marked < 0 ? source.length - 1 : marked
  const repeating = source[at]
  const before = source.slice(0, at)
  const after = source.slice(at + 1)
  return (item, node) => {
    const items = itemsAt(item, target)
    if (items.length === 0) return
    if (repeating === undefined) throw new Error(`the list ${target.text} has no step that repeats`)
    const parent = endOf(node, before)
    const cursor = { next: 0 }
    for (const value of items) {
      let end = endOf(childBehind(parent, repeating, cursor), after)
      while (!isFree(end, after, repeating)) end = endOf(childBehind(parent, repeating, cursor), after)
      write(value, end)
    }
  }
}

/** A step with predicates is born with something in it. */
const isFree = (node: BuiltNode, after: readonly SourceSegment[], repeating: SourceSegment): boolean =>
  isEmpty(node) || (after.length === 0 && repeating.predicates.length > 0) || after.at(-1)?.attribute === true


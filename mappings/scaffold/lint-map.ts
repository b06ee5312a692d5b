import { membersAt } from '../engine/description/check-narrowing.js'
import { resolveType, type Description, type Member, type TypeUse } from '../engine/description/description.js'
import { documentOf } from '../engine/description/format-description.js'
import { rootNameOf, type LoadedMap } from '../engine/format-folder.js'
import type { FormatShape } from '../engine/format-shape.js'
import type { Block, Rule } from '../engine/rule.js'
import type { SourceSegment } from '../engine/source-path.js'

export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly at: string
  readonly detail: string
}

/** What the hub asks of every document, whatever its kind. */
const required = ['number', 'issuedOn'] as const

/** The kinds that need a line. */
const linesMayMiss = ['order-response', 'order-change', 'despatch', 'application-response', 'remittance', 'statement', 'party', 'product']

/** Checks one map against its kind and its description: required fields have a rule, and every path that is read is one that the description knows. */
export const lintMap = ({ shape, description, reshaped }: LoadedMap): readonly Finding[] => {
  const seen: Seen = { targets: new Set(), paths: [], filled: new Set(), figures: [], dated: [], blocks: new Set() }
  collect(shape, shape.body, [], '', seen)
  const at = `${shape.id}.yaml`
  const wanted = [...shape.kind === 'party' || shape.kind === 'product' ? [] : required, ...linesMayMiss.includes(shape.kind) ? [] : ['lines']]
  const missing = wanted.filter((target) => !seen.targets.has(target)).map((target): Finding => ({ severity: 'error', at, detail: `No rule fills ${target}, which every ${shape.kind} has.` }))
  const parts = description?.parts()
  const document = parts === undefined ? undefined : documentOf(parts.description, rootNameOf(shape))
  const found = [...missing, ...unfilled(seen)]
  if (parts === undefined || document === undefined) return [...found, { severity: 'warning', at, detail: 'No description says what the document looks like: it is not validated.' }]
  if (reshaped !== undefined) for (const [index, one] of seen.paths.entries()) seen.paths[index] = { ...one, path: reshaped.asSent(one.path) }
  return [...found, ...unknownPaths(parts.description, document, seen), ...unread(parts.description, document, shape, seen, reshaped?.pointers ?? [])]
}

interface Seen {
  readonly targets: Set<string>
  readonly paths: { readonly at: string, readonly text: string, readonly path: readonly SourceSegment[] }[]
  /** The fields that rules fill, without their brackets. */
  readonly filled: Set<string>
  readonly figures: { readonly at: string, readonly text: string, readonly path: string }[]
  /** Code lists whose meanings go by a field of the document. */
  readonly dated: { readonly at: string, readonly list: string, readonly by: string }[]
  /** Blocks with the place that they were looked at from: a block may hold itself. */
  readonly blocks: Set<string>
}

const collect = (shape: FormatShape, block: Block, above: readonly SourceSegment[], target: string, seen: Seen): void => {
  for (const rule of block.rules) collectRule(shape, rule, above, target, seen)
}

const collectRule = (shape: FormatShape, rule: Rule, above: readonly SourceSegment[], target: string, seen: Seen): void => {
  switch (rule.rule) {
    case 'ignore': seen.paths.push({ at: rule.at, text: rule.source.text, path: [...above, ...rule.source.segments] }); return
    case 'default':
      seen.targets.add(`${target}${rule.target.text}`)
      seen.filled.add(bare(`${target}${rule.target.text}`))
      return
    case 'figure':
      if (rule.direction !== 'out') seen.paths.push({ at: rule.at, text: rule.source.text, path: [...above, ...rule.source.segments] })
      seen.figures.push({ at: rule.at, text: `${rule.of}(${rule.target.text})`, path: bare(`${target}${rule.target.text}`) })
      collectDated(shape, rule, seen)
      return
    case 'condition':
      for (const one of [...rule.rules, ...rule.otherwise]) collectRule(shape, one, above, target, seen)
      return
    case 'include': collectBlock(shape, rule.block, [...above, ...rule.source.segments], target, seen); return
    case 'field': {
      const path = rule.source.absolute ? rule.source.segments : [...above, ...rule.source.segments]
      const name = `${target}${rule.target.text}`
      for (const one of [rule.target, ...rule.beside]) seen.targets.add(`${target}${one.text}`.replace(/\[.*$/, ''))
      if (rule.direction !== 'out') seen.paths.push({ at: rule.at, text: rule.source.text, path })
      if (rule.direction !== 'out' && rule.below === undefined) for (const one of [rule.target, ...rule.beside]) seen.filled.add(bare(`${target}${one.text}`))
      if (rule.below === undefined) collectDated(shape, rule, seen)
      if (typeof rule.below === 'string') collectBlock(shape, rule.below, path, `${name}.`, seen)
      else if (rule.below !== undefined) collect(shape, rule.below, path, `${name}.`, seen)
      return
    }
    default: rule satisfies never
  }
}

/** `lines.quantity` of `lines[].quantity` */
const bare = (path: string): string => path.replace(/\[[^\]]*\]/g, '')

const collectDated = (shape: FormatShape, { at, converter: list }: { readonly at: string, readonly converter: string }, seen: Seen): void => {
  const by = shape.converters.get(list)?.by
  if (by !== undefined) seen.dated.push({ at, list, by })
}

/** Figures of what no rule fills, and code lists that go by a day that no rule fills. */
const unfilled = ({ filled, figures, dated }: Seen): readonly Finding[] => {
  const isFilled = (path: string): boolean => [...filled].some((one) => one === path || one.startsWith(`${path}.`) || path.startsWith(`${one}.`))
  return [
    ...figures.flatMap(({ at, text, path }): readonly Finding[] => (isFilled(path) ? [] : [{ severity: 'error', at, detail: `No rule fills ${path}, of which ${text} is made.` }])),
    ...dated.flatMap(({ at, list, by }): readonly Finding[] => (filled.has(bare(by)) ? [] : [{ severity: 'error', at, detail: `No rule fills ${by}, by whose day the codes of '${list}' have their meaning.` }])),
  ]
}

const collectBlock = (shape: FormatShape, name: string, path: readonly SourceSegment[], target: string, seen: Seen): void => {
  const key = `${name} ${path.map((one) => one.name).join('/')}`
  const block = shape.blocks.get(name)
  if (block === undefined || seen.blocks.has(key) || path.length > 24) return
  seen.blocks.add(key)
  collect(shape, block, path, target, seen)
}

const unknownPaths = (description: Description, document: Member, seen: Seen): readonly Finding[] => {
  const told = new Set<string>()
  return seen.paths.flatMap(({ at, text, path }): readonly Finding[] => {
    if (path.length === 0 || told.has(at) || membersAt(description, [document.type], path).length > 0) return []
    told.add(at)
    return [{ severity: 'warning', at, detail: `The description has no ${path.map(({ name, attribute }) => `${attribute ? '@' : ''}${name}`).join('/')} (${text}).` }]
  })
}

/** Leaves of a small description that no rule reads; of a large one, such as UBL's, that would be thousands. */
const mostLeaves = 500

const unread = (description: Description, document: Member, shape: FormatShape, seen: Seen, pointers: readonly string[]): readonly Finding[] => {
  const read = new Set(seen.paths.map(({ path }) => path.map(({ name }) => name).join('/')))
  for (const path of shape.used) read.add(path.map(({ name }) => name).join('/'))
  const leaves: string[] = []
  walk(description, document.type, [], leaves)
  if (leaves.length > mostLeaves) return []
  const ignored = shape.ignored.map(({ segments }) => segments.map(({ name }) => name).join('/'))
  const isPointer = (leaf: string): boolean => pointers.some((end) => leaf === end || leaf.endsWith(`/${end}`))
  return leaves.filter((leaf) => !read.has(leaf) && !isPointer(leaf) && !ignored.some((path) => leaf === path || leaf.startsWith(`${path}/`))).map((leaf) => ({ severity: 'warning', at: `${shape.id}.yaml`, detail: `Nothing reads ${leaf}: it is kept as an extension.` }))
}

const walk = (description: Description, use: TypeUse, path: readonly string[], leaves: string[]): void => {
  if (leaves.length > mostLeaves || path.length > 12) return
  const type = resolveType(description, use)
  if (path.length > 0 && (type.form === 'value' || type.text !== undefined)) leaves.push(path.join('/'))
  if (type.form === 'value') return
  for (const member of type.members) for (const one of member.form === 'choice' ? member.members : [member]) walk(description, one.type, [...path, one.name], leaves)
}

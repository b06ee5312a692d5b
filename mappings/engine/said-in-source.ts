import type { Node } from '../../schemas/node.js'
import { below, type CanonicalPath } from './canonical-path.js'
import type { Converter, Said } from './converter.js'
import type { FormatShape } from './format-shape.js'
import type { FieldRule, Rule } from './rule.js'
import { isThere, textsAt, type SourceSegment } from './source-path.js'

/** One rule that may fill a field of the document. */
interface Origin {
  readonly conditions: readonly { readonly segments: readonly SourceSegment[], readonly wanted: boolean }[]
  readonly from: { readonly segments: readonly SourceSegment[], readonly converter: Converter, readonly position: number } | { readonly text: string }
}

interface Place {
  readonly target: CanonicalPath | undefined
  readonly source: readonly SourceSegment[]
  readonly conditions: Origin['conditions']
}

/** Blocks may hold themselves. */
const deepest = 24

/**
 * What a document says in a field, found by the map's own rules for it, whatever was read of the document before. Fields of lists, and what functions make of several, are not found.
 */
export const openSaidInSource = (shape: FormatShape): ((root: Node) => Said) => {
  const known = new Map<string, readonly Origin[]>()
  const originsOf = (field: string): readonly Origin[] => {
    const origins = known.get(field) ?? collect(shape, shape.body.rules, field, { target: undefined, source: [], conditions: [] })
    known.set(field, origins)
    return origins
  }
  return (root) => {
    const said = new Map<string, unknown>()
    return (field) => {
      if (!said.has(field)) said.set(field, firstOf(root, originsOf(field)))
      return said.get(field)
    }
  }
}

const firstOf = (root: Node, origins: readonly Origin[]): unknown => {
  for (const { conditions, from } of origins) {
    if (!conditions.every(({ segments, wanted }) => isThere(root, segments) === wanted)) continue
    const value = 'text' in from ? from.text : valueOf(root, from)
    if (value !== undefined) return value
  }
  return undefined
}

/** What is wrong with the text is said where the field itself is read. */
const silent = (): undefined => undefined

const valueOf = (root: Node, { segments, converter, position }: Exclude<Origin['from'], { readonly text: string }>): unknown => {
  const text = textsAt(root, segments).find((one) => one !== '')
  const value: unknown = text === undefined ? undefined : converter.read(text, root, silent, silent)
  const several: readonly unknown[] = Array.isArray(value) ? value : [value]
  return several[position]
}

const collect = (shape: FormatShape, rules: readonly Rule[], field: string, place: Place): readonly Origin[] => rules.flatMap((rule) => collectRule(shape, rule, field, place))

const collectRule = (shape: FormatShape, rule: Rule, field: string, place: Place): readonly Origin[] => {
  switch (rule.rule) {
    case 'ignore':
    case 'figure': return []
    case 'default': return rule.text !== undefined && below(place.target, rule.target).text === field ? [{ conditions: place.conditions, from: { text: rule.text } }] : []
    case 'include': return place.source.length > deepest ? [] : collect(shape, shape.blocks.get(rule.block)?.rules ?? [], field, { ...place, source: [...place.source, ...rule.source.segments] })
    case 'condition': {
      const asked = (wanted: boolean): Place => ({ ...place, conditions: [...place.conditions, { segments: [...place.source, ...rule.source.segments], wanted }] })
      return [...collect(shape, rule.rules, field, asked(!rule.absent.source)), ...collect(shape, rule.otherwise, field, asked(rule.absent.source))]
    }
    case 'field': return rule.direction === 'out' ? [] : collectField(shape, rule, field, place)
    default: return rule satisfies never
  }
}

const collectField = (shape: FormatShape, rule: FieldRule, field: string, place: Place): readonly Origin[] => {
  const target = below(place.target, rule.target)
  const source = rule.source.absolute ? rule.source.segments : [...place.source, ...rule.source.segments]
  if (rule.below !== undefined) {
    const block = typeof rule.below === 'string' ? shape.blocks.get(rule.below) : rule.below
    return block === undefined || !field.startsWith(`${target.text}.`) ? [] : collect(shape, block.rules, field, { ...place, target, source })
  }
  const position = [target, ...rule.beside.map((one) => below(place.target, one))].findIndex(({ text }) => text === field)
  const converter = shape.converters.get(rule.converter)
  return position < 0 || converter === undefined ? [] : [{ conditions: place.conditions, from: { segments: source, converter, position } }]
}

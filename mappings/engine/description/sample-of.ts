import type { Node } from '../../../schemas/node.js'
import type { SourcePredicate } from '../source-path.js'
import { exampleOf, stars } from './check-value.js'
import { resolveType, type Description, type Member, type TypeUse, type ValueType } from './description.js'
import { edited, newNode, spotsAt, type EditedNode } from './edited-node.js'

interface SampleOptions {
  /** The same seed gives the same document. */
  readonly seed: number
  /** With what need not stand, down to a few levels; else with what has to. */
  readonly full: boolean
  readonly json: boolean
  /** What the format is recognised by. */
  readonly where: readonly SourcePredicate[]
}

const deepest = 3
const mostNodes = 600

/** A valid document of a description, with made-up values. What has to stand inside of itself without end cannot be written. */
export const sampleOf = (description: Description, document: Member, { seed, full, json, where }: SampleOptions): Node => {
  const random = randomOf(seed)
  let nodes = 0
  const asked = where.filter(({ negated }) => !negated).map(({ path }) => path.map(({ name, attribute }) => `${attribute ? '@' : ''}${name}`).join('/'))
  /** Whether the format is known by what stands at this path, or below it. */
  const isAsked = (path: string): boolean => asked.some((one) => one === path || one.startsWith(`${path}/`))
  const wanted = (member: Member, path: string, depth: number): number => (member.min > 0 ? member.min : isAsked(path) ? 1 : full && depth < deepest && nodes < mostNodes && member.max > 0 && random() < 0.9 ? 1 : 0)
  const leaf = (type: ValueType): string => valueOf(type, random)
  const build = ({ name, namespace, type: use, max }: Member, path: string, depth: number): EditedNode => {
    const pathTo = (member: Member, mark = ''): string => `${path === '' ? '' : `${path}/`}${mark}${member.name}`
    nodes++
    const type = resolveType(description, use)
    const node: EditedNode = { ...newNode(name, namespace), kind: json ? type.form === 'tree' ? 'object' : 'string' : 'element', ...json && max > 1 ? { listed: true } : {} }
    node.attributes = type.attributes.filter((attribute) => wanted(attribute, pathTo(attribute, '@'), depth) > 0).map((attribute) => ({ name: attribute.name, namespace: attribute.namespace, value: textOf(attribute.type) }))
    if (type.form === 'value') node.text = leaf(type)
    else {
      node.text = type.text === undefined ? '' : textOf(type.text.type)
      node.children = type.members.flatMap((member) => {
        const one = member.form === 'choice' ? member.members.find((alternative) => isAsked(pathTo(alternative))) ?? member.members[Math.floor(random() * member.members.length)] : member
        if (one === undefined) return []
        const times = member.form === 'choice' ? Math.max(member.min, full || isAsked(pathTo(one)) ? 1 : 0) : wanted(one, pathTo(one), depth)
        return Array.from({ length: times }, () => build(one, pathTo(one), depth + 1))
      })
    }
    return node
  }
  const textOf = (use: TypeUse): string => {
    const type = resolveType(description, use)
    return type.form === 'value' ? leaf(type) : ''
  }
  const root = build(document, '', 0)
  for (const { path, value, negated } of where) {
    for (const spot of spotsAt(root, path)) {
      if (!negated && value !== undefined) spot.write(value)
      else if (negated && (value === undefined || spot.text === value)) spot.remove()
    }
  }
  return edited({ ...root, name: json ? '' : root.name })
}

/** mulberry32: the same numbers between 0 and 1 for the same seed. */
const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const digits = (count: number, random: () => number): string => Array.from({ length: count }, (_, index) => String(index === 0 ? 1 + Math.floor(random() * 9) : Math.floor(random() * 10))).join('')

const two = (number: number): string => String(number).padStart(2, '0')

const decimalOf = (type: ValueType, least: number, random: () => number): string =>
  (type.decimals === 0 || (type.max ?? 9) < 4 ? digits(least, random) : `${digits(Math.max(2, least - 2), random)}.${digits(Math.min(type.decimals ?? 2, 2), random)}`)

const valueOf = (type: ValueType, random: () => number): string => {
  if (type.secret && type.codes === undefined && type.pattern === undefined && (type.is === 'text' || type.is === 'token')) return '*'.repeat(Math.min(Math.max(type.min ?? 0, stars.length), type.max ?? stars.length))
  if (type.codes !== undefined && type.codes.size > 0) return [...type.codes.keys()][Math.floor(random() * type.codes.size)] ?? ''
  if (type.example !== undefined) return type.example
  const date = `2026-${two(1 + Math.floor(random() * 12))}-${two(1 + Math.floor(random() * 28))}`
  const least = Math.max(type.min ?? 1, 1)
  switch (type.is) {
    case 'text': case 'token': case 'code': return `${'ABCDEFGHJK'.charAt(Math.floor(random() * 10))}${digits(Math.max(least, Math.min(type.max ?? 4, 4)), random)}`.slice(0, Math.max(least, Math.min(type.max ?? 5, 5)))
    case 'integer': return digits(Math.max(least, Math.min(type.max ?? 2, 2)), random)
    case 'decimal': return decimalOf(type, least, random).replace('.', type.point)
    case 'boolean': return random() < 0.5 ? 'true' : 'false'
    case 'date': return type.layout === undefined ? date : exampleOf(type.layout)
    case 'time': return type.layout === undefined ? '13:05:00' : exampleOf(type.layout)
    case 'instant': return type.layout === undefined ? `${date}T13:05:00Z` : exampleOf(type.layout)
    case 'binary': return 'aGVsbG8='
    default: return type.is satisfies never
  }
}

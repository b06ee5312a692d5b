import { knownName } from '../../schemas/known-names.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { xmlNamespace } from '../../schemas/xml-names.js'
import { trimmed } from './trimmed-text.js'

/** One step of a path in the source: an element or member, or with `attribute` an attribute. */
export interface SourceSegment {
  readonly name: string
  readonly namespace: string
  readonly attribute: boolean
  /** Marked `*`: the step that repeats, one for each item of a list. */
  readonly repeats: boolean
  readonly predicates: readonly SourcePredicate[]
}

/** `[path=value]` selects on reading and creates on writing; `[path]` and `[!path]` only select. Of `[path=a|b|c*]` any will do, c with whatever follows it, and the first is written. */
export interface SourcePredicate {
  readonly path: readonly SourceSegment[]
  readonly value: string | undefined
  readonly others: readonly string[]
  readonly beginnings: readonly string[]
  readonly negated: boolean
}

export interface SourcePath {
  readonly text: string
  /** Written with a leading slash: starts at the root of the document. */
  readonly absolute: boolean
  /** Empty for `.`, the node itself. */
  readonly segments: readonly SourceSegment[]
}

type Namespaces = Readonly<Record<string, string>>

const segmentText = /(@?)(?:([A-Za-z_][\w.-]*):)?([\p{L}\p{N}_][\p{L}\p{M}\p{N}_.-]*)(\*?)((?:\[[^\]]*\])*)(?:\/(?=.)|$)/uy

/** Reads a path such as `cac:PartyTaxScheme[cac:TaxScheme/cbc:ID=VAT]/cbc:CompanyID`. Fails with mapping-invalid. */
export const parseSourcePath = (text: string, namespaces: Namespaces, at: string): Result<SourcePath> => {
  const absolute = text.startsWith('/')
  if (text === '.') return ok({ text, absolute, segments: [] })
  const segments: SourceSegment[] = []
  segmentText.lastIndex = absolute ? 1 : 0
  while (segmentText.lastIndex < text.length) {
    const start = segmentText.lastIndex
    const match = segmentText.exec(text)
    if (match === null) return fail('mapping-invalid', at, `'${text.slice(start)}' is not a step of a path.`)
    const end = segmentText.lastIndex
    const [, mark, prefix, name = '', star, brackets = ''] = match
    const namespace = prefix === undefined ? '' : prefix === 'xml' ? xmlNamespace : namespaces[prefix]
    if (namespace === undefined) return fail('mapping-invalid', at, `The prefix '${prefix ?? ''}' is not declared in format.yaml.`)
    const predicates = parsePredicates(brackets, namespaces, at)
    if (!predicates.ok) return predicates
    segments.push({ name: knownName(name), namespace: knownName(namespace), attribute: mark === '@', repeats: star === '*', predicates: predicates.value })
    segmentText.lastIndex = end
  }
  return ok({ text, absolute, segments })
}

const parsePredicates = (brackets: string, namespaces: Namespaces, at: string): Result<readonly SourcePredicate[]> => {
  const predicates: SourcePredicate[] = []
  for (const [, inside = ''] of brackets.matchAll(/\[([^\]]*)\]/g)) {
    const negated = inside.startsWith('!')
    const equals = inside.indexOf('=')
    const path = parseSourcePath(inside.slice(negated ? 1 : 0, equals < 0 ? undefined : equals), namespaces, at)
    if (!path.ok) return path
    const asked = equals < 0 ? [] : inside.slice(equals + 1).split('|')
    const beginnings = asked.filter(isBeginning).map((text) => text.slice(0, -1))
    const [value = beginnings[0], ...others] = asked.filter((text) => !isBeginning(text))
    if (!negated && asked[0] !== undefined && isBeginning(asked[0])) return fail('mapping-invalid', at, `'${asked[0]}' is a beginning and cannot be written; name the value that is written first, as in [${inside.slice(0, equals)}=VALUE|${asked[0]}].`)
    predicates.push({ path: path.value.segments, value, others, beginnings, negated })
  }
  return ok(predicates)
}

const isBeginning = (text: string): boolean => text.length > 1 && text.endsWith('*')

/** By what an attribute is known to maps: its name, with `xml:` before it where it is one of XML's own. */
export const attributeKey = ({ name, namespace }: { readonly name: string, readonly namespace: string }): string =>
  namespace === '' ? name : namespace === xmlNamespace ? `xml:${name}` : `{${namespace}}${name}`

/** Whether a child is the one that a step names; predicates not looked at. */
export const isNamed = (node: Node, segment: SourceSegment): boolean => node.name === segment.name && node.namespace === segment.namespace

const fewChildren = 64
const none: readonly Node[] = []

/** Of nodes with many children, these by their names. */
const named = new WeakMap<Node, ReadonlyMap<string, readonly Node[]>>()

/** Children among which those stand that a step names, in their order. Hundreds of rules look for theirs among the same ones: where there are many, they are put together by their names once. */
export const among = (node: Node, { name }: SourceSegment): readonly Node[] => {
  const { children } = node
  if (children.length <= fewChildren) return children
  const known = named.get(node)
  if (known !== undefined) return known.get(name) ?? none
  const made = new Map<string, Node[]>()
  for (const child of children) {
    const same = made.get(child.name)
    if (same === undefined) made.set(child.name, [child])
    else same.push(child)
  }
  named.set(node, made)
  return made.get(name) ?? none
}

/** The texts that a path leads to from a node, in document order. */
export const textsAt = (node: Node, segments: readonly SourceSegment[]): readonly string[] => {
  const texts: string[] = []
  collectTexts(texts, node, segments, 0)
  return texts
}

const collectTexts = (texts: string[], node: Node, segments: readonly SourceSegment[], from: number): void => {
  const segment = segments[from]
  if (segment === undefined) {
    if (node.kind !== 'null') texts.push(trimmed(node.text))
  } else if (segment.attribute) {
    for (const attribute of node.attributes) if (attribute.name === segment.name && attribute.namespace === segment.namespace) texts.push(attribute.value)
  } else {
    for (const child of among(node, segment)) if (isNamed(child, segment) && holds(child, segment.predicates)) collectTexts(texts, child, segments, from + 1)
  }
}

/** Whether a path leads to something that is not empty: a text, an attribute, an element with anything in it. */
export const isThere = (node: Node, segments: readonly SourceSegment[], from = 0): boolean => {
  const segment = segments[from]
  if (segment === undefined) return node.kind !== 'null' && (node.children.length > 0 || trimmed(node.text) !== '')
  if (segment.attribute) {
    for (const attribute of node.attributes) if (attribute.name === segment.name && attribute.namespace === segment.namespace && attribute.value !== '') return true
    return false
  }
  for (const child of among(node, segment)) if (isNamed(child, segment) && holds(child, segment.predicates) && isThere(child, segments, from + 1)) return true
  return false
}

/** Whether a node satisfies all predicates. */
export const holds = (node: Node, predicates: readonly SourcePredicate[]): boolean => {
  for (const predicate of predicates) if (says(node, predicate, 0) === predicate.negated) return false
  return true
}

/** Whether a text at a predicate's path is one that it asks for. No list of texts is made: recognition and reading ask this of most elements. */
const says = (node: Node, predicate: SourcePredicate, from: number): boolean => {
  const segment = predicate.path[from]
  if (segment === undefined) return node.kind !== 'null' && isAsked(predicate, trimmed(node.text))
  if (segment.attribute) {
    for (const { name, namespace, value } of node.attributes) if (name === segment.name && namespace === segment.namespace && isAsked(predicate, value)) return true
    return false
  }
  for (const child of node.children) if (isNamed(child, segment) && holds(child, segment.predicates) && says(child, predicate, from + 1)) return true
  return false
}

const isAsked = ({ value, others, beginnings }: SourcePredicate, text: string): boolean =>
  value === undefined || text === value || (others.length > 0 && others.includes(text)) || (beginnings.length > 0 && beginnings.some((beginning) => text.startsWith(beginning)))

import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { linearPattern } from '../engine/description/linear-pattern.js'
import { emptyTree, type DraftedChoice, type DraftedDescription, type DraftedMember, type DraftedTree, type DraftedType, type DraftedUse, type DraftedValue } from './drafted-description.js'

const xsd = 'http://www.w3.org/2001/XMLSchema'

/** A schema document that was read, with what its own prefixes mean. */
export interface SchemaDocument {
  readonly root: Node
  readonly prefixes: Readonly<Record<string, string>>
}

interface Component {
  readonly node: Node
  readonly document: SchemaDocument
}

interface Drafting {
  readonly components: ReadonlyMap<string, Component>
  readonly prefixOf: (namespace: string) => string
  readonly types: Map<string, DraftedType | undefined>
  /** The names that types have in the description, by their own with their namespace. */
  readonly names: Map<string, string>
  readonly elements: Map<string, string>
}

/**
 * Drafts a description of the documents with these root elements, or of all global elements that no other one holds, from the schemas that were read. Types that add nothing to
 * their base are told as their base. What a description cannot say (a sequence that repeats, keys, wildcards of one namespace) is loosened, never tightened. Fails with mapping-invalid.
 */
export const describeXsd = (documents: readonly SchemaDocument[], roots: readonly string[]): Result<DraftedDescription> => {
  const components = new Map<string, Component>()
  for (const document of documents) {
    for (const node of document.root.children) {
      const name = attribute(node, 'name')
      if (node.namespace === xsd && name !== undefined) components.set(`${node.name} {${targetOf(document)}}${name}`, { node, document })
    }
  }
  const namespaces = prefixesOf(documents)
  const byUri = new Map(Object.entries(namespaces).map(([prefix, uri]) => [uri, prefix]))
  const set: Drafting = { components, prefixOf: (uri) => (uri === '' ? '' : `${byUri.get(uri) ?? 'ns'}:`), types: new Map(), names: new Map(), elements: new Map() }
  const globals = [...components].filter(([key]) => key.startsWith('element '))
  const chosen = globals.filter(([, { node }]) => roots.length === 0 || roots.includes(attribute(node, 'name') ?? ''))
  if (chosen.length === 0) return fail('mapping-invalid', '--root', `The schema has no element ${roots.join(', ')}; it has ${globals.slice(0, 20).map(([, { node }]) => attribute(node, 'name') ?? '').join(', ')}.`)
  const drafted = new Map<string, DraftedUse>()
  for (const [, component] of chosen) drafted.set(stepOf(set, component), typeOfElement(set, component))
  const types = new Map([...set.types].flatMap(([name, type]) => (type === undefined ? [] : [[name, type] as const])))
  const used = new Set([...set.elements.keys(), ...drafted.keys(), ...[...types.values()].flatMap(stepsOf)].map((step) => step.split(':')[0] ?? ''))
  const own = Object.fromEntries(Object.entries(namespaces).filter(([prefix]) => used.has(prefix)))
  return ok({ namespaces: own, types, elements: set.elements, documents: drafted })
}

/** The steps of members, in place or below, whose prefixes have to be declared. */
const stepsOf = (type: DraftedType): readonly string[] => {
  const members = type.form === 'value' ? [] : type.members.flatMap((member) => ('choice' in member ? member.choice : [member]))
  return [...type.attributes, ...members].flatMap(({ step, type: use }) => [step, ...use === undefined || typeof use === 'string' ? [] : stepsOf(use)])
}

const attribute = (node: Node, name: string): string | undefined => node.attributes.find((one) => one.name === name && one.namespace === '')?.value

const targetOf = ({ root }: SchemaDocument): string => attribute(root, 'targetNamespace') ?? ''

const prefixesOf = (documents: readonly SchemaDocument[]): Readonly<Record<string, string>> => {
  const prefixes: Record<string, string> = {}
  const taken = (uri: string): boolean => Object.values(prefixes).includes(uri)
  for (const { prefixes: own } of documents) {
    for (const [prefix, uri] of Object.entries(own)) if (prefix !== '' && uri !== xsd && prefixes[prefix] === undefined && !taken(uri)) prefixes[prefix] = uri
  }
  for (const document of documents) {
    const uri = targetOf(document)
    if (uri === '' || taken(uri)) continue
    const name = attribute(document.root.children.find((node) => node.name === 'element') ?? document.root, 'name') ?? 'ns'
    const plain = name.replaceAll(/([a-z])([A-Z])/g, '$1-$2').toLowerCase()
    prefixes[prefixes[plain] === undefined ? plain : `${plain}${Object.keys(prefixes).length}`] = uri
  }
  return prefixes
}

const childrenOf = (node: Node, name: string): readonly Node[] => node.children.filter((child) => child.name === name && child.namespace === xsd)

const childOf = (node: Node, ...names: readonly string[]): Node | undefined => node.children.find((child) => child.namespace === xsd && names.includes(child.name))

interface QName {
  readonly namespace: string
  readonly name: string
}

const qname = (text: string, document: SchemaDocument): QName => {
  const colon = text.indexOf(':')
  return { namespace: document.prefixes[colon < 0 ? '' : text.slice(0, colon)] ?? (colon < 0 ? targetOf(document) : ''), name: text.slice(colon + 1) }
}

const find = (set: Drafting, kinds: readonly string[], { namespace, name }: QName): Component | undefined =>
  kinds.map((kind) => set.components.get(`${kind} {${namespace}}${name}`)).find((one) => one !== undefined)

const stepOf = (set: Drafting, { node, document }: Component): string => `${set.prefixOf(targetOf(document))}${attribute(node, 'name') ?? ''}`

const typeOfElement = (set: Drafting, component: Component): DraftedUse => {
  const { node, document } = component
  const named = attribute(node, 'type')
  if (named !== undefined) return typeNamed(set, qname(named, document))
  const own = childOf(node, 'complexType', 'simpleType')
  if (own === undefined) return 'text'
  // A global element may hold itself, so that its type needs a name.
  return node === set.components.get(`element {${targetOf(document)}}${attribute(node, 'name') ?? ''}`)?.node ? entered(set, `element {${targetOf(document)}}${attribute(node, 'name') ?? ''}`, () => typeOf(set, { node: own, document })) : typeOf(set, { node: own, document })
}

/** The type under a name of its own, which it has before it is made, so that it may hold itself. */
const entered = (set: Drafting, key: string, make: () => DraftedType): string => {
  const known = set.names.get(key)
  if (known !== undefined) return known
  const wanted = key.replace(/^.*\}/, '').replace(/(?<=.)Type$/, '')
  const name = set.types.has(wanted) || primitiveNames.has(wanted) ? `${wanted}${set.types.size}` : wanted
  set.names.set(key, name)
  set.types.set(name, undefined)
  set.types.set(name, make())
  return name
}

const primitives: Readonly<Record<string, string>> = {
  string: 'text', decimal: 'decimal', boolean: 'boolean', date: 'date', time: 'time', dateTime: 'instant', base64Binary: 'binary',
  ...Object.fromEntries(['integer', 'int', 'long', 'short', 'byte', 'positiveInteger', 'nonNegativeInteger', 'negativeInteger', 'nonPositiveInteger', 'unsignedInt', 'unsignedLong', 'unsignedShort', 'unsignedByte'].map((name) => [name, 'integer'])),
}

const primitiveNames = new Set([...Object.values(primitives), 'token', 'code'])

const typeNamed = (set: Drafting, name: QName): DraftedUse => {
  if (name.namespace === xsd) return name.name === 'anyType' ? { ...emptyTree, open: true } : primitives[name.name] ?? 'token'
  const component = find(set, ['complexType', 'simpleType'], name)
  if (component === undefined) return 'text'
  const base = plainBase(component)
  if (base !== undefined) return typeNamed(set, qname(base, component.document))
  return entered(set, `{${name.namespace}}${name.name}`, () => typeOf(set, component))
}

/** The base of a type that adds nothing to it. */
const plainBase = ({ node }: Component): string | undefined => {
  const derived = node.name === 'simpleType' ? childOf(node, 'restriction') : derivationOf(childOf(node, 'simpleContent'))
  return derived !== undefined && derived.children.every((child) => child.name === 'annotation') ? attribute(derived, 'base') : undefined
}

const derivationOf = (content: Node | undefined): Node | undefined => (content === undefined ? undefined : childOf(content, 'extension', 'restriction'))

const typeOf = (set: Drafting, component: Component): DraftedType => {
  const { node, document } = component
  if (node.name === 'simpleType') return valueOf(set, component)
  const simple = derivationOf(childOf(node, 'simpleContent'))
  if (simple !== undefined) return simpleContentOf(set, { node: simple, document })
  const complex = derivationOf(childOf(node, 'complexContent'))
  const content = contentOf(set, { node: complex ?? node, document })
  const mixed = attribute(node, 'mixed') === 'true'
  const base = complex?.name === 'extension' ? typeNamed(set, qname(attribute(complex, 'base') ?? '', document)) : undefined
  return { ...content, base: typeof base === 'string' ? base : undefined, text: mixed ? 'text' : undefined }
}

const plainValue = (is: string): DraftedValue => ({ form: 'value', words: { is }, codes: [], attributes: [] })

/** What a simple type is, without giving it a name of its own. */
const valueNamed = (set: Drafting, name: QName): DraftedValue => {
  if (name.namespace === xsd) return plainValue(primitives[name.name] ?? 'token')
  const component = find(set, ['complexType', 'simpleType'], name)
  return component === undefined ? plainValue('text') : asValue(typeOf(set, component))
}

const asValue = (type: DraftedType): DraftedValue => (type.form === 'value' ? type : plainValue('text'))

const simpleContentOf = (set: Drafting, { node, document }: Component): DraftedValue => {
  const base = valueNamed(set, qname(attribute(node, 'base') ?? '', document))
  const own = attributesOf(set, { node, document })
  const kept = base.attributes.filter(({ step }) => !own.some((one) => one.step === step))
  return { ...facets(base, node), attributes: [...kept, ...own].filter(({ max }) => max > 0) }
}

const valueOf = (set: Drafting, { node, document }: Component): DraftedValue => {
  const restriction = childOf(node, 'restriction')
  if (restriction === undefined) return plainValue('token')
  const base = attribute(restriction, 'base')
  const inner = childOf(restriction, 'simpleType')
  const from = base === undefined ? inner === undefined ? plainValue('token') : valueOf(set, { node: inner, document }) : valueNamed(set, qname(base, document))
  return facets(from, restriction)
}

const facetWords: Readonly<Record<string, readonly string[]>> = { maxLength: ['max'], minLength: ['min'], length: ['min', 'max'], totalDigits: ['max'], fractionDigits: ['decimals'] }

const facets = (base: DraftedValue, restriction: Node): DraftedValue => {
  const words: Record<string, string> = { ...base.words }
  const codes = childrenOf(restriction, 'enumeration').map((one) => attribute(one, 'value') ?? '')
  for (const facet of restriction.children) {
    const value = attribute(facet, 'value') ?? ''
    for (const word of facetWords[facet.name] ?? []) words[word] = value
    if (facet.name === 'pattern' && childrenOf(restriction, 'pattern').length === 1 && linearPattern(value).ok) words['pattern'] = value
  }
  if (codes.length > 0 && (words['is'] === 'text' || words['is'] === 'token')) words['is'] = 'code'
  return { ...base, words, codes: codes.length > 0 ? codes : base.codes }
}

const attributesOf = (set: Drafting, { node, document }: Component): readonly DraftedMember[] => node.children.flatMap((child): readonly DraftedMember[] => {
  if (child.namespace !== xsd) return []
  if (child.name === 'attributeGroup') {
    const group = find(set, ['attributeGroup'], qname(attribute(child, 'ref') ?? '', document))
    return group === undefined ? [] : attributesOf(set, group)
  }
  return child.name === 'attribute' ? attributeOf(set, { node: child, document }) : []
})

const attributeOf = (set: Drafting, { node, document }: Component): readonly DraftedMember[] => {
  const ref = attribute(node, 'ref')
  const use = attribute(node, 'use')
  const span = { min: use === 'required' ? 1 : 0, max: use === 'prohibited' ? 0 : 1 }
  if (ref !== undefined) {
    const target = find(set, ['attribute'], qname(ref, document))
    return target === undefined ? [] : [{ step: stepOf(set, target), ...span, type: attributeType(set, target) }]
  }
  return [{ step: attribute(node, 'name') ?? '', ...span, type: attributeType(set, { node, document }) }]
}

const attributeType = (set: Drafting, { node, document }: Component): DraftedUse => {
  const named = attribute(node, 'type')
  const own = childOf(node, 'simpleType')
  return named !== undefined ? typeNamed(set, qname(named, document)) : own !== undefined ? valueOf(set, { node: own, document }) : 'token'
}

const contentOf = (set: Drafting, { node, document }: Component): DraftedTree => {
  const group = childOf(node, 'sequence', 'choice', 'all', 'group')
  const tree = { ...emptyTree, attributes: attributesOf(set, { node, document }).filter(({ max }) => max > 0), open: hasWildcard(node) }
  return group === undefined ? tree : { ...tree, members: unique(particles(set, { node: group, document })), anyOrder: group.name === 'all' }
}

const hasWildcard = (node: Node): boolean => node.children.some((child) => child.namespace === xsd && (child.name === 'any' || (/^(sequence|choice|all)$/.test(child.name) && hasWildcard(child))))

/** A name that stands in several places of one tree is told once, as often as it may stand in all. */
const unique = (members: readonly (DraftedMember | DraftedChoice)[]): readonly (DraftedMember | DraftedChoice)[] => {
  const seen = new Map<string, number>()
  const kept: (DraftedMember | DraftedChoice)[] = []
  for (const member of members) {
    if ('choice' in member) { kept.push(member); continue }
    const at = seen.get(member.step)
    const known = at === undefined ? undefined : kept[at]
    if (at === undefined || known === undefined || 'choice' in known) seen.set(member.step, kept.push(member) - 1)
    else kept[at] = { ...known, min: Math.min(known.min, member.min), max: known.max + member.max }
  }
  return kept
}

const span = (node: Node): { readonly min: number, readonly max: number } => {
  const most = attribute(node, 'maxOccurs') ?? '1'
  return { min: Number(attribute(node, 'minOccurs') ?? '1'), max: most === 'unbounded' ? Infinity : Number(most) }
}

const particles = (set: Drafting, { node, document }: Component): readonly (DraftedMember | DraftedChoice)[] => {
  const { min, max } = span(node)
  if (node.name === 'element') return elementOf(set, { node, document })
  if (node.name === 'group') {
    const group = find(set, ['group'], qname(attribute(node, 'ref') ?? '', document))
    const inner = group === undefined ? undefined : childOf(group.node, 'sequence', 'choice', 'all')
    return group === undefined || inner === undefined ? [] : loosened(particles(set, { node: inner, document: group.document }), min, max)
  }
  if (node.name !== 'sequence' && node.name !== 'choice' && node.name !== 'all') return []
  const below = node.children.filter((child) => child.namespace === xsd).flatMap((child) => particles(set, { node: child, document }))
  if (node.name !== 'choice') return loosened(below, min, max)
  const simple = node.children.every(({ name }) => name === 'element' || name === 'annotation') && below.length > 1
  const members = below.flatMap((member) => ('choice' in member ? member.choice : [member]))
  return simple ? [{ choice: members.map((member) => ({ ...member, min: 0, max: Math.max(max, member.max * max) })), min, max: members.some((member) => member.max === Infinity) ? Infinity : max }] : loosened(below, 0, max)
}

const loosened = (members: readonly (DraftedMember | DraftedChoice)[], min: number, max: number): readonly (DraftedMember | DraftedChoice)[] => {
  if (max === 1) return min > 0 ? members : members.map((member) => ({ ...member, min: 0 }))
  // What repeats as a whole stands in any order.
  return [{ choice: members.flatMap((member) => ('choice' in member ? member.choice : [member])).map((member) => ({ ...member, min: 0, max: Infinity })), min: 0, max: Infinity }]
}

const elementOf = (set: Drafting, { node, document }: Component): readonly DraftedMember[] => {
  const ref = attribute(node, 'ref')
  const times = span(node)
  if (times.max === 0) return []
  if (ref === undefined) {
    const form = attribute(node, 'form') ?? attribute(document.root, 'elementFormDefault')
    const prefix = form === 'qualified' ? set.prefixOf(targetOf(document)) : ''
    return [{ step: `${prefix}${attribute(node, 'name') ?? ''}`, ...times, type: typeOfElement(set, { node, document }) }]
  }
  const name = qname(ref, document)
  const target = find(set, ['element'], name)
  if (target === undefined) return [{ step: `${set.prefixOf(name.namespace)}${name.name}`, ...times, type: 'text' }]
  const step = stepOf(set, target)
  if (!set.elements.has(step)) {
    set.elements.set(step, 'text')
    const type = typeOfElement(set, target)
    // A global element with a type in place has a name by now.
    set.elements.set(step, typeof type === 'string' ? type : entered(set, `element {${name.namespace}}${name.name}`, () => type))
  }
  return [{ step, ...times, type: undefined }]
}

import type { Node } from '../../schemas/node.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { anyType, type ContentModel, type ContentModels, type ElementUse, type Particle, type TypeUse } from './content-model.js'
import { localNameOf, qualified, type QualifiedName } from './definition-element.js'
import { fits, makeElementPool, type ElementPool } from './element-pool.js'
import { hasText, type GivenElement } from './given-element.js'
import { derivedFrom, substitutesOf } from './schema-set.js'
import { instanceNamespace, schemaNamespace } from './well-known-namespaces.js'

export interface Composer {
  readonly models: ContentModels
  /** The prefix under which the written document declares a namespace, for names in values. */
  readonly prefixOf: (namespace: string) => string
}

/** What was refused, by the error that is thrown for it: the tree is deep, and every level would have to hand it up. */
const refusals = new WeakMap<Error, Failure>()

const refuse = (code: 'field-missing' | 'field-unknown' | 'value-invalid' | 'wsdl-invalid', at: string, detail: string): never => {
  const error = new Error(detail)
  refusals.set(error, fail(code, at, detail))
  throw error
}

/**
 * What the caller gave as an element of the schema: in the order of the schema, with the schema's namespaces, values as they
 * are. Fails with field-missing, field-unknown or value-invalid at the path of the element, and with wsdl-invalid where the
 * description names a type that it does not have.
 */
export const composeElement = (composer: Composer, use: ElementUse, given: GivenElement): Result<Node> => asResult(() => compose(composer, use, given))

/** The same for an element that the schemas don't declare, such as the wrapper of an rpc message. */
export const composeWith = (composer: Composer, use: Pick<ElementUse, 'name' | 'namespace'>, model: ContentModel, given: GivenElement): Result<Node> =>
  asResult(() => element(use, { children: composeChildren(composer, model, given) }))

const asResult = (work: () => Node): Result<Node> => {
  try {
    return ok(work())
  } catch (error) {
    const failure = error instanceof Error ? refusals.get(error) : undefined
    if (failure === undefined) throw error
    return failure
  }
}

const compose = (composer: Composer, use: ElementUse, given: GivenElement): Node => {
  if (given.nil) {
    if (!use.nillable) return refuse('value-invalid', given.at, 'The element may not be null: the schema does not call it nillable.')
    return element(use, { attributes: [{ name: 'nil', namespace: instanceNamespace, value: 'true' }] })
  }
  const { type, attributes: typeAttributes } = chosenType(composer, use, given)
  const model = composer.models.modelOf(type)
  if (model === undefined) return refuse('wsdl-invalid', given.at, `The description has no type ${type.kind === 'named' ? type.name : 'for this element'}.`)
  if (model.abstract) return refuse('value-invalid', given.at, `The type is abstract: name one of ${namesOf(derivedOf(composer, type))} as xsi:type.`)
  if (model.kind === 'anything') return { ...copy(given, use.namespace), name: use.name, namespace: use.namespace }
  const attributes = [...typeAttributes, ...composeAttributes(model, given)]
  if (model.kind === 'text') {
    const [child] = given.children
    if (child !== undefined) refuse('field-unknown', child.at, `${use.name} takes a text and no elements.`)
    return element(use, { attributes, text: given.text })
  }
  if (model.kind === 'mixed') return composeMixed(composer, use, given, model, attributes)
  if (hasText(given)) refuse('value-invalid', given.at, `${use.name} takes elements (${expectedNames(model)}) and no text.`)
  return element(use, { attributes, children: composeChildren(composer, model, given) })
}

const element = ({ name, namespace }: Pick<ElementUse, 'name' | 'namespace'>, parts: Partial<Node>): Node =>
  ({ name, namespace, attributes: [], children: [], text: '', kind: 'element', line: 0, column: 0, ...parts })

const copy = (given: GivenElement, namespace: string): Node => given.node ?? element({ name: given.name, namespace }, {
  attributes: given.attributes.map((attribute) => ({ ...attribute, namespace: attribute.namespace ?? '' })), text: given.text, children: given.children.map((child) => copy(child, child.namespace ?? '')),
})

const namesOf = (names: readonly QualifiedName[]): string => [...new Set(names.map(localNameOf))].slice(0, 20).join(', ')

const derivedOf = ({ models }: Composer, type: TypeUse): readonly QualifiedName[] =>
  (type.kind === 'named' ? derivedFrom(models.schemas, type.name).filter((name) => models.modelOf({ kind: 'named', name })?.abstract === false) : [])

/** The declared type, or the derived one that the caller names; a prefix says nothing, since its declaration may be gone. */
const chosenType = (composer: Composer, use: ElementUse, given: GivenElement): { readonly type: TypeUse, readonly attributes: Node['attributes'] } => {
  if (given.typeName === undefined) return { type: use.type, attributes: [] }
  const { models } = composer
  const declared = use.type.kind === 'named' ? use.type.name : undefined
  const wanted = given.typeName
  const local = wanted.startsWith('{') ? localNameOf(wanted) : wanted.slice(wanted.indexOf(':') + 1)
  const known = declared === undefined ? [] : declared === anyType ? [...models.schemas.types.keys(), qualified(schemaNamespace, local)] : [declared, ...derivedFrom(models.schemas, declared)]
  const named = known.filter((name) => (wanted.startsWith('{') ? name === wanted : localNameOf(name) === local) && models.modelOf({ kind: 'named', name }) !== undefined)
  const [name] = named
  if (name === undefined) return refuse('value-invalid', given.at, `${JSON.stringify(wanted)} is no type that may stand here; there are ${namesOf(known) || 'none'}.`)
  if (named.length > 1 && declared !== name) return refuse('value-invalid', given.at, `Several types have this name; write one of ${named.join(', ')}.`)
  if (name === declared) return { type: use.type, attributes: [] }
  const namespace = name.startsWith('{') ? name.slice(1, name.lastIndexOf('}')) : ''
  const value = namespace === '' ? local : `${composer.prefixOf(namespace)}:${local}`
  return { type: { kind: 'named', name }, attributes: [{ name: 'type', namespace: instanceNamespace, value }] }
}

const composeAttributes = (model: ContentModel, given: GivenElement): Node['attributes'] => {
  const written: Node['attributes'][number][] = []
  for (const use of model.attributes) {
    const found = given.attributes.find(({ name, namespace }) => name === use.name && (namespace === undefined || namespace === use.namespace))
    const value = found?.value ?? (use.required ? use.fixed : undefined)
    if (value !== undefined) written.push({ name: use.name, namespace: use.namespace, value })
    else if (use.required) refuse('field-missing', `${given.at}@${use.name}`, 'The schema asks for this attribute.')
  }
  for (const { name, namespace, value } of given.attributes) {
    if (written.some((attribute) => attribute.name === name)) continue
    if (!model.anyAttribute) refuse('field-unknown', `${given.at}@${name}`, `The schema has no such attribute here; it has ${model.attributes.map((attribute) => attribute.name).join(', ') || 'none'}.`)
    written.push({ name, namespace: namespace ?? '', value })
  }
  return written
}

/** Text and elements side by side stay in the caller's order, which says something there. */
const composeMixed = (composer: Composer, use: ElementUse, given: GivenElement, model: ContentModel, attributes: Node['attributes']): Node => {
  const uses = model.particle === undefined ? [] : usesIn(composer, model.particle)
  const made = new Map(given.children.map((child) => {
    const declared = uses.find((use) => fits(child, use))
    return [child, declared === undefined ? copy(child, child.namespace ?? '') : compose(composer, declared, child)] as const
  }))
  const mixed = given.mixed?.map((piece): string | Node => (typeof piece === 'string' ? piece : made.get(piece) ?? ''))
  return element(use, { attributes, text: given.text, children: [...made.values()], ...(mixed === undefined ? {} : { mixed }) })
}

const composeChildren = (composer: Composer, model: ContentModel, given: GivenElement): readonly Node[] => {
  const { particle } = model
  const uses = particle === undefined ? [] : usesIn(composer, particle)
  const wildcards = particle === undefined ? [] : wildcardsIn(particle)
  const isOpen = (child: GivenElement): boolean => child.node !== undefined && !uses.some((use) => fits(child, use)) && wildcards.some(({ allows }) => allows(child.namespace ?? ''))
  const children = given.children.filter((child) => !isLeftOut(child, uses))
  for (const child of children) {
    if (uses.some((use) => fits(child, use)) || isOpen(child)) continue
    const other = uses.find(({ name }) => name === child.name)
    refuse('field-unknown', child.at, other === undefined ? `The schema has no ${child.name} here; it has ${expectedNames(model)}.` : `The schema has ${child.name} here ${other.namespace === '' ? 'without a namespace' : `in the namespace ${other.namespace}`}.`)
  }
  const pool = makeElementPool(children)
  const writing: Writing = { composer, pool, isOpen, at: given.at, written: [] }
  if (particle !== undefined) write(writing, particle)
  const left = pool.left()
  if (left !== undefined) refuse('field-unknown', left.at, `The schema has ${left.name} here less often.`)
  return writing.written
}

/** A null for what may not be null is the JSON way of leaving it out. */
const isLeftOut = (child: GivenElement, uses: readonly ElementUse[]): boolean =>
  child.nil && child.node === undefined && uses.some((use) => fits(child, use)) && !uses.some((use) => use.nillable && fits(child, use))

interface Writing {
  readonly composer: Composer
  readonly pool: ElementPool
  readonly isOpen: (given: GivenElement) => boolean
  readonly at: string
  readonly written: Node[]
}

const write = (writing: Writing, particle: Particle): void => {
  switch (particle.kind) {
    case 'element': writeElements(writing, particle); break
    case 'any': writeAny(writing, particle); break
    case 'choice': writeChoices(writing, particle); break
    case 'sequence':
    case 'all': writeSequences(writing, particle); break
    default: particle satisfies never
  }
}

type Of<Kind extends Particle['kind']> = Extract<Particle, { readonly kind: Kind }>
type Group = Extract<Particle, { readonly particles: readonly Particle[] }>

const writeElements = (writing: Writing, { use, min, max }: Of<'element'>): void => {
  const uses = usesOf(writing.composer, use)
  let count = 0
  for (; count < max; count++) {
    const taken = writing.pool.take(uses)
    if (taken === undefined) break
    writing.written.push(compose(writing.composer, taken.use, taken.given))
  }
  if (count < min) refuse('field-missing', `${writing.at}.${use.name}`, count === 0 ? 'The schema asks for this element.' : `The schema asks for ${min} of this element; there are ${count}.`)
}

const writeAny = (writing: Writing, { max, allows }: Of<'any'>): void => {
  for (let count = 0; count < max; count++) {
    const given = writing.pool.takeWhere((child) => writing.isOpen(child) && allows(child.namespace ?? ''))
    if (given === undefined) return
    writing.written.push(copy(given, given.namespace ?? ''))
  }
}

const writeSequences = (writing: Writing, group: Group): void => {
  for (let round = 0; round < group.max; round++) {
    const wanted = round < group.min || hasAny(writing, group)
    if (!wanted) return
    // An empty optional group asks for nothing, and a required one only for what is required in it.
    if (round === 0 && group.min === 0 && !hasAny(writing, group)) return
    const before = writing.written.length
    for (const particle of group.particles) write(writing, particle)
    if (writing.written.length === before) return
  }
}

const writeChoices = (writing: Writing, group: Group): void => {
  for (let round = 0; round < group.max; round++) {
    const branch = nextBranch(writing, group)
    if (branch === undefined) {
      if (round < group.min && !group.particles.some(mayBeEmpty)) refuse('field-missing', writing.at, `The schema asks for one of ${group.particles.flatMap((particle) => namesIn(particle)).join(', ')}.`)
      return
    }
    // Of a choice that repeats, one at a time keeps the caller's order.
    write(writing, group.max > 1 && branch.kind === 'element' ? { ...branch, max: 1 } : branch)
  }
  const other = group.max === 1 ? nextBranch(writing, group) : undefined
  if (other !== undefined) refuse('value-invalid', writing.at, `Only one of ${group.particles.flatMap((particle) => namesIn(particle)).join(', ')} may stand here.`)
}

const nextBranch = (writing: Writing, group: Group): Particle | undefined => {
  const names = new Set(group.particles.flatMap((particle) => usesIn(writing.composer, particle).map(({ name }) => name)))
  const first = writing.pool.first(names)
  if (first === undefined) return undefined
  return group.particles.find((particle) => usesIn(writing.composer, particle).some((use) => fits(first, use)))
}

const hasAny = (writing: Writing, particle: Particle): boolean => writing.pool.has(usesIn(writing.composer, particle))

const mayBeEmpty = (particle: Particle): boolean => {
  if (particle.min === 0 || particle.kind === 'any') return true
  if (particle.kind === 'element') return false
  return particle.kind === 'choice' ? particle.particles.some(mayBeEmpty) : particle.particles.every(mayBeEmpty)
}

const known = new WeakMap<Particle, readonly ElementUse[]>()

/** Every element that may stand directly under a particle. */
const usesIn = (composer: Composer, particle: Particle): readonly ElementUse[] => {
  const before = known.get(particle)
  if (before !== undefined) return before
  const uses = particle.kind === 'any' ? [] : particle.kind === 'element' ? usesOf(composer, particle.use) : particle.particles.flatMap((inner) => usesIn(composer, inner))
  known.set(particle, uses)
  return uses
}

const wildcardsIn = (particle: Particle): readonly Of<'any'>[] => (particle.kind === 'any' ? [particle] : particle.kind === 'element' ? [] : particle.particles.flatMap(wildcardsIn))

/** An element and those that may stand for it; an abstract one stands for nothing itself. */
const usesOf = ({ models }: Composer, use: ElementUse): readonly ElementUse[] => {
  if (use.global === undefined) return [use]
  return [...(use.abstract ? [] : [use]), ...substitutesOf(models.schemas, use.global).flatMap((name) => models.elementUse(name) ?? [])]
}

const namesIn = (particle: Particle): readonly string[] => (particle.kind === 'any' ? ['any element'] : particle.kind === 'element' ? [particle.use.name] : particle.particles.flatMap(namesIn))

const expectedNames = ({ particle }: ContentModel): string => (particle === undefined ? 'none' : namesIn(particle).slice(0, 40).join(', '))

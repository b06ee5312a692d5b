import { qualified, resolveName, type DefinitionElement, type QualifiedName } from './definition-element.js'
import { referenceIn, type Component, type SchemaSet } from './schema-set.js'
import { schemaNamespace } from './well-known-namespaces.js'

/** An element as it stands in a content model or as the root of a message. */
export interface ElementUse {
  readonly name: string
  /** '' for an unqualified local element. */
  readonly namespace: string
  readonly nillable: boolean
  readonly type: TypeUse
  /** The global element that it refers to or is; others may stand for it. */
  readonly global: QualifiedName | undefined
  readonly abstract: boolean
}

/** A type by its name, or one defined on the spot. */
export type TypeUse = { readonly kind: 'named', readonly name: QualifiedName } | { readonly kind: 'local', readonly component: Component }

export interface Occurrence {
  readonly min: number
  readonly max: number
}

export type Particle =
  | Occurrence & { readonly kind: 'element', readonly use: ElementUse }
  | Occurrence & { readonly kind: 'sequence' | 'choice' | 'all', readonly particles: readonly Particle[] }
  | Occurrence & { readonly kind: 'any', readonly allows: (namespace: string) => boolean }

export interface AttributeUse {
  readonly name: string
  readonly namespace: string
  readonly required: boolean
  readonly fixed: string | undefined
}

/** What may stand in an element of a type. `none` of content means text. */
export interface ContentModel {
  readonly kind: 'text' | 'elements' | 'mixed' | 'anything'
  readonly particle: Particle | undefined
  readonly attributes: readonly AttributeUse[]
  readonly anyAttribute: boolean
  readonly abstract: boolean
}

export const anyType = qualified(schemaNamespace, 'anyType')

const text: ContentModel = { kind: 'text', particle: undefined, attributes: [], anyAttribute: false, abstract: false }
const anything: ContentModel = { kind: 'anything', particle: undefined, attributes: [], anyAttribute: true, abstract: false }

/** Answers for types and elements of a description; each type is worked out when it is first asked for. */
export interface ContentModels {
  readonly schemas: SchemaSet
  /** Undefined where the description has no such element. */
  readonly elementUse: (name: QualifiedName) => ElementUse | undefined
  /** Undefined where the description has no such type. */
  readonly modelOf: (type: TypeUse) => ContentModel | undefined
}

/** A circle of groups or of base types is a fault of the description; it ends here instead of never. */
const deepestDerivation = 100

export const makeContentModels = (schemas: SchemaSet): ContentModels => {
  const known = new Map<Component, ContentModel | undefined>()
  const modelOf = (type: TypeUse, depth = 0): ContentModel | undefined => {
    const component = type.kind === 'local' ? type.component : schemas.types.get(type.name)
    if (component === undefined) return type.kind === 'named' && type.name.startsWith(`{${schemaNamespace}}`) ? (type.name === anyType ? anything : text) : undefined
    if (!known.has(component)) known.set(component, depth > deepestDerivation ? undefined : makeModel(component, depth))
    return known.get(component)
  }
  const makeModel = (component: Component, depth: number): ContentModel | undefined => {
    const { element } = component
    if (element.name === 'simpleType') return text
    const own = { abstract: isTrue(element, 'abstract'), mixed: isTrue(element, 'mixed') }
    const content = element.children.find(({ name }) => name === 'simpleContent' || name === 'complexContent')
    if (content === undefined) return withOwn({ kind: own.mixed ? 'mixed' : 'elements', ...attributesIn(component), abstract: own.abstract }, particleIn(component, depth))
    const derivation = content.children.find(({ name }) => name === 'extension' || name === 'restriction')
    if (derivation === undefined) return undefined
    const derived = { element: derivation, schema: component.schema }
    const base = modelOf({ kind: 'named', name: referenceIn(derived, derivation.attributes.get('base') ?? 'anyType') }, depth + 1)
    if (base === undefined) return undefined
    const attributes = mergeAttributes(base, attributesIn(derived))
    if (content.name === 'simpleContent') return { kind: 'text', particle: undefined, ...attributes, abstract: own.abstract }
    const particle = particleIn(derived, depth)
    const kind = own.mixed || isTrue(content, 'mixed') || base.kind === 'mixed' ? 'mixed' : 'elements'
    return withOwn({ kind, ...attributes, abstract: own.abstract }, derivation.name === 'extension' ? inSequence(base.particle, particle) : particle)
  }

  const attributesIn = (component: Component, depth = 0): Pick<ContentModel, 'attributes' | 'anyAttribute'> => {
    const attributes: AttributeUse[] = []
    let anyAttribute = false
    for (const child of component.element.children) {
      if (child.name === 'anyAttribute') anyAttribute = true
      if (child.name === 'attribute') attributes.push(...attributeUse(schemas, { ...component, element: child }))
      if (child.name !== 'attributeGroup' || depth > deepestDerivation) continue
      const group = schemas.attributeGroups.get(referenceIn({ ...component, element: child }, child.attributes.get('ref') ?? ''))
      const inner = group === undefined ? undefined : attributesIn(group, depth + 1)
      attributes.push(...(inner?.attributes ?? []))
      anyAttribute ||= inner?.anyAttribute === true
    }
    return { attributes, anyAttribute }
  }

  const particleIn = (component: Component, depth: number): Particle | undefined => {
    const child = component.element.children.find(({ name }) => particleNames.has(name))
    return child && toParticle({ ...component, element: child }, depth)
  }
  const toParticle = (component: Component, depth: number): Particle | undefined => {
    const { element } = component
    const occurs = occurrence(element)
    if (occurs.max === 0 || depth > deepestDerivation) return undefined
    switch (element.name) {
      case 'any': return { kind: 'any', allows: wildcard(component), ...occurs }
      case 'element': return elementParticle(component, occurs)
      case 'group': {
        const group = schemas.groups.get(referenceIn(component, element.attributes.get('ref') ?? ''))
        const inner = group && particleIn(group, depth + 1)
        return inner && { kind: 'sequence', particles: [inner], ...occurs }
      }
      case 'sequence':
      case 'choice':
      case 'all':
        return { kind: element.name, particles: element.children.flatMap((child) => toParticle({ ...component, element: child }, depth) ?? []), ...occurs }
      default: return undefined
    }
  }
  const elementParticle = (component: Component, occurs: Occurrence): Particle | undefined => {
    const reference = component.element.attributes.get('ref')
    const use = reference === undefined ? localUse(component) : elementUse(referenceIn(component, reference))
    return use && { kind: 'element', use, ...occurs }
  }
  const elementUse = (name: QualifiedName): ElementUse | undefined => {
    const component = schemas.elements.get(name)
    return component && { ...useOf(component), namespace: component.schema.namespace, global: name }
  }
  const useOf = (component: Component): Omit<ElementUse, 'namespace' | 'global'> => ({
    name: component.element.attributes.get('name') ?? '', nillable: isTrue(component.element, 'nillable'), abstract: isTrue(component.element, 'abstract'), type: typeOf(component),
  })
  const localUse = (component: Component): ElementUse => {
    const form = component.element.attributes.get('form')
    const isQualified = form === undefined ? component.schema.elementsQualified : form === 'qualified'
    return { ...useOf(component), namespace: isQualified ? component.schema.namespace : '', global: undefined }
  }
  const typeOf = (component: Component): TypeUse => {
    const { element } = component
    const named = element.attributes.get('type')
    if (named !== undefined) return { kind: 'named', name: referenceIn(component, named) }
    const local = element.children.find(({ name }) => name === 'complexType' || name === 'simpleType')
    if (local !== undefined) return { kind: 'local', component: { ...component, element: local } }
    const head = element.attributes.get('substitutionGroup')
    const substituted = head === undefined ? undefined : schemas.elements.get(referenceIn(component, head))
    return substituted === undefined || substituted.element === element ? { kind: 'named', name: anyType } : typeOf(substituted)
  }
  return { schemas, elementUse, modelOf }
}

const particleNames = new Set(['sequence', 'choice', 'all', 'group'])

const isTrue = ({ attributes }: DefinitionElement, name: string): boolean => ['true', '1'].includes(attributes.get(name)?.trim() ?? '')

const withOwn = (model: Omit<ContentModel, 'particle'>, particle: Particle | undefined): ContentModel => ({ ...model, particle })

const inSequence = (base: Particle | undefined, own: Particle | undefined): Particle | undefined =>
  (base === undefined || own === undefined ? base ?? own : { kind: 'sequence', particles: [base, own], min: 1, max: 1 })

const mergeAttributes = (base: ContentModel, own: Pick<ContentModel, 'attributes' | 'anyAttribute'>): Pick<ContentModel, 'attributes' | 'anyAttribute'> => {
  const inherited = base.attributes.filter(({ name, namespace }) => !own.attributes.some((attribute) => attribute.name === name && attribute.namespace === namespace))
  return { attributes: [...inherited, ...own.attributes], anyAttribute: base.anyAttribute || own.anyAttribute }
}

const occurrence = ({ attributes }: DefinitionElement): Occurrence => {
  const most = attributes.get('maxOccurs')?.trim() ?? '1'
  return { min: Number(attributes.get('minOccurs') ?? 1), max: most === 'unbounded' ? Number.POSITIVE_INFINITY : Number(most) }
}

/** XSD 1.0, section 3.10.2. */
const wildcard = ({ element, schema }: Component): ((namespace: string) => boolean) => {
  const written = element.attributes.get('namespace')?.trim() ?? '##any'
  if (written === '##any') return () => true
  if (written === '##other') return (namespace) => namespace !== '' && namespace !== schema.namespace
  const listed = new Set(written.split(/\s+/).map((one) => (one === '##local' ? '' : one === '##targetNamespace' ? schema.namespace : one)))
  return (namespace) => listed.has(namespace)
}

const attributeUse = (schemas: SchemaSet, component: Component): readonly AttributeUse[] => {
  const { element, schema } = component
  if (element.attributes.get('use') === 'prohibited') return []
  const common = { required: element.attributes.get('use') === 'required', fixed: element.attributes.get('fixed') }
  const reference = element.attributes.get('ref')
  if (reference === undefined) {
    const form = element.attributes.get('form')
    const isQualified = form === undefined ? schema.attributesQualified : form === 'qualified'
    return [{ name: element.attributes.get('name') ?? '', namespace: isQualified ? schema.namespace : '', ...common }]
  }
  const name = referenceIn(component, reference)
  const global = schemas.attributes.get(name) ?? { element, schema }
  return [{ name: name.slice(name.lastIndexOf('}') + 1), namespace: name.startsWith('{') ? name.slice(1, name.lastIndexOf('}')) : '', required: common.required, fixed: common.fixed ?? global.element.attributes.get('fixed') }]
}

/** The simple type's name or base and its enumeration, for people. */
export const describeSimpleType = (models: ContentModels, type: TypeUse): { readonly base: string, readonly values: readonly string[] } => {
  let component = type.kind === 'local' ? type.component : models.schemas.types.get(type.name)
  let base = type.kind === 'named' ? type.name : ''
  let values: readonly string[] = []
  for (let step = 0; component !== undefined && step < deepestDerivation; step++) {
    const content = component.element.name === 'simpleType' ? component.element : component.element.children.find(({ name }) => name === 'simpleContent')
    const derivation = content?.children.find(({ name }) => name === 'restriction' || name === 'extension')
    if (derivation === undefined) break
    if (values.length === 0) values = derivation.children.filter(({ name }) => name === 'enumeration').map(({ attributes }) => attributes.get('value') ?? '')
    base = derivation.attributes.has('base') ? resolveName(derivation, derivation.attributes.get('base') ?? '') : ''
    component = models.schemas.types.get(base)
  }
  return { base: base.slice(base.lastIndexOf('}') + 1), values }
}

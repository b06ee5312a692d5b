import { childrenOf, namespaceOf, qualified, resolveName, type DefinitionElement, type QualifiedName } from './definition-element.js'
import type { DefinitionDocument } from './load-documents.js'
import { schemaNamespace, wsdlNamespace } from './well-known-namespaces.js'

/** What a schema document says for all that stands in it. */
interface SchemaDefaults {
  /** The target namespace; for an included schema without one, that of the schema which includes it (XSD 1.0, section 4.2.1). */
  readonly namespace: string
  readonly adopted: boolean
  readonly elementsQualified: boolean
  readonly attributesQualified: boolean
}

/** A declaration or definition with the schema that it stands in. */
export interface Component {
  readonly element: DefinitionElement
  readonly schema: SchemaDefaults
}

/** The components of all schemas of a description, by their names. Nothing in them is resolved until it is asked for. */
export interface SchemaSet {
  readonly elements: ReadonlyMap<QualifiedName, Component>
  readonly types: ReadonlyMap<QualifiedName, Component>
  readonly groups: ReadonlyMap<QualifiedName, Component>
  readonly attributes: ReadonlyMap<QualifiedName, Component>
  readonly attributeGroups: ReadonlyMap<QualifiedName, Component>
  /** The head of a substitution group to the elements that name it. */
  readonly substitutes: ReadonlyMap<QualifiedName, readonly QualifiedName[]>
  /** A type to the types that name it as their base. */
  readonly derived: ReadonlyMap<QualifiedName, readonly QualifiedName[]>
}

/** The name that a reference in a component means; one without a prefix in an adopted schema means the adopted namespace. */
export const referenceIn = ({ element, schema }: Component, value: string): QualifiedName => {
  const name = resolveName(element, value)
  return schema.adopted && namespaceOf(name) === '' ? qualified(schema.namespace, name) : name
}

/** Where a schema stands: a file of its own, or inside a WSDL. */
interface PlacedSchema {
  readonly document: DefinitionDocument
  readonly schema: DefinitionElement
}

const collections = new Map([
  ['element', 'elements'], ['complexType', 'types'], ['simpleType', 'types'], ['group', 'groups'], ['attribute', 'attributes'], ['attributeGroup', 'attributeGroups'],
] as const)

/** Puts the global components of all files together. */
export const collectSchemas = (documents: readonly DefinitionDocument[]): SchemaSet => {
  const set = { elements: new Map<string, Component>(), types: new Map<string, Component>(), groups: new Map<string, Component>(), attributes: new Map<string, Component>(), attributeGroups: new Map<string, Component>() }
  for (const { element, schema } of schemasOf(documents)) {
    for (const child of element.children) {
      const collection = child.namespace === schemaNamespace ? new Map<string, (typeof collections extends Map<string, infer T> ? T : never)>(collections).get(child.name) : undefined
      const name = child.attributes.get('name')
      if (collection === undefined || name === undefined) continue
      set[collection].set(qualified(schema.namespace, name), { element: child, schema })
    }
  }
  return { ...set, substitutes: indexBy(set.elements, headOf), derived: indexBy(set.types, baseOf) }
}

const headOf = (component: Component): QualifiedName | undefined => {
  const head = component.element.attributes.get('substitutionGroup')
  return head === undefined ? undefined : referenceIn(component, head)
}

const baseOf = (component: Component): QualifiedName | undefined => {
  for (const content of component.element.children) {
    if (content.name === 'restriction' && content.attributes.has('base')) return referenceIn({ ...component, element: content }, content.attributes.get('base') ?? '')
    const derivation = content.children.find(({ name }) => name === 'extension' || name === 'restriction')
    const base = derivation?.attributes.get('base')
    if (derivation !== undefined && base !== undefined) return referenceIn({ ...component, element: derivation }, base)
  }
  return undefined
}

const indexBy = (components: ReadonlyMap<QualifiedName, Component>, keyOf: (component: Component) => QualifiedName | undefined): ReadonlyMap<QualifiedName, readonly QualifiedName[]> => {
  const index = new Map<QualifiedName, QualifiedName[]>()
  for (const [name, component] of components) {
    const key = keyOf(component)
    if (key === undefined) continue
    const names = index.get(key)
    if (names === undefined) index.set(key, [name])
    else names.push(name)
  }
  return index
}

/** Every schema once for each namespace under which it is included. */
const schemasOf = (documents: readonly DefinitionDocument[]): readonly Component[] => {
  const byAddress = new Map(documents.map((document) => [document.address, document]))
  const found = new Map<string, Component>()
  const visit = ({ document, schema }: PlacedSchema, key: string, includedBy: string | undefined): void => {
    const own = schema.attributes.get('targetNamespace')
    const namespace = own ?? includedBy ?? ''
    const id = `${key} ${namespace}`
    if (found.has(id)) return
    found.set(id, { element: schema, schema: {
      namespace, adopted: own === undefined && namespace !== '',
      elementsQualified: schema.attributes.get('elementFormDefault') === 'qualified',
      attributesQualified: schema.attributes.get('attributeFormDefault') === 'qualified',
    } })
    for (const child of schema.children) {
      if (child.namespace !== schemaNamespace || (child.name !== 'include' && child.name !== 'import')) continue
      const target = byAddress.get(document.imports.get(child.attributes.get('schemaLocation') ?? '') ?? '')
      if (target?.root.name === 'schema') visit({ document: target, schema: target.root }, target.address, child.name === 'include' ? namespace : undefined)
    }
  }
  for (const document of documents) {
    if (document.root.namespace !== wsdlNamespace) continue
    const inline = childrenOf(document.root, wsdlNamespace, 'types').flatMap((types) => childrenOf(types, schemaNamespace, 'schema'))
    inline.forEach((schema, index) => { visit({ document, schema }, `${document.address}#${index}`, undefined) })
    for (const child of childrenOf(document.root, wsdlNamespace, 'import')) {
      const target = byAddress.get(document.imports.get(child.attributes.get('location') ?? '') ?? '')
      if (target?.root.name === 'schema') visit({ document: target, schema: target.root }, target.address, undefined)
    }
  }
  return [...found.values()]
}

/** The types that derive from one, over any number of steps, the nearest first. */
export const derivedFrom = (set: SchemaSet, base: QualifiedName): readonly QualifiedName[] => closure(set.derived, base)

/** The elements that may stand for another, over any number of steps. */
export const substitutesOf = (set: SchemaSet, head: QualifiedName): readonly QualifiedName[] => closure(set.substitutes, head)

const closure = (index: ReadonlyMap<QualifiedName, readonly QualifiedName[]>, from: QualifiedName): readonly QualifiedName[] => {
  const found = new Set<QualifiedName>()
  const pending = [...(index.get(from) ?? [])]
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    if (found.has(next)) continue
    found.add(next)
    pending.push(...(index.get(next) ?? []))
  }
  return [...found]
}


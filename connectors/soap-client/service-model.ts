import { childrenOf, qualified, resolveName, type DefinitionElement, type QualifiedName } from './definition-element.js'
import type { DefinitionDocument } from './load-documents.js'
import { soap11Binding, soap12Binding, wsdlNamespace } from './well-known-namespaces.js'

export type SoapVersionName = '1.1' | '1.2'

/** What stands in the body of a message. */
export type BodyModel =
  | { readonly kind: 'empty' }
  | { readonly kind: 'element', readonly element: QualifiedName }
  /** rpc/literal: an element named as the operation in this namespace, its parts inside without a namespace. */
  | { readonly kind: 'rpc', readonly name: string, readonly namespace: string, readonly parts: readonly PartModel[] }

export interface PartModel {
  readonly name: string
  readonly type: QualifiedName | undefined
  readonly element: QualifiedName | undefined
}

/** One operation of one port. */
export interface OperationModel {
  readonly service: string
  readonly port: string
  readonly name: string
  /** As the description gives it; undefined where it gives none. */
  readonly endpoint: string | undefined
  readonly version: SoapVersionName
  readonly soapAction: string
  readonly input: BodyModel
  /** Undefined for a one-way operation. */
  readonly output: BodyModel | undefined
  readonly documentation: string
  /** Why it can't be called, in a sentence. */
  readonly obstacle: string | undefined
}

interface Definitions {
  readonly messages: ReadonlyMap<QualifiedName, DefinitionElement>
  readonly portTypes: ReadonlyMap<QualifiedName, DefinitionElement>
  readonly bindings: ReadonlyMap<QualifiedName, DefinitionElement>
  readonly services: readonly DefinitionElement[]
}

/** Every operation of every SOAP port, in the order of the description. */
export const modelServices = (documents: readonly DefinitionDocument[]): readonly OperationModel[] => {
  const definitions = collectDefinitions(documents)
  return definitions.services.flatMap((service) => childrenOf(service, wsdlNamespace, 'port').flatMap((port) => operationsOfPort(definitions, nameOf(service), port)))
}

const nameOf = (element: DefinitionElement): string => element.attributes.get('name') ?? ''

const collectDefinitions = (documents: readonly DefinitionDocument[]): Definitions => {
  const collect = (kind: string): Map<QualifiedName, DefinitionElement> => new Map(documents.flatMap(({ root }) => childrenOf(root, wsdlNamespace, kind)
    .map((element) => [qualified(root.attributes.get('targetNamespace') ?? '', nameOf(element)), element] as const)))
  return { messages: collect('message'), portTypes: collect('portType'), bindings: collect('binding'), services: [...collect('service').values()] }
}

const findSoap = (element: DefinitionElement | undefined, name: string): DefinitionElement | undefined =>
  element?.children.find((child) => child.name === name && (child.namespace === soap11Binding || child.namespace === soap12Binding))

const operationsOfPort = (definitions: Definitions, service: string, port: DefinitionElement): readonly OperationModel[] => {
  const binding = definitions.bindings.get(resolveName(port, port.attributes.get('binding') ?? ''))
  const soap = findSoap(binding, 'binding')
  if (binding === undefined || soap === undefined) return []
  const portType = definitions.portTypes.get(resolveName(binding, binding.attributes.get('type') ?? ''))
  const common = { service, port: nameOf(port), endpoint: findSoap(port, 'address')?.attributes.get('location')?.trim(), version: soap.namespace === soap12Binding ? '1.2' : '1.1' } as const
  return childrenOf(binding, wsdlNamespace, 'operation').map((bound) => {
    const abstract = abstractOperation(portType, bound)
    const action = findSoap(bound, 'operation')
    const style = action?.attributes.get('style') ?? soap.attributes.get('style') ?? 'document'
    const direction = (name: 'input' | 'output') => modelMessage(definitions, abstract, bound, name, style)
    const input = direction('input')
    const output = abstract !== undefined && childrenOf(abstract, wsdlNamespace, 'output').length > 0 ? direction('output') : undefined
    return {
      ...common, name: nameOf(bound), soapAction: action?.attributes.get('soapAction') ?? '', input: input.body, output: output?.body,
      documentation: abstract === undefined ? '' : childrenOf(abstract, wsdlNamespace, 'documentation').map(({ text }) => text.trim().replace(/\s+/g, ' ')).join(' '),
      obstacle: abstract === undefined ? 'Its port type does not have it.' : input.obstacle ?? output?.obstacle,
    }
  })
}

/** Of operations that share a name the one whose input has the name that the binding gives. */
const abstractOperation = (portType: DefinitionElement | undefined, bound: DefinitionElement): DefinitionElement | undefined => {
  if (portType === undefined) return undefined
  const named = childrenOf(portType, wsdlNamespace, 'operation').filter((operation) => nameOf(operation) === nameOf(bound))
  const inputName = childrenOf(bound, wsdlNamespace, 'input')[0]?.attributes.get('name')
  return named.find((operation) => inputName !== undefined && childrenOf(operation, wsdlNamespace, 'input')[0]?.attributes.get('name') === inputName) ?? named[0]
}

interface ModelledMessage {
  readonly body: BodyModel
  readonly obstacle?: string
}

const modelMessage = (definitions: Definitions, abstract: DefinitionElement | undefined, bound: DefinitionElement, direction: 'input' | 'output', style: string): ModelledMessage => {
  const reference = abstract && childrenOf(abstract, wsdlNamespace, direction)[0]
  const message = reference && definitions.messages.get(resolveName(reference, reference.attributes.get('message') ?? ''))
  if (message === undefined) return { body: { kind: 'empty' }, obstacle: `Its ${direction} names no message that there is.` }
  const concrete = childrenOf(bound, wsdlNamespace, direction)[0]
  const body = findSoap(concrete, 'body')
  if (body?.attributes.get('use') === 'encoded') return { body: { kind: 'empty' }, obstacle: 'It uses SOAP encoding (use="encoded"), which the hub does not write; ask for a document/literal or rpc/literal binding.' }
  const parts = bodyParts(message, concrete, body)
  if (style === 'rpc') return { body: { kind: 'rpc', name: `${nameOf(bound)}${direction === 'input' ? '' : 'Response'}`, namespace: body?.attributes.get('namespace') ?? '', parts } }
  if (parts.length > 1) return { body: { kind: 'empty' }, obstacle: `The body of its ${direction} is of ${parts.length} parts; document/literal has one at most.` }
  const [part] = parts
  if (part === undefined) return { body: { kind: 'empty' } }
  return part.element === undefined ? { body: { kind: 'empty' }, obstacle: `The part ${part.name} names a type where document/literal names an element.` } : { body: { kind: 'element', element: part.element } }
}

/** The parts that soap:body names, else all that no header block takes (WSDL 1.1, section 3.5). */
const bodyParts = (message: DefinitionElement, concrete: DefinitionElement | undefined, body: DefinitionElement | undefined): readonly PartModel[] => {
  const named = body?.attributes.get('parts')?.trim().split(/\s+/)
  const headers = new Set(concrete?.children.filter(({ name }) => name === 'header').map(({ attributes }) => attributes.get('part')))
  return childrenOf(message, wsdlNamespace, 'part').filter((part) => named?.includes(nameOf(part)) ?? !headers.has(nameOf(part))).map((part) => {
    const reference = (name: string): QualifiedName | undefined => (part.attributes.has(name) ? resolveName(part, part.attributes.get(name) ?? '') : undefined)
    return { name: nameOf(part), type: reference('type'), element: reference('element') }
  })
}

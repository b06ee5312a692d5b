import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { writeXml } from '../../schemas/xml-writer.js'
import type { Payload } from '../contract.js'
import { composeElement, composeWith, type Composer } from './compose-element.js'
import type { ContentModels, ElementUse, Particle } from './content-model.js'
import { localNameOf, qualified } from './definition-element.js'
import { readGiven, type GivenElement } from './given-element.js'
import type { BodyModel, PartModel } from './service-model.js'

const emptyObject: Payload = { type: 'json', bytes: new TextEncoder().encode('{}') }

/** XML that stands inside an envelope, and the tree of it. */
export interface ComposedXml {
  readonly xml: string
  readonly node: Node
}

/**
 * The content of a message's body; undefined where it has none. Fails as readGiven and composeElement do.
 */
export const composeBody = (models: ContentModels, body: BodyModel, payload: Payload | undefined): Result<ComposedXml | undefined> => {
  if (body.kind === 'empty') return payload === undefined ? ok(undefined) : fail('value-invalid', 'payload', 'The operation takes nothing.')
  const name = body.kind === 'rpc' ? body.name : localNameOf(body.element)
  const given = readGiven(payload ?? emptyObject, name)
  if (!given.ok) return given
  if (body.kind === 'rpc') return writing((composer) => composeRpc(composer, body, given.value), models)
  const use = models.elementUse(body.element)
  if (use === undefined) return fail('wsdl-invalid', body.element, 'The description has no such element.')
  const wrong = checkRoot(use, given.value)
  return wrong ?? writing((composer) => composeElement(composer, use, given.value), models)
}

/** The blocks of a SOAP header: an XML document is one, or several in an element Header; of a JSON object each member is one. */
export const composeHeaders = (models: ContentModels, payload: Payload): Result<readonly ComposedXml[]> => {
  const given = readGiven(payload, 'Header')
  if (!given.ok) return given
  const composed: ComposedXml[] = []
  for (const block of given.value.name === 'Header' ? given.value.children : [given.value]) {
    const names = block.namespace === undefined ? [...models.schemas.elements.keys()].filter((name) => localNameOf(name) === block.name) : [qualified(block.namespace, block.name)]
    const use = names.length === 1 ? models.elementUse(names[0] ?? '') : undefined
    if (use === undefined && block.node === undefined) return fail('field-unknown', block.at, names.length === 0 ? 'The description has no such element.' : 'Several namespaces have such an element; write the header as XML.')
    const one = use === undefined ? writing(() => ok(block.node ?? emptyNode), models) : writing((composer) => composeElement(composer, use, block), models)
    if (!one.ok) return one
    composed.push(one.value)
  }
  return ok(composed)
}

const checkRoot = (use: ElementUse, given: GivenElement) => {
  if (given.name === use.name && (given.namespace === undefined || given.namespace === use.namespace)) return undefined
  return fail('value-invalid', given.at, `The root is ${qualified(given.namespace ?? '', given.name)}; the operation takes ${qualified(use.namespace, use.name)}.`)
}

const composeRpc = (composer: Composer, body: Extract<BodyModel, { readonly kind: 'rpc' }>, given: GivenElement): Result<Node> => {
  if (given.name !== body.name) return fail('value-invalid', given.at, `The root is ${given.name}; the operation takes ${body.name}.`)
  const particle: Particle = { kind: 'all', min: 1, max: 1, particles: body.parts.map((part) => ({ kind: 'element', min: 1, max: 1, use: partUse(composer.models, part) })) }
  return composeWith(composer, body, { kind: 'elements', particle, attributes: [], anyAttribute: false, abstract: false }, given)
}

const partUse = (models: ContentModels, part: PartModel): ElementUse =>
  (part.element === undefined ? undefined : models.elementUse(part.element)) ?? { name: part.name, namespace: '', nillable: true, abstract: false, global: undefined, type: { kind: 'named', name: part.type ?? '' } }

const emptyNode: Node = { name: 'Header', namespace: '', attributes: [], children: [], text: '', kind: 'element', line: 0, column: 0 }

/** Composes and writes an element that declares every prefix that its names and values use. */
const writing = (compose: (composer: Composer) => Result<Node>, models: ContentModels): Result<ComposedXml> => {
  const prefixes = new Map<string, string>()
  const prefixOf = (namespace: string): string => {
    const prefix = prefixes.get(namespace) ?? `t${prefixes.size + 1}`
    prefixes.set(namespace, prefix)
    return prefix
  }
  const node = compose({ models, prefixOf })
  if (!node.ok) return node
  const written = writeXml(node.value)
  if (!written.ok) return written
  const declarations = [...prefixes].map(([namespace, prefix]) => ` xmlns:${prefix}="${namespace.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')}"`).join('')
  const xml = written.value.slice(written.value.indexOf('\n') + 1).replace(/^<[^\s/>]+/, (tag) => tag + declarations)
  return ok({ xml, node: node.value })
}

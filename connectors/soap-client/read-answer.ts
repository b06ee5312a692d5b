import { decodeText } from '../../schemas/decode-text.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { xmlNamespace } from '../../schemas/xml-names.js'
import { readXml } from '../../schemas/xml-reader.js'
import { writeXml } from '../../schemas/xml-writer.js'
import type { PartnerFault } from '../contract.js'
import { findForbidden } from '../soap/find-forbidden.js'
import { soap11, soap12, versionOfNamespace } from '../soap/soap-version.js'
import { qualified } from './definition-element.js'
import type { OperationModel } from './service-model.js'

export type EnvelopeContent =
  | { readonly kind: 'fault', readonly fault: PartnerFault }
  | { readonly kind: 'empty' }
  | { readonly kind: 'element', readonly node: Node }

/**
 * What the envelope of an answer holds. A fault counts in either version, since a server may be unable to speak the other.
 * Fails with answer-invalid for anything but an envelope of the operation's version with the element that the description
 * names, and as decodeText and readXml do.
 */
export const readAnswer = (operation: OperationModel, bytes: Uint8Array, contentType: string): Result<EnvelopeContent> => {
  if (/^\s*multipart\//i.test(contentType)) return invalid('Content-Type', 'The answer is of several parts (MTOM or attachments), which this connector does not read; ask for one without.')
  const root = readRoot(bytes, contentType)
  if (!root.ok) return root
  const version = versionOfNamespace(root.value.namespace)
  if (root.value.name !== 'Envelope' || version === undefined) return invalid('', `The root is ${qualified(root.value.namespace, root.value.name).slice(0, 200)} and no SOAP envelope.`)
  const body = root.value.children.find(({ name, namespace }) => name === 'Body' && namespace === version.namespace)
  if (body === undefined) return invalid('Envelope', 'The envelope has no Body.')
  const [content, second] = body.children
  if (content?.name === 'Fault' && content.namespace === version.namespace) return ok({ kind: 'fault', fault: version === soap11 ? readFault11(content) : readFault12(content) })
  if ((version === soap12) !== (operation.version === '1.2')) return invalid('Envelope', `The answer is in SOAP ${version === soap12 ? '1.2' : '1.1'}, the request was in ${operation.version}.`)
  if (second !== undefined) return invalid('Envelope.Body', `The body holds ${body.children.length} elements where one is expected.`)
  return content === undefined ? ok({ kind: 'empty' }) : checkContent(operation, content)
}

const invalid = (at: string, detail: string) => fail('answer-invalid', at === '' ? 'answer' : `answer ${at}`, detail)

const readRoot = (bytes: Uint8Array, contentType: string): Result<Node> => {
  const decoded = decodeText(bytes, contentType)
  if (!decoded.ok) return invalid(decoded.at, decoded.detail)
  const root = readXml(decoded.value.text, { nodes: 2_000_000 })
  if (!root.ok) return invalid(root.at, root.detail)
  const forbidden = findForbidden(decoded.value.text)
  return forbidden === undefined ? root : invalid(forbidden.at, forbidden.detail)
}

/** rpc/literal servers name the wrapper as they like, so only its place counts (WS-I Basic Profile 1.1, R2729 is little kept). */
const checkContent = ({ output }: OperationModel, content: Node): Result<EnvelopeContent> => {
  const name = qualified(content.namespace, content.name)
  if (output?.kind === 'element' && output.element !== name) return invalid('Envelope.Body', `The body holds ${name.slice(0, 200)}; the description names ${output.element}.`)
  return ok({ kind: 'element', node: content })
}

const child = (node: Node | undefined, name: string, namespace: string): Node | undefined => node?.children.find((one) => one.name === name && one.namespace === namespace)

const codeOf = (text: string | undefined): string => {
  const trimmed = (text ?? '').trim()
  return trimmed.slice(trimmed.indexOf(':') + 1)
}

/** SOAP 1.1, section 4.4: the members have no namespace; servers that give them the envelope's are understood too. */
const readFault11 = (fault: Node): PartnerFault => {
  const member = (name: string): Node | undefined => child(fault, name, '') ?? child(fault, name, soap11.namespace)
  return { codes: [codeOf(member('faultcode')?.text)], text: (member('faultstring')?.text ?? '').trim(), actor: (member('faultactor')?.text ?? '').trim(), detailXml: writeDetail(member('detail')) }
}

/** SOAP 1.2 part 1, section 5.4. */
const readFault12 = (fault: Node): PartnerFault => {
  const member = (name: string): Node | undefined => child(fault, name, soap12.namespace)
  const codes: string[] = []
  for (let code = member('Code'); code !== undefined && codes.length < 10; code = child(code, 'Subcode', soap12.namespace)) codes.push(codeOf(child(code, 'Value', soap12.namespace)?.text))
  const texts = member('Reason')?.children ?? []
  const english = texts.find(({ attributes }) => attributes.some(({ name, namespace, value }) => name === 'lang' && namespace === xmlNamespace && /^en\b/i.test(value)))
  return { codes, text: ((english ?? texts[0])?.text ?? '').trim(), actor: (member('Role')?.text ?? '').trim(), detailXml: writeDetail(member('Detail')) }
}

const writeDetail = (detail: Node | undefined): string => {
  if (detail === undefined) return ''
  if (detail.children.length === 0) return detail.text.trim()
  return detail.children.map((node) => {
    const written = writeXml(node)
    return written.ok ? written.value.slice(written.value.indexOf('\n') + 1) : ''
  }).join('')
}

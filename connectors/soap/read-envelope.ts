import type { Node } from '../../schemas/node.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { isXmlSpace } from '../../schemas/xml-tree.js'
import { versionOfNamespace, type SoapVersion } from './soap-version.js'

/**
 * The version of an envelope by the namespace of its root. Fails with soap-version when the root is an Envelope of another
 * namespace, and with envelope-invalid when it is none.
 */
export const readVersion = (root: Node): Result<SoapVersion> => {
  if (root.name !== 'Envelope') return fail('envelope-invalid', root.name, 'The root is no SOAP Envelope.')
  const version = versionOfNamespace(root.namespace)
  return version === undefined ? fail('soap-version', 'Envelope', `The envelope stands in the namespace "${root.namespace}".`) : ok(version)
}

/**
 * The one element of the body. Fails with soap-must-understand for a header block that is addressed to us and must be
 * understood, since there is none that we do, and with envelope-invalid for an envelope of another form than Header?, Body.
 */
export const openEnvelope = (envelope: Node, version: SoapVersion): Result<Node> => {
  const stray = findStray(envelope, version)
  if (stray !== undefined) return stray
  const [first, second] = envelope.children
  const header = first?.name === 'Header' ? first : undefined
  const refused = header && refuseHeader(header, version)
  if (refused !== undefined) return refused
  const body = header === undefined ? first : second
  if (body?.name !== 'Body') return fail('envelope-invalid', 'Envelope', 'The envelope has no Body.')
  const content = body.children[0]
  if (content === undefined || body.children.length > 1 || !isXmlSpace(body.text)) {
    return fail('envelope-invalid', 'Envelope.Body', `The body holds ${body.children.length} elements${isXmlSpace(body.text) ? '' : ' and text'}; it must hold one element.`)
  }
  return ok(content)
}

const findStray = (envelope: Node, version: SoapVersion): Failure | undefined => {
  if (!isXmlSpace(envelope.text)) return fail('envelope-invalid', 'Envelope', 'The envelope holds text.')
  const foreign = envelope.children.find(({ namespace }) => namespace !== version.namespace)
  if (foreign !== undefined) return fail('envelope-invalid', `Envelope.${foreign.name}`, `The element stands in the namespace "${foreign.namespace}" and not in the envelope's.`)
  const names = envelope.children.map(({ name }) => name).join(' ')
  return names === 'Body' || names === 'Header Body' ? undefined : fail('envelope-invalid', 'Envelope', `The envelope holds "${names}"; it must hold a Body, or a Header and a Body.`)
}

const refuseHeader = (header: Node, version: SoapVersion): Failure | undefined => {
  for (const block of header.children) {
    const value = (name: string): string => block.attributes.find((attribute) => attribute.name === name && attribute.namespace === version.namespace)?.value.trim() ?? ''
    const at = `Envelope.Header.${block.name}`
    const mustUnderstand = value('mustUnderstand')
    if (!['', '0', '1', 'true', 'false'].includes(mustUnderstand)) return fail('envelope-invalid', `${at}@mustUnderstand`, `${JSON.stringify(mustUnderstand)} is neither true nor false.`)
    const ours = version.ourAddresses.includes(value(version.addressAttribute))
    if (ours && (mustUnderstand === '1' || mustUnderstand === 'true')) return fail('soap-must-understand', at, `The header {${block.namespace}}${block.name} is not understood.`)
  }
  return undefined
}

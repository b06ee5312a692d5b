import type { Node } from '../../schemas/node.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { isXmlSpace } from '../../schemas/xml-tree.js'
import { attributeOf, invalid, isNamed, securityAt, wsse } from './security/security-names.js'
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

export interface OpenedEnvelope {
  /** The header block of WS-Security that is addressed to us. */
  readonly security: Node | undefined
  readonly body: Node
}

/**
 * Takes an envelope apart. Fails with soap-must-understand for a header block that is addressed to us, must be understood and is
 * none of WS-Security; with security-invalid for a second one of those; and with envelope-invalid for an envelope of another form
 * than Header?, Body.
 */
export const openEnvelope = (envelope: Node, version: SoapVersion): Result<OpenedEnvelope> => {
  const stray = findStray(envelope, version)
  if (stray !== undefined) return stray
  const [first, second] = envelope.children
  const header = first?.name === 'Header' ? first : undefined
  const security = header === undefined ? ok(undefined) : readHeader(header, version)
  if (!security.ok) return security
  const body = header === undefined ? first : second
  return body?.name === 'Body' ? ok({ security: security.value, body }) : fail('envelope-invalid', 'Envelope', 'The envelope has no Body.')
}

/** The one element of a body. Fails with envelope-invalid. */
export const contentOf = (body: Node): Result<Node> => {
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
  const [first, second, third] = envelope.children
  const isWhole = third === undefined && (second === undefined ? first?.name === 'Body' : first?.name === 'Header' && second.name === 'Body')
  return isWhole ? undefined : fail('envelope-invalid', 'Envelope', `The envelope holds "${envelope.children.map(({ name }) => name).join(' ')}"; it must hold a Body, or a Header and a Body.`)
}

/** The Security block among the header blocks that are for us; what is for others is theirs. */
const readHeader = (header: Node, version: SoapVersion): Result<Node | undefined> => {
  let security: Node | undefined
  for (const block of header.children) {
    const value = (name: string): string => attributeOf(block, name, version.namespace)?.trim() ?? ''
    const at = `Envelope.Header.${block.name}`
    const mustUnderstand = value('mustUnderstand')
    if (!['', '0', '1', 'true', 'false'].includes(mustUnderstand)) return fail('envelope-invalid', `${at}@mustUnderstand`, `${JSON.stringify(mustUnderstand)} is neither true nor false.`)
    if (!version.ourAddresses.includes(value(version.addressAttribute))) continue
    if (isNamed(block, wsse, 'Security')) {
      if (security !== undefined) return invalid(securityAt, 'There are two Security headers for the same receiver.')
      security = block
    } else if (mustUnderstand === '1' || mustUnderstand === 'true') {
      return fail('soap-must-understand', at, `The header {${block.namespace}}${block.name} is not understood.`)
    }
  }
  return ok(security)
}

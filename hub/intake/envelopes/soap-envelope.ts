import { fail, ok } from '../../../schemas/result.js'
import { bareHead, type OpenEnvelope } from './envelope.js'

const namespaces: readonly string[] = ['http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope']

/** A SOAP envelope that was sent as a document: each element of its body is one. */
export const openSoapEnvelope: OpenEnvelope = (root) => {
  if (root.name !== 'Envelope' || !namespaces.includes(root.namespace)) return undefined
  const body = root.children.find((child) => child.name === 'Body' && child.namespace === root.namespace)
  const place = body ?? root
  if (body === undefined || body.children.length === 0) return fail('envelope-invalid', `${place.line}:${place.column}`, 'The SOAP envelope has no document in its Body.')
  return ok(body.children.map((element) => ({ head: bareHead, root: ok(element) })))
}

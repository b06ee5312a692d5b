import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { wireNamespace } from '../../schemas/wire/wire-schema.js'
import { readXml } from '../../schemas/xml-reader.js'
import type { HttpReply, HttpRequest } from '../contract.js'
import { readCredentials } from '../../schemas/credentials.js'
import { findForbidden } from './find-forbidden.js'
import { readBodyText } from './read-body-text.js'
import { openEnvelope, readVersion } from './read-envelope.js'
import type { SoapOperation } from './soap-operation.js'
import { versionOfContentType } from './soap-version.js'
import { writeSoapAnswer, writeSoapFault } from './write-envelope.js'

/**
 * Answers one SOAP request. The operation is the body's element, by namespace and name, and nothing else; the SOAPAction may
 * only agree. What goes wrong before the version of the envelope is known is told in the version of the Content-Type.
 */
export const answerRequest = async (operations: readonly SoapOperation[], request: HttpRequest, maxBodyBytes: number): Promise<HttpReply> => {
  const presumed = versionOfContentType(request.headers['content-type'])
  const root = await readRoot(request, maxBodyBytes)
  if (!root.ok) return writeSoapFault(presumed, root)
  const version = readVersion(root.value)
  if (!version.ok) return writeSoapFault(presumed, version)
  const content = openEnvelope(root.value, version.value)
  const answer = content.ok ? await dispatch(operations, content.value, request.headers) : content
  return answer.ok ? writeSoapAnswer(version.value, answer.value) : writeSoapFault(version.value, answer)
}

const readRoot = async (request: HttpRequest, maxBodyBytes: number): Promise<Result<Node>> => {
  const text = await readBodyText(request, maxBodyBytes)
  if (!text.ok) return text
  const root = readXml(text.value)
  return root.ok ? findForbidden(text.value) ?? root : root
}

const dispatch = async (operations: readonly SoapOperation[], content: Node, headers: HttpRequest['headers']): Promise<Result<Node>> => {
  const operation = findOperation(operations, content)
  if (!operation.ok) return operation
  const { name, action, invoke } = operation.value
  const other = givenActions(headers).find((given) => given !== action)
  if (other !== undefined) return fail('soap-action-mismatch', 'SOAPAction', `The action is ${JSON.stringify(other)}, while the body holds ${name}, whose action is ${JSON.stringify(action)}.`)
  return invoke(content, readCredentials(headers['authorization']))
}

const findOperation = (operations: readonly SoapOperation[], { name, namespace }: Node): Result<SoapOperation> => {
  const found = namespace === wireNamespace ? operations.find((operation) => operation.name === name) : undefined
  if (found !== undefined) return ok(found)
  const names = operations.map((operation) => operation.name).join(', ')
  return fail('soap-operation-unknown', 'Envelope.Body', `The body holds {${namespace}}${name}; the operations of {${wireNamespace}} are ${names}.`)
}

/** The SOAPAction header of SOAP 1.1, quoted or not, and the action parameter of SOAP 1.2; an empty one names nothing. */
const givenActions = (headers: HttpRequest['headers']): readonly string[] => {
  const header = headers['soapaction']?.trim().replace(/^"(.*)"$/, '$1')
  const parameter = /;\s*action\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i.exec(headers['content-type'] ?? '')
  return [header, parameter?.[1] ?? parameter?.[2]].flatMap((action) => action === undefined || action === '' ? [] : [action])
}

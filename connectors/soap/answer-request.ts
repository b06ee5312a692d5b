import { parameterOf } from '../../schemas/multipart.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { wireNamespace } from '../../schemas/wire/wire-schema.js'
import { readXml } from '../../schemas/xml-reader.js'
import type { ConnectorHost, HttpReply, HttpRequest } from '../contract.js'
import { readCredentials, type Credentials } from '../../schemas/credentials.js'
import { findForbidden } from './find-forbidden.js'
import type { MimeParts } from './mtom/mime-parts.js'
import { readPackage } from './mtom/read-package.js'
import { contentOf, openEnvelope, readVersion, type OpenedEnvelope } from './read-envelope.js'
import { readSecurity } from './security/read-security.js'
import type { SoapCaller, SoapOperation } from './soap-operation.js'
import { versionOfContentType, type SoapVersion } from './soap-version.js'
import { writeSoapAnswer, writeSoapFault } from './write-envelope.js'

export interface AnswerDeps {
  readonly operations: readonly SoapOperation[]
  /** Checks what a message shows of its sender; what it was told holds for the same credentials afterwards. */
  readonly authenticate: ConnectorHost['authenticate']
  readonly maxBodyBytes: number
}

/**
 * Answers one SOAP request. The operation is the body's element, by namespace and name, and nothing else; the SOAPAction may
 * only agree. A Security header is checked before anything is done, whatever the operation. What goes wrong before the version of
 * the envelope is known is told in the version of the Content-Type.
 */
export const answerRequest = async (deps: AnswerDeps, request: HttpRequest): Promise<HttpReply> => {
  const presumed = versionOfContentType(request.headers['content-type'])
  const message = await readMessage(request, deps.maxBodyBytes)
  if (!message.ok) return writeSoapFault(presumed, message)
  const version = readVersion(message.value.envelope)
  if (!version.ok) return writeSoapFault(presumed, version)
  const answer = await answerMessage(deps, message.value, version.value, request.headers)
  return answer.ok ? writeSoapAnswer(version.value, answer.value) : writeSoapFault(version.value, withWaysIn(answer))
}

/** The hub names the way that every protocol has; a SOAP message has others too. */
const withWaysIn = (failure: Failure): Failure =>
  failure.code === 'credentials-missing' ? { ...failure, detail: `Send the header \`Authorization: Bearer KEY\`, or ${securedWays}.` } : failure

const securedWays = 'in the Security header of WS-Security a UsernameToken or a Signature'

/** What is refused because it would have to be read before it is known who sends it. */
export const withWaysInOfSmall = (failure: Failure): Failure =>
  failure.code === 'credentials-missing' ? { ...failure, detail: `${failure.detail} Such a message may show ${securedWays}.` } : failure

interface SoapMessage {
  readonly text: string
  readonly envelope: Node
  readonly parts: MimeParts
}

const readMessage = async (request: HttpRequest, maxBodyBytes: number): Promise<Result<SoapMessage>> => {
  const packaged = await readPackage(request, maxBodyBytes)
  if (!packaged.ok) return packaged
  const { text, parts } = packaged.value
  const envelope = readXml(text)
  if (!envelope.ok) return envelope
  return findForbidden(text) ?? ok({ text, envelope: envelope.value, parts })
}

const answerMessage = async (deps: AnswerDeps, message: SoapMessage, version: SoapVersion, headers: HttpRequest['headers']): Promise<Result<Node>> => {
  const opened = openEnvelope(message.envelope, version)
  if (!opened.ok) return opened
  const secured = secure(message, opened.value, headers)
  if (!secured.ok) return secured
  const { body, credentials } = secured.value
  if (credentials.type === 'message-security') {
    const known = await deps.authenticate(credentials)
    if (!known.ok) return known
  }
  const content = contentOf(body)
  return content.ok ? dispatch(deps.operations, content.value, headers, { credentials, parts: message.parts }) : content
}

interface SecuredBody {
  readonly body: Node
  readonly credentials: Credentials
}

/** An empty Security header shows nothing. */
const secure = ({ text, envelope, parts }: SoapMessage, { security, body }: OpenedEnvelope, headers: HttpRequest['headers']): Result<SecuredBody> => {
  const shown = readCredentials(headers['authorization'])
  if (security === undefined || security.children.length === 0) return ok({ body, credentials: shown })
  const secured = readSecurity(text, envelope, security, body)
  if (!secured.ok) return secured
  if (secured.value.security.signature !== undefined && parts.size > 0) return fail('signature-unsupported', 'body', 'The parts of a signed message are not covered by its signature; send attachments in Base64.')
  return ok({ body: secured.value.body, credentials: { ...secured.value.security, bearer: shown.type === 'bearer' ? shown.token : undefined } })
}

const dispatch = async (operations: readonly SoapOperation[], content: Node, headers: HttpRequest['headers'], caller: SoapCaller): Promise<Result<Node>> => {
  const operation = findOperation(operations, content)
  if (!operation.ok) return operation
  const { name, action, invoke } = operation.value
  const other = givenActions(headers).find((given) => given !== action)
  if (other !== undefined) return fail('soap-action-mismatch', 'SOAPAction', `The action is ${JSON.stringify(other)}, while the body holds ${name}, whose action is ${JSON.stringify(action)}.`)
  return invoke(content, caller)
}

const findOperation = (operations: readonly SoapOperation[], { name, namespace }: Node): Result<SoapOperation> => {
  const found = namespace === wireNamespace ? operations.find((operation) => operation.name === name) : undefined
  if (found !== undefined) return ok(found)
  const names = operations.map((operation) => operation.name).join(', ')
  return fail('soap-operation-unknown', 'Envelope.Body', `The body holds {${namespace}}${name}; the operations of {${wireNamespace}} are ${names}.`)
}

const actionsOf = (contentType: string): readonly (string | undefined)[] => [parameterOf(contentType, 'action'), parameterOf(parameterOf(contentType, 'start-info') ?? '', 'action')]

/**
 * The SOAPAction header of SOAP 1.1, quoted or not, and the action parameter of SOAP 1.2, which MTOM may put into its start-info; an
 * empty one names nothing.
 */
const givenActions = (headers: HttpRequest['headers']): readonly (string | undefined)[] => {
  const header = headers['soapaction']?.trim().replace(/^"(.*)"$/, '$1')
  const contentType = headers['content-type'] ?? ''
  const all = /action|start-info/i.test(contentType) ? [header, ...actionsOf(contentType)] : [header]
  return all.filter((action) => action !== undefined && action !== '')
}

import { errorEntry, type ErrorCode } from '../../schemas/error-registry.js'
import type { Node } from '../../schemas/node.js'
import { retryAfterOf } from '../../schemas/problem.js'
import type { Failure } from '../../schemas/result.js'
import { encodeWire } from '../../schemas/wire/encode-wire.js'
import { replaceNonXml } from '../../schemas/wire/replace-non-xml.js'
import { faultSchema, wireNamespace } from '../../schemas/wire/wire-schema.js'
import { xmlNamespace } from '../../schemas/xml-names.js'
import { writeXml } from '../../schemas/xml-writer.js'
import type { HttpReply } from '../contract.js'
import { securityAt, wsse, wsu } from './security/security-names.js'
import { soap11, soap12, type SoapVersion } from './soap-version.js'

export const writeSoapAnswer = (version: SoapVersion, content: Node): HttpReply => reply(version, 200, content)

/**
 * A failure as a fault of the caller's version, with HTTP 500 (WS-I Basic Profile 1.1, R1126, which toolkits go by) but where a caller is turned away unheard: then with 429 or 503, by which
 * gateways and load balancers slow down, and Retry-After. The
 * detail is the element `fault` of our namespace, as the WSDL declares it.
 */
export const writeSoapFault = (version: SoapVersion, failure: Failure): HttpReply => {
  const { code, at, detail } = failure
  // The values are QNames: `soap`, `wsse` and `wsu` are the prefixes under which `reply` writes their namespaces.
  const faultCode = `soap:${faultName(version, failure)}`
  const securityCode = securityFault(failure)
  const typed = encodeWire(faultSchema, 'fault', { code, at, detail })
  const text = replaceNonXml(detail)
  const content = version === soap11
    ? element(version, 'Fault', [bare('faultcode', [], securityCode ?? faultCode), bare('faultstring', [], text), bare('detail', [typed])])
    : element(version, 'Fault', [
        element(version, 'Code', [element(version, 'Value', [], faultCode), ...(securityCode === undefined ? [] : [element(version, 'Subcode', [element(version, 'Value', [], securityCode)])])]),
        element(version, 'Reason', [{ ...element(version, 'Text', [], text), attributes: [{ name: 'lang', namespace: xmlNamespace, value: 'en' }] }]),
        element(version, 'Detail', [typed]),
      ])
  const answer = reply(version, turnedAway.has(code) ? errorEntry(code).status : 500, content, securityCode === undefined ? {} : { wsse, wsu })
  return { ...answer, headers: { ...answer.headers, ...retryAfterOf(failure) } }
}

const turnedAway: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['rate-limited', 'busy', 'shutting-down'])

const faultName = (version: SoapVersion, { code }: Failure): string => {
  if (code === 'soap-version') return 'VersionMismatch'
  if (code === 'soap-must-understand') return 'MustUnderstand'
  return version.faultCodes[errorEntry(code).soapFault]
}

/** The fault code of WS-Security (SOAP Message Security 1.1, section 12); in SOAP 1.2 it is the subcode. */
const securityFault = ({ code, at }: Failure): string | undefined =>
  securityFaults.get(code) ?? (code === 'credentials-invalid' && at.startsWith(securityAt) ? 'wsse:FailedAuthentication' : undefined)

const securityFaults: ReadonlyMap<ErrorCode, string> = new Map<ErrorCode, string>([
  ['security-invalid', 'wsse:InvalidSecurity'],
  ['signature-missing', 'wsse:InvalidSecurity'],
  ['security-unsupported', 'wsse:UnsupportedSecurityToken'],
  ['signature-unsupported', 'wsse:UnsupportedAlgorithm'],
  ['signature-invalid', 'wsse:FailedCheck'],
  ['security-expired', 'wsu:MessageExpired'],
  ['security-replayed', 'wsse:FailedAuthentication'],
])

const prefixes11 = { [soap11.namespace]: 'soap', [wireNamespace]: 'ch' }
const prefixes12 = { [soap12.namespace]: 'soap', [wireNamespace]: 'ch' }

const reply = (version: SoapVersion, status: number, content: Node, declared: Readonly<Record<string, string>> = {}): HttpReply => {
  const envelope = element(version, 'Envelope', [element(version, 'Body', [content])])
  const written = writeXml(envelope, { prefixes: version === soap11 ? prefixes11 : prefixes12, declared })
  if (!written.ok) throw new Error(written.detail)
  return { status, headers: { 'content-type': `${version.contentType}; charset=utf-8` }, body: written.value }
}

const bare = (name: string, children: readonly Node[], text = ''): Node =>
  ({ name, namespace: '', attributes: [], children, text, kind: 'element', line: 0, column: 0 })

const element = (version: SoapVersion, name: string, children: readonly Node[], text = ''): Node => ({ ...bare(name, children, text), namespace: version.namespace })

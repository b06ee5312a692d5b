import { errorEntry } from '../../schemas/error-registry.js'
import type { Node } from '../../schemas/node.js'
import type { Failure } from '../../schemas/result.js'
import { encodeWire } from '../../schemas/wire/encode-wire.js'
import { replaceNonXml } from '../../schemas/wire/replace-non-xml.js'
import { faultSchema, wireNamespace } from '../../schemas/wire/wire-schema.js'
import { xmlNamespace } from '../../schemas/xml-names.js'
import { writeXml } from '../../schemas/xml-writer.js'
import type { HttpReply } from '../contract.js'
import { soap11, type SoapVersion } from './soap-version.js'

export const writeSoapAnswer = (version: SoapVersion, content: Node): HttpReply => reply(version, 200, content)

/**
 * A failure as a fault of the caller's version, always with HTTP 500 (WS-I Basic Profile 1.1, R1126, which toolkits go by). The
 * detail is the element `fault` of our namespace, as the WSDL declares it.
 */
export const writeSoapFault = (version: SoapVersion, failure: Failure): HttpReply => {
  const { code, at, detail } = failure
  // The value is a QName: `soap` is the prefix under which `reply` writes the envelope.
  const faultCode = `soap:${faultName(version, failure)}`
  const typed = encodeWire(faultSchema, 'fault', { code, at, detail })
  const text = replaceNonXml(detail)
  const content = version === soap11
    ? element(version, 'Fault', [bare('faultcode', [], faultCode), bare('faultstring', [], text), bare('detail', [typed])])
    : element(version, 'Fault', [
        element(version, 'Code', [element(version, 'Value', [], faultCode)]),
        element(version, 'Reason', [{ ...element(version, 'Text', [], text), attributes: [{ name: 'lang', namespace: xmlNamespace, value: 'en' }] }]),
        element(version, 'Detail', [typed]),
      ])
  return reply(version, 500, content)
}

const faultName = (version: SoapVersion, { code }: Failure): string => {
  if (code === 'soap-version') return 'VersionMismatch'
  if (code === 'soap-must-understand') return 'MustUnderstand'
  return version.faultCodes[errorEntry(code).soapFault]
}

const reply = (version: SoapVersion, status: number, content: Node): HttpReply => {
  const envelope = element(version, 'Envelope', [element(version, 'Body', [content])])
  const written = writeXml(envelope, { prefixes: { [version.namespace]: 'soap', [wireNamespace]: 'ch' } })
  if (!written.ok) throw new Error(written.detail)
  return { status, headers: { 'content-type': `${version.contentType}; charset=utf-8` }, body: written.value }
}

const bare = (name: string, children: readonly Node[], text = ''): Node =>
  ({ name, namespace: '', attributes: [], children, text, kind: 'element', line: 0, column: 0 })

const element = (version: SoapVersion, name: string, children: readonly Node[], text = ''): Node => ({ ...bare(name, children, text), namespace: version.namespace })

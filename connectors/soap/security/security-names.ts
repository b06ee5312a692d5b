import type { Node } from '../../../schemas/node.js'
import { fail, type Failure } from '../../../schemas/result.js'

/** The namespaces of OASIS Web Services Security: SOAP Message Security 1.1 and of XML Signature. */
export const wsse = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd'
export const wsu = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd'
export const dsig = 'http://www.w3.org/2000/09/xmldsig#'
export const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#'

/** Where a Security header begins in the paths of failures. */
export const securityAt = 'Envelope.Header.Security'

export const invalid = (at: string, detail: string): Failure => fail('security-invalid', at, detail)
export const unsupported = (at: string, detail: string): Failure => fail('security-unsupported', at, detail)

export const attributeOf = (node: Node, name: string, namespace = ''): string | undefined =>
  node.attributes.find((attribute) => attribute.name === name && attribute.namespace === namespace)?.value

export const isNamed = (node: Node, namespace: string, name: string): boolean => node.name === name && node.namespace === namespace

/** Of a signature: an algorithm, a transform or a reference. */
export const unsupportedSignature = (at: string, detail: string): Failure => fail('signature-unsupported', at, detail)

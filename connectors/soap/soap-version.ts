/** What differs between SOAP 1.1 and SOAP 1.2 on the wire. */
export interface SoapVersion {
  readonly namespace: string
  readonly contentType: string
  /** Whether a header block is for us, by its actor (1.1, section 4.2.2) or role (1.2 part 1, section 2.2). */
  readonly addressAttribute: 'actor' | 'role'
  readonly ourAddresses: readonly string[]
  readonly faultCodes: { readonly Client: string; readonly Server: string }
}

export const soap11: SoapVersion = {
  namespace: 'http://schemas.xmlsoap.org/soap/envelope/',
  contentType: 'text/xml',
  addressAttribute: 'actor',
  ourAddresses: ['', 'http://schemas.xmlsoap.org/soap/actor/next'],
  faultCodes: { Client: 'Client', Server: 'Server' },
}

export const soap12: SoapVersion = {
  namespace: 'http://www.w3.org/2003/05/soap-envelope',
  contentType: 'application/soap+xml',
  addressAttribute: 'role',
  ourAddresses: ['', 'http://www.w3.org/2003/05/soap-envelope/role/next', 'http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver'],
  faultCodes: { Client: 'Sender', Server: 'Receiver' },
}

/** The version that a content type speaks of: what to answer in before the envelope is read. */
export const versionOfContentType = (contentType: string | undefined): SoapVersion =>
  /^\s*(?:application\/soap\+xml\b|multipart\/related\b.*\bstart-info\s*=\s*"?application\/soap\+xml\b)/is.test(contentType ?? '') ? soap12 : soap11

/** The version that an envelope is of; undefined when it is of neither. */
export const versionOfNamespace = (namespace: string): SoapVersion | undefined => [soap11, soap12].find((version) => version.namespace === namespace)

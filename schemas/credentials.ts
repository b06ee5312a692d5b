/** What a caller showed to prove who it is. */
export type Credentials =
  | { readonly type: 'none' }
  | { readonly type: 'bearer', readonly token: string }
  | HeaderSecret
  | MessageSecurity

/** What the header of a document says of who delivers it: the names that it gives itself, `DOMAIN:IDENTITY`, each with the secret beside it. */
export interface HeaderSecret {
  readonly type: 'header-secret'
  readonly shown: readonly { readonly identity: string, readonly secret: string }[]
}

/**
 * What a message says of its sender by itself (OASIS Web Services Security 1.1), beside the key that its transport may show. All
 * that is given must hold and agree. Nothing of it is to be believed before the hub has checked it.
 */
export interface MessageSecurity {
  readonly type: 'message-security'
  readonly bearer: string | undefined
  readonly timestamp: MessageTimestamp | undefined
  readonly usernameToken: UsernameToken | undefined
  readonly signature: MessageSignature | undefined
}

/** As written: xs:dateTime. */
export interface MessageTimestamp {
  readonly created: string
  readonly expires: string | undefined
}

export interface UsernameToken {
  readonly username: string
  /** `digest` is Base64(SHA-1(nonce + created + password)) (UsernameToken Profile 1.1, section 3.1). */
  readonly password: { readonly type: 'digest' | 'text', readonly text: string }
  /** Decoded. */
  readonly nonce: Uint8Array | undefined
  /** As written: xs:dateTime. */
  readonly created: string | undefined
}

/** A signature over the body and the timestamp, whose digests agree with what was sent; by whom it is, is still to be checked. */
export interface MessageSignature {
  /** The URI of the signature's algorithm. */
  readonly algorithm: string
  /** The URIs of the digests' algorithms. */
  readonly digestAlgorithms: readonly string[]
  /** What the signature was made over: the canonical SignedInfo. */
  readonly signedInfo: Uint8Array
  readonly value: Uint8Array
  readonly certificate: CertificateReference
}

/** By what a message names the certificate of its signer: at least one is given, and none is a key to check with. */
export interface CertificateReference {
  /** DER. */
  readonly certificate: Uint8Array | undefined
  /** SHA-1 of the DER. */
  readonly thumbprint: Uint8Array | undefined
  readonly subjectKeyIdentifier: Uint8Array | undefined
  /** In decimal digits. */
  readonly serialNumber: string | undefined
}

/** What an Authorization header shows (RFC 6750, section 2.1); another scheme than Bearer shows nothing to the hub. */
export const readCredentials = (authorization: string | undefined): Extract<Credentials, { readonly type: 'none' | 'bearer' }> => {
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  return token === undefined ? { type: 'none' } : { type: 'bearer', token }
}

import { createHash, randomBytes, sign, type KeyObject } from 'node:crypto'
import { SignedXml } from 'xml-crypto'
import type { TestCertificate } from '../../fixtures/certificate.js'

export const envelope11 = 'http://schemas.xmlsoap.org/soap/envelope/'
export const envelope12 = 'http://www.w3.org/2003/05/soap-envelope'
export const wsse = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd'
export const wsu = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd'
const messageSecurity = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0'
const usernameProfile = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0'
const x509Profile = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0'

export const instant = (offsetMs = 0): string => new Date(Date.now() + offsetMs).toISOString()

export interface TokenWish {
  readonly username?: string
  readonly password?: string
  readonly nonce?: Buffer
  readonly created?: string
  /** Instead of what follows from the others. */
  readonly passwordElement?: string
  readonly nonceElement?: string
  readonly createdElement?: string
  readonly more?: string
}

/** Base64(SHA-1(nonce + created + password)). */
export const digestOf = (nonce: Buffer, created: string, password: string): string => createHash('sha1').update(nonce).update(created).update(password).digest('base64')

export const usernameToken = (wish: TokenWish = {}): string => {
  const { username = 'buyer', password = 'opensesame', nonce = randomBytes(16), created = instant() } = wish
  const passwordElement = wish.passwordElement ?? `<wsse:Password Type="${usernameProfile}#PasswordDigest">${digestOf(nonce, created, password)}</wsse:Password>`
  const nonceElement = wish.nonceElement ?? `<wsse:Nonce EncodingType="${messageSecurity}#Base64Binary">${nonce.toString('base64')}</wsse:Nonce>`
  return `<wsse:UsernameToken><wsse:Username>${username}</wsse:Username>${passwordElement}${nonceElement}${wish.createdElement ?? `<wsu:Created>${created}</wsu:Created>`}${wish.more ?? ''}</wsse:UsernameToken>`
}

export const passwordText = (password: string): string => `<wsse:Password Type="${usernameProfile}#PasswordText">${password}</wsse:Password>`

export const timestamp = (created = instant(), expires = instant(300_000)): string =>
  `<wsu:Timestamp wsu:Id="ts"><wsu:Created>${created}</wsu:Created>${expires === '' ? '' : `<wsu:Expires>${expires}</wsu:Expires>`}</wsu:Timestamp>`

export const submit = (number = '000045'): string =>
  `<c:SubmitDocument><c:channel>demo-soap</c:channel><c:document><o:Order xmlns:o="urn:example:order"><o:ID>${number}</o:ID></o:Order></c:document></c:SubmitDocument>`

export const security = (content: string, attributes = 'e:mustUnderstand="1"'): string => `<wsse:Security ${attributes}>${content}</wsse:Security>`

/** An envelope whose body has the id `body`. */
export const message = (header: string, body = submit(), namespace = envelope11): string =>
  `<e:Envelope xmlns:e="${namespace}" xmlns:c="urn:chainhub:v1" xmlns:wsse="${wsse}" xmlns:wsu="${wsu}"><e:Header>${header}</e:Header><e:Body wsu:Id="body">${body}</e:Body></e:Envelope>`

export const binaryToken = (certificate: TestCertificate): string =>
  `<wsse:BinarySecurityToken wsu:Id="token" EncodingType="${messageSecurity}#Base64Binary" ValueType="${x509Profile}#X509v3">${certificate.der.toString('base64')}</wsse:BinarySecurityToken>`

const reference = (content: string): string => `<wsse:SecurityTokenReference>${content}</wsse:SecurityTokenReference>`

/** The ways in which a KeyInfo names a certificate. */
export const keyInfos = {
  token: () => reference(`<wsse:Reference URI="#token" ValueType="${x509Profile}#X509v3"/>`),
  thumbprint: ({ der }: TestCertificate) => reference(`<wsse:KeyIdentifier ValueType="http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1" EncodingType="${messageSecurity}#Base64Binary">${createHash('sha1').update(der).digest('base64')}</wsse:KeyIdentifier>`),
  subjectKeyIdentifier: ({ subjectKeyIdentifier }: TestCertificate) => reference(`<wsse:KeyIdentifier ValueType="${x509Profile}#X509SubjectKeyIdentifier">${subjectKeyIdentifier.toString('base64')}</wsse:KeyIdentifier>`),
  issuerSerial: ({ serialNumber }: TestCertificate) => reference(`<ds:X509Data xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509IssuerSerial><ds:X509IssuerName>CN=partner</ds:X509IssuerName><ds:X509SerialNumber>${serialNumber}</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>`),
  certificate: ({ der }: TestCertificate) => `<ds:X509Data xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Certificate>${der.toString('base64')}</ds:X509Certificate></ds:X509Data>`,
} as const

const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
const ecdsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256'
export const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256'
export const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'

export interface SignWish {
  readonly certificate: TestCertificate
  /** The ids of what is signed; the body and the timestamp unless it says otherwise. */
  readonly ids?: readonly string[]
  readonly keyInfo?: string
  readonly algorithm?: string
  readonly transforms?: readonly string[]
  readonly digest?: string
  readonly inclusivePrefixes?: readonly string[]
  /** Where the signature is put, by XPath; the Security header unless it says otherwise. */
  readonly into?: string
}

/** Signs an envelope with xml-crypto and puts the signature into its Security header. */
export const signed = (text: string, wish: SignWish): string => {
  const { certificate, ids = ['body', 'ts'] } = wish
  const isEc = certificate.privateKey.asymmetricKeyType === 'ec'
  const signer = new SignedXml({
    idMode: 'wssecurity', privateKey: certificate.privateKey, signatureAlgorithm: wish.algorithm ?? (isEc ? ecdsaSha256 : rsaSha256),
    canonicalizationAlgorithm: exclusive, getKeyInfoContent: () => wish.keyInfo ?? keyInfos.token(),
  })
  signer.SignatureAlgorithms[ecdsaSha256] = ecdsaBy(certificate.privateKey)
  for (const id of ids) {
    signer.addReference({ xpath: `//*[@*[local-name(.)='Id']='${id}']`, transforms: wish.transforms ?? [exclusive], digestAlgorithm: wish.digest ?? sha256, inclusiveNamespacesPrefixList: [...wish.inclusivePrefixes ?? []] })
  }
  signer.computeSignature(text, { prefix: 'ds', location: { reference: wish.into ?? "//*[local-name(.)='Security']", action: 'append' } })
  return signer.getSignedXml()
}

const ecdsaBy = (key: KeyObject) => class {
  readonly getAlgorithmName = (): string => ecdsaSha256
  readonly getSignature = (info: unknown): string => sign('sha256', Buffer.from(String(info)), { key, dsaEncoding: 'ieee-p1363' }).toString('base64')
  readonly verifySignature = (): boolean => false
}

/** A message signed by a partner as toolkits do. */
export const signedMessage = (certificate: TestCertificate, body = submit(), more: Partial<SignWish> = {}, namespace = envelope11): string =>
  signed(message(security(`${binaryToken(certificate)}${timestamp()}`), body, namespace), { certificate, ...more })

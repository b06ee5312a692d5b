import type { CertificateReference } from '../../../schemas/credentials.js'
import type { Node } from '../../../schemas/node.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import { bytesOf, readMembers, textOf } from './read-members.js'
import { attributeOf, dsig, invalid, isNamed, securityAt, unsupported, wsse } from './security-names.js'

const at = `${securityAt}.Signature.KeyInfo`
const x509 = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#'
const thumbprintSha1 = 'http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1'

/** An element of the message by its id; undefined where there is none or more than one. */
export type FindById = (id: string) => Node | undefined

const none: CertificateReference = { certificate: undefined, thumbprint: undefined, subjectKeyIdentifier: undefined, serialNumber: undefined }

/**
 * By what a KeyInfo names the signer's certificate (X.509 Certificate Token Profile 1.1, section 3): a BinarySecurityToken of the
 * same header, a KeyIdentifier, or X509Data, in a SecurityTokenReference or bare. A key that it holds itself is security-unsupported.
 */
export const readCertificateReference = (keyInfo: Node, findById: FindById): Result<CertificateReference> => {
  const members = readMembers(keyInfo, { SecurityTokenReference: wsse, X509Data: dsig }, at)
  if (!members.ok) return members
  const { SecurityTokenReference: reference, X509Data: data } = members.value
  if ((reference === undefined) === (data === undefined)) return invalid(at, 'The element holds one SecurityTokenReference or one X509Data.')
  if (data !== undefined) return readX509Data(data, `${at}.X509Data`)
  return reference === undefined ? invalid(at, 'The element is empty.') : readTokenReference(reference, findById, `${at}.SecurityTokenReference`)
}

const readTokenReference = (node: Node, findById: FindById, where: string): Result<CertificateReference> => {
  const members = readMembers(node, { Reference: wsse, KeyIdentifier: wsse, X509Data: dsig }, where)
  if (!members.ok) return members
  const { Reference, KeyIdentifier, X509Data } = members.value
  if (node.children.length !== 1) return invalid(where, 'The element holds one reference.')
  if (Reference !== undefined) return readDirectReference(Reference, findById, `${where}.Reference`)
  if (KeyIdentifier !== undefined) return readKeyIdentifier(KeyIdentifier, `${where}.KeyIdentifier`)
  return X509Data === undefined ? invalid(where, 'The element is empty.') : readX509Data(X509Data, `${where}.X509Data`)
}

const readDirectReference = (node: Node, findById: FindById, where: string): Result<CertificateReference> => {
  const uri = attributeOf(node, 'URI') ?? ''
  const token = uri.startsWith('#') ? findById(uri.slice(1)) : undefined
  if (token === undefined || !isNamed(token, wsse, 'BinarySecurityToken')) return fail('security-invalid', `${where}@URI`, `${JSON.stringify(uri)} names no BinarySecurityToken of this message.`)
  const type = attributeOf(token, 'ValueType')
  if (type !== `${x509}X509v3`) return unsupported(`${securityAt}.BinarySecurityToken@ValueType`, `The type is ${type ?? 'missing'}; send ${x509}X509v3.`)
  const certificate = bytesOf(token, `${securityAt}.BinarySecurityToken`)
  return certificate.ok ? ok({ ...none, certificate: certificate.value }) : certificate
}

const readKeyIdentifier = (node: Node, where: string): Result<CertificateReference> => {
  const bytes = bytesOf(node, where)
  if (!bytes.ok) return bytes
  const type = attributeOf(node, 'ValueType')
  if (type === thumbprintSha1) return ok({ ...none, thumbprint: bytes.value })
  if (type === `${x509}X509SubjectKeyIdentifier`) return ok({ ...none, subjectKeyIdentifier: bytes.value })
  if (type === `${x509}X509v3`) return ok({ ...none, certificate: bytes.value })
  return unsupported(`${where}@ValueType`, 'The key identifier is neither an X509v3, an X509SubjectKeyIdentifier nor a ThumbprintSHA1.')
}

const readX509Data = (node: Node, where: string): Result<CertificateReference> => {
  const members = readMembers(node, { X509Certificate: dsig, X509IssuerSerial: dsig, X509SKI: dsig, X509SubjectName: dsig }, where)
  if (!members.ok) return members
  const { X509Certificate, X509SKI } = members.value
  // zeep sends an empty one beside the certificate.
  const X509IssuerSerial = members.value.X509IssuerSerial?.children.length === 0 ? undefined : members.value.X509IssuerSerial
  const certificate = X509Certificate === undefined ? ok(undefined) : bytesOf(X509Certificate, `${where}.X509Certificate`)
  if (!certificate.ok) return certificate
  const subjectKeyIdentifier = X509SKI === undefined ? ok(undefined) : bytesOf(X509SKI, `${where}.X509SKI`)
  if (!subjectKeyIdentifier.ok) return subjectKeyIdentifier
  const serialNumber = X509IssuerSerial === undefined ? ok(undefined) : readSerialNumber(X509IssuerSerial, `${where}.X509IssuerSerial`)
  if (!serialNumber.ok) return serialNumber
  if (X509Certificate === undefined && X509SKI === undefined && X509IssuerSerial === undefined) return invalid(where, 'The element names no certificate.')
  return ok({ ...none, certificate: certificate.value, subjectKeyIdentifier: subjectKeyIdentifier.value, serialNumber: serialNumber.value })
}

/** The issuer is left out: its name is spelled in as many ways as there are toolkits, and the reference only chooses among the hub's own certificates. */
const readSerialNumber = (node: Node, where: string): Result<string> => {
  const members = readMembers(node, { X509IssuerName: dsig, X509SerialNumber: dsig }, where)
  if (!members.ok) return members
  const { X509SerialNumber } = members.value
  const text = X509SerialNumber === undefined ? ok('') : textOf(X509SerialNumber, `${where}.X509SerialNumber`)
  if (!text.ok) return text
  const digits = text.value.trim()
  return /^[0-9]{1,60}$/.test(digits) ? ok(digits) : invalid(`${where}.X509SerialNumber`, 'The serial number is missing or no number.')
}

import { verify } from 'node:crypto'
import type { MessageSignature } from '../../schemas/credentials.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { certificatesOf, type TrustedCertificate } from './trusted-certificate.js'

interface Algorithm {
  readonly hash: string
  readonly key: 'rsa' | 'ec'
}

const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const sha1Names: readonly string[] = ['http://www.w3.org/2000/09/xmldsig#rsa-sha1', 'http://www.w3.org/2000/09/xmldsig#sha1']

/** No HMAC among them: with it, a public key would be taken for a secret. */
const algorithms: ReadonlyMap<string, Algorithm> = new Map<string, Algorithm>([
  [`${more}rsa-sha256`, { hash: 'sha256', key: 'rsa' }],
  [`${more}rsa-sha384`, { hash: 'sha384', key: 'rsa' }],
  [`${more}rsa-sha512`, { hash: 'sha512', key: 'rsa' }],
  [`${more}ecdsa-sha256`, { hash: 'sha256', key: 'ec' }],
  [`${more}ecdsa-sha384`, { hash: 'sha384', key: 'ec' }],
  [`${more}ecdsa-sha512`, { hash: 'sha512', key: 'ec' }],
  ['http://www.w3.org/2000/09/xmldsig#rsa-sha1', { hash: 'sha1', key: 'rsa' }],
])

const at = 'Envelope.Header.Security.Signature'

/**
 * By which of the trusted certificates a signature was made (XML Signature, section 3.2.2, and RFC 9231 for the algorithms). Fails with
 * signature-unsupported for an algorithm that is not taken, and with signature-invalid.
 */
export const checkSigner = (signature: MessageSignature, trusted: readonly TrustedCertificate[], nowMs: number, sha1: boolean): Result<TrustedCertificate> => {
  const { algorithm, digestAlgorithms, signedInfo, value, certificate } = signature
  const known = algorithms.get(algorithm)
  if (known === undefined) return fail('signature-unsupported', `${at}.SignedInfo.SignatureMethod`, `The algorithm ${algorithm} is not taken; sign with ${more}rsa-sha256 or ${more}ecdsa-sha256.`)
  const weak = [algorithm, ...digestAlgorithms].find((name) => sha1Names.includes(name))
  if (weak !== undefined && !sha1) return fail('signature-unsupported', `${at}.SignedInfo`, `${weak} is not taken, since SHA-1 is broken; sign with SHA-256, or have the operator set soap.sha1.`)
  const candidates = certificatesOf(trusted, certificate)
  if (candidates.length === 0) return fail('signature-invalid', `${at}.KeyInfo`, 'The certificate is none of those that this hub knows.')
  const signer = candidates.find(({ publicKey }) => publicKey.asymmetricKeyType === known.key && verify(known.hash, signedInfo, { key: publicKey, dsaEncoding: 'ieee-p1363' }, value))
  if (signer === undefined) return fail('signature-invalid', `${at}.SignatureValue`, 'The signature was not made by the key of this certificate over this SignedInfo.')
  const isValid = signer.validFromMs <= nowMs && nowMs <= signer.validToMs
  return isValid ? ok(signer) : fail('signature-invalid', `${at}.KeyInfo`, `The certificate of ${signer.subject} is valid from ${new Date(signer.validFromMs).toISOString()} to ${new Date(signer.validToMs).toISOString()}.`)
}

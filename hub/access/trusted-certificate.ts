import { createHash, X509Certificate, type KeyObject } from 'node:crypto'
import type { CertificateReference } from '../../schemas/credentials.js'
import { fail, ok, type Result } from '../../schemas/result.js'

/** A certificate by which the messages of a channel may be signed. */
export interface TrustedCertificate {
  readonly channel: string
  readonly publicKey: KeyObject
  readonly subject: string
  /** Of the DER, in hex. */
  readonly sha256: string
  readonly sha1: string
  readonly subjectKeyIdentifier: string | undefined
  /** In decimal digits. */
  readonly serialNumber: string
  readonly validFromMs: number
  readonly validToMs: number
}

const pemBlock = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g
const leastRsaBits = 2048

/** The certificates of a PEM text. Fails with config-invalid at `at` where there is none, or one that is no RSA key of 2,048 bits or EC key. */
export const readCertificates = (pem: string, channel: string, at: string): Result<readonly TrustedCertificate[]> => {
  const certificates: TrustedCertificate[] = []
  for (const [block] of pem.matchAll(pemBlock)) {
    const one = readCertificate(block, channel)
    if (one === undefined) return fail('config-invalid', at, `A certificate of the file is none, or its key is neither RSA of at least ${leastRsaBits} bits nor EC.`)
    certificates.push(one)
  }
  return certificates.length === 0 ? fail('config-invalid', at, 'The file holds no certificate in PEM (-----BEGIN CERTIFICATE-----).') : ok(certificates)
}

const readCertificate = (pem: string, channel: string): TrustedCertificate | undefined => {
  try {
    const certificate = new X509Certificate(pem)
    const { publicKey } = certificate
    const isFit = publicKey.asymmetricKeyType === 'ec' || (publicKey.asymmetricKeyType === 'rsa' && (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) >= leastRsaBits)
    if (!isFit) return undefined
    return {
      channel, publicKey,
      subject: certificate.subject.replaceAll('\n', ', '),
      sha256: createHash('sha256').update(certificate.raw).digest('hex'),
      sha1: createHash('sha1').update(certificate.raw).digest('hex'),
      subjectKeyIdentifier: subjectKeyIdentifierOf(certificate.raw),
      serialNumber: BigInt(`0x${certificate.serialNumber}`).toString(),
      validFromMs: Date.parse(certificate.validFrom),
      validToMs: Date.parse(certificate.validTo),
    }
  } catch {
    return undefined
  }
}

/** The extension 2.5.29.14 (RFC 5280, section 4.2.1.2): an OCTET STRING inside an OCTET STRING, both shorter than 128 bytes. Node does not give it. */
const subjectKeyIdentifierOf = (der: Buffer): string | undefined => {
  const oid = Buffer.from([0x06, 0x03, 0x55, 0x1d, 0x0e])
  const start = der.indexOf(oid)
  const outer = start + oid.length
  if (start === -1 || der[outer] !== 0x04 || der[outer + 2] !== 0x04) return undefined
  const length = der[outer + 3] ?? 0
  return der.subarray(outer + 4, outer + 4 + length).toString('hex')
}

/**
 * The certificates that fit all that a message says of its signer's. The reference only chooses: it is the hub's own certificate whose
 * key is used, never one that came with the message.
 */
export const certificatesOf = (trusted: readonly TrustedCertificate[], { certificate, thumbprint, subjectKeyIdentifier, serialNumber }: CertificateReference): readonly TrustedCertificate[] => {
  const sha256 = certificate === undefined ? undefined : createHash('sha256').update(certificate).digest('hex')
  const sha1 = thumbprint === undefined ? undefined : Buffer.from(thumbprint).toString('hex')
  const ski = subjectKeyIdentifier === undefined ? undefined : Buffer.from(subjectKeyIdentifier).toString('hex')
  return trusted.filter((one) => fits(sha256, one.sha256) && fits(sha1, one.sha1) && fits(ski, one.subjectKeyIdentifier) && fits(serialNumber?.replace(/^0+(?=\d)/, ''), one.serialNumber))
}

const fits = (given: string | undefined, own: string | undefined): boolean => given === undefined || given === own

import { createHash, timingSafeEqual } from 'node:crypto'
import type { MessageSignature } from '../../../schemas/credentials.js'
import type { Node } from '../../../schemas/node.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import { canonicalise } from '../../../schemas/xml-canonical.js'
import { readCertificateReference, type FindById } from './read-certificate-reference.js'
import { bytesOf, readMembers } from './read-members.js'
import { readSignedInfo, type SignedInfo, type SignedReference } from './read-signed-info.js'
import { dsig, invalid, securityAt, unsupportedSignature } from './security-names.js'

const at = `${securityAt}.Signature`

const digestNames = new Map([
  [`${dsig}sha1`, 'sha1'],
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
])

export interface SignedMessage {
  readonly signature: MessageSignature
  /** What the signature covers, each in its canonical form: the bytes that were signed, and the only ones to read. */
  readonly texts: ReadonlyMap<Node, string>
}

/**
 * Checks what of a signature can be checked without a key: its form, and that every digest fits the element of that id, which
 * must be one. Whose it is, is told by the credentials and checked by the hub. `text` is what `envelope` was read from.
 */
export const checkSignature = (text: string, envelope: Node, node: Node): Result<SignedMessage> => {
  const members = readMembers(node, { SignedInfo: dsig, SignatureValue: dsig, KeyInfo: dsig }, at)
  if (!members.ok) return members
  const { SignedInfo, SignatureValue, KeyInfo } = members.value
  if (SignedInfo === undefined || SignatureValue === undefined || KeyInfo === undefined) return invalid(at, 'A signature has SignedInfo, SignatureValue and KeyInfo.')
  const info = readSignedInfo(SignedInfo)
  if (!info.ok) return info
  const findById = idsOf(envelope)
  const value = bytesOf(SignatureValue, `${at}.SignatureValue`)
  if (!value.ok) return value
  const certificate = readCertificateReference(KeyInfo, findById)
  if (!certificate.ok) return certificate
  const nodes = referredNodes(info.value, findById, node)
  if (!nodes.ok) return nodes
  const canonical = canonicalise(text, [{ ...SignedInfo, inclusivePrefixes: info.value.inclusivePrefixes }, ...info.value.references.map((reference, index) => ({ ...placeOf(nodes.value[index]), ...reference }))])
  if (!canonical.ok) return canonical
  const [signedInfo = '', ...texts] = canonical.value
  for (const [index, reference] of info.value.references.entries()) {
    const fits = checkDigest(reference, texts[index] ?? '')
    if (!fits.ok) return fits
  }
  const { algorithm, references } = info.value
  return ok({
    signature: { algorithm, digestAlgorithms: references.map(({ digestAlgorithm }) => digestAlgorithm), signedInfo: Buffer.from(signedInfo, 'utf8'), value: value.value, certificate: certificate.value },
    texts: new Map(nodes.value.map((signed, index) => [signed, texts[index] ?? ''])),
  })
}

const placeOf = (node: Node | undefined): Pick<Node, 'line' | 'column'> => {
  if (node === undefined) throw new Error('a reference has no element')
  return { line: node.line, column: node.column }
}

/** The elements that the references name, each once and none around the signature itself. */
const referredNodes = ({ references }: SignedInfo, findById: FindById, signature: Node): Result<readonly Node[]> => {
  const nodes: Node[] = []
  for (const { id } of references) {
    const found = findById(id)
    if (found === undefined) return fail('signature-invalid', `${at}.SignedInfo.Reference`, `The id ${JSON.stringify(id)} is that of no element, or of more than one.`)
    if (nodes.includes(found)) return invalid(`${at}.SignedInfo.Reference`, `The id ${JSON.stringify(id)} is signed twice.`)
    // Each would be written in full for every one around it, by a stranger's wish.
    if (nodes.some((other) => holds(other, found) || holds(found, other))) return unsupportedSignature(`${at}.SignedInfo.Reference`, 'One thing that is signed is within another; sign each once.')
    if (holds(found, signature)) return unsupportedSignature(`${at}.SignedInfo.Reference`, 'The signature is within what it signs; sign the Body and the Timestamp.')
    nodes.push(found)
  }
  return ok(nodes)
}

const holds = (node: Node, inner: Node): boolean => node === inner || node.children.some((child) => holds(child, inner))

const checkDigest = ({ id, digestAlgorithm, digest }: SignedReference, text: string): Result<void> => {
  const name = digestNames.get(digestAlgorithm)
  if (name === undefined) return unsupportedSignature(`${at}.SignedInfo.Reference.DigestMethod`, `The digest ${digestAlgorithm} is not known; send http://www.w3.org/2001/04/xmlenc#sha256.`)
  const actual = createHash(name).update(text, 'utf8').digest()
  const isEqual = actual.length === digest.length && timingSafeEqual(actual, digest)
  return isEqual ? ok(undefined) : fail('signature-invalid', `${at}.SignedInfo.Reference`, `What has the id ${JSON.stringify(id)} is not what was signed.`)
}

/**
 * Every attribute that any reader might take for an id counts, wherever it stands: an id that two elements have names neither.
 */
const idsOf = (envelope: Node): FindById => {
  const found = new Map<string, Node | undefined>()
  const collect = (node: Node): void => {
    for (const { name, value } of node.attributes) {
      if (name.toLowerCase() !== 'id') continue
      found.set(value, found.has(value) && found.get(value) !== node ? undefined : node)
    }
    for (const child of node.children) collect(child)
  }
  collect(envelope)
  return (id) => found.get(id)
}

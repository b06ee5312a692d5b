import type { Node } from '../../../schemas/node.js'
import { ok, type Result } from '../../../schemas/result.js'
import { bytesOf, readMembers } from './read-members.js'
import { attributeOf, dsig, exclusiveC14n, invalid, isNamed, securityAt, unsupportedSignature } from './security-names.js'

/** One thing that a signature covers. */
export interface SignedReference {
  /** Without its #. */
  readonly id: string
  readonly inclusivePrefixes: readonly string[]
  readonly digestAlgorithm: string
  readonly digest: Uint8Array
}

export interface SignedInfo {
  readonly algorithm: string
  readonly inclusivePrefixes: readonly string[]
  readonly references: readonly SignedReference[]
}

const at = `${securityAt}.Signature.SignedInfo`
const mostReferences = 16
const mostPrefixes = 32
const envelopedSignature = `${dsig}enveloped-signature`

/**
 * What a SignedInfo says (XML Signature, section 4.3). Only same-document references by id and exclusive canonicalisation without
 * comments are taken: signature-unsupported for all else, such as XPath, XSLT, STR-Transform, the empty URI and outer addresses.
 */
export const readSignedInfo = (node: Node): Result<SignedInfo> => {
  const [canonicalization, method, ...references] = node.children
  if (canonicalization === undefined || !isNamed(canonicalization, dsig, 'CanonicalizationMethod')) return invalid(at, 'The first element is no CanonicalizationMethod.')
  if (method === undefined || !isNamed(method, dsig, 'SignatureMethod')) return invalid(at, 'The second element is no SignatureMethod.')
  if (method.children.length > 0) return unsupportedSignature(`${at}.SignatureMethod`, 'The signature method takes no parameters.')
  if (references.length === 0 || references.length > mostReferences) return invalid(at, `There are ${references.length} references; 1 to ${mostReferences} are read.`)
  const prefixes = readCanonicalization(canonicalization, `${at}.CanonicalizationMethod`)
  if (!prefixes.ok) return prefixes
  const read: SignedReference[] = []
  for (const reference of references) {
    const one = readReference(reference)
    if (!one.ok) return one
    read.push(one.value)
  }
  return ok({ algorithm: attributeOf(method, 'Algorithm') ?? '', inclusivePrefixes: prefixes.value, references: read })
}

/** The prefixes of the InclusiveNamespaces that it may hold. */
const readCanonicalization = (node: Node, where: string): Result<readonly string[]> => {
  const algorithm = attributeOf(node, 'Algorithm') ?? ''
  if (algorithm !== exclusiveC14n) return unsupportedSignature(`${where}@Algorithm`, `The algorithm is ${algorithm}; send ${exclusiveC14n}.`)
  const members = readMembers(node, { InclusiveNamespaces: exclusiveC14n }, where)
  if (!members.ok) return members
  const { InclusiveNamespaces } = members.value
  const prefixes = (InclusiveNamespaces === undefined ? '' : attributeOf(InclusiveNamespaces, 'PrefixList') ?? '').split(/[ \t\r\n]+/).filter((prefix) => prefix !== '')
  return prefixes.length > mostPrefixes ? invalid(`${where}.InclusiveNamespaces`, `There are more than ${mostPrefixes} prefixes.`) : ok(prefixes)
}

const readReference = (node: Node): Result<SignedReference> => {
  const where = `${at}.Reference`
  if (!isNamed(node, dsig, 'Reference')) return invalid(`${at}.${node.name}`, 'The element is no Reference.')
  const uri = attributeOf(node, 'URI') ?? ''
  if (!/^#[^#()\s]+$/.test(uri)) return unsupportedSignature(`${where}@URI`, `${JSON.stringify(uri)} is no reference to an element of this message by its id, as "#id" is.`)
  const members = readMembers(node, { Transforms: dsig, DigestMethod: dsig, DigestValue: dsig }, where)
  if (!members.ok) return members
  const { Transforms, DigestMethod, DigestValue } = members.value
  if (Transforms === undefined || DigestMethod === undefined || DigestValue === undefined) return invalid(where, 'A reference has Transforms, DigestMethod and DigestValue.')
  const prefixes = readTransforms(Transforms, `${where}.Transforms`)
  if (!prefixes.ok) return prefixes
  const digest = bytesOf(DigestValue, `${where}.DigestValue`)
  if (!digest.ok) return digest
  return ok({ id: uri.slice(1), inclusivePrefixes: prefixes.value, digestAlgorithm: attributeOf(DigestMethod, 'Algorithm') ?? '', digest: digest.value })
}

/**
 * Exclusive canonicalisation, alone or after enveloped-signature, which some toolkits name wherever they sign. That one takes the
 * signature out of what holds it; the signature is never within what it signs here, so it changes nothing.
 */
const readTransforms = (node: Node, where: string): Result<readonly string[]> => {
  const foreign = node.children.find((child) => !isNamed(child, dsig, 'Transform'))
  if (foreign !== undefined) return invalid(`${where}.${foreign.name}`, 'The element is no Transform.')
  const transforms = node.children.filter((child, index) => index > 0 || attributeOf(child, 'Algorithm') !== envelopedSignature || child.children.length > 0)
  const [only] = transforms
  if (only === undefined || transforms.length > 1) return unsupportedSignature(where, `The transforms are ${node.children.map((child) => attributeOf(child, 'Algorithm')).join(', ')}; send ${exclusiveC14n} alone.`)
  return readCanonicalization(only, `${where}.Transform`)
}

import type { Node } from '../../../schemas/node.js'
import { ok, type Result } from '../../../schemas/result.js'
import { isXmlSpace } from '../../../schemas/xml-tree.js'
import { invalid, unsupported } from './security-names.js'

/** The name of each member that an element may hold, with its namespace. */
export type MemberNames<N extends string> = Readonly<Record<N, string>>

/**
 * The members of an element by their names, each at most once. Fails with security-invalid for text between them and for one
 * that stands twice, and with security-unsupported for any other: what is not understood in a security header must not be passed over.
 */
export const readMembers = <N extends string>(node: Node, names: MemberNames<N>, at: string): Result<Readonly<Partial<Record<N, Node>>>> => {
  if (!isXmlSpace(node.text)) return invalid(at, 'The element holds text beside its elements.')
  const members: Partial<Record<N, Node>> = {}
  for (const child of node.children) {
    if (!isNameIn(names, child)) return unsupported(`${at}.${child.name}`, `{${child.namespace}}${child.name} is not understood here; there are ${Object.keys(names).join(', ')}.`)
    if (members[child.name] !== undefined) return invalid(`${at}.${child.name}`, 'The element stands twice.')
    members[child.name] = child
  }
  return ok(members)
}

const isNameIn = <N extends string>(names: MemberNames<N>, child: Node): child is Node & { readonly name: N } =>
  Object.entries(names).some(([name, namespace]) => name === child.name && namespace === child.namespace)

/** The text of an element that holds nothing else. */
export const textOf = (node: Node, at: string): Result<string> =>
  node.children.length === 0 ? ok(node.text) : invalid(at, 'The element holds a value and no elements.')

const encodingBase64 = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary'

/** The bytes of an element in Base64. Fails with security-invalid, and with security-unsupported for another EncodingType. */
export const bytesOf = (node: Node, at: string): Result<Uint8Array> => {
  const encoding = node.attributes.find(({ name }) => name === 'EncodingType')?.value ?? encodingBase64
  if (encoding !== encodingBase64) return unsupported(`${at}@EncodingType`, `The encoding is ${encoding}; send ${encodingBase64}.`)
  const text = node.text.replace(/[ \t\r\n]+/g, '')
  const isBase64 = node.children.length === 0 && text !== '' && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text)
  return isBase64 ? ok(Buffer.from(text, 'base64')) : invalid(at, 'The element holds no Base64.')
}

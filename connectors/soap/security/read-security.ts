import type { MessageSecurity } from '../../../schemas/credentials.js'
import type { Node } from '../../../schemas/node.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import { readXml } from '../../../schemas/xml-reader.js'
import { isXmlSpace } from '../../../schemas/xml-tree.js'
import { checkSignature } from './check-signature.js'
import { readMembers } from './read-members.js'
import { readTimestamp } from './read-timestamp.js'
import { readUsernameToken } from './read-username-token.js'
import { dsig, invalid, isNamed, securityAt, wsse, wsu } from './security-names.js'

export interface Secured {
  readonly security: Omit<MessageSecurity, 'bearer'>
  /** Where the message is signed: the body as it was signed, read again from those bytes; else the envelope's. */
  readonly body: Node
}

interface Parts {
  readonly timestamp: Node | undefined
  readonly usernameToken: Node | undefined
  readonly signature: Node | undefined
}

const mostTokens = 8

/**
 * Reads the Security header that is for us. Where it holds a signature, that covers the Body and the Timestamp, and what is given
 * as the body is read anew from the bytes that were signed. Fails with security-invalid, security-unsupported,
 * signature-unsupported, signature-invalid or signature-missing. `text` is what `envelope` was read from.
 */
export const readSecurity = (text: string, envelope: Node, header: Node, body: Node): Result<Secured> => {
  const parts = readParts(header)
  if (!parts.ok) return parts
  const { timestamp: timestampNode, usernameToken: tokenNode, signature } = parts.value
  const timestamp = timestampNode === undefined ? ok(undefined) : readTimestamp(timestampNode)
  if (!timestamp.ok) return timestamp
  const usernameToken = tokenNode === undefined ? ok(undefined) : readUsernameToken(tokenNode)
  if (!usernameToken.ok) return usernameToken
  const shown = { type: 'message-security', timestamp: timestamp.value, usernameToken: usernameToken.value } as const
  if (signature === undefined) return ok({ security: { ...shown, signature: undefined }, body })
  const signed = checkSignature(text, envelope, signature)
  if (!signed.ok) return signed
  if (timestampNode === undefined || !signed.value.texts.has(timestampNode)) return fail('signature-missing', `${securityAt}.Timestamp`, 'The signature covers no Timestamp of this header; without one a message could be sent again at any time.')
  const signedBody = readSignedBody(signed.value.texts.get(body), body)
  return signedBody.ok ? ok({ security: { ...shown, signature: signed.value.signature }, body: signedBody.value }) : signedBody
}

const readParts = (header: Node): Result<Parts> => {
  const tokens = header.children.filter((child) => isNamed(child, wsse, 'BinarySecurityToken'))
  if (tokens.length > mostTokens) return invalid(securityAt, `There are more than ${mostTokens} tokens.`)
  const others = header.children.filter((child) => !tokens.includes(child))
  const members = readMembers({ ...header, children: others }, { Timestamp: wsu, UsernameToken: wsse, Signature: dsig }, securityAt)
  if (!members.ok) return members
  const { Timestamp, UsernameToken, Signature } = members.value
  return ok({ timestamp: Timestamp, usernameToken: UsernameToken, signature: Signature })
}

const readSignedBody = (text: string | undefined, body: Node): Result<Node> => {
  if (text === undefined) return fail('signature-missing', 'Envelope.Body', 'The signature does not cover the Body of this envelope.')
  const read = readXml(text)
  if (!read.ok) return read
  if (!isNamed(read.value, body.namespace, body.name) || !isXmlSpace(read.value.text)) return fail('signature-invalid', 'Envelope.Body', 'What was signed is no Body.')
  return read
}

import type { Credentials } from '../../../schemas/credentials.js'
import { decodeText } from '../../../schemas/decode-text.js'
import { decodeSection, readMultipart } from '../../../schemas/multipart.js'
import type { Node } from '../../../schemas/node.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import { readXml } from '../../../schemas/xml-reader.js'

/** In characters from the start of the document: what a stranger may have read. */
const headerCharacters = 65_536
const mostSections = 100
const mostEnds = 3
const at = 'Header.Sender.Credential'

interface Body {
  readonly body: Uint8Array
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
}

/**
 * Who delivers a cXML document, by its Header alone (cXML 1.2, Header; the document may be the first part of a multipart). Nothing behind the Header
 * is read. Fails with credentials-missing where no Credential of the Sender has a SharedSecret, and with header-unsupported for a CredentialMac,
 * a digital signature or a body that is compressed.
 */
export const readCxmlSender = ({ body, contentType = '', contentEncoding }: Body): Result<Credentials> => {
  if (contentEncoding !== undefined && contentEncoding !== 'identity') return fail('header-unsupported', 'Content-Encoding', 'Without a key in the HTTP headers the body is read uncompressed only.')
  const first = firstSection(body, contentType)
  if (!first.ok) return first
  const text = decodeText(first.value, /^multipart\//i.test(contentType) ? '' : contentType)
  if (!text.ok) return text
  const sender = childOf(headerOf(text.value.text), 'Sender')
  const credentials = sender?.children.filter(({ name }) => name === 'Credential') ?? []
  const shown = credentials.flatMap((credential) => {
    const [identity, secret] = [childOf(credential, 'Identity')?.text.trim() ?? '', childOf(credential, 'SharedSecret')?.text.trim() ?? '']
    const domain = credential.attributes.find(({ name }) => name === 'domain')?.value.trim() ?? ''
    return secret === '' ? [] : [{ identity: `${domain}:${identity}`, secret }]
  })
  if (shown.length > 0) return ok({ type: 'header-secret', shown })
  const other = credentials.flatMap(({ children }) => children).find(({ name }) => name === 'CredentialMac' || name === 'DigitalSignature')
  return other === undefined
    ? fail('credentials-missing', at, 'Send the SharedSecret in Header/Sender/Credential, or the HTTP header `Authorization: Bearer KEY`.')
    : fail('header-unsupported', `${at}.${other.name}`, `A ${other.name} is not taken; send a SharedSecret.`)
}

const firstSection = (body: Uint8Array, contentType: string): Result<Uint8Array> => {
  if (!/^\s*multipart\//i.test(contentType)) return ok(body)
  const read = readMultipart(body, contentType, mostSections)
  if (!read.ok) return read
  const [section] = read.value.sections
  const part = section === undefined ? undefined : decodeSection(section)
  return part === undefined ? ok(body) : part.ok ? ok(part.value.bytes) : part
}

const childOf = (node: Node | undefined, name: string): Node | undefined => node?.children.find((child) => child.name === name && child.namespace === '')

/** The Header ends with its first end tag that is one: cut there and closed, the text is well-formed, unless the tag stood in a comment. */
const headerOf = (text: string): Node | undefined => {
  const ends = [...text.slice(0, headerCharacters).matchAll(/<\/Header\s*>/g)].slice(0, mostEnds)
  for (const { index } of ends) {
    const read = readXml(`${text.slice(0, index)}</Header></cXML>`)
    if (read.ok) return read.value.name === 'cXML' ? childOf(read.value, 'Header') : undefined
  }
  return undefined
}

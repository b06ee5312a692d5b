import { decodeText } from '../../../schemas/decode-text.js'
import { decodeSection, parameterOf, readMultipart, type BodyPart, type BodySection } from '../../../schemas/multipart.js'
import { fail, ok, type Failure, type Result } from '../../../schemas/result.js'
import type { HttpRequest } from '../../contract.js'
import { decompress } from '../../outgoing/decompress.js'
import { makeMimeParts, noParts, type MimeParts } from './mime-parts.js'

interface SoapPackage {
  /** Of the envelope. */
  readonly text: string
  readonly parts: MimeParts
}

/** Beside the envelope. */
const mostParts = 64

/**
 * The text of a SOAP request and the parts that came with it by MTOM (W3C, SOAP Message Transmission Optimization Mechanism). Any
 * XML media type will do for the envelope, whichever the version: toolkits differ. Fails with media-type-unsupported,
 * content-encoding-invalid, too-large, message-empty, envelope-invalid, limit-exceeded or as decodeText does.
 */
export const readPackage = async ({ headers, body }: Pick<HttpRequest, 'headers' | 'body'>, maxBytes: number): Promise<Result<SoapPackage>> => {
  const contentType = headers['content-type'] ?? 'text/xml'
  const isRelated = /^\s*multipart\/related\s*;/i.test(contentType)
  if (!isRelated && !isXml(contentType)) return fail('media-type-unsupported', 'Content-Type', `A SOAP envelope comes as text/xml, application/soap+xml or, by MTOM, multipart/related, not as ${contentType}.`)
  const coding = headers['content-encoding']
  const bytes = coding === undefined ? ok(body) : await decompress(body, coding, maxBytes)
  if (!bytes.ok) return bytes
  if (bytes.value.length === 0) return fail('message-empty', 'body', 'The request has no body.')
  return isRelated ? openPackage(bytes.value, contentType) : readText({ bytes: bytes.value, contentType: headers['content-type'] ?? '' }, noParts())
}

const isXml = (contentType: string): boolean => /^\s*(?:text\/xml|application\/(?:[a-z0-9.-]+\+)?xml)\s*(?:;|$)/i.test(contentType)

const readText = ({ bytes, contentType }: BodyPart, parts: MimeParts): Result<SoapPackage> => {
  const decoded = decodeText(bytes, contentType)
  return decoded.ok ? ok({ text: decoded.value.text, parts }) : decoded
}

const openPackage = (bytes: Uint8Array, contentType: string): Result<SoapPackage> => {
  if (parameterOf(contentType, 'type')?.toLowerCase() !== 'application/xop+xml') return fail('media-type-unsupported', 'Content-Type', 'The type of a multipart/related is application/xop+xml here: attachments come by MTOM.')
  const read = readMultipart(bytes, contentType, mostParts + 1)
  if (!read.ok) return read
  const { sections, closed } = read.value
  if (!closed) return fail('envelope-invalid', 'body', 'The body ends before its closing delimiter: something of it is missing.')
  const root = rootOf(sections, parameterOf(contentType, 'start'))
  if (!root.ok) return root
  const envelope = decodeSection(root.value)
  if (!envelope.ok) return envelope
  if (!/^\s*application\/xop\+xml\s*(?:;|$)/i.test(envelope.value.contentType)) return fail('envelope-invalid', 'Content-Type', `The root part is ${JSON.stringify(envelope.value.contentType)} and no application/xop+xml.`)
  const parts = partsOf(sections.filter((section) => section !== root.value))
  return parts.ok ? readText(envelope.value, makeMimeParts(parts.value)) : parts
}

/** The part that `start` names, or else the first (RFC 2387, section 3.2). */
const rootOf = (sections: readonly BodySection[], start: string | undefined): Result<BodySection> => {
  const [first] = sections
  const [root, another] = start === undefined ? [first] : sections.filter((section) => idOf(section) === start.replace(/^<|>$/g, ''))
  return root === undefined || another !== undefined ? fail('envelope-invalid', 'Content-Type', `The start ${JSON.stringify(start)} names no part, or more than one.`) : ok(root)
}

const idOf = ({ headers }: BodySection): string | undefined => headers.get('content-id')?.replace(/^<|>$/g, '')

const partsOf = (sections: readonly BodySection[]): Result<ReadonlyMap<string, BodyPart>> => {
  const parts = new Map<string, BodyPart>()
  for (const section of sections) {
    const id = idOf(section)
    if (id === undefined || id === '') return wrong('A part beside the envelope has no Content-ID.')
    if (parts.has(id)) return wrong(`Two parts have the Content-ID ${id}.`)
    const part = decodeSection(section)
    if (!part.ok) return part
    if (/[^\t -~\u0080-\u00ff]/.test(part.value.contentType)) return wrong(`The Content-Type of the part ${id} holds a control character.`)
    parts.set(id, part.value)
  }
  return ok(parts)
}

const wrong = (detail: string): Failure => fail('envelope-invalid', 'Content-ID', detail)

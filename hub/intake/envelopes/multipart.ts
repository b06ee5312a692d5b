import { fail, ok, type Result } from '../../../schemas/result.js'
import { mostParts } from '../budget.js'

/** The bytes of one body part with its content type. */
export interface BodyPart {
  readonly bytes: Uint8Array
  readonly contentType: string
}

/** Whether a content type says that the body is of several parts (RFC 2046, section 5.1). */
export const isMultipart = (contentType: string): boolean => /^\s*multipart\/(mixed|related)\s*;/i.test(contentType)

/**
 * The parts of a multipart/mixed; of a multipart/related (RFC 2387) the root part alone, for the others are what it refers to.
 * Fails with envelope-invalid, and with limit-exceeded where it has more than 10,000 parts.
 */
export const openMultipart = (bytes: Uint8Array, contentType: string): Result<readonly BodyPart[]> => {
  const boundary = parameter(contentType, 'boundary')
  if (boundary === undefined) return fail('envelope-invalid', 'Content-Type', 'The multipart content type names no boundary.')
  const sections = split(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), boundary)
  if (sections.length === 0) return fail('envelope-invalid', 'body', `The boundary '${boundary}' parts nothing in the body.`)
  if (sections.length > mostParts) return fail('limit-exceeded', 'body', `The body has more than ${mostParts} parts; send it in several.`)
  const related = /^\s*multipart\/related/i.test(contentType)
  const chosen = related ? [rootOf(sections, parameter(contentType, 'start'))] : sections
  const parts: BodyPart[] = []
  for (const section of chosen) {
    const part = decode(section)
    if (!part.ok) return part
    parts.push(part.value)
  }
  return ok(parts)
}

interface Section {
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

const parameter = (contentType: string, name: string): string | undefined => {
  const found = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))`, 'i').exec(contentType)
  return found?.[1] ?? found?.[2]
}

/** What stands between the delimiter lines; the line end before a delimiter belongs to it. */
const split = (bytes: Buffer, boundary: string): readonly Section[] => {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  const whole = Buffer.concat([Buffer.from('\r\n'), bytes])
  const sections: Section[] = []
  for (let start = whole.indexOf(delimiter); start !== -1 && sections.length <= mostParts;) {
    const from = start + delimiter.length
    if (whole.subarray(from, from + 2).toString('latin1') === '--') break
    const end = whole.indexOf(delimiter, from)
    sections.push(sectionOf(whole.subarray(from, end === -1 ? whole.length : end)))
    start = end
  }
  return sections
}

/** Of the headers of a part. */
const mostHeadBytes = 16_384

const sectionOf = (bytes: Buffer): Section => {
  const lineEnd = bytes.indexOf('\r\n')
  const empty = bytes.indexOf('\r\n\r\n')
  const headEnd = empty === -1 ? bytes.length : empty
  const lines = bytes.subarray(lineEnd === -1 ? 0 : lineEnd + 2, Math.min(headEnd, mostHeadBytes)).toString('latin1').replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  const headers = new Map(lines.flatMap((line) => {
    const colon = line.indexOf(':')
    return colon === -1 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const]
  }))
  return { headers, body: bytes.subarray(Math.min(headEnd + 4, bytes.length)) }
}

const rootOf = (sections: readonly Section[], start: string | undefined): Section => {
  const root = sections.find(({ headers }) => start !== undefined && headers.get('content-id') === start) ?? sections[0]
  if (root === undefined) throw new Error('a multipart without parts was opened')
  return root
}

const decode = ({ headers, body }: Section): Result<BodyPart> => {
  const contentType = headers.get('content-type') ?? ''
  const encoding = (headers.get('content-transfer-encoding') ?? 'binary').toLowerCase()
  switch (encoding) {
    case '7bit': case '8bit': case 'binary': return ok({ bytes: body, contentType })
    case 'base64': return ok({ bytes: Buffer.from(body.toString('latin1'), 'base64'), contentType })
    default: return fail('envelope-invalid', 'Content-Transfer-Encoding', `The encoding '${encoding}' of a part is not known; send it as binary or base64.`)
  }
}

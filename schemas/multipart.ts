import { fail, ok, type Result } from './result.js'

/** A body part as it stands: its headers, names in lower case, and its bytes before their transfer encoding is undone. */
export interface BodySection {
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** The bytes of a body part with its content type. */
export interface BodyPart {
  readonly bytes: Uint8Array
  readonly contentType: string
}

/** A parameter of a content type, its quotes and escapes undone (RFC 2045, section 5.1). */
export const parameterOf = (contentType: string, name: string): string | undefined => {
  for (const [, own = '', quoted, plain] of contentType.matchAll(/;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/g)) {
    if (own.toLowerCase() === name) return quoted?.replace(/\\(.)/g, '$1') ?? plain
  }
  return undefined
}

/**
 * The parts of a multipart body in their order (RFC 2046, section 5.1), without undoing their transfer encodings. A body that ends
 * before its closing delimiter is read to its end and is not `closed`. Fails with envelope-invalid, and with limit-exceeded where
 * there are more than `mostParts`.
 */
export const readMultipart = (bytes: Uint8Array, contentType: string, mostParts: number): Result<{ readonly sections: readonly BodySection[], readonly closed: boolean }> => {
  const boundary = parameterOf(contentType, 'boundary')
  if (boundary === undefined || boundary === '') return fail('envelope-invalid', 'Content-Type', 'The multipart content type names no boundary.')
  const whole = Buffer.concat([Buffer.from('\r\n'), bytes])
  const line = Buffer.from(`\r\n--${boundary}`, 'latin1')
  const sections: BodySection[] = []
  for (let delimiter = nextDelimiter(whole, line, 0); delimiter !== undefined;) {
    if (delimiter.closes) return sections.length === 0 ? nothing(boundary) : ok({ sections, closed: true })
    if (sections.length === mostParts) return fail('limit-exceeded', 'body', `The body has more than ${mostParts} parts; send it in several.`)
    const next = nextDelimiter(whole, line, delimiter.end)
    sections.push(sectionOf(whole.subarray(delimiter.end, next?.start ?? whole.length)))
    delimiter = next
  }
  return sections.length === 0 ? nothing(boundary) : ok({ sections, closed: false })
}

const nothing = (boundary: string) => fail('envelope-invalid', 'body', `The boundary '${boundary}' parts nothing in the body.`)

interface Delimiter {
  /** Of the line end before it, which belongs to it. */
  readonly start: number
  /** Of the line end after it. */
  readonly end: number
  readonly closes: boolean
}

/** A line of the two hyphens and the boundary, and nothing else but white space or the closing hyphens: a longer boundary may begin alike. */
const nextDelimiter = (whole: Buffer, line: Buffer, from: number): Delimiter | undefined => {
  for (let start = whole.indexOf(line, from); start !== -1; start = whole.indexOf(line, start + 1)) {
    const after = start + line.length
    if (whole[after] === 0x2d && whole[after + 1] === 0x2d) return { start, end: after + 2, closes: true }
    let end = after
    while (whole[end] === 0x20 || whole[end] === 0x09) end++
    if (end === whole.length || (whole[end] === 0x0d && whole[end + 1] === 0x0a)) return { start, end, closes: false }
  }
  return undefined
}

/** Of the headers of a part. */
const mostHeadBytes = 16_384

/** `bytes` begin with the line end of the delimiter; a part without headers goes on with a second one. */
const sectionOf = (bytes: Buffer): BodySection => {
  const empty = bytes.indexOf('\r\n\r\n')
  const headEnd = empty === -1 ? bytes.length : empty
  const lines = bytes.subarray(0, Math.min(headEnd, mostHeadBytes)).toString('latin1').replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  const headers = new Map(lines.flatMap((line) => {
    const colon = line.indexOf(':')
    return colon === -1 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const]
  }))
  return { headers, body: bytes.subarray(Math.min(headEnd + 4, bytes.length)) }
}

/** The bytes of a part, its transfer encoding undone. Fails with envelope-invalid for an encoding that is not known and for Base64 that is none. */
export const decodeSection = ({ headers, body }: BodySection): Result<BodyPart> => {
  const contentType = headers.get('content-type') ?? ''
  const encoding = (headers.get('content-transfer-encoding') ?? 'binary').toLowerCase()
  switch (encoding) {
    case '7bit': case '8bit': case 'binary': return ok({ bytes: body, contentType })
    case 'base64': {
      const bytes = decodeBase64(body.toString('latin1'))
      return bytes === undefined ? fail('envelope-invalid', 'Content-Transfer-Encoding', 'A part is no Base64, as it says.') : ok({ bytes, contentType })
    }
    default: return fail('envelope-invalid', 'Content-Transfer-Encoding', `The encoding '${encoding}' of a part is not known; send it as binary or base64.`)
  }
}

/** The bytes of a text in Base64, white space anywhere in it; undefined where it is none. */
export const decodeBase64 = (text: string): Buffer | undefined => {
  const digits = text.replace(/[ \t\r\n]+/g, '')
  return digits.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(digits) ? Buffer.from(digits, 'base64') : undefined
}

import { mostParts } from '../../../schemas/node.js'
import { decodeSection, parameterOf, readMultipart, type BodyPart, type BodySection } from '../../../schemas/multipart.js'
import { ok, type Result } from '../../../schemas/result.js'

/** Whether a content type says that the body is of several parts (RFC 2046, section 5.1). */
export const isMultipart = (contentType: string): boolean => /^\s*multipart\/(mixed|related)\s*;/i.test(contentType)

/**
 * The parts of a multipart/mixed; of a multipart/related (RFC 2387) the root part alone, for the others are what it refers to.
 * Fails with envelope-invalid, and with limit-exceeded where it has more than 10,000 parts.
 */
export const openMultipart = (bytes: Uint8Array, contentType: string): Result<readonly BodyPart[]> => {
  const read = readMultipart(bytes, contentType, mostParts)
  if (!read.ok) return read
  const { sections } = read.value
  const related = /^\s*multipart\/related/i.test(contentType)
  const chosen = related ? [rootOf(sections, parameterOf(contentType, 'start'))] : sections
  const parts: BodyPart[] = []
  for (const section of chosen) {
    const part = decodeSection(section)
    if (!part.ok) return part
    parts.push(part.value)
  }
  return ok(parts)
}

const rootOf = (sections: readonly BodySection[], start: string | undefined): BodySection => {
  const root = sections.find(({ headers }) => start !== undefined && headers.get('content-id') === start) ?? sections[0]
  if (root === undefined) throw new Error('a multipart without parts was opened')
  return root
}

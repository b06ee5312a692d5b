import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { isXmlSpace } from '../../schemas/xml-tree.js'
import { writeXml } from '../../schemas/xml-writer.js'
import { includeOf, type MimeParts } from './mtom/mime-parts.js'

interface Payload {
  readonly body: Uint8Array
  readonly contentType: string | undefined
}

/**
 * The document inside the element `document`, as bytes in UTF-8. An element is written anew, since cut out of its envelope it
 * would lack the namespaces declared there: the same names, values and white space; prefixes and comments may differ. Text is
 * what was sent, JSON or XML by its first character. An xop:Include is the part that it names, byte for byte; one inside the
 * element stands for the part in Base64. Fails with request-invalid for nothing, both, or more than one element.
 */
export const readPayload = (document: Node, parts: MimeParts, at: string): Result<Payload> => {
  const include = parts.packaged ? includeOf(document) : undefined
  if (include !== undefined) {
    const part = parts.take(include, at)
    return part.ok ? ok({ body: part.value.bytes, contentType: part.value.contentType === '' ? undefined : part.value.contentType }) : part
  }
  const [element] = document.children
  if (element === undefined) return readText(document.text, at)
  if (document.children.length > 1) return fail('request-invalid', at, `The element holds ${document.children.length} elements; a message is one.`)
  if (!isXmlSpace(document.text)) return fail('request-invalid', at, 'The element holds text beside an element; a message is one or the other.')
  const whole = parts.packaged ? withIncluded(element, parts, at) : ok(element)
  if (!whole.ok) return whole
  const written = writeXml(whole.value)
  if (!written.ok) throw new Error(`${written.at}: ${written.detail}`)
  return ok({ body: utf8(written.value), contentType: 'application/xml; charset=utf-8' })
}

/** The element with Base64 where an Include stood for it (XOP 1.0, section 3.2). */
const withIncluded = (node: Node, parts: MimeParts, at: string): Result<Node> => {
  const where = `${at}.${node.name}`
  const include = includeOf(node)
  if (include !== undefined) {
    const part = parts.take(include, where)
    return part.ok ? ok({ ...node, children: [], text: Buffer.from(part.value.bytes).toString('base64') }) : part
  }
  const children: Node[] = []
  for (const child of node.children) {
    const whole = withIncluded(child, parts, where)
    if (!whole.ok) return whole
    children.push(whole.value)
  }
  const replaced = new Map(node.children.map((child, index) => [child, children[index] ?? child]))
  return ok({ ...node, children, ...(node.mixed === undefined ? {} : { mixed: node.mixed.map((piece) => (typeof piece === 'string' ? piece : replaced.get(piece) ?? piece)) }) })
}

const readText = (text: string, at: string): Result<Payload> => {
  const trimmed = text.replace(/^[ \t\r\n]+/, '')
  if (trimmed === '') return fail('request-invalid', at, 'The element holds no document.')
  const contentType = contentTypeOf(trimmed.charAt(0))
  // White space before an XML declaration would make the document ill-formed.
  return ok({ body: utf8(contentType.startsWith('text/') ? text : trimmed), contentType })
}

const contentTypeOf = (first: string): string => {
  if (first === '<') return 'application/xml; charset=utf-8'
  return first === '{' || first === '[' ? 'application/json' : 'text/plain; charset=utf-8'
}

const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8')

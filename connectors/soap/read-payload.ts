import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { isXmlSpace } from '../../schemas/xml-tree.js'
import { writeXml } from '../../schemas/xml-writer.js'

interface Payload {
  readonly body: Uint8Array
  readonly contentType: string
}

/**
 * The document inside the element `document`, as bytes in UTF-8. An element is written anew, since cut out of its envelope it
 * would lack the namespaces declared there: the same names, values and white space; prefixes and comments may differ. Text is
 * what was sent, JSON or XML by its first character. Fails with request-invalid for nothing, both, or more than one element.
 */
export const readPayload = (document: Node, at: string): Result<Payload> => {
  const [element] = document.children
  if (element === undefined) return readText(document.text, at)
  if (document.children.length > 1) return fail('request-invalid', at, `The element holds ${document.children.length} elements; a message is one.`)
  if (!isXmlSpace(document.text)) return fail('request-invalid', at, 'The element holds text beside an element; a message is one or the other.')
  const written = writeXml(element)
  if (!written.ok) throw new Error(`${written.at}: ${written.detail}`)
  return ok({ body: utf8(written.value), contentType: 'application/xml; charset=utf-8' })
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

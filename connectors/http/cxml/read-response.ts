import { decodeText } from '../../../schemas/decode-text.js'
import type { Node } from '../../../schemas/node.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import { readXml } from '../../../schemas/xml-reader.js'

const child = (node: Node | undefined, name: string): Node | undefined => node?.children.find((one) => one.name === name && one.namespace === '')

const mostText = 500

/**
 * Whether a cXML Response says that the request was taken (cXML 1.2, Status: 2xx). Fails with partner-unavailable for 5xx, with partner-denied for any other
 * code, and with answer-invalid where it is no Response.
 */
export const readCxmlStatus = (body: Uint8Array, contentType: string): Result<undefined> => {
  const decoded = decodeText(body, contentType)
  const root = decoded.ok ? readXml(decoded.value.text) : decoded
  if (!root.ok) return fail('answer-invalid', 'answer', `The answer is no cXML Response: ${root.detail}`)
  const status = child(child(root.value.name === 'cXML' ? root.value : undefined, 'Response'), 'Status')
  const code = status?.attributes.find(({ name }) => name === 'code')?.value.trim() ?? ''
  if (status === undefined || !/^\d{3}$/.test(code)) return fail('answer-invalid', 'answer', 'The answer is no cXML Response with a Status.')
  if (code.startsWith('2')) return ok(undefined)
  const text = [status.attributes.find(({ name }) => name === 'text')?.value, status.text.trim()].filter((part) => part !== undefined && part !== '').join(': ').slice(0, mostText)
  return fail(code.startsWith('5') ? 'partner-unavailable' : 'partner-denied', `cXML Status ${code}`, text === '' ? `The Status is ${code}.` : text)
}

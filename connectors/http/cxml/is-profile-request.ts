import { decodeText } from '../../../schemas/decode-text.js'
import { readXml } from '../../../schemas/xml-reader.js'
import type { Received } from '../../contract.js'

/** One asks what is taken here; it has no more than a Header. */
const mostBytes = 16_384

/** Whether the message is a cXML ProfileRequest, which is answered and not kept. */
export const isProfileRequest = ({ body, contentType, contentEncoding }: Pick<Received, 'body' | 'contentType' | 'contentEncoding'>): boolean => {
  if (body.length > mostBytes || contentEncoding !== undefined) return false
  const text = decodeText(body, contentType ?? '')
  if (!text.ok || !text.value.text.includes('ProfileRequest')) return false
  const root = readXml(text.value.text)
  if (!root.ok || root.value.name !== 'cXML') return false
  const [request] = root.value.children.filter(({ name }) => name === 'Request')
  return request?.children.some(({ name }) => name === 'ProfileRequest') === true
}

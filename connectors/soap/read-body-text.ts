import { decodeText } from '../../schemas/decode-text.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { HttpRequest } from '../contract.js'
import { decompress } from './decompress.js'

/**
 * The text of a SOAP request. Any XML media type will do, whichever the version: toolkits differ. Fails with
 * media-type-unsupported, content-encoding-invalid, too-large, message-empty or as decodeText does.
 */
export const readBodyText = async ({ headers, body }: Pick<HttpRequest, 'headers' | 'body'>, maxBytes: number): Promise<Result<string>> => {
  const contentType = headers['content-type']
  if (contentType !== undefined && !/^\s*(?:text\/xml|application\/(?:[a-z0-9.-]+\+)?xml)\s*(?:;|$)/i.test(contentType)) {
    return fail('media-type-unsupported', 'Content-Type', `A SOAP envelope comes as text/xml or application/soap+xml, not as ${contentType}.`)
  }
  const bytes = await decompress(body, headers['content-encoding'], maxBytes)
  if (!bytes.ok) return bytes
  if (bytes.value.length === 0) return fail('message-empty', 'body', 'The request has no body.')
  const decoded = decodeText(bytes.value, contentType)
  return decoded.ok ? ok(decoded.value.text) : decoded
}

import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { fail, ok, type Result } from '../../schemas/result.js'

const methods = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
])

/**
 * Undoes a Content-Encoding of one method. Fails with content-encoding-invalid for an unknown method and for bytes that don't
 * decompress, and with too-large as soon as the output passes `maxBytes`.
 */
export const decompress = async (body: Uint8Array, contentEncoding: string | undefined, maxBytes: number): Promise<Result<Uint8Array>> => {
  const name = (contentEncoding ?? '').trim().toLowerCase()
  if (name === '' || name === 'identity') return ok(body)
  const method = methods.get(name)
  if (method === undefined) return fail('content-encoding-invalid', 'Content-Encoding', `${JSON.stringify(name)} is none of gzip, deflate and br.`)
  try {
    return ok(await method(body, { maxOutputLength: maxBytes }))
  } catch (error) {
    if (error instanceof RangeError) return fail('too-large', 'body', `The body is larger than ${maxBytes} bytes when decompressed.`)
    return fail('content-encoding-invalid', 'body', `The body does not decompress as ${name}.`)
  }
}

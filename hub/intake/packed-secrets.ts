import { decompress } from './decompress.js'
import { holdsSecrets } from './mask-secrets.js'
import { readMessage, type Bytes } from './read-message.js'

const mostBytes = 1024 * 1024 * 1024

/**
 * Whether secrets of a message stand in it compressed or encoded, as in a section of a multipart that is base64, where no stars can be put in their
 * place. That all of the message is compressed does not count: it is shown expanded.
 */
export const hasPackedSecrets = async (message: Bytes, names: readonly string[]): Promise<boolean> => {
  const unpacked: Uint8Array[] = []
  await readMessage(message, { maxExpandedBytes: mostBytes }, undefined, (bytes) => { unpacked.push(bytes) })
  if (unpacked.length === 0) return false
  const expanded = await decompress(message.bytes, message.contentEncoding, mostBytes)
  const shown = Buffer.from(expanded.ok ? expanded.value : message.bytes)
  return unpacked.some((bytes) => holdsSecrets(bytes, names) && !shown.includes(Buffer.from(bytes)))
}

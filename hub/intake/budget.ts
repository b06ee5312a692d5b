import { mostNodes, mostParts, type NodeCount } from '../../schemas/node.js'
import { fail, type Failure, type Result } from '../../schemas/result.js'
import { decompress } from './decompress.js'

/** What all of a message may have, its envelopes together. */
export interface MessageLimits {
  readonly maxExpandedBytes: number
  /** As many as any message may have unless it says so. */
  readonly maxNodes?: number
}

/** What a message has left of the bytes, nodes and parts that all of it may have, however they are spread over its envelopes. */
export interface Budget {
  /** Undoes content codings within the bytes that are left. Fails as decompress does. */
  readonly expand: (bytes: Uint8Array, contentEncoding: string | undefined) => Promise<Result<Uint8Array>>
  /** Reads a text within the nodes that are left. What was read of a text that fails counts too, for it took its time. */
  readonly read: <T>(reader: (text: string, limits: Record<string, never>, count: NodeCount) => Result<T>, text: string) => Result<T>
  /** Tells of bytes that stood packed in the message, so that what is sought in it is sought in them too. */
  readonly unpacked: (bytes: Uint8Array) => void
  readonly addPart: () => void
  /** The first limit that was passed: the message as a whole fails by it, and reading on is of no use. */
  readonly excess: () => Failure | undefined
}

const tooManyParts = fail('limit-exceeded', 'body', `The message has more than ${mostParts} parts; send it in several.`)

export const makeBudget = ({ maxExpandedBytes, maxNodes = mostNodes }: MessageLimits, unpacked: (bytes: Uint8Array) => void = () => undefined): Budget => {
  const count: NodeCount = { nodes: 0, most: maxNodes }
  let bytesLeft = maxExpandedBytes
  let parts = 0
  let excess: Failure | undefined
  return {
    expand: async (bytes, contentEncoding) => {
      const expanded = await decompress(bytes, contentEncoding, bytesLeft)
      if (!expanded.ok && expanded.code === 'limit-exceeded') excess ??= expanded
      if (expanded.ok && expanded.value !== bytes) {
        bytesLeft -= expanded.value.length
        unpacked(expanded.value)
      }
      return expanded
    },
    unpacked,
    read: (reader, text) => {
      const root = reader(text, {}, count)
      if (!root.ok && count.nodes > maxNodes) excess ??= root
      return root
    },
    addPart: () => {
      parts += 1
      if (parts > mostParts) excess ??= tooManyParts
    },
    excess: () => excess,
  }
}

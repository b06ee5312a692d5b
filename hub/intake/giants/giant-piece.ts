import type { ByteSource } from '../../../schemas/decode-stream.js'
import type { Node } from '../../../schemas/node.js'
import type { Failure, Result } from '../../../schemas/result.js'
import { bareHead, type Enclosed, type PartHead, type XmlSource } from '../envelopes/envelope.js'
import { openDocument } from '../read-message.js'

/** The next of what a giant is made of, not yet read: most of them were committed before when a giant is resumed. */
export interface GiantPiece {
  /** In UTF-16 code units. */
  readonly length: number
  /** The parts that it holds, one at least; what cannot be read is one with its failure. */
  readonly read: () => readonly Enclosed[]
}

export interface GiantBytes {
  readonly source: ByteSource
  readonly bytes: number
  readonly contentType: string
  readonly contentEncoding: string | undefined
}

export type Pieces = AsyncGenerator<readonly GiantPiece[]>

/** A document with those that it holds where it is an envelope. */
export const opened = (root: Result<Node>, source?: XmlSource, head: PartHead = bareHead): readonly Enclosed[] => {
  const parts = openDocument({ head, root })
  if (source !== undefined && parts.ok && parts.value.length > 0) return parts.value.map((part) => ({ ...part, source }))
  return parts.ok && parts.value.length > 0 ? parts.value : [{ head, root: parts.ok ? root : parts }]
}

export const failed = (failure: Failure): GiantPiece => ({ length: 0, read: () => [{ head: bareHead, root: failure }] })

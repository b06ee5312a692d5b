import type { Node } from '../../../schemas/node.js'
import type { Result } from '../../../schemas/result.js'

/** What an envelope says of the document in it. */
export interface PartHead {
  readonly sender: string | undefined
  readonly receiver: string | undefined
  readonly controlNumber: string | undefined
  readonly test: boolean
  readonly ackWanted: boolean
}

export const bareHead: PartHead = { sender: undefined, receiver: undefined, controlNumber: undefined, test: false, ackWanted: false }

/** One document in an envelope: its tree, or why it could not be read. */
export interface Enclosed {
  readonly head: PartHead
  readonly root: Result<Node>
  /** A document as it stands, though it looks like an envelope: an IDoc in a file of its own. */
  readonly whole?: true
  /** The XML text that it was read from; undefined where it was not XML, or could not be read. */
  readonly source?: XmlSource
}

/** A text and the tree that was read from it, of which the document is an element. */
export interface XmlSource {
  readonly text: string
  readonly root: Node
}

/** Opens one kind of envelope; undefined where the tree is none of that kind. Fails with envelope-invalid. */
export type OpenEnvelope = (root: Node) => Result<readonly Enclosed[]> | undefined

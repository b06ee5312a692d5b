import type { Node, NodeCount } from '../../schemas/node.js'
import type { Result } from '../../schemas/result.js'

/** What an interchange says of a document in it. */
export interface TextHead {
  readonly sender: string | undefined
  readonly receiver: string | undefined
  readonly controlNumber: string | undefined
  readonly test: boolean
  readonly ackWanted: boolean
}

/** One document of a text: its tree, or why it cannot be read. */
export interface TextPart {
  /** undefined where nothing is said of it. */
  readonly head: TextHead | undefined
  readonly root: Result<Node>
}

/** Between a text that is neither XML nor JSON and the trees of its documents. */
export interface TextBinding {
  readonly syntax: 'csv' | 'segments' | 'fixed'
  /** Whether a text may be one of these; of tables any text may. */
  readonly claims: (text: string) => boolean
  /** In which encoding bytes are that do not say it as others do, and in which a text is written; undefined where nothing says one. */
  readonly encodingOf: (bytes: Uint8Array) => string | undefined
  /** Fails where nothing of the text can be read, at line and column. */
  readonly read: (text: string, count?: NodeCount) => Result<readonly TextPart[]>
  /** Documents of one name as one text. Fails with value-invalid where something of them cannot be said in it. */
  readonly write: (roots: readonly Node[]) => Result<string>
}

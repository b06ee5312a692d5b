import type { Node, NodeCount } from '../../schemas/node.js'
import type { Failure, Result } from '../../schemas/result.js'

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

/** What was cut out of a text: the documents that it holds, not yet read. */
export interface TextPiece {
  /** In UTF-16 code units. */
  readonly length: number
  /** Of at most so many nodes; fails where nothing of the piece can be read, at its line and column in the whole text. */
  readonly read: (mostNodes?: number) => Result<readonly TextPart[]>
}

/** Cuts a text that comes in steps, in which no pair of a carriage return and a line feed is divided, into its documents. */
export interface TextCutter {
  /** Takes the next step, gives the pieces that it completes. */
  readonly push: (text: string) => readonly TextPiece[]
  /** Says that there is no more; gives what that completes. */
  readonly end: () => readonly TextPiece[]
  /** Why nothing more can be cut out: what was given before stands. */
  readonly failure: () => Failure | undefined
}

/** How a text that is too large to be held is cut. */
export interface TextCutting {
  /** Has to see all of the text before any of it is cut; undefined where nothing need be known before. */
  readonly survey: Pick<TextCutter, 'failure'> & { readonly push: (text: string) => void, readonly end: () => void } | undefined
  /** Asked for once, behind the survey. */
  readonly cutter: () => TextCutter
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
  /**
   * How a text that begins so is cut into pieces that give the very documents that `read` would give; undefined where it is one document as a whole, 'more' where it takes more of its beginning to know, all of which is there if
   * `isWhole`. Fails where the text is none of these.
   */
  readonly cutting: (head: string, isWhole: boolean) => Result<TextCutting | undefined> | 'more'
  /** Documents of one name as one text. Fails with value-invalid where something of them cannot be said in it. */
  readonly write: (roots: readonly Node[]) => Result<string>
}

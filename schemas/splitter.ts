import type { Failure, Result } from './result.js'

/** One document as it stands in a larger text, and where. */
export interface Piece {
  readonly text: string
  readonly line: number
  readonly column: number
}

/** Cuts a text that comes in steps into its documents, without holding more of it than the one that it is in. */
export interface Splitter<Cut extends Piece = Piece> {
  /** Takes the next step, gives the pieces that it completes; one that is too long is a failure in its place. */
  readonly push: (text: string) => readonly Result<Cut>[]
  /** Says that there is no more; gives what that completes. */
  readonly end: () => readonly Result<Cut>[]
  /** Why nothing more can be cut out: what was given before stands. */
  readonly failure: () => Failure | undefined
}

/** What one document of a large message may have at most, in UTF-16 code units. */
export const longestPiece = 8 * 1024 * 1024

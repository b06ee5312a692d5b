import type { Channel } from '../channel.js'
import type { Enclosed } from '../envelopes/envelope.js'
import type { GiantBytes } from './giant-piece.js'
import type { ReadTexts } from '../read-message.js'
import { readPieces, type PartsOf } from './read-pieces.js'
import { takeTurns } from './take-turns.js'

export interface FindPartDeps {
  readonly partsOf: PartsOf
  readonly nowMs: () => number
}

/** A giant with what was cut out of it so far. */
export interface CutGiant extends GiantBytes {
  readonly pieces: number
  readonly parts: number
}

/**
 * Cuts one part out of a giant's bytes again, as it was when it was taken; `ordinal` counts from 1. Undefined where the giant has no such part. What
 * stands before it is split but, if each piece was one part, not read.
 */
export const findPart = async ({ partsOf, nowMs }: FindPartDeps, channel: Channel, giant: CutGiant, ordinal: number, texts: ReadTexts | undefined): Promise<Enclosed | undefined> => {
  if (ordinal > giant.parts) return undefined
  const isOneEach = giant.pieces === giant.parts
  const turns = takeTurns(nowMs)
  let passed = 0
  for await (const pieces of readPieces(partsOf, channel, giant, texts)) {
    if (turns.isOver()) await turns.next()
    for (const piece of pieces) {
      if (turns.isOver()) await turns.next()
      if (isOneEach && ++passed < ordinal) continue
      const parts = piece.read()
      const part = isOneEach ? parts[0] : parts[ordinal - passed - 1]
      if (part !== undefined) return part
      passed += parts.length
    }
  }
  return undefined
}

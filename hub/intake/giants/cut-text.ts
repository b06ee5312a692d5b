import { bytesAt, decodeStream } from '../../../schemas/decode-stream.js'
import type { Result } from '../../../schemas/result.js'
import { longestPiece } from '../../../schemas/splitter.js'
import { bareHead } from '../envelopes/envelope.js'
import { contentTypeOf, mayBeText, type ReadTexts, type TextCutting, type TextPiece } from '../read-message.js'
import type { Expansion } from './expand-stream.js'
import { failed, opened, type GiantPiece, type Pieces } from './giant-piece.js'
import { withWholeLineEnds } from './whole-line-ends.js'

/** The steps of a text, as often as one likes, and how it is cut; undefined where it is one document. */
interface FoundCutting {
  readonly steps: () => AsyncGenerator<Result<string>>
  readonly cutting: Result<TextCutting | undefined>
}

const bytesLooked = 1000
/** It takes no more to see whether a text is one of segments or records. */
const charactersLooked = 10_000

/** How a giant is cut that is neither XML nor JSON but of a language of the channel; undefined where it is none of these. */
export const findCutting = async ({ bytes }: Expansion, contentType: string, texts: ReadTexts): Promise<FoundCutting | undefined> => {
  const first = await bytesAt(bytes, 0, bytesLooked)
  if (!mayBeText(first, contentType)) return undefined
  const steps = (): AsyncGenerator<Result<string>> => withWholeLineEnds(decodeStream(bytes, contentTypeOf(first, contentType, texts.encodingOf)))
  let head = ''
  for await (const step of steps()) {
    if (!step.ok) break
    head += step.value
    if (head.length < charactersLooked) continue
    if (head.length > longestPiece || !texts.claims(head)) return undefined
    const cutting = texts.cutting(head, false)
    if (cutting !== 'more') return { steps, cutting }
  }
  if (head === '' || !texts.claims(head)) return undefined
  const cutting = texts.cutting(head, true)
  return cutting === 'more' ? undefined : { steps, cutting }
}

/** Its pieces; where it cannot go on, the last one is one part that says why. Gives nothing for a while where all of the text has to be seen before. */
export const cutText = async function* ({ steps, cutting }: FoundCutting, expansion: Expansion, maxNodes: number, whole: () => Pieces): Pieces {
  if (!cutting.ok) {
    yield [failed(cutting)]
    return
  }
  if (cutting.value === undefined) {
    yield* whole()
    return
  }
  const { survey, cutter } = cutting.value
  if (survey !== undefined) {
    let isWhole = true
    for await (const step of steps()) {
      if (step.ok) survey.push(step.value)
      else isWhole = false
      yield []
    }
    // What is being read where the bytes break off is not taken.
    if (isWhole && expansion.failure() === undefined) survey.end()
    const failure = survey.failure()
    if (failure !== undefined) {
      yield [failed(failure)]
      return
    }
  }
  const { push, end, failure } = cutter()
  const piecesOf = (pieces: readonly TextPiece[]): readonly GiantPiece[] => pieces.map((piece) => pieceOf(piece, maxNodes))
  for await (const step of steps()) {
    if (!step.ok) {
      yield [failed(expansion.failure() ?? step)]
      return
    }
    const pieces = push(step.value)
    if (pieces.length > 0) yield piecesOf(pieces)
    if (failure() !== undefined) break
  }
  if (failure() === undefined && expansion.failure() === undefined) yield piecesOf(end())
  const broken = failure() ?? expansion.failure()
  if (broken !== undefined) yield [failed(broken)]
}

const pieceOf = ({ length, read }: TextPiece, maxNodes: number): GiantPiece => ({
  length,
  read: () => {
    const parts = read(maxNodes)
    return parts.ok ? parts.value.flatMap(({ head, root }) => opened(root, undefined, head ?? bareHead)) : opened(parts)
  },
})

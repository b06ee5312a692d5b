import { bytesAt, decodeStream } from '../../../schemas/decode-stream.js'
import { makeInterchangeSplitter, type MessageCut } from '../../../schemas/interchange-splitter.js'
import type { Result } from '../../../schemas/result.js'
import { isInterchange } from '../../../schemas/segment-separators.js'
import type { Channel } from '../channel.js'
import { contentTypeOf, mayBeText, type ReadTexts } from '../read-message.js'
import { expandStream } from './expand-stream.js'
import type { GiantBytes } from './giant-piece.js'
import { mostExpansion } from './read-pieces.js'
import { withWholeLineEnds } from './whole-line-ends.js'

const bytesLooked = 1000

/** The messages of a giant of interchanges, with what is wrong between them, step by step: as many as it has parts, in their order. None where it is no giant of interchanges. */
export const interchangeCuts = async function* ({ maxGiantBytes }: Pick<Channel, 'maxGiantBytes'>, giant: GiantBytes, encodingOf: ReadTexts['encodingOf']): AsyncGenerator<readonly Result<MessageCut>[]> {
  const expansion = expandStream(giant, maxGiantBytes * mostExpansion)
  const first = await bytesAt(expansion.bytes, 0, bytesLooked)
  if (!mayBeText(first, giant.contentType)) return
  const splitter = makeInterchangeSplitter()
  let begun = false
  for await (const step of withWholeLineEnds(decodeStream(expansion.bytes, contentTypeOf(first, giant.contentType, encodingOf)))) {
    if (!step.ok) {
      yield [expansion.failure() ?? step]
      return
    }
    if (!begun && !isInterchange(step.value)) return
    begun = true
    yield splitter.push(step.value)
    if (splitter.failure() !== undefined) break
  }
  if (splitter.failure() === undefined && expansion.failure() === undefined) yield splitter.end()
  const broken = splitter.failure() ?? expansion.failure()
  if (broken !== undefined) yield [broken]
}

import { fail, ok, type Result } from '../../../schemas/result.js'

/**
 * A regular expression over a whole text that takes time in proportion to the text: one part at most repeats without end, and what repeats is a single
 * character or class; no look-around, no reference back. Fails with mapping-invalid.
 */
export const linearPattern = (source: string): Result<RegExp> => {
  const bare = source.replaceAll(/\\[^1-9k]|\[(?:\\.|[^\]\\])*\]/g, 'x')
  const endless = [...bare.matchAll(/(.)(?:[*+]|\{\d+,\})/g)]
  const reason = /\(\?[^:]|\\/.test(bare) ? 'looks around or refers back' : endless.length > 1 ? 'repeats more than one part without end' : endless.some(([, before]) => before === ')') ? 'repeats a group without end' : undefined
  if (reason !== undefined) return fail('mapping-invalid', '', `The pattern '${source}' ${reason}, which can take for ever.`)
  try {
    return ok(new RegExp(`^(?:${source})$`, 'u'))
  } catch {
    return fail('mapping-invalid', '', `'${source}' is not a regular expression.`)
  }
}

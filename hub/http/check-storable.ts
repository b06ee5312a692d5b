import { fail, ok, type Result } from '../../schemas/result.js'
import { findUnstorable } from '../../schemas/storable.js'

/** Fails with request-invalid where a text of what a caller gave holds what no database takes, not even to look for it. Bodies may be of any depth. */
export const checkStorable = (given: Readonly<Record<string, unknown>>): Result<void> => {
  for (const [at, value] of Object.entries(given)) {
    for (const left: unknown[] = [value]; left.length > 0;) {
      const held = left.pop()
      const found = typeof held === 'string' ? findUnstorable(held) : undefined
      if (found !== undefined) return fail('request-invalid', at, `The text holds ${found.reason}.`)
      if (typeof held === 'object' && held !== null) for (const pair of Object.entries(held)) left.push(pair[0], pair[1])
    }
  }
  return ok(undefined)
}

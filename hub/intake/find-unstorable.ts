import { findUnstorable } from '../../schemas/storable.js'
import type { Issue } from '../../schemas/message-answer.js'

const escaped = /\\u(?:0000|d[89a-f])/i

/** What no database keeps, found in a document: `json` is its JSON, in which such characters stand as escapes. */
export const unstorableIssues = (document: unknown, json: string): readonly Issue[] => (escaped.test(json) ? walk(document, '') : [])

const walk = (value: unknown, at: string): readonly Issue[] => {
  if (typeof value === 'string') {
    const found = findUnstorable(value)
    return found === undefined ? [] : [{ code: 'not-storable', at, detail: `The text holds ${found.reason} at offset ${found.offset}.` }]
  }
  if (Array.isArray(value)) return value.flatMap((held, index) => walk(held, `${at}[${index}]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, held]) => [...walk(name, at), ...walk(held, at === '' ? name : `${at}.${name}`)])
}

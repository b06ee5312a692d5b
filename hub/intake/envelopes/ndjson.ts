import { readJson } from '../../../schemas/json-reader.js'
import type { Budget } from '../budget.js'
import { bareHead, type Enclosed } from './envelope.js'

const named = /^\s*application\/(x-)?(ndjson|jsonl|jsonlines|json-lines)\b/i

export const isNdjsonType = (contentType: string): boolean => named.test(contentType)

/** Whether a text that is no JSON is one of a JSON document a line: its content type says so, or its first line is whole. */
export const isNdjson = (text: string, contentType: string): boolean => {
  if (isNdjsonType(contentType)) return true
  // A text of one line was no JSON.
  if (!text.includes('\n')) return false
  for (const { line } of linesOf(text)) return readJson(line).ok
  return false
}

/** Gives the document of each line that is not blank, read when it is asked for; one that cannot be read fails alone. */
export const openNdjson = function* (text: string, budget: Budget): Generator<Enclosed> {
  for (const { line, number } of linesOf(text)) yield { head: bareHead, root: budget.read((json, limits, count) => readJson(json, limits, count, { line: number, column: 1 }), line) }
}

const linesOf = function* (text: string): Generator<{ readonly line: string, readonly number: number }> {
  for (let start = 0, number = 1; start < text.length; number++) {
    const found = text.indexOf('\n', start)
    const end = found === -1 ? text.length : found
    const line = end === start ? '' : text.slice(start, end)
    if (line.trim() !== '') yield { line, number }
    start = end + 1
  }
}

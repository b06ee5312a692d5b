import { readJson } from '../../../schemas/json-reader.js'
import type { Node } from '../../../schemas/node.js'
import { fail, type Result } from '../../../schemas/result.js'
import type { Budget } from '../budget.js'
import { bareHead, type Enclosed } from './envelope.js'

const named = /^\s*application\/(x-)?(ndjson|jsonl|jsonlines|json-lines)\b/i

export const isNdjsonType = (contentType: string): boolean => named.test(contentType)

/** Whether a text that is no JSON is one of a JSON document a line: its content type says so, or its first line is whole. */
export const isNdjson = (text: string, contentType: string): boolean => {
  if (isNdjsonType(contentType)) return true
  for (const { line } of linesOf(text)) return readJson(line).ok
  return false
}

/** Gives the document of each line that is not blank, read when it is asked for; one that cannot be read fails alone. */
export const openNdjson = function* (text: string, budget: Budget): Generator<Enclosed> {
  for (const { line, number } of linesOf(text)) yield { head: bareHead, root: atLine(budget.read(readJson, line), number) }
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

/** Moves a failure's place, which counts from the line's start, to the line in the text. */
const atLine = (read: Result<Node>, number: number): Result<Node> =>
  read.ok ? read : fail(read.code, read.at.replace(/^\d+/, String(number)), read.detail)

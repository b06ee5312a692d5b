import { readJson } from '../../../schemas/json-reader.js'
import type { Node } from '../../../schemas/node.js'
import { fail, type Result } from '../../../schemas/result.js'
import { bareHead, type Enclosed } from './envelope.js'

const isNdjson = (contentType: string): boolean => /^\s*application\/(x-)?(ndjson|jsonl|jsonlines|json-lines)\b/i.test(contentType)

/**
 * Reads a text of one JSON document a line. Undefined where it is not such a text: its content type does not say so, and it is not several lines
 * of which the first is whole. A line that cannot be read fails alone.
 */
export const openNdjson = (text: string, contentType: string): readonly Enclosed[] | undefined => {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line, number: index + 1 })).filter(({ line }) => line.trim() !== '')
  const [first] = lines
  if (first === undefined || (!isNdjson(contentType) && (lines.length < 2 || !readJson(first.line).ok))) return undefined
  return lines.map(({ line, number }) => ({ head: bareHead, root: atLine(readJson(line), number) }))
}

/** Moves a failure's place, which counts from the line's start, to the line in the text. */
const atLine = (read: Result<Node>, number: number): Result<Node> =>
  read.ok ? read : fail(read.code, read.at.replace(/^\d+/, String(number)), read.detail)

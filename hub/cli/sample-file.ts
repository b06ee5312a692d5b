import { readFile } from 'node:fs/promises'
import { decodeText } from '../../schemas/decode-text.js'
import { readJson } from '../../schemas/json-reader.js'
import { writeJson } from '../../schemas/json-writer.js'
import type { Node } from '../../schemas/node.js'
import { fail, type Result } from '../../schemas/result.js'
import { readXml } from '../../schemas/xml-reader.js'
import { writeXml } from '../../schemas/xml-writer.js'

/** Reads one document of a file, XML or JSON as its first character says; no envelope is opened. Fails as the readers do, `at` beginning with the file. */
export const readSample = async (file: string): Promise<Result<Node>> => {
  const bytes = await readFile(file).catch(() => undefined)
  if (bytes === undefined) return fail('request-invalid', file, 'The file cannot be read.')
  const decoded = decodeText(bytes)
  if (!decoded.ok) return { ...decoded, at: `${file}:${decoded.at}` }
  const { text } = decoded.value
  const root = text.trimStart().startsWith('<') ? readXml(text) : readJson(text)
  return root.ok ? root : { ...root, at: `${file}:${root.at}` }
}

/** A tree as the text of a file. */
export const writeSample = (root: Node, prefixes: Readonly<Record<string, string>>): Result<string> =>
  (root.kind === 'element' ? writeXml(root, { indent: true, prefixes }) : writeJson(root, { indent: true }))

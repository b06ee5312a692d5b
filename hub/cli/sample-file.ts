import { readFile } from 'node:fs/promises'
import { decodeText } from '../../schemas/decode-text.js'
import { readJson } from '../../schemas/json-reader.js'
import { writeJson } from '../../schemas/json-writer.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { readXml } from '../../schemas/xml-reader.js'
import { writeXml } from '../../schemas/xml-writer.js'

/** How tables are read. */
interface ReadTables {
  readonly encoding: string | undefined
  readonly read: (text: string) => Result<Node>
}

/** The names of files that are samples, which have a canonical pair beside them. */
export const isSampleFile = (name: string): boolean => /\.(xml|json|csv)$/.test(name) && !name.endsWith('.canonical.json')

/** The text of a file. Fails with request-invalid, or as decodeText does. */
export const readText = async (file: string, contentType = ''): Promise<Result<string>> => {
  const bytes = await readFile(file).catch(() => undefined)
  if (bytes === undefined) return fail('request-invalid', file, 'The file cannot be read.')
  const decoded = decodeText(bytes, contentType)
  return decoded.ok ? ok(decoded.value.text) : decoded
}

/** Reads one document of a file, XML or JSON as its first character says; no envelope is opened. Of a table, which the translator's languages read, the first. Fails as the readers do, `at` beginning with the file. */
export const readSample = async (file: string, tables?: ReadTables): Promise<Result<Node>> => {
  const isTable = file.endsWith('.csv') && tables !== undefined
  const text = await readText(file, isTable && tables.encoding !== undefined ? `text/csv; charset=${tables.encoding}` : '')
  const root = !text.ok ? text : isTable ? firstOf(tables.read(text.value)) : text.value.trimStart().startsWith('<') ? readXml(text.value) : readJson(text.value)
  return root.ok || root.at === file ? root : { ...root, at: `${file}:${root.at}` }
}

const firstOf = (array: Result<Node>): Result<Node> => {
  if (!array.ok) return array
  const [first] = array.value.children
  return first === undefined ? fail('message-empty', '1:1', 'The table has no rows.') : ok(first)
}

/** A tree as the text of a file. */
export const writeSample = (root: Node, prefixes: Readonly<Record<string, string>>): Result<string> =>
  (root.kind === 'element' ? writeXml(root, { indent: true, prefixes }) : writeJson(root, { indent: true }))

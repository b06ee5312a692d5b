import { readFile } from 'node:fs/promises'
import { decodeText } from '../../schemas/decode-text.js'
import { readJson } from '../../schemas/json-reader.js'
import { writeJson } from '../../schemas/json-writer.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { readXml } from '../../schemas/xml-reader.js'
import { writeXml } from '../../schemas/xml-writer.js'

/** How texts that are neither XML nor JSON are read. */
interface ReadTexts {
  readonly claims: (text: string) => boolean
  readonly encodingOf: (bytes: Uint8Array) => string | undefined
  readonly read: (text: string) => Result<readonly { readonly root: Result<Node> }[]>
}

/** The names of files that are samples, which have a canonical pair beside them. */
export const isSampleFile = (name: string): boolean => /\.(xml|json|csv|edi|txt)$/.test(name) && !name.endsWith('.canonical.json')

/** The text of a file. Fails with request-invalid, or as decodeText does. */
export const readText = async (file: string, contentType = ''): Promise<Result<string>> => {
  const bytes = await readFile(file).catch(() => undefined)
  if (bytes === undefined) return fail('request-invalid', file, 'The file cannot be read.')
  const decoded = decodeText(bytes, contentType)
  return decoded.ok ? ok(decoded.value.text) : decoded
}

/** Reads one document of a file: XML or JSON as its first character says, or what `texts` reads, of which it is the first; no envelope is opened. Fails as the readers do, `at` beginning with the file. */
export const readSample = async (file: string, texts?: ReadTexts): Promise<Result<Node>> => {
  const others = isXmlOrJson(file) ? undefined : texts
  const bytes = others === undefined ? undefined : await readFile(file).catch(() => undefined)
  const encoding = bytes === undefined ? undefined : others?.encodingOf(bytes)
  const text = await readText(file, encoding === undefined ? '' : `text/plain; charset=${encoding}`)
  const root = !text.ok ? text : others?.claims(text.value) === true ? firstOf(others.read(text.value)) : text.value.trimStart().startsWith('<') ? readXml(text.value) : readJson(text.value)
  return root.ok || root.at === file ? root : { ...root, at: `${file}:${root.at}` }
}

const isXmlOrJson = (file: string): boolean => /\.(xml|json)$/.test(file)

const firstOf = (parts: Result<readonly { readonly root: Result<Node> }[]>): Result<Node> =>
  (parts.ok ? parts.value[0]?.root ?? fail('message-empty', '1:1', 'The file holds no document.') : parts)

/** A tree as the text of a file. */
export const writeSample = (root: Node, prefixes: Readonly<Record<string, string>>): Result<string> =>
  (root.kind === 'element' ? writeXml(root, { indent: true, prefixes }) : writeJson(root, { indent: true }))

import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { decodeText } from '../../schemas/decode-text.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { readXml } from '../../schemas/xml-reader.js'
import type { SchemaDocument } from './describe-xsd.js'

/** A library of schemas is larger than a message may be. */
const mostNodes = 5_000_000

/** Reads a schema and whatever it includes or imports from beside it; what a URL names is left out. Fails with mapping-invalid at the file. */
export const loadXsd = async (path: string): Promise<Result<readonly SchemaDocument[]>> => {
  const documents: SchemaDocument[] = []
  const seen = new Set<string>()
  const load = async (file: string): Promise<Result<undefined>> => {
    if (seen.has(file)) return ok(undefined)
    seen.add(file)
    const bytes = await readFile(file).catch(() => undefined)
    if (bytes === undefined) return fail('mapping-invalid', file, 'The schema cannot be read.')
    const text = decodeText(bytes)
    const root = text.ok ? readXml(text.value.text, { nodes: mostNodes }) : text
    if (!root.ok) return fail('mapping-invalid', `${file}:${root.at}`, root.detail)
    if (root.value.name !== 'schema') return fail('mapping-invalid', file, 'This is not an XML Schema.')
    documents.push({ root: root.value, prefixes: text.ok ? prefixesOf(text.value.text) : {} })
    for (const { name, attributes } of root.value.children) {
      const location = name === 'include' || name === 'import' ? attributes.find((one) => one.name === 'schemaLocation')?.value : undefined
      if (location === undefined || /^[a-z]+:\/\//i.test(location)) continue
      const loaded = await load(resolve(dirname(file), location))
      if (!loaded.ok) return loaded
    }
    return ok(undefined)
  }
  const loaded = await load(resolve(path))
  return loaded.ok ? ok(documents) : loaded
}

/** What the root declares: the tree has resolved its own names, but not those inside of values. */
const prefixesOf = (text: string): Readonly<Record<string, string>> => {
  const [tag = ''] = /<(?:[\w.-]+:)?schema\b[^>]*>/.exec(text.replaceAll(/<!--[^]*?-->/g, '')) ?? []
  return Object.fromEntries([...tag.matchAll(/\sxmlns(?::([\w.-]+))?\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(([, prefix = '', double, single]) => [prefix, double ?? single ?? '']))
}

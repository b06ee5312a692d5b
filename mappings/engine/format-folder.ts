import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile as readText } from 'node:fs/promises'
import { join } from 'node:path'
import { documentKinds, type DocumentKind } from '../../schemas/canonical/canonical-document.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { xmlNamespace } from '../../schemas/xml-names.js'
import { readMapFile, type ReadMapFile } from './built-maps.js'
import { codeListOf } from './code-list.js'
import type { Binding, Converter, MapFunctions } from './converter.js'
import { converters } from './converters.js'
import type { FormatShape } from './format-shape.js'
import { entryOf, textOf, textsOf, type Located } from './located-yaml.js'
import { parseBlock, type Block } from './rule.js'
import type { Qualifier, Qualifiers } from './source-place.js'
import { parseSourcePath, type SourcePath, type SourcePredicate } from './source-path.js'

/** Raised when the engine reads a map differently than before, so that lineage names the version that made it. */
const engineVersion = '2'

/** One map of a folder with all that it takes from the files beside it. */
export interface LoadedMap {
  readonly shape: FormatShape & { readonly kind: DocumentKind }
  readonly where: readonly SourcePredicate[]
  /** Fields of the documents that this map alone writes, among those of its kind. */
  readonly writes: Readonly<Record<string, string>>
  readonly version: string
  readonly files: Readonly<Record<string, string>>
  /** Whether the build has compiled it. */
  readonly checked: boolean
}

/** Texts of a format's folder by name: `ubl/order.yaml`. */
export type FormatTexts = Readonly<Record<string, string>>

/** The text of functions.ts among those of a folder; empty where there is none. */
export const functionsText = (texts: FormatTexts, language: string): string => texts[`${language}/functions.ts`] ?? ''

/** Compiles `format.yaml`, `shared.yaml`, `element-order.yaml` and every map among the texts. Fails with mapping-invalid at file and line. */
export const readFormatTexts = (texts: FormatTexts, language: string, functions: MapFunctions, readFile: ReadMapFile = readMapFile): Result<readonly LoadedMap[]> => {
  const common: Record<string, string> = {}
  const read = new Map<string, Located>()
  let checked = true
  for (const [file, text] of Object.entries(texts)) {
    const name = file.slice(language.length + 1)
    if (commonFiles.includes(name)) common[file] = text
    if (!name.endsWith('.yaml')) continue
    const map = readFile(text, file)
    if (!map.ok) return map
    checked &&= map.value.checked
    read.set(name, map.value.located)
  }
  const format = readFormat(read, language, functions)
  if (!format.ok) return format
  const maps: LoadedMap[] = []
  for (const [name, located] of read) {
    if (commonFiles.includes(name)) continue
    const file = `${language}/${name}`
    const map = readMap(format.value, located, `${language}/${name.slice(0, -'.yaml'.length)}`, functions)
    if (!map.ok) return map
    const files = { ...common, [file]: texts[file] ?? '' }
    maps.push({ ...map.value, files, checked, version: versionOf(files) })
  }
  return ok(maps)
}

const commonFiles = ['format.yaml', 'shared.yaml', 'element-order.yaml', 'functions.ts']

export const loadFormatTexts = async (folder: string, language: string): Promise<FormatTexts> => {
  const names = (await readdir(join(folder, language))).filter((name) => name.endsWith('.yaml') || name === 'functions.ts').sort()
  return Object.fromEntries(await Promise.all(names.map(async (name) => [`${language}/${name}`, await readText(join(folder, language, name), 'utf8')] as const)))
}

/** The first 16 hex digits of SHA-256 over the engine's version and the names and texts of the files that the map is made of. */
const versionOf = (files: Readonly<Record<string, string>>): string => {
  const hash = createHash('sha256').update(engineVersion)
  for (const name of Object.keys(files).sort()) hash.update(`\0${name}\0${files[name] ?? ''}`)
  return hash.digest('hex').slice(0, 16)
}

type Shared = Omit<FormatShape, 'id' | 'used' | 'kind' | 'root' | 'split' | 'where' | 'body' | 'converters' | 'after' | 'finish'> & { readonly finishing: string | undefined, readonly codes: Located | undefined, readonly namespaces: Readonly<Record<string, string>> }

const readFormat = (read: ReadonlyMap<string, Located>, language: string, functions: MapFunctions): Result<Shared> => {
  const at = `${language}/format.yaml:1`
  const format = read.get('format.yaml')
  if (format === undefined) return fail('mapping-invalid', at, 'The folder has no format.yaml.')
  const syntax = textOf(format, 'syntax')
  if (syntax !== 'xml' && syntax !== 'json') return fail('mapping-invalid', format.at, '`syntax` is xml or json.')
  const json = textOf(format, 'json')
  const binding = json === undefined ? undefined : functions.bindings?.[json]
  if (json !== undefined && binding === undefined) return fail('mapping-invalid', format.at, `There is no binding '${json}' in functions.ts.`)
  const namespaces = textsByKey(entryOf(format, 'namespaces'))
  const prefixes = new Map(Object.entries(namespaces).map(([prefix, uri]) => [uri, `${prefix}:`]))
  const test = textOf(format, 'test')
  const testPath = test === undefined ? undefined : parseSourcePath(test, namespaces, format.at)
  if (testPath?.ok === false) return testPath
  const fill = readFill(entryOf(format, 'fill'), namespaces)
  if (!fill.ok) return fill
  const ignored = readPaths(Object.keys(textsByKey(entryOf(format, 'ignored'))), namespaces, format.at)
  if (!ignored.ok) return ignored
  const qualifiers = readQualifiers(entryOf(format, 'qualifiers'), namespaces)
  if (!qualifiers.ok) return qualifiers
  const shared = read.get('shared.yaml')
  const blocks = readBlocks(shared === undefined ? undefined : entryOf(shared, 'blocks'), namespaces)
  if (!blocks.ok) return blocks
  return ok({
    language, syntax, json: binding === undefined ? undefined : remembered(binding), namespaces, anyRoot: textOf(format, 'root') === 'any', ignored: ignored.value, qualifiers: qualifiers.value, finishing: textOf(format, 'finish'), fill: fill.value, test: testPath?.value, blocks: blocks.value, codes: shared === undefined ? undefined : entryOf(shared, 'codes'),
    ignoredAttributes: new Set(Object.keys(textsByKey(entryOf(format, 'ignored-attributes')))),
    binary: new Set(textsOf(entryOf(format, 'binary'))),
    doctype: textOf(format, 'doctype'),
    secret: new Set(textsOf(entryOf(format, 'secret'))),
    ownNamespaces: new Map(Object.values(namespaces).map((uri) => [uri, uri])),
    prefixOf: (uri) => prefixes.get(uri) ?? (uri === '' ? '' : uri === xmlNamespace ? 'xml:' : `{${uri}}`),
    namespaceOf: (prefix) => (prefix === 'xml' ? xmlNamespace : namespaces[prefix]),
    childOrder: childOrder(read.get('element-order.yaml')),
  })
}

/** Every map of a language is asked whether it recognises a document: it is turned into the tree of the maps once. */
const remembered = ({ read, write }: Binding): Binding => {
  const trees = new WeakMap<Node, { readonly tree: Node | undefined }>()
  return {
    write,
    read: (root) => {
      const known = trees.get(root)
      if (known !== undefined) return known.tree
      const tree = read(root)
      trees.set(root, { tree })
      return tree
    },
  }
}

const textsByKey = (map: Located | undefined): Readonly<Record<string, string>> =>
  map?.kind === 'map' ? Object.fromEntries(map.entries.map(({ key, value }) => [key, value.kind === 'text' ? value.text ?? '' : ''])) : {}

const readFill = (map: Located | undefined, namespaces: Readonly<Record<string, string>>): Result<FormatShape['fill']> => {
  const fill: { path: SourcePath, text: string }[] = []
  for (const [text, value] of Object.entries(textsByKey(map))) {
    const path = parseSourcePath(text, namespaces, map?.at ?? '')
    if (!path.ok) return path
    fill.push({ path: path.value, text: value })
  }
  return ok(fill)
}

const readPaths = (texts: readonly string[], namespaces: Readonly<Record<string, string>>, at: string): Result<readonly SourcePath[]> => {
  const paths: SourcePath[] = []
  for (const text of texts) {
    const path = parseSourcePath(text, namespaces, at)
    if (!path.ok) return path
    paths.push(path.value)
  }
  return ok(paths)
}

const readQualifiers = (map: Located | undefined, namespaces: Readonly<Record<string, string>>): Result<Qualifiers> => {
  const qualifiers = new Map<string, readonly Qualifier[]>()
  for (const [names, text] of Object.entries(textsByKey(map))) {
    const paths = readPaths(text.split(' '), namespaces, map?.at ?? '')
    if (!paths.ok) return paths
    const found = paths.value.flatMap(({ text: one, segments: [segment] }) => (segment === undefined ? [] : [{ text: one, segment }]))
    for (const name of names.split(' ')) qualifiers.set(name, found)
  }
  return ok(qualifiers)
}

const readBlocks = (map: Located | undefined, namespaces: Readonly<Record<string, string>>): Result<ReadonlyMap<string, Block>> => {
  const blocks = new Map<string, Block>()
  for (const { key, value } of map?.kind === 'map' ? map.entries : []) {
    const block = parseBlock(value, namespaces)
    if (!block.ok) return block
    blocks.set(key, block.value)
  }
  return ok(blocks)
}

const childOrder = (order: Located | undefined): ReadonlyMap<string, ReadonlyMap<string, number>> =>
  new Map(order?.kind === 'map' ? order.entries.flatMap(({ key, value }) => {
    const ranks = new Map(textsOf(value).flatMap((text) => text.split(' ')).map((name, rank) => [name, rank]))
    return key.split(' ').map((parent) => [parent, ranks] as const)
  }) : [])

const readMap = (format: Shared, map: Located, id: string, functions: MapFunctions): Result<Pick<LoadedMap, 'shape' | 'where' | 'writes'>> => {
  const kind = documentKinds.find((one) => one === textOf(map, 'kind'))
  if (kind === undefined) return fail('mapping-invalid', map.at, `\`kind\` is one of ${documentKinds.join(', ')}.`)
  const { namespaces, codes, finishing, ...shared } = format
  const root = readRoot(textOf(map, 'root'), format, map.at)
  if (!root.ok) return root
  const split = readSplit(textOf(map, 'split'), format, map.at)
  if (!split.ok) return split
  const where = parseSourcePath(`root${textsOf(entryOf(map, 'where')).map((text) => `[${text}]`).join('')}`, namespaces, map.at)
  if (!where.ok) return where
  const body = parseBlock(map, namespaces)
  if (!body.ok) return body
  const named = readConverters([codes, entryOf(map, 'codes')], functions)
  if (!named.ok) return named
  for (const [name, other] of Object.entries(textsByKey(entryOf(map, 'converters')))) {
    const converter = named.value.get(other)
    if (converter === undefined) return fail('mapping-invalid', map.at, `There is no converter or code list '${other}'.`)
    named.value.set(name, converter)
  }
  const fill = readFill(entryOf(map, 'fill'), namespaces)
  if (!fill.ok) return fill
  const finish = finishing === undefined ? undefined : functions.finish?.[finishing]
  if (finishing !== undefined && finish === undefined) return fail('mapping-invalid', map.at, `There is no function '${finishing}' among those of functions.ts that finish a document.`)
  const predicates = where.value.segments[0]?.predicates ?? []
  const used = [...predicates.map(({ path }) => path), ...shared.test === undefined ? [] : [shared.test.segments]]
  const doctype = textOf(map, 'doctype') ?? shared.doctype
  const order = new Map([...shared.childOrder, ...childOrder(entryOf(map, 'element-order'))])
  const shape = { ...shared, doctype, childOrder: order, where: predicates, finish, used, id, kind, root: root.value, split: split.value, body: body.value, converters: named.value, after: new Map(Object.entries(functions.after ?? {})), fill: [...format.fill, ...fill.value] }
  return ok({ shape, where: predicates, writes: textsByKey(entryOf(map, 'writes')) })
}

const readRoot = (text: string | undefined, format: Shared, at: string): Result<FormatShape['root']> => {
  if (format.syntax === 'json') return ok({ name: '', namespace: '' })
  const path = parseSourcePath(text ?? '', format.namespaces, at)
  const [first] = path.ok ? path.value.segments : []
  return first === undefined ? fail('mapping-invalid', at, '`root` names the root element, with its prefix.') : ok({ name: first.name, namespace: first.namespace })
}

const readSplit = (text: string | undefined, format: Shared, at: string): Result<FormatShape['split']> => {
  if (text === undefined) return ok(undefined)
  const path = parseSourcePath(text, format.namespaces, at)
  const [first, ...others] = path.ok ? path.value.segments : []
  if (format.syntax !== 'xml' || first === undefined || others.length > 0) return fail('mapping-invalid', at, '`split` names a child of the root element of an XML format, with its prefix.')
  return ok({ name: first.name, namespace: first.namespace })
}

const readConverters = (codeLists: readonly (Located | undefined)[], functions: MapFunctions): Result<Map<string, Converter>> => {
  const named = new Map<string, Converter>([...Object.entries(converters), ...Object.entries(functions.converters ?? {})])
  for (const lists of codeLists) {
    for (const { key, value } of lists?.kind === 'map' ? lists.entries : []) {
      const list = codeListOf(key, value)
      if (!list.ok) return list
      named.set(key, list.value)
    }
  }
  return ok(named)
}

/** The functions beside a map, from where the running code stands; a folder without functions.ts has none. */
export const importFunctions = async (language: string): Promise<MapFunctions> => {
  const url = new URL(`../${language}/functions${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
  if (!existsSync(url)) return {}
  const module: unknown = await import(url.href)
  const functions: unknown = typeof module === 'object' && module !== null && 'functions' in module ? module.functions : undefined
  if (!isMapFunctions(functions)) throw new Error(`${url.href} exports no functions`)
  return functions
}

const isMapFunctions = (value: unknown): value is MapFunctions => typeof value === 'object' && value !== null

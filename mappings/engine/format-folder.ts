import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile as readText } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { documentKinds, type DocumentKind } from '../../schemas/canonical/canonical-document.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { lazily } from '../../schemas/lazily.js'
import { runningModule } from '../../schemas/project-folder.js'
import { xmlNamespace } from '../../schemas/xml-names.js'
import { readMapFile, type ReadMap, type ReadMapFile } from './built-maps.js'
import { codeListOf } from './code-list.js'
import type { Binding, Converter, MapFunctions } from './converter.js'
import { converters } from './converters.js'
import type { Validate } from './description/compile-validator.js'
import { openFormatDescription, type FormatDescription, type RootName } from './description/format-description.js'
import { syntaxes } from './format.js'
import { unordered, type ChildOrder, type FormatShape } from './format-shape.js'
import { impliedDecimals } from './implied-decimal.js'
import { entryOf, textOf, textsOf, type Located } from './located-yaml.js'
import { readReshapedTree, type ReshapedTree } from './reshaped-tree.js'
import { parseBlock, type Block } from './rule.js'
import type { Qualifier, Qualifiers } from './source-place.js'
import { parseSourcePath, type SourcePath, type SourcePredicate } from './source-path.js'

/** Raised when the engine reads a map differently than before, so that lineage names the version that made it. */
const engineVersion = '2'

/** One map of a folder with all that it takes from the files beside it. */
export interface LoadedMap {
  readonly shape: FormatShape & { readonly kind: DocumentKind }
  /** How the records that are sent become the tree that the map is written for, where they are flat. */
  readonly reshaped: ReshapedTree | undefined
  readonly where: readonly SourcePredicate[]
  /** Fields of the documents that this map alone writes, among those of its kind. */
  readonly writes: Readonly<Record<string, string>>
  readonly version: string
  readonly files: Readonly<Record<string, string>>
  /** Whether the build has compiled it. */
  readonly checked: boolean
  /** Holds a document against the description of the language; finds nothing where there is none. */
  readonly validate: Validate
  readonly description: FormatDescription | undefined
}

/** Texts of a format's folder by name: `ubl/order.yaml`. */
export type FormatTexts = Readonly<Record<string, string>>

/** The text of functions.ts among those of a folder; empty where there is none. */
export const functionsText = (texts: FormatTexts, language: string): string => functionFiles.map((name) => texts[`${language}/${name}`]).find((text) => text !== undefined) ?? ''

/** Compiles `format.yaml`, `shared.yaml`, `element-order.yaml` and every map among the texts. Fails with mapping-invalid at file and line. */
export const readFormatTexts = (texts: FormatTexts, language: string, functions: MapFunctions, readFile: ReadMapFile = readMapFile): Result<readonly LoadedMap[]> => {
  const common: Record<string, string> = {}
  const describing = describingTexts(texts, language)
  if (Object.keys(describing).length > 0) common[descriptionVersionFile(language)] = versionOf(describing)
  const read = new Map<string, Located>()
  const described = { descriptions: [] as ReadMap[], profiles: [] as ReadMap[] }
  let checked = true
  for (const [file, text] of Object.entries(texts)) {
    const name = file.slice(language.length + 1)
    if (commonFiles.includes(name)) common[file] = text
    // Of an older description the version is all that a map's texts hold.
    if (file === descriptionVersionFile(language)) common[file] ??= text
    if (!name.endsWith('.yaml')) continue
    const map = readFile(text, file)
    if (!map.ok) return map
    if (isDescriptionFile(name)) {
      described[name.startsWith('profiles/') ? 'profiles' : 'descriptions'].push(map.value)
      continue
    }
    checked &&= map.value.checked
    read.set(name, map.value.located)
  }
  const format = readFormat(read, language, functions)
  if (!format.ok) return format
  const nothing = described.descriptions.length + described.profiles.length === 0
  const opened = nothing ? ok(undefined) : openFormatDescription({ ...described, namespaces: format.value.namespaces, functions: functions.rules ?? {} })
  if (!opened.ok) return opened
  const { syntax } = format.value
  if (syntax !== 'xml' && syntax !== 'json' && (opened.value === undefined || (!checked && opened.value.parts().description[syntax] === undefined))) return fail('mapping-invalid', `${language}/format.yaml:1`, `What is written as ${syntax} has a description.yaml of the same \`syntax\`, which says what stands where.`)
  const maps: LoadedMap[] = []
  for (const [name, located] of read) {
    if (commonFiles.includes(name)) continue
    const file = `${language}/${name}`
    const map = readMap(format.value, located, `${language}/${name.slice(0, -'.yaml'.length)}`, functions)
    if (!map.ok) return map
    const files = { ...common, [file]: texts[file] ?? '' }
    maps.push({ ...describe(map.value, opened.value), files, checked, version: versionOf(files) })
  }
  return ok(maps)
}

/** The name under which a map's texts hold the version of the description and the profiles, whose own texts would be the same in every map of a language. */
const descriptionVersionFile = (language: string): string => `${language}/description.version`

/** The description and the profiles among the texts of a folder, which are kept once for all maps of the language. */
export const describingTexts = (texts: FormatTexts, language: string): FormatTexts =>
  Object.fromEntries(Object.entries(texts).filter(([file]) => isDescriptionFile(file.slice(language.length + 1))))

/** Whether a file of a language's folder says what documents look like, rather than what they mean. */
export const isDescriptionFile = (name: string): boolean => /^(?:description(?:-[^/]*)?|profiles\/[^/]+)\.yaml$/.test(name)

/** A map with what the description of its language says of its documents. */
const describe = (map: Pick<LoadedMap, 'shape' | 'reshaped' | 'where' | 'writes'>, description: FormatDescription | undefined): Pick<LoadedMap, 'shape' | 'reshaped' | 'where' | 'writes' | 'validate' | 'description'> => {
  if (description === undefined) return { ...map, description, validate: () => [] }
  const { shape } = map
  const root = rootNameOf(shape)
  const childOrder = lazily(() => description.orderOf(root) ?? shape.childOrder())
  const secret = new Set([...shape.secret, ...description.secrets])
  return { ...map, shape: { ...shape, childOrder, secret }, description, validate: description.validatorOf({ ...root, id: shape.id }, { ...shape, secret }) }
}

/** What the description knows the documents of a map by: the root element, in JSON the map's own name, of other texts what `root` says, else that too. */
export const rootNameOf = ({ syntax, root, id, language }: Pick<FormatShape, 'syntax' | 'root' | 'id' | 'language'>): RootName =>
  (syntax === 'xml' ? root : { name: syntax === 'json' ? id.slice(language.length + 1) : root.name, namespace: '' })

/** Ours are built; a folder of one's own holds JavaScript. */
const functionFiles = ['functions.ts', 'functions.js']

const commonFiles = ['format.yaml', 'shared.yaml', 'element-order.yaml', ...functionFiles]

export const loadFormatTexts = async (folder: string, language: string): Promise<FormatTexts> => {
  const own = (await readdir(join(folder, language))).filter((name) => name.endsWith('.yaml') || functionFiles.includes(name))
  const profiles = existsSync(join(folder, language, 'profiles')) ? (await readdir(join(folder, language, 'profiles'))).filter((name) => name.endsWith('.yaml')) : []
  const names = [...own, ...profiles.map((name) => `profiles/${name}`)].sort()
  return Object.fromEntries(await Promise.all(names.map(async (name) => [`${language}/${name}`, await readText(join(folder, language, name), 'utf8')] as const)))
}

/** The first 16 hex digits of SHA-256 over the engine's version and the names and texts of the files that the map is made of. */
export const versionOf = (files: Readonly<Record<string, string>>): string => {
  const hash = createHash('sha256').update(engineVersion)
  for (const name of Object.keys(files).sort()) hash.update(`\0${name}\0${files[name] ?? ''}`)
  return hash.digest('hex').slice(0, 16)
}

type Shared = Omit<FormatShape, 'childOrder' | 'id' | 'used' | 'kind' | 'root' | 'split' | 'where' | 'body' | 'converters' | 'after' | 'finish'> & { readonly elementOrder: Located | undefined, readonly finishing: string | undefined, readonly codes: Located | undefined, readonly nest: Located | undefined, readonly group: Located | undefined, readonly namespaces: Readonly<Record<string, string>> }

const readFormat = (read: ReadonlyMap<string, Located>, language: string, functions: MapFunctions): Result<Shared> => {
  const at = `${language}/format.yaml:1`
  const format = read.get('format.yaml')
  if (format === undefined) return fail('mapping-invalid', at, 'The folder has no format.yaml.')
  const syntax = syntaxes.find((one) => one === textOf(format, 'syntax'))
  if (syntax === undefined) return fail('mapping-invalid', format.at, `\`syntax\` is one of ${syntaxes.join(', ')}.`)
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
    language, syntax, also: syntaxes.find((one) => one === textOf(format, 'also')), json: binding === undefined ? undefined : remembered(binding), namespaces, anyRoot: textOf(format, 'root') === 'any', ignored: ignored.value, qualifiers: qualifiers.value, finishing: textOf(format, 'finish'), fill: fill.value, test: testPath?.value, blocks: blocks.value, codes: shared === undefined ? undefined : entryOf(shared, 'codes'),
    ignoredAttributes: new Set(Object.keys(textsByKey(entryOf(format, 'ignored-attributes')))),
    binary: new Set(textsOf(entryOf(format, 'binary'))),
    doctype: textOf(format, 'doctype'),
    secret: new Set(textsOf(entryOf(format, 'secret'))),
    ownNamespaces: new Map(Object.values(namespaces).map((uri) => [uri, uri])),
    prefixOf: (uri) => prefixes.get(uri) ?? (uri === '' ? '' : uri === xmlNamespace ? 'xml:' : `{${uri}}`),
    namespaceOf: (prefix) => (prefix === 'xml' ? xmlNamespace : namespaces[prefix]),
    elementOrder: read.get('element-order.yaml'), nest: entryOf(format, 'nest'), group: entryOf(format, 'group'),
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
    const found = paths.value.flatMap(({ text: one, segments }) => (segments.length === 0 ? [] : [{ text: one, segments }]))
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

/** By the name of the parent, whatever stands above it; of two orders for one parent the later holds. */
const orderOfElements = (located: readonly (Located | undefined)[]): (() => ChildOrder) => {
  const entries = located.flatMap((one) => (one?.kind === 'map' ? one.entries : []))
  if (entries.length === 0) return () => unordered
  return lazily(() => {
    const orders = new Map<string, ChildOrder>()
    const below = (parent: string): ChildOrder => orders.get(parent) ?? others
    const others: ChildOrder = { rankOf: () => undefined, below }
    for (const { key, value } of entries) {
      const places = new Map(textsOf(value).flatMap((text) => text.split(' ')).map((name, rank) => [name, rank]))
      for (const parent of key.split(' ')) orders.set(parent, { rankOf: (name) => places.get(name), below })
    }
    return below('')
  })
}

const readMap = (format: Shared, map: Located, id: string, functions: MapFunctions): Result<Pick<LoadedMap, 'shape' | 'reshaped' | 'where' | 'writes'>> => {
  const kind = documentKinds.find((one) => one === textOf(map, 'kind'))
  if (kind === undefined) return fail('mapping-invalid', map.at, `\`kind\` is one of ${documentKinds.join(', ')}.`)
  const { namespaces, codes, finishing, elementOrder, nest, group, ...shared } = format
  const root = readRoot(textOf(map, 'root'), format, map.at, id.slice(format.language.length + 1))
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
  const reshaped = readReshapedTree(entryOf(map, 'nest') ?? nest, entryOf(map, 'group') ?? group, namespaces)
  if (!reshaped.ok) return reshaped
  if (reshaped.value !== undefined && split.value !== undefined) return fail('mapping-invalid', map.at, 'A document whose records are nested or grouped can\'t be cut: leave `split` out.')
  const finish = finishing === undefined ? undefined : functions.finish?.[finishing]
  if (finishing !== undefined && finish === undefined) return fail('mapping-invalid', map.at, `There is no function '${finishing}' among those of functions.ts that finish a document.`)
  const predicates = where.value.segments[0]?.predicates ?? []
  const used = [...predicates.map(({ path }) => path), ...shared.test === undefined ? [] : [shared.test.segments]]
  const doctype = textOf(map, 'doctype') ?? shared.doctype
  const ordered = orderOfElements([elementOrder, entryOf(map, 'element-order')])
  const childOrder = lazily(() => ordered().below(root.value.name, root.value.namespace))
  const shape = { ...shared, doctype, childOrder, where: predicates, finish, used, id, kind, root: root.value, split: split.value, body: body.value, converters: named.value, after: new Map(Object.entries(functions.after ?? {})), fill: [...format.fill, ...fill.value] }
  return ok({ shape, reshaped: reshaped.value, where: predicates, writes: textsByKey(entryOf(map, 'writes')) })
}

const readRoot = (text: string | undefined, format: Shared, at: string, mapName: string): Result<FormatShape['root']> => {
  if (format.syntax === 'json') return ok({ name: '', namespace: '' })
  if (format.syntax !== 'xml') return ok({ name: text ?? mapName, namespace: format.language })
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
  const named = new Map<string, Converter>([...Object.entries(converters), ...Object.entries(impliedDecimals), ...Object.entries(functions.converters ?? {})])
  for (const lists of codeLists) {
    for (const { key, value } of lists?.kind === 'map' ? lists.entries : []) {
      const list = codeListOf(key, value)
      if (!list.ok) return list
      named.set(key, list.value)
    }
  }
  return ok(named)
}

/** The functions beside a map: of our own languages from where the running code stands, of a folder of one's own its functions.js. A folder without has none. */
export const importFunctions = async (language: string, folder?: string): Promise<MapFunctions> => {
  const beside = folder === undefined ? undefined : join(folder, language, 'functions.js')
  const file = beside !== undefined && existsSync(beside) ? resolve(beside) : runningModule('mappings', language, 'functions')
  if (!existsSync(file)) return {}
  const url = pathToFileURL(file)
  const module: unknown = await import(url.href)
  const functions: unknown = typeof module === 'object' && module !== null && 'functions' in module ? module.functions : undefined
  if (!isMapFunctions(functions)) throw new Error(`${url.href} exports no functions`)
  return functions
}

const isMapFunctions = (value: unknown): value is MapFunctions => typeof value === 'object' && value !== null

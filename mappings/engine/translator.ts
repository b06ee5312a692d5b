import { readdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import type { Issue } from '../../schemas/message-answer.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { canonicalFormats, canonicalLanguage } from '../canonical/canonical-format.js'
import { readMapFile, type ReadMapFile } from './built-maps.js'
import { compileMap } from './compile-map.js'
import { compileStored, type FormatVersion, type LanguageFunctions } from './compile-stored.js'
import { describeRoot, explainUnrecognised } from './explain-unrecognised.js'
import { functionsText, importFunctions, loadFormatTexts, readFormatTexts } from './format-folder.js'
import type { ElementName, Format, FormatInfo, Translation } from './format.js'
import { locateIssues } from './locate-issues.js'

export type { FormatInfo, FormatVersion, Translation }

export interface Translator {
  readonly formats: readonly FormatInfo[]
  /** The one format of these languages that recognises the document. Fails with format-unknown or format-ambiguous. */
  readonly recognise: (root: Node, languages: readonly string[]) => Result<FormatInfo>
  /**
   * How an XML document too large to be held whole is taken in parts, by its root element without content: whole where a format of these languages may
   * recognise it, at a child where that format says so, and else child by child.
   */
  readonly partsOf: (root: Node, languages: readonly string[]) => 'whole' | 'children' | ElementName
  /** In which format of a language a document is written: of several for its kind, the one that names most of what the document says. Fails with format-unknown. */
  readonly formatFor: (language: string, document: CanonicalDocument) => Result<FormatInfo>
  readonly read: (formatId: string, root: Node, options?: { readonly lineage?: boolean }) => Translation
  /** Says of issues that were found on the document which place of the source they mean. Reads once more, with lineage, where there are any. */
  readonly locate: (formatId: string, root: Node, issues: readonly Issue[]) => readonly Issue[]
  /** Fails with format-unknown where the format is not one for this kind of document; `as` json where a format of XML has no JSON form. */
  readonly write: (formatId: string, document: CanonicalDocument, as?: 'json') => Result<Node>
  /** The prefixes, by namespace, that people know from documents of the format; '' for the root's own. */
  readonly prefixesOf: (formatId: string) => Readonly<Record<string, string>>
  /** The system identifier of the document type declaration that documents of the format are written with. */
  readonly doctypeOf: (formatId: string) => string | undefined
  /** The paths of elements that the formats of these languages are known by, each once. */
  readonly pathsOf: (languages: readonly string[]) => readonly string[]
  /** The names of all elements, and of attributes with an `@`, whose values are secret. */
  readonly secretNames: readonly string[]
  /** Whether documents of these languages may hold secrets. */
  readonly hasSecrets: (languages: readonly string[]) => boolean
  /** The texts that a format's version was made of. */
  readonly sourcesOf: (formatId: string) => { readonly version: string, readonly files: Readonly<Record<string, string>> }
  /** Compiles a format as it was, from the texts that were kept of it. Fails with mapping-invalid where they need a function that there is no more. */
  readonly ofSources: (formatId: string, files: Readonly<Record<string, string>>) => Result<FormatVersion>
}

/** Reads every format folder of `folder`, and compiles what the build has not compiled. Fails with mapping-invalid at the file and line. */
export const loadTranslator = async (folder: string, readFile: ReadMapFile = readMapFile): Promise<Result<Translator>> => {
  const formats: Format[] = [...canonicalFormats]
  const functions = new Map<string, LanguageFunctions>()
  const entries = await readdir(folder, { withFileTypes: true })
  const languages = entries.filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'format.yaml'))).map((entry) => entry.name).sort()
  for (const language of languages) {
    const texts = await loadFormatTexts(folder, language)
    const known = { functions: await importFunctions(language), text: functionsText(texts, language) }
    functions.set(language, known)
    const maps = readFormatTexts(texts, language, known.functions, readFile)
    if (!maps.ok) return maps
    for (const map of maps.value) {
      const format = compileMap(map)
      if (!format.ok) return format
      formats.push(format.value)
    }
  }
  return ok(makeTranslator(formats, functions))
}

const makeTranslator = (formats: readonly Format[], functions: ReadonlyMap<string, LanguageFunctions>): Translator => {
  const byId = new Map(formats.map((format) => [format.info.id, format]))
  const formatOf = (id: string): Format => {
    const format = byId.get(id)
    if (format === undefined) throw new Error(`there is no format ${id}`)
    return format
  }
  return {
    formats: formats.map(({ info }) => info),
    recognise: (root, languages) => {
      const taken = formats.filter(({ info }) => languages.includes(info.language))
      const found = taken.filter(({ isRecognised }) => isRecognised(root))
      const [first, second] = found
      const at = `${root.line}:${root.column}`
      if (first === undefined) return fail('format-unknown', at, explainUnrecognised(root, taken, formats.filter((format) => !taken.includes(format))))
      return second === undefined ? ok(first.info) : fail('format-ambiguous', at, `${describeRoot(root, taken)} is recognised by ${found.map(({ info }) => info.id).join(' and ')}.`)
    },
    partsOf: (root, languages) => {
      const found = formats.filter(({ info, knownBy }) => languages.includes(info.language) && knownBy.root?.namespace === root.namespace && (knownBy.anyRoot === true || knownBy.root.name === root.name))
      return found.find(({ split }) => split !== undefined)?.split ?? (found.length > 0 ? 'whole' : 'children')
    },
    formatFor: (language, document) => {
      const fields: Readonly<Record<string, unknown>> = { ...document }
      const meant = formats.map(({ info }) => info).filter((info) => info.language === language && info.kind === document.kind && Object.entries(info.writes).every(([name, value]) => fields[name] === value))
      const [first] = meant.sort((a, b) => Object.keys(b.writes).length - Object.keys(a.writes).length)
      return first === undefined ? fail('format-unknown', language, `There is no format '${language}' for a document of the kind ${document.kind}.`) : ok(first)
    },
    read: (id, root, options) => formatOf(id).read(root, options?.lineage === true),
    locate: (id, root, issues) => {
      const { info, read } = formatOf(id)
      return issues.length === 0 ? issues : locateIssues(issues, read(root, true), root, info.language === canonicalLanguage)
    },
    write: (id, document, as) => {
      const format = byId.get(id)
      if (format?.info.kind === document.kind) {
        if (as === undefined || format.info.syntax === as) return ok(format.write(document))
        return format.json === undefined ? fail('format-unknown', id, `The format ${id} has no JSON form.`) : ok(format.json(format.write(document)))
      }
      return fail('format-unknown', id, format === undefined ? `There is no format '${id}'.` : `The format ${id} is for the kind ${format.info.kind}, the document is of the kind ${document.kind}.`)
    },
    prefixesOf: (id) => formatOf(id).prefixes,
    doctypeOf: (id) => formatOf(id).doctype,
    pathsOf: (languages) => [...new Set(formats.flatMap(({ info, knownBy }) => (languages.includes(info.language) ? knownBy.paths : [])))],
    hasSecrets: (languages) => formats.some(({ info, secret }) => secret.length > 0 && languages.includes(info.language)),
    secretNames: [...new Set(formats.flatMap(({ secret }) => secret))],
    sourcesOf: (id) => ({ version: formatOf(id).info.version, files: formatOf(id).files }),
    ofSources: (id, files) => compileStored(id, files, functions.get(id.split('/', 1)[0] ?? '')),
  }
}

import { readdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import type { Issue } from '../../schemas/message-answer.js'
import { encodeText } from '../../schemas/encode-text.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { SegmentFamily } from '../../schemas/segment-separators.js'
import { canonicalFormats, canonicalLanguage } from '../canonical/canonical-format.js'
import { readMapFile, type ReadMapFile } from './built-maps.js'
import { compileMap } from './compile-map.js'
import { compileStored, type FormatVersion, type LanguageFunctions } from './compile-stored.js'
import { describeRoot, explainUnrecognised } from './explain-unrecognised.js'
import { describingTexts, functionsText, importFunctions, loadFormatTexts, readFormatTexts, versionOf, type LoadedMap } from './format-folder.js'
import { makeTextBinding } from './description/text-bindings.js'
import type { ElementName, Format, FormatInfo, Translation } from './format.js'
import { readerOfTexts, type TextReader } from './read-texts.js'
import type { TextBinding } from './text-binding.js'
import { locateInOwnForm, locateIssues } from './locate-issues.js'
import { tracedTranslation } from './traced-translation.js'

export type { FormatInfo, FormatVersion, Translation }

/** A format with all that it was made of. */
export interface DescribedFormat {
  readonly map: LoadedMap
  readonly format: Format
  /** Where its files stand. */
  readonly folder: string
}

interface ReadOptions {
  readonly lineage?: boolean
  /** Refuses what breaks the description, and what it does not know. */
  readonly strict?: boolean
  /** Whether what breaks the description or a rule refuses the document, or is a warning, as it is where nothing is said. */
  readonly validation?: 'refuse' | 'warn'
}

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
  /** Holds the document against its format's description, and maps it. */
  readonly read: (formatId: string, root: Node, options?: ReadOptions) => Translation
  /** Says of issues that were found on the document which place of the source they mean. Reads once more, with lineage, where there are any. */
  readonly locate: (formatId: string, root: Node, issues: readonly Issue[]) => readonly Issue[]
  /** Fails with format-unknown where the format is not one for this kind of document; `as` json where a format of XML has no JSON form; with value-invalid where the format can't say what the document says. */
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
  /** What turns text into the documents of those of these languages that are neither XML nor JSON; undefined where none is. */
  readonly textsOf: (languages: readonly string[]) => TextReader | undefined
  /** Documents that were written in a format of tables, segments or records as one text. Fails with format-unknown where it is none of these, with value-invalid where something cannot be said in it. */
  readonly textOf: (formatId: string, roots: readonly Node[]) => Result<string>
  /** The standard of a language's interchanges; undefined where it has none. */
  readonly familyOf: (language: string) => SegmentFamily | undefined
  /** Such a text as bytes in the encoding that it or its description says. Fails as `textOf` does, with value-invalid too where a character has no place in the encoding. */
  readonly bytesOf: (formatId: string, text: string) => Result<Uint8Array>
  /** The texts that a format's version was made of; of the description and the profiles of its language the version, whose texts stand in `descriptionSources`. */
  readonly sourcesOf: (formatId: string) => { readonly version: string, readonly files: Readonly<Record<string, string>> }
  /** The descriptions with their profiles, by the language as `format`. */
  readonly descriptionSources: readonly { readonly format: string, readonly version: string, readonly files: Readonly<Record<string, string>> }[]
  /** The map of a format with its description, for whoever shows, checks or samples it; undefined for the canonical ones. */
  readonly describedFormat: (formatId: string) => DescribedFormat | undefined
  /** Compiles a format as it was, from the texts that were kept of it. Fails with mapping-invalid where they need a function that there is no more. */
  readonly ofSources: (formatId: string, files: Readonly<Record<string, string>>) => Result<FormatVersion>
}

/**
 * Reads every format folder of these folders, and compiles what the build has not compiled. Fails with mapping-invalid at the file and line, or where two folders have one language.
 */
export const loadTranslator = async (folders: string | readonly string[], readFile: ReadMapFile = readMapFile): Promise<Result<Translator>> => {
  const formats: Format[] = [...canonicalFormats]
  const functions = new Map<string, LanguageFunctions>()
  const descriptions = new Map<string, DescribedFormat>()
  const descriptionSources: Translator['descriptionSources'][number][] = []
  for (const folder of typeof folders === 'string' ? [folders] : folders) {
    const languages = await languagesIn(folder)
    if (!languages.ok) return languages
    for (const language of languages.value) {
      if (functions.has(language) || language === canonicalLanguage) return fail('mapping-invalid', join(folder, language), `There is a language '${language}' already; give the folder another name.`)
      const texts = await loadFormatTexts(folder, language)
      const known = { functions: await importFunctions(language, folder), text: functionsText(texts, language) }
      functions.set(language, known)
      const describing = describingTexts(texts, language)
      if (Object.keys(describing).length > 0) descriptionSources.push({ format: language, version: versionOf(describing), files: describing })
      const maps = readFormatTexts(texts, language, known.functions, readFile)
      if (!maps.ok) return maps
      for (const map of maps.value) {
        const format = compileMap(map)
        if (!format.ok) return format
        formats.push(format.value)
        descriptions.set(map.shape.id, { map, format: format.value, folder: join(folder, language) })
      }
    }
  }
  return ok(makeTranslator(formats, functions, descriptions, descriptionSources))
}

const languagesIn = async (folder: string): Promise<Result<readonly string[]>> => {
  if (!existsSync(folder)) return fail('mapping-invalid', folder, 'There is no such folder of mappings.')
  const entries = await readdir(folder, { withFileTypes: true })
  return ok(entries.filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'format.yaml'))).map((entry) => entry.name).sort())
}

const pathIn = (at: string): string => at.slice(at.indexOf(' ') + 1)

const asWarning = (issue: Issue): Issue => ({ ...issue, severity: 'warning' })

/** What the map said of a place already, the description does not say again. */
const withFindings = (found: readonly Issue[], translation: Translation): Translation => {
  const said = new Set(translation.issues.map(({ code, at }) => `${code} ${at}`))
  // A missing field has its parent's line and column, an empty one its own.
  const missing = new Set(translation.issues.filter(({ code }) => code === 'field-missing').map(({ at }) => pathIn(at)))
  const own = found.filter(({ code, at }) => !said.has(`${code} ${at}`) && !(code === 'field-missing' && missing.has(pathIn(at))))
  const issues = [...translation.issues, ...own]
  const documents = issues.some(({ severity }) => severity === undefined) ? [] : translation.documents
  return tracedTranslation({ documents, test: translation.test, issues }, () => translation)
}

/** Found once for each list of languages: every message of a channel asks with the same one. */
const ofLanguages = <T>(find: (languages: readonly string[]) => T): ((languages: readonly string[]) => T) => {
  const found = new WeakMap<readonly string[], { readonly value: T }>()
  return (languages) => {
    const known = found.get(languages) ?? { value: find(languages) }
    found.set(languages, known)
    return known.value
  }
}

const makeTranslator = (formats: readonly Format[], functions: ReadonlyMap<string, LanguageFunctions>, descriptions: ReadonlyMap<string, DescribedFormat>, descriptionSources: Translator['descriptionSources']): Translator => {
  const byId = new Map(formats.map((format) => [format.info.id, format]))
  const formatOf = (id: string): Format => {
    const format = byId.get(id)
    if (format === undefined) throw new Error(`there is no format ${id}`)
    return format
  }
  const formatsOf = ofLanguages((languages) => formats.filter(({ info }) => languages.includes(info.language)))
  const bindings = new Map<string, TextBinding>()
  const describedOf = (language: string) => {
    const described = formats.find(({ info: { id, language: of, syntax } }) => of === language && (syntax !== 'xml' && syntax !== 'json' || descriptions.get(id)?.map.shape.also !== undefined))
    return described === undefined ? undefined : descriptions.get(described.info.id)?.map.description?.parts().description
  }
  const texts = (language: string): TextBinding | undefined => {
    const description = describedOf(language)
    if (description === undefined) return undefined
    const made = bindings.get(language) ?? makeTextBinding(language, description)
    if (made !== undefined) bindings.set(language, made)
    return made
  }
  return {
    formats: formats.map(({ info }) => info),
    recognise: (root, languages) => {
      const taken = formatsOf(languages)
      const found = taken.filter(({ isRecognised }) => isRecognised(root))
      const [first, second] = found
      const at = `${root.line}:${root.column}`
      if (first === undefined) return fail('format-unknown', at, explainUnrecognised(root, taken, formats.filter((format) => !taken.includes(format))))
      return second === undefined ? ok(first.info) : fail('format-ambiguous', at, `${describeRoot(root, taken)} is recognised by ${found.map(({ info }) => info.id).join(' and ')}.`)
    },
    partsOf: (root, languages) => {
      const found = formats.filter(({ info, knownBy }) => languages.includes(info.language) && knownBy.root?.namespace === root.namespace && (knownBy.anyRoot === true || knownBy.root.name === root.name))
      const cut = found.find(({ split }) => split !== undefined)
      if (cut?.split === undefined) return found.length > 0 ? 'whole' : 'children'
      return { ...cut.split, ...cut.knownBy.root?.name === root.name ? {} : { isSeenByChild: true } }
    },
    formatFor: (language, document) => {
      const fields: Readonly<Record<string, unknown>> = { ...document }
      const meant = formats.map(({ info }) => info).filter((info) => info.language === language && info.kind === document.kind && Object.entries(info.writes).every(([name, value]) => fields[name] === value))
      const [first] = meant.sort((a, b) => Object.keys(b.writes).length - Object.keys(a.writes).length)
      return first === undefined ? fail('format-unknown', language, `There is no format '${language}' for a document of the kind ${document.kind}.`) : ok(first)
    },
    read: (id, root, options) => {
      const { read, validate } = formatOf(id)
      const found = validate(root, options?.strict === true)
      const translation = read(root, options?.lineage === true)
      return found.length === 0 ? translation : withFindings(options?.validation === 'refuse' || options?.strict === true ? found : found.map(asWarning), translation)
    },
    locate: (id, root, issues) => {
      const { info, read } = formatOf(id)
      if (issues.length === 0) return issues
      return info.language === canonicalLanguage ? locateInOwnForm(issues, root) : locateIssues(issues, read(root, true), root)
    },
    write: (id, document, as) => {
      const format = byId.get(id)
      if (format?.info.kind === document.kind) {
        if (as === undefined || format.info.syntax === as) return format.write(document)
        if (format.json === undefined) return fail('format-unknown', id, `The format ${id} has no JSON form.`)
        const written = format.write(document)
        return written.ok ? ok(format.json(written.value)) : written
      }
      return fail('format-unknown', id, format === undefined ? `There is no format '${id}'.` : `The format ${id} is for the kind ${format.info.kind}, the document is of the kind ${document.kind}.`)
    },
    prefixesOf: (id) => formatOf(id).prefixes,
    doctypeOf: (id) => formatOf(id).doctype,
    pathsOf: ofLanguages((languages) => [...new Set(formatsOf(languages).flatMap(({ knownBy }) => knownBy.paths))]),
    hasSecrets: (languages) => formats.some(({ info, secret }) => secret.length > 0 && languages.includes(info.language)),
    secretNames: [...new Set(formats.flatMap(({ secret }) => secret))],
    descriptionSources,
    textsOf: ofLanguages((languages) => readerOfTexts([...new Set(languages)].flatMap((language) => texts(language) ?? []))),
    textOf: (id, roots) => texts(formatOf(id).info.language)?.write(roots) ?? fail('format-unknown', id, `The format ${id} has no form but that of XML or JSON.`),
    familyOf: (language) => (formats.some(({ info }) => info.language === language && info.syntax === 'segments') ? describedOf(language)?.segments?.family : undefined),
    bytesOf: (id, text) => encodeText(text, texts(formatOf(id).info.language)?.encodingOf(Buffer.from(text.slice(0, 200)))),
    sourcesOf: (id) => ({ version: formatOf(id).info.version, files: formatOf(id).files }),
    describedFormat: (id) => descriptions.get(id),
    ofSources: (id, files) => compileStored(id, files, functions.get(id.split('/', 1)[0] ?? '')),
  }
}

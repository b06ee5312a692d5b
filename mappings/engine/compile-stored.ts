import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { canonicalFormatOf, canonicalLanguage } from '../canonical/canonical-format.js'
import { compileMap } from './compile-map.js'
import type { MapFunctions } from './converter.js'
import { readMapFile } from './built-maps.js'
import { functionsText, isDescriptionFile, readFormatTexts } from './format-folder.js'
import { textOf } from './located-yaml.js'
import type { Format, Translation } from './format.js'
import { makeTextBinding } from './description/text-bindings.js'
import { readerOfTexts, type TextReader } from './read-texts.js'

/** A format as it was when the texts were kept that it is compiled from. */
export interface FormatVersion {
  /** Over the texts and today's engine: another one than was kept with them means that the engine has changed since. */
  readonly version: string
  /** Whether functions.ts beside the map reads otherwise today. Its text was kept, but only today's code can be run. */
  readonly functionsChanged: boolean
  /** How the texts of its language were read then, where it is neither XML nor JSON and its description is among the texts; undefined where it is not. */
  readonly texts: TextReader | undefined
  /** With lineage. */
  readonly read: (root: Node) => Translation
}

/** The functions that a language has today, and their text. */
export interface LanguageFunctions {
  readonly functions: MapFunctions
  readonly text: string
}

type Texts = Readonly<Record<string, string>>

/** Compiles a format from texts that were kept of it, with the functions of today. Fails with mapping-invalid. */
export const compileStored = (id: string, texts: Texts, today: LanguageFunctions = { functions: {}, text: '' }): Result<FormatVersion> => {
  const [language = ''] = id.split('/', 1)
  const format = language === canonicalLanguage ? bare(canonicalFormatOf(id, texts)) : mapOf(id, texts, language, today.functions)
  if (!format.ok) return format
  const { info, read } = format.value.format
  return ok({ version: info.version, functionsChanged: functionsText(texts, language) !== today.text, texts: format.value.texts, read: (root) => read(root, true) })
}

interface Compiled {
  readonly format: Format
  readonly texts: TextReader | undefined
}

const bare = (format: Result<Format>): Result<Compiled> => (format.ok ? ok({ format: format.value, texts: undefined }) : format)

const mapOf = (id: string, texts: Texts, language: string, functions: MapFunctions): Result<Compiled> => {
  const maps = readFormatTexts(hasTexts(texts, language) ? texts : withoutDescription(texts, language), language, functions)
  if (!maps.ok) return maps
  const map = maps.value.find(({ shape }) => shape.id === id)
  if (map === undefined) return fail('mapping-invalid', id, `What was kept of ${id} holds no map of it.`)
  const format = compileMap(map)
  if (!format.ok) return format
  const description = map.description?.parts().description
  const binding = description === undefined ? undefined : makeTextBinding(language, description)
  return ok({ format: format.value, texts: binding === undefined ? undefined : readerOfTexts([binding]) })
}

/** Whether what the language's description says of bytes is needed to read a document of it. */
const hasTexts = (texts: Texts, language: string): boolean => {
  const file = `${language}/format.yaml`
  const format = readMapFile(texts[file] ?? '', file)
  if (!format.ok) return false
  const [syntax, also] = ['syntax', 'also'].map((name) => textOf(format.value.located, name))
  return also !== undefined || (syntax !== 'xml' && syntax !== 'json')
}

/** A long one is not read for nothing. */
const withoutDescription = (texts: Texts, language: string): Texts => Object.fromEntries(Object.entries(texts).filter(([file]) => !isDescriptionFile(file.slice(language.length + 1))))

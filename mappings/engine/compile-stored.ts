import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { canonicalFormatOf, canonicalLanguage } from '../canonical/canonical-format.js'
import { compileMap } from './compile-map.js'
import type { MapFunctions } from './converter.js'
import { functionsText, readFormatTexts } from './format-folder.js'
import type { Format, Translation } from './format.js'

/** A format as it was when the texts were kept that it is compiled from. */
export interface FormatVersion {
  /** Over the texts and today's engine: another one than was kept with them means that the engine has changed since. */
  readonly version: string
  /** Whether functions.ts beside the map reads otherwise today. Its text was kept, but only today's code can be run. */
  readonly functionsChanged: boolean
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
  const format = language === canonicalLanguage ? canonicalFormatOf(id, texts) : mapOf(id, texts, language, today.functions)
  if (!format.ok) return format
  const { info, read } = format.value
  return ok({ version: info.version, functionsChanged: functionsText(texts, language) !== today.text, read: (root) => read(root, true) })
}

const mapOf = (id: string, texts: Texts, language: string, functions: MapFunctions): Result<Format> => {
  const maps = readFormatTexts(texts, language, functions)
  if (!maps.ok) return maps
  const map = maps.value.find(({ shape }) => shape.id === id)
  return map === undefined ? fail('mapping-invalid', id, `What was kept of ${id} holds no map of it.`) : compileMap(map)
}

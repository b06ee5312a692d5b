import { mkdir, writeFile } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { breakRule } from '../../mappings/engine/description/break-rule.js'
import { isOfProfile } from '../../mappings/engine/description/check-profile.js'
import { documentOf } from '../../mappings/engine/description/format-description.js'
import { breakStructure } from '../../mappings/engine/description/break-structure.js'
import { printDescription } from '../../mappings/engine/description/print-description.js'
import { sampleOf } from '../../mappings/engine/description/sample-of.js'
import { rootNameOf } from '../../mappings/engine/format-folder.js'
import { loadBuiltTranslator } from '../../mappings/engine/load-built-translator.js'
import type { DescribedFormat, Translator } from '../../mappings/engine/translator.js'
import type { Node } from '../../schemas/node.js'
import type { Result } from '../../schemas/result.js'
import { readMappingsFolder } from '../config.js'
import { exitCodes, parseWords, textFlag, usage, type Command, type ExitCode } from './command.js'
import { isSampleFile, readSample, writeSample } from './sample-file.js'

export const formatCommand: Command = {
  usage: 'format [LANGUAGE… | LANGUAGE/DOCUMENT [--sample | --invalid DIR] [--full] [--seed N]] [--mappings DIR]',
  summary: 'Lists formats, or prints what a document of one looks like; or writes a valid one, or into DIR one for each rule that breaks that rule alone.',
  run: async (words) => {
    const parsed = parseWords(words, { sample: { type: 'boolean' }, invalid: { type: 'string' }, full: { type: 'boolean' }, seed: { type: 'string' }, mappings: { type: 'string' } }, mostLanguages)
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: given } = parsed.value
    const id = given.find((word) => word.includes('/'))
    if (id !== undefined && given.length > 1) return usage(`Usage: chainhub ${formatCommand.usage}`)
    const seed = Number(textFlag(flags['seed']) ?? '1')
    if (!Number.isSafeInteger(seed)) return usage('--seed is a whole number.')
    const loaded = await loadBuiltTranslator(readMappingsFolder(textFlag(flags['mappings'])))
    if (!loaded.ok) return usage(`${loaded.at}: ${loaded.detail}`)
    if (id === undefined) return listFormats(loaded.value, given)
    const format = loaded.value.describedFormat(id)
    const parts = format?.map.description?.parts()
    const document = format === undefined || parts === undefined ? undefined : documentOf(parts.description, rootNameOf(format.map.shape))
    if (format === undefined || parts === undefined || document === undefined) return usage(`There is no description of '${id}'; there are formats ${loaded.value.formats.map((one) => one.id).join(', ')}.`)
    const { syntax, root } = format.map.shape
    const made = sampleOf(parts.description, document, { seed, full: flags['full'] === true, json: syntax !== 'xml', where: format.map.where })
    const sample = syntax === 'xml' || syntax === 'json' ? made : { ...made, ...root }
    const folder = textFlag(flags['invalid'])
    if (folder !== undefined) return writeInvalid(loaded.value, format, sample, folder)
    if (flags['sample'] === true) return printSample(loaded.value, id, sample)
    console.log(printDescription(parts, document, format.map.shape.id))
    return exitCodes.done
  },
}

const mostLanguages = 50

/** Of these languages, or of all. */
const listFormats = ({ formats }: Translator, wanted: readonly string[]): ExitCode => {
  const languages = [...new Set(formats.map(({ language }) => language))]
  const unknown = wanted.find((language) => !languages.includes(language))
  if (unknown !== undefined) return usage(`There is no language '${unknown}'; there are ${languages.join(', ')}.`)
  const shown = formats.filter(({ language }) => wanted.length === 0 || wanted.includes(language))
  const width = Math.max(...shown.map(({ id }) => id.length))
  for (const { id, syntax, kind } of shown) console.log(`${id.padEnd(width)}  ${syntax.padEnd(8)}  ${kind}`)
  return exitCodes.done
}

const printSample = (translator: Translator, id: string, sample: Node): ExitCode => {
  const text = textOf(translator, id, sample)
  if (!text.ok) return usage(text.detail)
  console.log(text.value)
  return exitCodes.done
}

const textOf = (translator: Translator, id: string, root: Node): Result<string> =>
  (translator.formats.some((format) => format.id === id && (format.syntax === 'xml' || format.syntax === 'json')) ? writeSample(root, translator.prefixesOf(id)) : translator.textOf(id, [root]))

/** One file for each rule, named after it: those of the structure from a generated document, those of profiles from the samples beside the maps. */
const writeInvalid = async (translator: Translator, { map, folder: home }: DescribedFormat, sample: Node, folder: string): Promise<ExitCode> => {
  await mkdir(folder, { recursive: true })
  const parts = map.description?.parts()
  const document = parts === undefined ? undefined : documentOf(parts.description, rootNameOf(map.shape))
  if (parts === undefined || document === undefined) return exitCodes.usage
  const judge = { order: map.shape.childOrder(), validate: (root: Node) => map.validate(root, true) }
  const made: { readonly name: string, readonly root: Node }[] = [...breakStructure(parts.description, document, sample, judge.validate)]
  const samples = await samplesOf(home, translator.textsOf([map.shape.language]))
  const missing: string[] = []
  for (const profile of parts.profiles.filter(({ of }) => of.includes(map.shape.id))) {
    const valid = samples.filter((root) => translator.recognise(root, [map.shape.language]).ok && isOfProfile(profile, root) && judge.validate(root).length === 0)
    for (const rule of profile.rules) {
      const root = valid.map((one) => breakRule(profile, rule, one, judge)).find((one) => one !== undefined)
      if (root === undefined) missing.push(rule.name)
      else made.push({ name: rule.name, root })
    }
  }
  for (const { name, root } of made) {
    const text = textOf(translator, map.shape.id, root)
    if (text.ok) await writeFile(join(folder, `${name.replaceAll(/[^\w.@-]+/g, '-')}.${endings[map.shape.syntax]}`), text.value)
  }
  console.log(`${made.length} documents in ${folder}, each breaks the rule that it is named after.`)
  if (missing.length > 0) console.log(`No document of the samples breaks these alone: ${missing.join(', ')}.`)
  return exitCodes.done
}

/** By syntax, what files of it are called. */
const endings = { xml: 'xml', json: 'json', csv: 'csv', segments: 'edi', fixed: 'txt' } as const

const samplesOf = async (home: string, texts: ReturnType<Translator['textsOf']>): Promise<readonly Node[]> => {
  const names = readdirSync(join(home, 'samples')).filter(isSampleFile)
  const roots = await Promise.all(names.map((name) => readSample(join(home, 'samples', name), texts)))
  return roots.flatMap((root) => (root.ok ? [root.value] : []))
}

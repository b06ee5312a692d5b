import { readdir, readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { lintMap, type Finding } from '../../mappings/scaffold/lint-map.js'
import { loadBuiltTranslator } from '../../mappings/engine/load-built-translator.js'
import type { DescribedFormat, FormatInfo, Translator } from '../../mappings/engine/translator.js'
import { checkTotals } from '../../schemas/check-totals.js'
import type { Node } from '../../schemas/node.js'
import { ok, type Result } from '../../schemas/result.js'
import { validateDocument } from '../../schemas/validate-document.js'
import { readMappingsFolder } from '../config.js'
import { exitCodes, parseWords, textFlag, usage, type Command } from './command.js'
import { isSampleFile, readSample } from './sample-file.js'

export const lintCommand: Command = {
  usage: 'lint [LANGUAGE] [--mappings DIR]',
  summary: 'Checks maps: required fields filled, paths that exist, leaves that nothing reads, samples that read and write as they should. Exits 1 where there is an error.',
  run: async (words) => {
    const parsed = parseWords(words, { mappings: { type: 'string' } })
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [language] } = parsed.value
    const loaded = await loadBuiltTranslator(readMappingsFolder(textFlag(flags['mappings'])))
    if (!loaded.ok) {
      console.error(`error ${loaded.at}: ${loaded.detail}`)
      return exitCodes.refused
    }
    const formats = loaded.value.formats.flatMap(({ id, language: of }) => (language === undefined || language === of || language === id ? loaded.value.describedFormat(id) ?? [] : []))
    if (formats.length === 0) return usage(`There is no format '${language ?? ''}': there are ${[...new Set(loaded.value.formats.map((format) => format.language))].join(', ')}.`)
    const findings: Finding[] = []
    for (const format of formats) findings.push(...lintMap(format.map))
    for (const folder of new Set(formats.map((format) => format.folder))) findings.push(...await lintSamples(loaded.value, folder, formats))
    // A block that several maps use is told once.
    const lines = new Set(findings.map(({ severity, at, detail }) => `${severity} ${at}: ${detail}`))
    for (const line of lines) console.log(line)
    const errors = [...lines].filter((line) => line.startsWith('error')).length
    console.log(`${formats.length} ${formats.length === 1 ? 'map' : 'maps'}, ${errors} errors, ${lines.size - errors} warnings.`)
    return errors === 0 ? exitCodes.done : exitCodes.refused
  },
}

/** Every sample of a folder: valid, as its canonical pair says, and the same again after it was written. */
const lintSamples = async (translator: Translator, folder: string, formats: readonly DescribedFormat[]): Promise<readonly Finding[]> => {
  const samples = join(folder, 'samples')
  if (!existsSync(samples)) return [{ severity: 'warning', at: folder, detail: 'There is no samples folder: nothing shows that the maps work.' }]
  const names = (await readdir(samples)).filter(isSampleFile)
  const findings: Finding[] = []
  for (const name of names.sort()) findings.push(...await lintSample(translator, join(samples, name), formats))
  return findings
}

const lintSample = async (translator: Translator, file: string, formats: readonly DescribedFormat[]): Promise<readonly Finding[]> => {
  const error = (detail: string): Finding => ({ severity: 'error', at: file, detail })
  const root = await readSample(file, translator.textsOf(formats.map(({ map }) => map.shape.language)))
  if (!root.ok) return [error(root.detail)]
  const found = translator.recognise(root.value, [...new Set(formats.map(({ map }) => map.shape.language))])
  // A sample in an envelope is no document by itself.
  if (!found.ok) return root.value.name === 'Envelope' ? [] : [error(found.detail)]
  if (!formats.some(({ map }) => map.shape.id === found.value.id)) return []
  const { documents: [document], issues } = translator.read(found.value.id, root.value)
  const said = issues.map(({ severity, code, at, detail }): Finding => ({ severity: severity ?? 'error', at: `${file}:${at}`, detail: `${code}: ${detail}` }))
  if (document === undefined) return said
  const invalid = [...validateDocument(document), ...checkTotals(document)].map(({ at, detail }) => error(`${at}: ${detail}`))
  const pair = file.replace(/\.\w+$/, '.canonical.json')
  const expected: unknown = existsSync(pair) ? JSON.parse(await readFile(pair, 'utf8')) : undefined
  const differs = expected === undefined ? [error('It has no canonical pair beside it.')] : isDeepStrictEqual(JSON.parse(JSON.stringify(document)), expected) ? [] : [error(`It does not read as ${pair} says.`)]
  const written = translator.write(found.value.id, document)
  const sent = written.ok ? asSent(translator, found.value, file, written.value) : written
  const again = sent.ok ? translator.read(found.value.id, sent.value) : undefined
  const unwritten = sent.ok ? undefined : `${sent.at} ${sent.detail}`
  const round = again !== undefined && isDeepStrictEqual(again.documents[0], document) ? [] : [error(`It reads otherwise after it was written${unwritten !== undefined ? `: ${unwritten}` : again?.issues[0] === undefined ? '' : `: ${again.issues[0].at} ${again.issues[0].detail}`}.`)]
  return [...said, ...invalid, ...differs, ...round]
}

/** A written document as its text reads again, in the form that the sample has. */
const asSent = (translator: Translator, { id, language }: FormatInfo, file: string, root: Node): Result<Node> => {
  if (/\.(xml|json)$/.test(file)) return ok(root)
  const text = translator.textOf(id, [root])
  if (!text.ok) return text
  const parts = translator.textsOf([language])?.read(text.value) ?? ok([])
  return parts.ok ? parts.value[0]?.root ?? ok(root) : parts
}

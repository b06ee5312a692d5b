import { readFile } from 'node:fs/promises'
import { loadBuiltTranslator } from '../../mappings/engine/load-built-translator.js'
import type { FormatInfo, Translator } from '../../mappings/engine/translator.js'
import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import { checkTotals } from '../../schemas/check-totals.js'
import { writeJson } from '../../schemas/json-writer.js'
import type { Issue } from '../../schemas/message-answer.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { validateDocument } from '../../schemas/validate-document.js'
import { writeXml } from '../../schemas/xml-writer.js'
import { readMappingsFolder } from '../config.js'
import { readMessage } from '../intake/read-message.js'
import { exitCodes, parseWords, textFlag, usage, type Command, type ExitCode } from './command.js'

const maxBytes = 256 * 1024 * 1024

/** What became of one part of the file. */
interface Mapped {
  readonly part: number
  readonly format?: string
  readonly mappingVersion?: string
  readonly documents: readonly CanonicalDocument[]
  readonly errors: readonly Issue[]
  readonly lineage: readonly unknown[]
}

const isError = (issue: Issue): boolean => issue.severity !== 'warning'
const refused = (part: number, { code, at, detail }: Failure): Mapped => ({ part, documents: [], errors: [{ code, at, detail }], lineage: [] })

export const mapCommand: Command = {
  usage: 'map FILE [--format F] [--out FORMAT] [--json | --records] [--no-lineage] [--mappings DIR]',
  summary: 'Dry run: recognises, validates, maps; prints canonical JSON and the lineage, or the document in another format (--json: in its JSON form, --records: as records of fixed positions). Touches no database.',
  run: async (words) => {
    const parsed = parseWords(words, { 'format': { type: 'string' }, 'out': { type: 'string' }, 'json': { type: 'boolean' }, 'records': { type: 'boolean' }, 'no-lineage': { type: 'boolean' }, 'mappings': { type: 'string' } })
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [file] } = parsed.value
    if (file === undefined) return usage(`Usage: chainhub ${mapCommand.usage}`)
    const bytes = await readFile(file).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    if (bytes instanceof Error) return usage(`${file} cannot be read: ${bytes.message}`)
    const translator = await loadBuiltTranslator(readMappingsFolder(textFlag(flags['mappings'])))
    if (!translator.ok) return usage(`${translator.at}: ${translator.detail}`)
    const wished = chosenFormats(translator.value, textFlag(flags['format']))
    if (!wished.ok) return usage(wished.detail)
    const parts = await readMessage({ bytes, contentType: '', contentEncoding: undefined }, { maxExpandedBytes: maxBytes }, translator.value.textsOf([...new Set(wished.value.map(({ language }) => language))]))
    const mapped = parts.ok
      ? parts.value.map(({ root }, index) => (root.ok ? mapPart(translator.value, wished.value, root.value, index + 1, flags['no-lineage'] !== true) : refused(index + 1, root)))
      : [refused(1, parts)]
    const out = textFlag(flags['out'])
    return out === undefined ? printMapped(mapped) : printAs(translator.value, { out, json: flags['json'] === true, records: flags['records'] === true }, mapped)
  },
}

const chosenFormats = (translator: Translator, wish: string | undefined): Result<readonly FormatInfo[]> => {
  const chosen = translator.formats.filter(({ id, language }) => wish === undefined || wish === id || wish === language)
  return chosen.length > 0 ? ok(chosen) : fail('request-invalid', '--format', `There is no format '${wish ?? ''}': there are ${translator.formats.map(({ id }) => id).join(', ')}.`)
}

const mapPart = (translator: Translator, formats: readonly FormatInfo[], root: Node, part: number, lineage: boolean): Mapped => {
  const [only] = formats
  const format = formats.length === 1 && only !== undefined ? ok(only) : translator.recognise(root, [...new Set(formats.map(({ language }) => language))])
  if (!format.ok) return refused(part, format)
  const { documents, issues, lineage: origins } = translator.read(format.value.id, root, { lineage })
  const invalid = documents.flatMap(validateDocument)
  const warnings = [...issues, ...invalid].some(isError) ? [] : documents.flatMap(checkTotals).map((issue): Issue => ({ ...issue, severity: 'warning' }))
  const errors = [...issues, ...translator.locate(format.value.id, root, [...invalid, ...warnings])]
  return { part, format: format.value.id, mappingVersion: format.value.version, documents, errors, lineage: origins }
}

const exitCodeOf = (mapped: readonly Mapped[]): ExitCode => (mapped.some(({ errors }) => errors.some(isError)) ? exitCodes.refused : exitCodes.done)

const printMapped = (mapped: readonly Mapped[]): ExitCode => {
  console.log(JSON.stringify(mapped.length === 1 ? mapped[0] : { parts: mapped }, null, 2))
  return exitCodeOf(mapped)
}

/** `ubl/order`, or `ubl` for the format of the document's kind; `json` or `records` where a format of XML shall be written in its other form. */
interface Wished {
  readonly out: string
  readonly json: boolean
  readonly records: boolean
}

const printAs = (translator: Translator, out: Wished, mapped: readonly Mapped[]): ExitCode => {
  for (const { errors } of mapped) for (const { code, at, detail, severity } of errors) console.error(`${severity ?? 'error'} ${code} at ${at}: ${detail}`)
  const written = mapped.flatMap(({ documents }) => documents.map((document) => writeAs(translator, out, document)))
  const failure = written.find((one): one is Failure => !one.ok)
  if (failure !== undefined && failure.code !== 'value-invalid') return usage(failure.detail)
  if (failure !== undefined) {
    console.error(`error ${failure.code} at ${failure.at}: ${failure.detail}`)
    return exitCodes.refused
  }
  for (const one of written) if (one.ok) process.stdout.write(one.value)
  return exitCodeOf(mapped)
}

const writeAs = (translator: Translator, { out, json, records }: Wished, document: CanonicalDocument): Result<Uint8Array | string> => {
  const named = translator.formats.find(({ id }) => id === out)
  const format = named === undefined ? translator.formatFor(out, document) : ok(named)
  if (!format.ok) return { ...format, at: '--out' }
  const root = translator.write(format.value.id, document, json ? 'json' : undefined)
  if (!root.ok) return root
  if (records || (format.value.syntax !== 'xml' && format.value.syntax !== 'json')) {
    const text = translator.textOf(format.value.id, [root.value])
    return text.ok ? translator.bytesOf(format.value.id, text.value) : text
  }
  const text = root.value.kind === 'element' ? writeXml(root.value, { indent: true, prefixes: translator.prefixesOf(format.value.id), doctype: translator.doctypeOf(format.value.id) }) : writeJson(root.value, { indent: true })
  return text.ok ? ok(`${text.value}\n`) : text
}

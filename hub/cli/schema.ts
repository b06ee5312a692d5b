import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { decodeText } from '../../schemas/decode-text.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { hubFlags, parseWords, textFlag, usage, type Command, type ExitCode, type Flags } from './command.js'
import { printAnswer, withHub } from './hub-client.js'
import { secondOf, showList, type ListColumns } from './print-list.js'

export const schemaCommand: Command = {
  usage: 'schema add DIR [--name NAME] [--channel ID[,ID]] [--mode refuse|warn] [--root FILE] [--format FORMAT] | schema list [--json] | schema remove NAME',
  summary: 'Registers the XSDs and JSON Schemas of a folder: documents that break them are refused, or taken with warnings. docs/schemas.md says more.',
  run: async (words) => {
    const parsed = parseWords(words, { ...hubFlags, name: { type: 'string' }, channel: { type: 'string' }, mode: { type: 'string' }, root: { type: 'string' }, format: { type: 'string' }, json: { type: 'boolean' } }, 2)
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [action, what] } = parsed.value
    if (action === 'list' && what === undefined) return showList(flags, '/schema-sets', columns)
    if (action === 'remove' && what !== undefined) return withHub(flags, async (hub) => printAnswer(await hub.request('DELETE', `/schema-sets/${encodeURIComponent(what)}`)))
    return action === 'add' && what !== undefined ? add(flags, what) : usage(`Usage: chainhub ${schemaCommand.usage}`)
  },
}

interface Listed {
  readonly name: string
  readonly version: string
  readonly mode: string
  readonly channels: readonly string[]
  readonly format?: string
  readonly elements: number
  readonly registeredAt: string
  readonly registeredBy: string
}

const columns: ListColumns<Listed> = {
  titles: ['registered (UTC)', 'by', 'schemas', 'version', 'mode', 'channels', 'format', 'root elements'],
  rowOf: ({ name, version, mode, channels, format, elements, registeredAt, registeredBy }) =>
    [secondOf(registeredAt), registeredBy, name, version, mode, channels.length === 0 ? 'all' : channels.join(', '), format ?? '', String(elements)],
  none: 'No schemas are registered.',
}

const add = async (flags: Flags, place: string): Promise<ExitCode> => {
  const files = await readSchemas(place).catch((error: unknown) => fail('config-invalid', place, error instanceof Error ? error.message : String(error)))
  if (!files.ok) return usage(`${files.at}: ${files.detail}`)
  const name = textFlag(flags['name']) ?? basename(resolve(place)).toLowerCase().replace(/\.(xsd|json)$/, '').replaceAll(/[^a-z0-9._-]+/g, '-').replace(/^[^a-z0-9]+/, '')
  const channels = textFlag(flags['channel'])?.split(',').map((id) => id.trim())
  const body = JSON.stringify({ files: files.value, channels, mode: textFlag(flags['mode']), root: textFlag(flags['root']), format: textFlag(flags['format']) })
  return withHub(flags, async (hub) => printAnswer(await hub.request('PUT', `/schema-sets/${encodeURIComponent(name)}`, { body, headers: { 'content-type': 'application/json' } })))
}

interface NamedText {
  readonly path: string
  readonly text: string
}

/** The XSDs and JSON files of a folder and of those in it, hidden ones and node_modules left out, with paths from the folder; or one file. */
const readSchemas = async (place: string): Promise<Result<readonly NamedText[]>> => {
  const single = (await stat(place)).isFile()
  const folder = single ? dirname(place) : place
  const paths = single ? [place] : (await readdir(place, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const chosen = paths.map((path) => relative(folder, path)).filter(isSchema).sort()
  if (chosen.length === 0) return fail('config-invalid', place, 'There is no .xsd or .json file here.')
  const files: NamedText[] = []
  for (const path of chosen) {
    const decoded = decodeText(await readFile(join(folder, path)))
    if (!decoded.ok) return fail('config-invalid', join(place, path), decoded.detail)
    files.push({ path: path.split(sep).join('/'), text: decoded.value.text })
  }
  return ok(files)
}

const isSchema = (path: string): boolean => /\.(xsd|json)$/i.test(path) && !path.split(sep).some((step) => step.startsWith('.') || step === 'node_modules')

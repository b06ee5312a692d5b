import { existsSync } from 'node:fs'
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, extname, join, relative } from 'node:path'
import { loadTranslator } from '../../mappings/engine/translator.js'
import { describeXsd } from '../../mappings/scaffold/describe-xsd.js'
import { draftMapping, isLanguageName, type DraftedMapping } from '../../mappings/scaffold/draft-mapping.js'
import { draftTable } from '../../mappings/scaffold/draft-table.js'
import { loadXsd } from '../../mappings/scaffold/load-xsd.js'
import { sampleOfDraft } from '../../mappings/scaffold/sample-of-draft.js'
import { writeDescription } from '../../mappings/scaffold/write-description.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { readMappingsFolder } from '../config.js'
import { exitCodes, parseWords, textFlag, usage, type Command, type ExitCode } from './command.js'
import { readSample, readText, writeSample } from './sample-file.js'

export const newCommand: Command = {
  usage: 'new mapping NAME --from sample.xml|sample.json|sample.csv|schema.xsd [--root ELEMENT] [--kind order] [--mappings ./my-mappings]',
  summary: 'Drafts a mapping from what a partner gave you: format, description, map with a rule for every name that is known, and the sample pair.',
  run: async (words) => {
    const parsed = parseWords(words, { from: { type: 'string' }, root: { type: 'string' }, kind: { type: 'string' }, mappings: { type: 'string' } }, 2)
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [what, name] } = parsed.value
    const from = textFlag(flags['from'])
    if (what !== 'mapping' || name === undefined || from === undefined) return usage(`Usage: chainhub ${newCommand.usage}`)
    if (!isLanguageName(name)) return usage(`'${name}' cannot be the name of a format: write it with small letters, digits and hyphens, such as partner-orders.`)
    const mappings = readMappingsFolder(textFlag(flags['mappings'])) ?? 'my-mappings'
    const folder = join(mappings, name)
    if (existsSync(folder)) return usage(`${folder} is there already; choose another name or remove it.`)
    const drafted = await draftFrom(from, name, textFlag(flags['root']), textFlag(flags['kind']))
    if (!drafted.ok) return refuse(drafted)
    const written = await writeFolder(mappings, folder, drafted.value)
    if (!written.ok) {
      await rm(folder, { recursive: true, force: true })
      return refuse(written)
    }
    tell(folder, mappings, name, drafted.value.draft, written.value)
    return exitCodes.done
  },
}

const refuse = ({ at, detail }: { readonly at: string, readonly detail: string }): ExitCode => {
  console.error(`${at}: ${detail}`)
  return exitCodes.refused
}

interface Drafted {
  readonly draft: DraftedMapping
  readonly root: Node
  /** The sample as it was given; undefined where it was made of a schema. */
  readonly file: string | undefined
}

const draftFrom = async (from: string, name: string, rootName: string | undefined, kind: string | undefined): Promise<Result<Drafted>> => {
  if (/^\.(csv|tsv)$/.test(extname(from).toLowerCase())) {
    const text = await readText(from)
    const drafted = text.ok ? draftTable(name, text.value, kind) : text
    return drafted.ok ? ok({ ...drafted.value, file: from }) : { ...drafted, at: `${from}:${drafted.at}` }
  }
  if (extname(from).toLowerCase() !== '.xsd') {
    const root = await readSample(from)
    return root.ok ? ok({ draft: draftMapping({ name, root: root.value, kind }), root: root.value, file: from }) : root
  }
  const documents = await loadXsd(from)
  if (!documents.ok) return documents
  const description = describeXsd(documents.value, rootName === undefined ? [] : [rootName])
  if (!description.ok) return description
  const [first] = [...description.value.documents.keys()]
  if (first === undefined || (rootName === undefined && description.value.documents.size > 1)) {
    return fail('request-invalid', from, `The schema has more than one element that may be a document: say which with --root (${[...description.value.documents.keys()].join(', ')}).`)
  }
  const root = sampleOfDraft(description.value, first)
  const draft = draftMapping({ name, root, kind, namespaces: description.value.namespaces })
  const text = `# Drafted from ${basename(from)}.\nlanguage: ${name}\nsyntax: xml\n${writeDescription({ ...description.value, namespaces: {} })}`
  return ok({ draft: { ...draft, files: { ...draft.files, 'description.yaml': text } }, root, file: undefined })
}

/** Writes the folder, loads what was written, and adds the canonical pair of the sample where it can be mapped. */
const writeFolder = async (mappings: string, folder: string, { draft, root, file }: Drafted): Promise<Result<readonly string[]>> => {
  await mkdir(join(folder, 'samples'), { recursive: true })
  for (const [name, text] of Object.entries(draft.files)) await writeFile(join(folder, name), text)
  const loaded = await loadTranslator(mappings)
  if (!loaded.ok) return loaded
  const translator = loaded.value
  const format = translator.formats.find(({ id }) => id === `${basename(folder)}/${draft.kind}`)
  if (format === undefined) return fail('mapping-invalid', folder, 'What was drafted is no mapping.')
  const sample = join(folder, 'samples', `${draft.kind}.${format.syntax}`)
  if (file !== undefined) await copyFile(file, sample)
  else {
    const text = writeSample(root, translator.prefixesOf(format.id))
    if (!text.ok) return text
    await writeFile(sample, text.value)
  }
  const { documents: [document], issues } = translator.read(format.id, root)
  if (document !== undefined) await writeFile(join(folder, 'samples', `${draft.kind}.canonical.json`), `${JSON.stringify(document, null, 2)}\n`)
  return ok(issues.map(({ severity, code, at, detail }) => `${severity ?? 'error'} ${code} ${at}: ${detail}`))
}

const tell = (folder: string, mappings: string, name: string, { files, kind, mapped, unmapped }: DraftedMapping, issues: readonly string[]): void => {
  const shown = relative('.', folder)
  console.log([
    `${shown}: a draft of ${kind} with ${mapped} fields mapped and ${unmapped.length} that need you.`,
    ...Object.keys(files).map((file) => `  ${shown}/${file}`),
    ...unmapped.map((path) => `  unmapped: ${path}`),
    ...issues.map((issue) => `  ${issue}`),
    `Next: chainhub lint ${name} --mappings ${relative('.', mappings) || '.'}`,
    `Then: a channel with \`formats: [${name}]\`, and start with --mappings ${relative('.', mappings) || '.'} (or CHAINHUB_MAPPINGS).`,
  ].join('\n'))
}

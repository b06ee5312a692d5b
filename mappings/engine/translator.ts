import { readdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import type { Issue } from '../../schemas/message-answer.js'
import type { Node } from '../../schemas/node.js'
import { lazily } from '../../schemas/lazily.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { canonicalFormats, canonicalLanguage } from '../canonical/canonical-format.js'
import { readMapFile, type ReadMapFile } from './built-maps.js'
import { compileReading } from './compile-reading.js'
import { compileWriting } from './compile-writing.js'
import { describeRoot, explainUnrecognised } from './explain-unrecognised.js'
import { importFunctions, loadFormatFolder, type LoadedMap } from './format-folder.js'
import type { Format, FormatInfo, Translation } from './format.js'
import { locateIssues } from './locate-issues.js'
import { readDocument } from './reading.js'
import { holds, textsAt, type SourcePredicate } from './source-path.js'
import { writeDocument } from './writing.js'

export type { FormatInfo, Translation }

export interface Translator {
  readonly formats: readonly FormatInfo[]
  /** The one format of these languages that recognises the document. Fails with format-unknown or format-ambiguous. */
  readonly recognise: (root: Node, languages: readonly string[]) => Result<FormatInfo>
  readonly read: (formatId: string, root: Node, options?: { readonly lineage?: boolean }) => Translation
  /** Says of issues that were found on the document which place of the source they mean. Reads once more, with lineage, where there are any. */
  readonly locate: (formatId: string, root: Node, issues: readonly Issue[]) => readonly Issue[]
  /** Fails with format-unknown where the format is not one for this kind of document. */
  readonly write: (formatId: string, document: CanonicalDocument) => Result<Node>
  /** The prefixes, by namespace, that people know from documents of the format; '' for the root's own. */
  readonly prefixesOf: (formatId: string) => Readonly<Record<string, string>>
  /** The texts that a format's version was made of. */
  readonly sourcesOf: (formatId: string) => { readonly version: string, readonly files: Readonly<Record<string, string>> }
}

/** Reads every format folder of `folder`, and compiles what the build has not compiled. Fails with mapping-invalid at the file and line. */
export const loadTranslator = async (folder: string, readFile: ReadMapFile = readMapFile): Promise<Result<Translator>> => {
  const formats: Format[] = [...canonicalFormats]
  const entries = await readdir(folder, { withFileTypes: true })
  const languages = entries.filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'format.yaml'))).map((entry) => entry.name).sort()
  for (const language of languages) {
    const maps = await loadFormatFolder(folder, language, await importFunctions(language), readFile)
    if (!maps.ok) return maps
    for (const map of maps.value) {
      const format = compileMap(map)
      if (!format.ok) return format
      formats.push(format.value)
    }
  }
  return ok(makeTranslator(formats))
}

const makeTranslator = (formats: readonly Format[]): Translator => {
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
      if (first === undefined) return fail('format-unknown', at, explainUnrecognised(root, taken))
      return second === undefined ? ok(first.info) : fail('format-ambiguous', at, `${describeRoot(root, taken)} is recognised by ${found.map(({ info }) => info.id).join(' and ')}.`)
    },
    read: (id, root, options) => formatOf(id).read(root, options?.lineage === true),
    locate: (id, root, issues) => {
      const { info, read } = formatOf(id)
      return issues.length === 0 ? issues : locateIssues(issues, read(root, true), root, info.language === canonicalLanguage)
    },
    write: (id, document) => {
      const format = byId.get(id)
      if (format?.info.kind === document.kind) return ok(format.write(document))
      return fail('format-unknown', id, format === undefined ? `There is no format '${id}'.` : `The format ${id} is for the kind ${format.info.kind}, the document is of the kind ${document.kind}.`)
    },
    prefixesOf: (id) => formatOf(id).prefixes,
    sourcesOf: (id) => ({ version: formatOf(id).info.version, files: formatOf(id).files }),
  }
}

/** The predicates that people can be told: a value of a member or element just below the root. */
const membersOf = (where: readonly SourcePredicate[]): Readonly<Record<string, string>> =>
  Object.fromEntries(where.flatMap(({ path: [first, second], value, negated }) => first === undefined || second !== undefined || value === undefined || negated ? [] : [[first.name, value]]))

const compileMap = ({ shape, where, version, files, checked }: LoadedMap): Result<Format> => {
  const reader = lazily(() => compileReading(shape))
  const writer = lazily(() => compileWriting(shape))
  const wrong = checked ? undefined : [reader(), writer()].find(({ ok }) => !ok)
  if (wrong?.ok === false) return wrong
  const { test } = shape
  return ok({
    info: { id: shape.id, language: shape.language, kind: shape.kind, syntax: shape.syntax, version },
    isRecognised: (root) => (root.kind === 'element') === (shape.syntax === 'xml') && root.kind !== 'array' && root.name === shape.root.name && root.namespace === shape.root.namespace && holds(root, where),
    knownBy: { ...shape.syntax === 'xml' ? { root: shape.root } : {}, members: membersOf(where) },
    read: (root, lineage) => {
      const reading = readDocument(shape, compiled(reader()), root, lineage)
      const refused = reading.issues.some(({ severity }) => severity === undefined)
      // The map makes the shape; validateDocument, which every caller runs, holds it against the schema.
      const documents = refused ? [] : [reading.document as unknown as CanonicalDocument]
      const isTest = test !== undefined && textsAt(root, test.segments).some((text) => /^(1|true|test)$/i.test(text))
      return { documents, test: isTest, issues: reading.issues, lineage: reading.lineage, objects: reading.objects }
    },
    write: (document) => writeDocument(shape, compiled(writer()), { ...document }),
    files,
    prefixes: Object.fromEntries([...shape.ownNamespaces.keys()].map((uri) => [uri, uri === shape.root.namespace ? '' : shape.prefixOf(uri).replace(/:$/, '')])),
  })
}

/** A map that was compiled before compiles again. */
const compiled = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.at}: ${result.detail}`)
  return result.value
}

import type { Logger } from 'pino'
import type { Translator } from '../../mappings/engine/translator.js'
import { projectFolder } from '../../schemas/project-folder.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { deleteSchemaSet, keepSchemaSetVersion, putSchemaSet, schemaSetFiles, schemaSets, schemaSetsMark, schemaSetVersions, type StoredSchemaSet } from '../central/schema-sets.js'
import type { SchemaSetDeps, SchemaSetWish } from '../http/schema-set-operations.js'
import type { Channel } from '../intake/channel.js'
import { makeCheckParts, type CheckParts } from '../intake/schema-sets/check-parts.js'
import { keyOfSet, versionOf, type SchemaSource, type SchemaSummary } from '../intake/schema-sets/schema-set.js'
import { makeSchemaValidator } from '../intake/schema-sets/schema-validator.js'
import { startValidationThread } from '../intake/schema-sets/validation-thread.js'
import type { Database } from '../ops/database.js'
import { elapsedMs } from '../ops/elapsed-ms.js'
import { startRepeating } from '../ops/repeat.js'
import { orNotFound } from './or-not-found.js'

interface SchemaSetParts {
  readonly central: Database
  readonly channels: ReadonlyMap<string, Channel>
  readonly translator: Translator
  readonly log: Logger
}

interface SchemaSets {
  readonly checkParts: CheckParts
  readonly operations: SchemaSetDeps
  readonly close: () => Promise<void>
}

/** How often it is looked whether another process registered schemas, in ms. */
const lookMs = 1_000

/** The registered schemas: those in force are compiled in the background, in a thread that starts with the first of them. */
export const makeSchemaSets = async ({ central, channels, translator, log }: SchemaSetParts): Promise<SchemaSets> => {
  let mark = await schemaSetsMark(central)
  let sets = await schemaSets(central)
  const file = projectFolder('dist', 'hub', 'intake', 'schema-sets', 'validation-worker.js')
  const validator = makeSchemaValidator({
    startThread: () => startValidationThread({ file, nowMs: elapsedMs, onLost: (reason, detail) => { log.warn({ reason, detail }, 'the thread that validates was lost; another one starts') } }),
    sourceOf: async (key) => {
      const [name = '', version = ''] = key.split('@')
      const stored = await schemaSetFiles(central, name, version)
      return stored === undefined ? undefined : { key, ...stored }
    },
  })
  const prepare = async (set: StoredSchemaSet): Promise<void> => {
    await validator.prepare(keyOfSet(set)).catch((error: unknown) => { log.error({ err: error, set: set.name }, 'a schema set could not be prepared') })
  }
  /** Takes over what is stored, and gives up what is in force no more. */
  const adopt = async (): Promise<void> => {
    const before = sets
    mark = await schemaSetsMark(central)
    sets = await schemaSets(central)
    const inForce = new Set(sets.map(keyOfSet))
    for (const key of before.map(keyOfSet)) if (!inForce.has(key)) validator.forget(key)
    await Promise.all(sets.map(prepare))
  }
  const register = async (name: string, wish: SchemaSetWish, by: string): Promise<Result<unknown>> => {
    const wrong = wrongWish(wish, channels, translator)
    if (wrong !== undefined) return wrong
    const version = versionOf(wish.files, wish.root)
    const source: SchemaSource = { key: keyOfSet({ name, version }), files: wish.files, root: wish.root }
    const compiled = await validator.tryCompile(source)
    if (!compiled.ok) return compiled
    const unusable = unusableFor(compiled.value, wish)
    if (unusable !== undefined) return unusable
    await central.transaction(async (tx) => {
      await keepSchemaSetVersion(tx, { name, version, files: wish.files, root: wish.root, ...compiled.value })
      await putSchemaSet(tx, { name, version, mode: wish.mode ?? 'refuse', channels: wish.channels ?? [], format: wish.format, registeredBy: by })
    })
    await adopt()
    return orNotFound(sets.map(shown).find((set) => set.name === name), 'schema set', name)
  }
  void Promise.all(sets.map(prepare))
  const watching = startRepeating({
    everyMs: lookMs,
    work: async () => { if (await schemaSetsMark(central) !== mark) await adopt() },
    onError: (error) => { log.warn({ err: error }, 'it was not seen whether another process registered schemas; the next look will tell') },
  })
  return {
    checkParts: makeCheckParts({
      sets: () => sets,
      check: validator.check,
      formatOf: (root, languages) => {
        const format = translator.recognise(root, languages)
        return format.ok ? format.value.id : undefined
      },
    }),
    close: async () => {
      await watching.stop()
      await validator.close()
    },
    operations: {
      register,
      list: () => Promise.resolve(ok({ items: sets.map(shown) })),
      describe: async (name) => {
        const set = sets.find((one) => one.name === name)
        if (set === undefined) return fail('not-found', 'name', `There is no schema set '${name}'.`)
        const [stored, versions] = await Promise.all([schemaSetFiles(central, name, set.version), schemaSetVersions(central, name)])
        return ok({ ...shown(set), elements: set.elements, files: (stored?.files ?? []).map(({ path, text }) => ({ path, characters: text.length })), versions })
      },
      version: async (name, version) => {
        const stored = await schemaSetFiles(central, name, version)
        return orNotFound(stored && { name, version, ...stored }, 'version of a schema set', `${name} ${version}`)
      },
      remove: async (name) => {
        if (!await deleteSchemaSet(central, name)) return fail('not-found', 'name', `There is no schema set '${name}'.`)
        await adopt()
        return ok({ name, removed: true })
      },
    },
  }
}

const shown = ({ elements, ...set }: StoredSchemaSet) => ({ ...set, elements: elements.length })

const wrongWish = ({ files, channels: wished, format, root }: SchemaSetWish, channels: ReadonlyMap<string, Channel>, translator: Translator): Result<never> | undefined => {
  const unknown = wished?.find((id) => !channels.has(id))
  if (unknown !== undefined) return fail('request-invalid', 'channels', `There is no channel '${unknown}'; there are ${[...channels.keys()].join(', ')}.`)
  if (format !== undefined && !translator.formats.some(({ id }) => id === format)) return fail('request-invalid', 'format', `There is no format '${format}'; there are ${translator.formats.map(({ id }) => id).join(', ')}.`)
  const paths = files.map(({ path }) => path)
  const twice = paths.find((path, index) => paths.indexOf(path) < index)
  if (twice !== undefined) return fail('request-invalid', 'files', `The file '${twice}' is there twice.`)
  const strange = paths.find((path) => !/\.(xsd|json)$/i.test(path))
  if (strange !== undefined) return fail('request-invalid', 'files', `'${strange}' is neither an .xsd nor a .json file.`)
  const json = paths.some((path) => /\.json$/i.test(path))
  if (json && (wished ?? []).length === 0) return fail('request-invalid', 'channels', 'JSON has no root element to tell a document by: say which channels\' messages the JSON Schemas are for (--channel).')
  return json || (format ?? root) === undefined ? undefined : fail('request-invalid', format === undefined ? 'root' : 'format', 'This says something of JSON Schemas, of which there are none among the files.')
}

const unusableFor = ({ elements, jsonRoot }: SchemaSummary, { files }: SchemaSetWish): Result<never> | undefined =>
  elements.length === 0 && jsonRoot === undefined ? fail('schema-invalid', files[0]?.path ?? 'files', 'The schemas declare no global element, so no document could be held against them.') : undefined

import { fail, ok, type Result } from '../../schemas/result.js'
import type { Translator, VersionedTranslator } from './deps.js'

export interface EarlierMappingDeps {
  readonly translator: Translator & VersionedTranslator
  /** The format of a version, and the texts that it was compiled from, as they were kept. */
  readonly mappingByVersion: (version: string) => Promise<{ readonly format: string, readonly files: Readonly<Record<string, string>> } | undefined>
}

/** The mappings of today, but for one format, which is as it was. */
export interface EarlierMapping {
  readonly translator: Translator
  readonly format: string
  /** The functions beside the map, or the engine, are others today, and today's are what runs. */
  readonly functionsChanged?: true
  readonly engineChanged?: true
}

/** A translator in which one format has an earlier version. Fails with not-found, and with mapping-invalid where that cannot be compiled any more. */
export const earlierMapping = async ({ translator, mappingByVersion }: EarlierMappingDeps, version: string): Promise<Result<EarlierMapping>> => {
  const kept = await mappingByVersion(version)
  if (kept === undefined) return fail('not-found', 'mapping', `There is no mapping version '${version}'; a message says which one read it.`)
  const { format, files } = kept
  const then = translator.ofSources(format, files)
  if (!then.ok) return then
  const { read, functionsChanged, texts, version: compiled } = then.value
  return ok({
    format,
    ...(functionsChanged ? { functionsChanged: true as const } : {}),
    ...(compiled === version ? {} : { engineChanged: true as const }),
    translator: {
      ...translator,
      textsOf: (languages) => texts ?? translator.textsOf(languages),
      recognise: (root, languages) => {
        const found = translator.recognise(root, languages)
        return found.ok && found.value.id === format ? ok({ ...found.value, version }) : found
      },
      read: (formatId, root, options) => (formatId === format ? read(root) : translator.read(formatId, root, options)),
      // Today's map may find the place of a field elsewhere.
      locate: (formatId, root, issues) => (formatId === format ? issues : translator.locate(formatId, root, issues)),
    },
  })
}

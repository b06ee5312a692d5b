import type { Issue } from '../../schemas/message-answer.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import type { Channel } from './channel.js'
import type { ReceiveDeps, StoredDeps, VersionedTranslator } from './deps.js'
import { readMessage, type ReadTexts } from './read-message.js'
import type { StoredMessage } from '../central/messages.js'
import type { Enclosed } from './envelopes/envelope.js'
import { findMessage, type FoundMessage } from './replay.js'

/** Where the fields of one part's documents come from. */
interface PartLineage {
  readonly part: number
  readonly format?: string
  /** The version that the part was mapped by, which is the one that the lineage is computed by; today's where no format had recognised it. */
  readonly mappingVersion?: string
  /** Today's version, where it is another one or there is none. */
  readonly todaysMappingVersion?: string | null
  /** The functions beside the map, or the engine, are others today. Only today's can be run, so that what they gave may differ. */
  readonly functionsChanged?: true
  readonly engineChanged?: true
  readonly lineage: readonly unknown[]
  readonly errors: readonly Issue[]
}

export interface MessageLineage {
  readonly messageId: string
  readonly parts: readonly PartLineage[]
}

/** The format and the version of its mapping that read a part of a message. */
export interface UsedMapping {
  readonly format: string
  readonly version: string
}

export interface LineageDeps extends StoredDeps, Pick<ReceiveDeps, 'channel'> {
  readonly translator: ReceiveDeps['translator'] & VersionedTranslator
  /** What read each part of a stored message, or the one that is named, in their order; undefined where no format recognised it. */
  readonly mappingsOf: (messageId: string, part?: number) => Promise<readonly (UsedMapping | undefined)[]>
  /** A part of a giant, cut out of its bytes again; undefined where it has no such part. */
  readonly partOfGiant: (message: StoredMessage, channel: Channel, part: number, texts: ReadTexts | undefined) => Promise<Enclosed | undefined>
  /** The texts that a version was compiled from, as they were kept. */
  readonly mappingSources: (format: string, version: string) => Promise<Readonly<Record<string, string>> | undefined>
}

/**
 * Recomputes which source field gave which field, from the bytes of a message and the mappings that it was mapped by; of one `part` alone where it is named,
 * as it must be of a giant. Fails with not-found and channel-unknown, and with request-invalid for a giant as a whole.
 */
export const makeLineage = (deps: LineageDeps) => async (id: string, part?: number): Promise<Result<MessageLineage>> => {
  const found = await findMessage(deps, id)
  if (!found.ok) return found
  const { message, channel } = found.value
  if (message.giant && part === undefined) return fail('request-invalid', 'part', 'The message is a giant, whose lineage is computed part by part: ask with `part=1` for the first.')
  const used = await deps.mappingsOf(id, part)
  const texts = await textsThen(deps, used) ?? deps.translator.textsOf(channel.languages)
  const enclosed = message.giant ? await ofGiant(deps, message, channel, part ?? 0, texts) : await ofMessage(found.value, part, texts)
  if (part !== undefined && enclosed.length === 0) return fail('not-found', 'part', `The message has no part ${part}.`)
  const parts = await Promise.all(enclosed.map(async ({ root }, index): Promise<PartLineage> => {
    const ordinal = part ?? index + 1
    if (!root.ok) return { part: ordinal, ...failed(root) }
    const mapping = used[index]
    return { part: ordinal, ...mapping === undefined ? byToday(deps, channel, root.value) : await byVersion(deps, mapping, root.value) }
  }))
  return ok({ messageId: id, parts })
}

type Opened = readonly Pick<Enclosed, 'root'>[]

/** How the texts of a message were read when its mapping was another one than today's; undefined where it is today's, or of XML or JSON. */
const textsThen = async (deps: LineageDeps, used: readonly (UsedMapping | undefined)[]): Promise<ReadTexts | undefined> => {
  const earlier = used.find((one) => one !== undefined && one.version !== versionToday(deps, one.format))
  const then = earlier === undefined ? undefined : await formatThen(deps, earlier)
  return then?.ok === true ? then.value.texts : undefined
}

const versionToday = ({ translator }: LineageDeps, format: string): string | undefined => translator.formats.find(({ id }) => id === format)?.version

const formatThen = async ({ translator, mappingSources }: LineageDeps, { format, version }: UsedMapping): Promise<ReturnType<VersionedTranslator['ofSources']>> => {
  const files = await mappingSources(format, version)
  return files === undefined ? fail('not-found', format, `The files of the mapping version ${version} are not kept.`) : translator.ofSources(format, files)
}

const ofGiant = async (deps: LineageDeps, message: StoredMessage, channel: Channel, part: number, texts: ReadTexts | undefined): Promise<Opened> => {
  const found = await deps.partOfGiant(message, channel, part, texts)
  return found === undefined ? [] : [found]
}

const ofMessage = async ({ arrival, channel }: FoundMessage, part: number | undefined, texts: ReadTexts | undefined): Promise<Opened> => {
  const read = await readMessage({ bytes: arrival.raw, contentType: arrival.contentType ?? '', contentEncoding: arrival.contentEncoding, receivedAt: arrival.receivedAt }, { maxExpandedBytes: channel.maxExpandedBytes }, texts)
  const parts = read.ok ? read.value : [{ root: read }]
  return part === undefined ? parts : parts.slice(part - 1, part)
}

type Traced = Omit<PartLineage, 'part'>

const byToday = ({ translator }: LineageDeps, channel: Channel, root: Node): Traced => {
  const format = translator.recognise(root, channel.languages)
  if (!format.ok) return failed(format)
  const { lineage, issues } = translator.read(format.value.id, root, { lineage: true })
  return { format: format.value.id, mappingVersion: format.value.version, lineage, errors: issues }
}

const byVersion = async (deps: LineageDeps, { format, version }: UsedMapping, root: Node): Promise<Traced> => {
  const today = versionToday(deps, format)
  const named = { format, mappingVersion: version, ...today === version ? {} : { todaysMappingVersion: today ?? null } }
  if (today === version) {
    const { lineage, issues } = deps.translator.read(format, root, { lineage: true })
    return { ...named, lineage, errors: issues }
  }
  const then = await formatThen(deps, { format, version })
  if (!then.ok) return { ...named, ...failed(then) }
  const { lineage, issues } = then.value.read(root)
  const changes = { ...then.value.functionsChanged ? { functionsChanged: true as const } : {}, ...then.value.version === version ? {} : { engineChanged: true as const } }
  return { ...named, ...changes, lineage, errors: issues }
}

const failed = ({ code, at, detail }: Failure): Traced => ({ lineage: [], errors: [{ code, at, detail }] })

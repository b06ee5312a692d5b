import type { Issue } from '../../schemas/message-answer.js'
import { ok, type Result } from '../../schemas/result.js'
import type { ReceiveDeps, StoredDeps } from './deps.js'
import { readMessage } from './read-message.js'
import { findMessage } from './replay.js'

/** Where the fields of one part's documents come from. */
interface PartLineage {
  readonly part: number
  readonly format?: string
  /** The version that the lineage was computed by, which is today's. */
  readonly mappingVersion?: string
  /** The version that made the stored documents, where it is another one; the hub keeps its files. */
  readonly storedMappingVersion?: string
  readonly lineage: readonly unknown[]
  readonly errors: readonly Issue[]
}

export interface MessageLineage {
  readonly messageId: string
  readonly parts: readonly PartLineage[]
}

export interface LineageDeps extends StoredDeps, Pick<ReceiveDeps, 'channel' | 'translator'> {
  /** The version that each part of a stored message was mapped by, in their order. */
  readonly mappingVersionsOf: (messageId: string) => Promise<readonly (string | undefined)[]>
}

/** Recomputes which source field gave which field, from the bytes of a message and today's mappings. Fails with not-found and channel-unknown. */
export const makeLineage = (deps: LineageDeps) => async (id: string): Promise<Result<MessageLineage>> => {
  const found = await findMessage(deps, id)
  if (!found.ok) return found
  const { arrival, channel } = found.value
  const read = await readMessage({ bytes: arrival.raw, contentType: arrival.contentType ?? '', contentEncoding: arrival.contentEncoding }, channel.maxExpandedBytes)
  if (!read.ok) return ok({ messageId: id, parts: [unread(1, read)] })
  const stored = await deps.mappingVersionsOf(id)
  const parts = read.value.map(({ root }, index): PartLineage => {
    if (!root.ok) return unread(index + 1, root)
    const format = deps.translator.recognise(root.value, channel.languages)
    if (!format.ok) return unread(index + 1, format)
    const { lineage, issues } = deps.translator.read(format.value.id, root.value, { lineage: true })
    const before = stored[index]
    const changed = before === undefined || before === format.value.version ? {} : { storedMappingVersion: before }
    return { part: index + 1, format: format.value.id, mappingVersion: format.value.version, ...changed, lineage, errors: issues }
  })
  return ok({ messageId: id, parts })
}

const unread = (part: number, { code, at, detail }: Issue): PartLineage => ({ part, lineage: [], errors: [{ code, at, detail }] })

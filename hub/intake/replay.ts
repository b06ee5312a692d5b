import type { MessageId } from '../../schemas/ids.js'
import { isUuid } from '../../schemas/ids.js'
import type { Issue, MessageAnswer } from '../../schemas/message-answer.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import type { CommitItem } from '../central/commit-item.js'
import type { Fate, Foreseen } from '../central/foresee-commit.js'
import type { PartFate } from '../central/giants/foresee-slices.js'
import type { StoredMessage, StoredOutcome } from '../central/messages.js'
import type { Channel } from './channel.js'
import { compareDocuments, type Difference } from './compare-documents.js'
import { compareIssues } from './compare-issues.js'
import type { ReceiveDeps, StoredDeps } from './deps.js'
import { earlierMapping, type EarlierMapping, type EarlierMappingDeps } from './earlier-mapping.js'
import { prepareItem, type Arrival } from './prepare-item.js'
import { storeItem } from './store-item.js'

interface ReplayDeps extends StoredDeps, EarlierMappingDeps, Omit<ReceiveDeps, 'callerOf' | 'authorise' | 'translator' | 'quotas' | 'turns'> {
  readonly replayGiant: (messageId: MessageId, options: ReplayOptions) => Promise<Result<MessageAnswer>>
  /** What a replay of a giant would change. */
  readonly foreseeGiant: (message: StoredMessage, mapping: string | undefined) => Promise<Result<ReplayDiff>>
  /** What a message would come to. */
  readonly foresee: (item: CommitItem) => Promise<Foreseen>
}

/** A stored message with its bytes, and the channel that it came through as it is set up today. */
export interface FoundMessage {
  readonly message: StoredMessage
  readonly arrival: Arrival
  readonly channel: Channel
}

/** That the bytes of a message were dropped, and why. */
export const rawDropped = ({ rawDropped: dropped }: StoredMessage): Failure =>
  fail('raw-dropped', 'messageId', dropped === null ? 'The bytes of the message are not kept any more.' : `The bytes of the message were dropped on ${dropped.at.slice(0, 10)}: ${dropped.rule}. Its answer and its documents are kept.`)

/** Fails with not-found, with raw-dropped, and with channel-unknown where the channel is gone. */
export const findMessage = async (deps: StoredDeps & Pick<ReceiveDeps, 'channel'>, id: string): Promise<Result<FoundMessage>> => {
  const messageId = id as MessageId
  const [message, raw] = isUuid(id) ? await Promise.all([deps.messageById(messageId), deps.rawOfMessage(messageId)]) : []
  if (message === undefined) return fail('not-found', 'messageId', `There is no message '${id}'.`)
  if (raw === undefined) return rawDropped(message)
  const channel = deps.channel(message.channel)
  if (channel === undefined) return fail('channel-unknown', 'channel', `The channel '${message.channel}' of the message is not set up any more.`)
  const arrival = {
    messageId, raw, replay: true, sender: message.sender, caller: message.caller ?? undefined, idempotencyKey: message.idempotencyKey ?? undefined,
    receivedAt: message.receivedAt, contentType: message.contentType ?? undefined, contentEncoding: message.contentEncoding ?? undefined,
  }
  return ok({ message, arrival, channel })
}

export interface ReplayOptions {
  /** The version of one format's mapping that is to read it instead of today's. */
  readonly mapping?: string | undefined
  /** A UUID that is the same when the replay is begun once more: then it has taken place. */
  readonly attempt?: string | undefined
}

/** The message made ready once more. */
const prepareAgain = async (deps: ReplayDeps, { arrival, channel }: FoundMessage, mapping: string | undefined): Promise<Result<{ readonly item: CommitItem, readonly earlier: EarlierMapping | undefined }>> => {
  const earlier = mapping === undefined ? ok(undefined) : await earlierMapping(deps, mapping)
  if (!earlier.ok) return earlier
  const item = await prepareItem({ ...deps, translator: earlier.value?.translator ?? deps.translator }, channel, arrival)
  if (!item.ok) return item
  const used = earlier.value
  if (used !== undefined && !item.value.parts.some(({ format }) => format === used.format)) return fail('request-invalid', 'mapping', `The version is one of ${used.format}, and no part of the message is of that format.`)
  return ok({ item: item.value, earlier: used })
}

/** Sends the bytes of a stored message through the mappings again, under its own id. Never goes back behind a later message. */
export const makeReplay = (deps: ReplayDeps) => async (id: string, { mapping, attempt }: ReplayOptions = {}): Promise<Result<MessageAnswer>> => {
  const startedMs = deps.nowMs()
  const found = await findMessage(deps, id)
  if (!found.ok) return found
  if (found.value.message.giant) return deps.replayGiant(found.value.arrival.messageId, { mapping, attempt })
  const again = await prepareAgain(deps, found.value, mapping)
  if (!again.ok) return again
  const stored = await storeItem(deps, attempt === undefined ? again.value.item : { ...again.value.item, attempt }, startedMs)
  return stored.ok ? ok(stored.value.answer) : stored
}

export interface DocumentChange {
  readonly part: number
  readonly kind: string
  readonly number: string
  /** Of a giant: where its part begins, `line:column` in the whole. */
  readonly place?: string
  readonly change: Fate
  /** The current one; null where there is none. */
  readonly revision: number | null
  readonly differences?: readonly Difference[]
  /** How many differences there are beyond those listed. */
  readonly moreDifferences?: number
}

/** What a replay would change. */
export interface ReplayDiff {
  readonly messageId: MessageId
  readonly differs: boolean
  readonly outcome: { readonly before: StoredOutcome, readonly after: StoredOutcome }
  readonly mappingVersion: { readonly before: string | null, readonly after: string | null }
  readonly functionsChanged?: true
  readonly engineChanged?: true
  /** Of a giant: what would become of its parts, and of their documents. */
  readonly parts?: Readonly<Record<PartFate, number>>
  readonly documentCounts?: Readonly<Record<Fate, number>>
  /** Of a giant the first that are not unchanged. */
  readonly documents: readonly DocumentChange[]
  readonly moreDocuments?: number
  readonly errors: { readonly gone: readonly Issue[], readonly come: readonly Issue[] }
  readonly moreErrors?: { readonly gone: number, readonly come: number }
}

/** Of one document, as far as they are listed. */
const mostDifferences = 500

/** Says what a replay would change, and changes nothing. Fails as a replay does. */
export const makeReplayDiff = (deps: ReplayDeps) => async (id: string, mapping?: string): Promise<Result<ReplayDiff>> => {
  const found = await findMessage(deps, id)
  if (!found.ok) return found
  if (found.value.message.giant) return deps.foreseeGiant(found.value.message, mapping)
  const again = await prepareAgain(deps, found.value, mapping)
  if (!again.ok) return again
  const { item, earlier } = again.value
  const { answer, documents } = await deps.foresee(item)
  const { message } = found.value
  const changes = documents.map(({ before, after, fate, ...named }): DocumentChange => ({ ...named, change: fate, ...(fate === 'changed' ? listed(compareDocuments(before, after)) : {}) }))
  const errors = compareIssues(message.answer?.errors ?? [], answer.errors)
  // As a commit has it: what was taken stays so, unless it brought something new.
  const isKept = (message.outcome === 'accepted' || message.outcome === 'duplicate') && answer.outcome !== 'accepted'
  const after = isKept ? message.outcome : answer.outcome
  const only = item.parts.length === 1 ? item.parts[0] : undefined
  return ok({
    messageId: item.messageId,
    differs: after !== message.outcome || changes.some(({ change }) => change !== 'unchanged') || errors.gone.length + errors.come.length > 0,
    outcome: { before: message.outcome, after },
    mappingVersion: { before: message.mappingVersion, after: only?.mappingVersion ?? null },
    ...(earlier?.functionsChanged === undefined ? {} : { functionsChanged: true as const }),
    ...(earlier?.engineChanged === undefined ? {} : { engineChanged: true as const }),
    documents: changes, errors,
  })
}

const listed = (differences: readonly Difference[]): Pick<DocumentChange, 'differences' | 'moreDifferences'> =>
  ({ differences: differences.slice(0, mostDifferences), ...(differences.length > mostDifferences ? { moreDifferences: differences.length - mostDifferences } : {}) })

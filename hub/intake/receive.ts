import type { ConnectorHost, Received } from '../../connectors/contract.js'
import type { MessageId } from '../../schemas/ids.js'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { mostKeyCharacters } from '../../schemas/idempotency-key.js'
import { findUnstorable } from '../../schemas/storable.js'
import type { Caller } from '../access/access.js'
import type { Committed } from '../central/commit-item.js'
import type { Channel } from './channel.js'
import { unknownCoding } from './decompress.js'
import type { ReceiveDeps } from './deps.js'
import { withEarlyBytes, type IsKept } from './early-bytes.js'
import { prepareItem, type Arrival } from './prepare-item.js'
import { senderOf } from './sender.js'
import { storeItem, withPassed } from './store-item.js'
import type { Turns } from './turns.js'

/**
 * Takes a message in: authorise ▸ count ▸ take turns ▸ read ▸ map ▸ commit ▸ wait ▸ answer. Fails, with nothing stored, where the caller may not or sends more than its quota lets it, the channel is
 * unknown, the message too large or its coding unknown, or the database or the registered schemas unavailable; whatever else is wrong
 * is stored and answered.
 */
export const makeReceive = (deps: ReceiveDeps): ConnectorHost['receive'] => async (received): Promise<Result<MessageAnswer>> => {
  const startedMs = deps.nowMs()
  const admitted = await admit(deps, received)
  if (!admitted.ok) return admitted
  const { channel, caller } = admitted.value
  const bytes = (received.attachments ?? []).reduce((sum, attachment) => sum + attachment.bytes.length, received.body.length)
  if (bytes > channel.maxBytes) return fail('too-large', 'body', `The message has ${bytes} bytes; the channel takes ${channel.maxBytes}.`)
  const sender = senderOf(channel, caller)
  const entered = deps.quotas.enter(channel.id, sender, channel.quota)
  if (!entered.ok) return entered
  let documents = 0
  try {
    const stored = await inTurn(deps.turns, sender, () => takeIn(deps, received, admitted.value, startedMs))
    if (!stored.ok) return stored
    documents = stored.value.answer.documents.length
    return ok(received.wait === undefined ? stored.value.answer : await withPassed(deps, stored.value, received.wait))
  } finally {
    entered.value(documents)
  }
}

const inTurn = async <T>({ enter }: Turns, sender: string, work: () => Promise<T>): Promise<T> => {
  const leave = await enter(sender)
  try {
    return await work()
  } finally {
    leave()
  }
}

const takeIn = async (deps: ReceiveDeps, received: Received, { channel, caller }: Admitted, startedMs: number): Promise<Result<Committed>> => {
  const messageId = deps.newId() as MessageId
  return withEarlyBytes(deps, messageId, received.body, (isKept) => readAndStore(deps, channel, {
    messageId,
    replay: false,
    sender: senderOf(channel, caller),
    caller: caller.keyId,
    idempotencyKey: received.idempotencyKey,
    receivedAt: new Date(startedMs).toISOString(),
    contentType: received.contentType,
    contentEncoding: received.contentEncoding,
    raw: received.body,
    attachments: received.attachments ?? [],
  }, { startedMs, isKept }))
}

const readAndStore = async (deps: ReceiveDeps, channel: Channel, arrival: Arrival, { startedMs, isKept }: { readonly startedMs: number, readonly isKept: IsKept }): Promise<Result<Committed>> => {
  const item = await prepareItem(deps, channel, arrival)
  return item.ok ? storeItem(deps, await isKept() ? { ...item.value, isKept: true } : item.value, startedMs) : item
}

/** Who sends, and through which channel. */
export interface Admitted {
  readonly channel: Channel
  readonly caller: Caller
}

/** Who sends and through which channel. Fails where nothing of the message is to be looked at. */
export const admit = async (deps: Pick<ReceiveDeps, 'channel' | 'channelIds' | 'callerOf' | 'authorise'>, received: Omit<Received, 'body'>): Promise<Result<Admitted>> => {
  const channel = deps.channel(received.channel)
  const caller = channel === undefined ? await deps.callerOf(received.credentials) : await deps.authorise(received.credentials, channel.id)
  if (!caller.ok) return caller
  if (channel === undefined) return fail('channel-unknown', 'channel', `There is no channel '${received.channel}'; ${caller.value.channel === undefined ? `there are ${deps.channelIds().join(', ')}` : `your key is one of the channel '${caller.value.channel}'`}.`)
  if (channel.signed === 'required' && caller.value.signedBy === undefined) return fail('signature-missing', 'channel', `The channel '${channel.id}' takes messages over SOAP alone, signed by WS-Security.`)
  const coding = unknownCoding(received.contentEncoding)
  if (coding !== undefined) return fail('media-type-unsupported', 'Content-Encoding', `The content coding '${coding}' is not known; send gzip, deflate, br or none.`)
  const key = received.idempotencyKey
  if (key !== undefined && (key === '' || key.length > mostKeyCharacters || findUnstorable(key) !== undefined)) {
    return fail('request-invalid', 'Idempotency-Key', `An idempotency key has 1 to ${mostKeyCharacters} characters that can be stored.`)
  }
  return ok({ channel, caller: caller.value })
}

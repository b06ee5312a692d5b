import type { MessageId } from '../../schemas/ids.js'
import { isUuid } from '../../schemas/ids.js'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { StoredMessage } from '../central/messages.js'
import type { Channel } from './channel.js'
import type { ReceiveDeps, StoredDeps } from './deps.js'
import { prepareItem, type Arrival } from './prepare-item.js'
import { storeItem } from './store-item.js'

interface ReplayDeps extends StoredDeps, Omit<ReceiveDeps, 'callerOf' | 'authorise' | 'quotas' | 'turns'> {
  readonly replayGiant: (messageId: MessageId) => Promise<Result<MessageAnswer>>
}

/** A stored message with its bytes, and the channel that it came through as it is set up today. */
export interface FoundMessage {
  readonly message: StoredMessage
  readonly arrival: Arrival
  readonly channel: Channel
}

/** Fails with not-found, and with channel-unknown where the channel is gone. */
export const findMessage = async (deps: StoredDeps & Pick<ReceiveDeps, 'channel'>, id: string): Promise<Result<FoundMessage>> => {
  const messageId = id as MessageId
  const [message, raw] = isUuid(id) ? await Promise.all([deps.messageById(messageId), deps.rawOfMessage(messageId)]) : []
  if (message === undefined || raw === undefined) return fail('not-found', 'messageId', `There is no message '${id}'.`)
  const channel = deps.channel(message.channel)
  if (channel === undefined) return fail('channel-unknown', 'channel', `The channel '${message.channel}' of the message is not set up any more.`)
  const arrival = {
    messageId, raw, replay: true, sender: message.sender, caller: message.caller ?? undefined, idempotencyKey: message.idempotencyKey ?? undefined,
    receivedAt: message.receivedAt, contentType: message.contentType ?? undefined, contentEncoding: message.contentEncoding ?? undefined,
  }
  return ok({ message, arrival, channel })
}

/** Sends the bytes of a stored message through today's mapping again, under its own id. Never goes back behind a later message. */
export const makeReplay = (deps: ReplayDeps) => async (id: string): Promise<Result<MessageAnswer>> => {
  const startedMs = deps.nowMs()
  const found = await findMessage(deps, id)
  if (!found.ok) return found
  if (found.value.message.giant) return deps.replayGiant(found.value.arrival.messageId)
  const item = await prepareItem(deps, found.value.channel, found.value.arrival)
  const stored = item.ok ? await storeItem(deps, item.value, startedMs) : item
  return stored.ok ? ok(stored.value.answer) : stored
}

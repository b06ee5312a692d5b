import type { ConnectorHost } from '../../connectors/contract.js'
import { isUuid, type MessageId } from '../../schemas/ids.js'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { Caller } from '../access/access.js'
import type { StoredMessage } from '../central/messages.js'
import type { ReceiveDeps, StoredDeps } from './deps.js'
import { senderOf } from './sender.js'

type StatusDeps = Pick<StoredDeps, 'messageById'> & Pick<ReceiveDeps, 'callerOf' | 'channel'>

export interface MessageStatus {
  readonly ofCaller: (id: string, caller: Caller) => Promise<Result<MessageAnswer>>
  readonly ofCredentials: ConnectorHost['messageStatus']
}

/** A message is a channel key's own when it came through its channel and from whom the key speaks for. */
const isOwn = (deps: Pick<StatusDeps, 'channel'>, message: Pick<StoredMessage, 'channel' | 'sender'>, caller: Caller): boolean => {
  const channel = deps.channel(message.channel)
  return channel !== undefined && caller.channel === channel.id && message.sender === senderOf(channel, caller)
}

/** The answer that a message was given, for who may read everything and for the message's own sender. Fails with not-found, forbidden and still-running. */
export const makeMessageStatus = (deps: StatusDeps): MessageStatus => {
  const ofCaller = async (id: string, caller: Caller): Promise<Result<MessageAnswer>> => {
    const message = isUuid(id) ? await deps.messageById(id as MessageId) : undefined
    if (message === undefined) return fail('not-found', 'messageId', `There is no message '${id}'.`)
    if (caller.role === 'channel' && !isOwn(deps, message, caller)) return fail('forbidden', 'Authorization', 'The message is another sender\'s.')
    if (message.answer === null) return fail('still-running', 'messageId', 'The message is kept and its parts are still being taken; ask again later.')
    return ok(message.answer)
  }
  return {
    ofCaller,
    ofCredentials: async (id, credentials) => {
      const caller = await deps.callerOf(credentials)
      return caller.ok ? ofCaller(id, caller.value) : caller
    },
  }
}

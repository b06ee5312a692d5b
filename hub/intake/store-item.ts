import type { Wait } from '../../connectors/contract.js'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import type { Result } from '../../schemas/result.js'
import type { CommitItem, Committed } from '../central/commit-item.js'
import type { ReceiveDeps } from './deps.js'

/** Commits a message and logs what became of it. */
export const storeItem = async (deps: Pick<ReceiveDeps, 'commit' | 'nowMs' | 'log'>, item: CommitItem, startedMs: number): Promise<Result<Committed>> => {
  const committed = await deps.commit(item)
  const [{ channel }, ms, bytes] = [item, deps.nowMs() - startedMs, item.raw.length]
  if (!committed.ok) {
    deps.log.info({ channel, ms, bytes, code: committed.code }, 'message not stored')
    return committed
  }
  const { answer } = committed.value
  deps.log.info({ messageId: answer.messageId, outcome: answer.outcome, codes: answer.errors.map(({ code }) => code), channel, ms, bytes }, item.replay ? 'message replayed' : 'message')
  return committed
}

/** What a message caused nothing of is waited for not at all: its answer says where the followers are. */
export const withPassed = async (deps: Pick<ReceiveDeps, 'waitFor'>, { answer, entries }: Committed, wait: Wait): Promise<MessageAnswer> => {
  const passed = await deps.waitFor(wait.followers, entries ?? { first: 0, last: 0 }, wait.timeoutMs)
  const { errors, ...rest } = answer
  return { ...rest, passed, errors }
}

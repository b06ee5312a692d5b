import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectorHost, ReceivedStream, Wait } from '../../../connectors/contract.js'
import type { MessageId } from '../../../schemas/ids.js'
import type { MessageAnswer } from '../../../schemas/message-answer.js'
import { fail, ok, type Failure, type Result } from '../../../schemas/result.js'
import type { Committed } from '../../central/commit-item.js'
import type { GiantItem, OpenedGiant } from '../../central/giants/open-giant.js'
import type { Log, ReceiveDeps } from '../deps.js'
import { admit } from '../receive.js'
import { senderOf } from '../sender.js'
import { withPassed } from '../store-item.js'
import { collectBytes, type Collected } from './collect-bytes.js'
import { runGiant, type RunGiantDeps } from './run-giant.js'

export interface GiantsDeps extends Omit<RunGiantDeps, 'log' | 'channel'>, Pick<ReceiveDeps, 'channel' | 'channelIds' | 'callerOf' | 'authorise' | 'waitFor'> {
  readonly insertChunk: (messageId: string, ordinal: number, bytes: Uint8Array) => Promise<unknown>
  readonly dropChunks: (messageId: string) => Promise<unknown>
  readonly dropUnfinishedChunks: () => Promise<unknown>
  readonly open: (item: GiantItem) => Promise<OpenedGiant>
  /** False where the message is running already. */
  readonly reopen: (messageId: MessageId, attempt: string) => Promise<boolean>
  readonly unfinished: () => Promise<readonly MessageId[]>
  readonly log: Log & RunGiantDeps['log']
}

export interface Giants {
  readonly receive: NonNullable<ConnectorHost['receiveStream']>
  /** Runs a stored message again in slices, under its own id. */
  readonly replay: (messageId: MessageId) => Promise<Result<MessageAnswer>>
  /** Drops what came of giants that did not come to their end, and lets those go on that did. */
  readonly resume: () => Promise<void>
  /** Resolves when no giant is worked on any more; each stands behind its last slice. */
  readonly stop: () => Promise<void>
}

/** How many may come in or be taken at a time. */
const mostAtOnce = 2
const retryMs = { first: 1000, last: 10_000 } as const

const busy = fail('giants-busy', 'hub', `${mostAtOnce} large messages are coming in or being taken; send it again shortly.`)
const shuttingDown = fail('shutting-down', 'hub', 'The hub is shutting down; send it again shortly.')

/** Takes messages in that are too large to be held: bytes first, and once these are kept, part by part. Whatever is killed when, each part is taken once. */
export const makeGiants = (deps: GiantsDeps): Giants => {
  let [coming, stopped] = [0, false]
  const isStopped = (): boolean => stopped
  const runs = new Map<MessageId, { readonly waiting: ((result: Result<Committed>) => void)[], readonly ended: Promise<void> }>()

  const run = async (messageId: MessageId, waiting: ((result: Result<Committed>) => void)[]): Promise<void> => {
    for (let retryInMs: number = retryMs.first; ; retryInMs = Math.min(retryInMs * 2, retryMs.last)) {
      const result = await runGiant(deps, messageId, isStopped).catch((error: unknown): Failure => {
        deps.log.error({ err: error, messageId }, 'a giant stands still')
        return fail('database-unavailable', 'central', 'The message is kept and goes on by itself; send it again to hear its answer.')
      })
      if (result.ok || isStopped()) runs.delete(messageId)
      // Whoever asks while it stands still hears how the next attempt ends.
      for (const done of waiting.splice(0)) done(result)
      if (result.ok || isStopped()) return
      for (const untilMs = deps.nowMs() + retryInMs; deps.nowMs() < untilMs && !isStopped();) await sleep(50)
    }
  }
  const answerOf = (messageId: MessageId): Promise<Result<Committed>> => new Promise((done) => {
    const known = runs.get(messageId)
    if (known !== undefined) {
      known.waiting.push(done)
      return
    }
    const waiting = [done]
    // Begins in the next turn, when it is listed.
    runs.set(messageId, { waiting, ended: Promise.resolve().then(() => run(messageId, waiting)) })
  })
  const keep = async (received: ReceivedStream, messageId: MessageId, maxBytes: number): Promise<Result<Collected>> => {
    try {
      return await collectBytes(deps, messageId, untilStopped(received.body, isStopped), maxBytes)
    } catch (error) {
      if (isStopped()) return shuttingDown
      deps.log.info({ err: error, messageId }, 'a giant did not come to its end')
      return fail('database-unavailable', 'central', 'The message did not come to its end or could not be kept; send it again.')
    }
  }
  const take = async (received: ReceivedStream, startedMs: number): Promise<Result<Committed>> => {
    const admitted = await admit(deps, received)
    if (!admitted.ok) return admitted
    const { channel, caller } = admitted.value
    if ((received.contentLength ?? 0) > channel.maxGiantBytes) return fail('too-large', 'body', `The message has ${received.contentLength ?? 0} bytes; the channel takes ${channel.maxGiantBytes}.`)
    if (stopped) return shuttingDown
    if (coming + runs.size >= mostAtOnce) return busy
    coming += 1
    const messageId = deps.newId() as MessageId
    try {
      const kept = await keep(received, messageId, channel.maxGiantBytes)
      if (!kept.ok) {
        await deps.dropChunks(messageId)
        return kept
      }
      const { idempotencyKey, contentType, contentEncoding } = received
      const opened = await deps.open({
        messageId, attempt: deps.newId(), replay: false, channel: channel.id, system: channel.system, sender: senderOf(channel, caller), caller: caller.keyId, idempotencyKey,
        receivedAt: new Date(startedMs).toISOString(), contentType, contentEncoding, bytes: kept.value.bytes, rawSha256: kept.value.sha256,
      })
      if (opened.type === 'answered') return ok(opened.committed)
      const answer = answerOf(opened.messageId)
      coming -= 1
      try {
        return opened.type === 'running' ? asRepeat(await answer) : await answer
      } finally {
        coming += 1
      }
    } finally {
      coming -= 1
    }
  }
  const finished = async (result: Result<Committed>, startedMs: number, wait: Wait | undefined): Promise<Result<MessageAnswer>> => {
    if (!result.ok) {
      deps.log.info({ code: result.code, ms: deps.nowMs() - startedMs }, 'giant not answered')
      return result
    }
    const { answer } = result.value
    deps.log.info({ messageId: answer.messageId, outcome: answer.outcome, partCounts: answer.partCounts, ms: deps.nowMs() - startedMs }, 'giant')
    return ok(wait === undefined ? answer : await withPassed(deps, result.value, wait))
  }
  return {
    receive: async (received) => {
      const startedMs = deps.nowMs()
      return finished(await take(received, startedMs), startedMs, received.wait)
    },
    replay: async (messageId) => {
      const startedMs = deps.nowMs()
      if (runs.size + coming >= mostAtOnce) return busy
      if (!await deps.reopen(messageId, deps.newId())) return fail('still-running', 'messageId', 'The message is being taken; ask for its state later.')
      return finished(await answerOf(messageId), startedMs, undefined)
    },
    resume: async () => {
      await deps.dropUnfinishedChunks()
      for (const messageId of await deps.unfinished()) void answerOf(messageId)
    },
    stop: async () => {
      stopped = true
      await Promise.all([...runs.values()].map(({ ended }) => ended))
    },
  }
}

const untilStopped = async function* (body: AsyncIterable<Uint8Array>, isStopped: () => boolean): AsyncGenerator<Uint8Array> {
  for await (const part of body) {
    if (isStopped()) throw new Error('The hub is shutting down.')
    yield part
  }
}

/** The answer to one who sent the same while it was running. */
const asRepeat = (result: Result<Committed>): Result<Committed> =>
  (result.ok && result.value.answer.outcome === 'accepted' ? ok({ ...result.value, answer: { ...result.value.answer, outcome: 'duplicate' } }) : result)

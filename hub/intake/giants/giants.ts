import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectorHost, ReceivedStream, Wait } from '../../../connectors/contract.js'
import type { MessageId } from '../../../schemas/ids.js'
import type { MessageAnswer } from '../../../schemas/message-answer.js'
import { fail, ok, type Failure, type Result } from '../../../schemas/result.js'
import type { Committed } from '../../central/commit-item.js'
import type { GiantItem, OpenedGiant, ReopenedGiant, Reopening } from '../../central/giants/open-giant.js'
import type { StoredMessage } from '../../central/messages.js'
import type { Log, ReceiveDeps } from '../deps.js'
import type { EarlierMapping } from '../earlier-mapping.js'
import { admit, type Admitted } from '../receive.js'
import type { ReplayDiff, ReplayOptions } from '../replay.js'
import { senderOf } from '../sender.js'
import { withPassed } from '../store-item.js'
import { collectBytes, type Collected } from './collect-bytes.js'
import { foreseeGiant, type ForeseeGiantDeps } from './foresee-giant.js'
import { makeGiantPlaces } from './giant-places.js'
import { keepPace, type Pace } from './keep-pace.js'
import { mappingOf, runGiant, type RunGiantDeps } from './run-giant.js'

export interface GiantsDeps extends Omit<RunGiantDeps, 'log' | 'channel'>, Pick<ForeseeGiantDeps, 'foresight'>, Pick<ReceiveDeps, 'channel' | 'channelIds' | 'callerOf' | 'authorise' | 'waitFor' | 'quotas'> {
  /** Says that bytes of the giant are going to come. */
  readonly begin: (messageId: string) => Promise<unknown>
  readonly insertChunk: (messageId: string, ordinal: number, bytes: Uint8Array) => Promise<unknown>
  readonly dropChunks: (messageId: string) => Promise<unknown>
  readonly dropUnfinishedChunks: () => Promise<unknown>
  readonly open: (item: Omit<GiantItem, 'owner'>) => Promise<OpenedGiant>
  readonly reopen: (messageId: MessageId, reopening: Reopening) => Promise<ReopenedGiant>
  /** Whether a part of a giant was of this format when it was last taken. */
  readonly hasPartOf: (messageId: MessageId, format: string) => Promise<boolean>
  /** Takes over the giants of processes that are gone. */
  readonly adoptAll: () => Promise<readonly MessageId[]>
  /** False where another process works on it. */
  readonly adopt: (messageId: MessageId) => Promise<boolean>
  /** What has to come of a giant's body; by default 1 MiB in 30 s. */
  readonly pace?: Pace
  /** Asks the process to keep its memory small while a giant is under way; gives how that ends. */
  readonly keepSmall: () => () => void
  readonly log: Log & RunGiantDeps['log']
}

export interface Giants {
  readonly receive: NonNullable<ConnectorHost['receiveStream']>
  /** Runs a stored message again in slices, under its own id. */
  readonly replay: (messageId: MessageId, options: ReplayOptions) => Promise<Result<MessageAnswer>>
  /** Says what running it again would change. */
  readonly foresee: (message: StoredMessage, mapping: string | undefined) => Promise<Result<ReplayDiff>>
  /** Of processes that are gone, drops what came of giants that did not come to their end, and lets those go on that did. */
  readonly resume: () => Promise<void>
  /** Resolves when no giant is worked on any more; each stands behind its last slice. */
  readonly stop: () => Promise<void>
}

const defaultPace: Pace = { bytes: 1024 * 1024, withinMs: 30_000 }
const retryMs = { first: 1000, last: 10_000 } as const

const notWhole = fail('database-unavailable', 'central', 'The message did not come to its end or could not be kept; send it again.')
const elsewhere = fail('still-running', 'messageId', 'Another process of the hub is taking the message; send it again to hear its answer.')
const stillRunning = fail('still-running', 'messageId', 'The message is being taken; ask for its state later.')
const shuttingDown = fail('shutting-down', 'hub', 'The hub is shutting down; send it again shortly.')

/** Takes messages in that are too large to be held: bytes first, and once these are kept, part by part. Whatever is killed when, each part is taken once. */
export const makeGiants = (deps: GiantsDeps): Giants => {
  let stopped = false
  const isStopped = (): boolean => stopped
  const places = makeGiantPlaces()
  const runs = new Map<MessageId, { readonly waiting: ((result: Result<Committed>) => void)[], readonly ended: Promise<void> }>()

  const run = async (messageId: MessageId, waiting: ((result: Result<Committed>) => void)[]): Promise<void> => {
    for (let retryInMs: number = retryMs.first; ; retryInMs = Math.min(retryInMs * 2, retryMs.last)) {
      const result = await places.inTurn(() => smallWhile(deps, () => runGiant(deps, messageId, isStopped))).catch((error: unknown): Failure => {
        deps.log.error({ err: error, messageId }, 'a giant stands still')
        return fail('database-unavailable', 'central', 'The message is kept and goes on by itself; send it again to hear its answer.')
      })
      if (result.ok || isStopped()) runs.delete(messageId)
      else if (!result.code.startsWith('database')) deps.log.error({ code: result.code, at: result.at, detail: result.detail, messageId }, 'a giant stands still')
      // Whoever asks while it stands still hears how the next attempt ends.
      for (const done of waiting.splice(0)) done(result)
      if (result.ok || isStopped()) return
      for (const untilMs = deps.elapsedMs() + retryInMs; deps.elapsedMs() < untilMs && !isStopped();) await sleep(50)
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
    const body = keepPace(received.body, deps.pace ?? defaultPace, deps.elapsedMs)
    try {
      const collected = await collectBytes(deps, messageId, untilStopped(body.bytes, isStopped), maxBytes)
      return body.failure() ?? collected
    } catch (error) {
      if (isStopped()) return shuttingDown
      deps.log.info({ err: error, messageId }, 'a giant did not come to its end')
      return notWhole
    }
  }
  /** Keeps the bytes, and takes the key once all have come. */
  const open = async (received: ReceivedStream, { channel, caller }: Admitted, startedMs: number): Promise<Result<OpenedGiant>> => {
    const messageId = deps.newId() as MessageId
    await deps.begin(messageId)
    const kept = await keep(received, messageId, channel.maxGiantBytes)
    if (!kept.ok) {
      await deps.dropChunks(messageId)
      return kept
    }
    const { idempotencyKey, contentType, contentEncoding } = received
    return ok(await deps.open({
      messageId, attempt: deps.newId(), replay: false, channel: channel.id, system: channel.system, sender: senderOf(channel, caller), caller: caller.keyId, idempotencyKey,
      receivedAt: new Date(startedMs).toISOString(), contentType, contentEncoding, bytes: kept.value.bytes, rawSha256: kept.value.sha256,
    }))
  }
  const take = async (received: ReceivedStream, startedMs: number): Promise<Result<Committed>> => {
    const admitted = await admit(deps, received)
    if (!admitted.ok) return admitted
    const { channel, caller } = admitted.value
    if ((received.contentLength ?? 0) > channel.maxGiantBytes) return fail('too-large', 'body', `The message has ${received.contentLength ?? 0} bytes; the channel takes ${channel.maxGiantBytes}.`)
    if (isStopped()) return shuttingDown
    const entered = deps.quotas.enter(channel.id, senderOf(channel, caller), channel.quota)
    if (!entered.ok) return entered
    const place = places.enter(caller.keyId)
    if (!place.ok) {
      entered.value(0)
      return place
    }
    try {
      const opened = await smallWhile(deps, () => open(received, admitted.value, startedMs)).catch((error: unknown): Failure => {
        // A database that is full or away; what had been kept is dropped by whoever looks after arrivals next.
        deps.log.error({ err: error }, 'a giant could not be kept')
        return notWhole
      })
      if (!opened.ok) return opened
      if (opened.value.type === 'answered') return ok(opened.value.committed)
      if (opened.value.type === 'gone') return notWhole
      if (opened.value.type === 'running' && !runs.has(opened.value.messageId) && !await deps.adopt(opened.value.messageId)) return elsewhere
      const answer = answerOf(opened.value.messageId)
      if (opened.value.type === 'run') return await answer
      // It is in another's place.
      place.value()
      return asRepeat(await answer)
    } finally {
      entered.value(0)
      place.value()
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
  /** For what is asked of a giant that is stored. */
  const inPlace = async <T>(work: () => Promise<Result<T>>): Promise<Result<T>> => {
    if (isStopped()) return shuttingDown
    const place = places.enter(undefined)
    if (!place.ok) return place
    try {
      return await work()
    } finally {
      place.value()
    }
  }
  const usedMapping = async (messageId: MessageId, mapping: string | undefined): Promise<Result<EarlierMapping | undefined>> => {
    const earlier = await mappingOf(deps, mapping)
    if (!earlier.ok || earlier.value === undefined || await deps.hasPartOf(messageId, earlier.value.format)) return earlier
    return fail('request-invalid', 'mapping', `The version is one of ${earlier.value.format}, and no part of the message is of that format.`)
  }
  const reopen = async (messageId: MessageId, wish: { readonly mapping: string | undefined, readonly attempt: string }): Promise<Result<Committed>> => {
    const stuckBy = (await deps.giantById(messageId))?.mapping ?? undefined
    const isStuck = stuckBy !== undefined && !(await mappingOf(deps, stuckBy)).ok
    const opened = await deps.reopen(messageId, { ...wish, insteadOf: isStuck ? stuckBy : undefined })
    if (opened.type === 'answered') return ok(opened.committed)
    if (opened.type === 'running' || (!runs.has(messageId) && !await deps.adopt(messageId))) return stillRunning
    return answerOf(messageId)
  }
  return {
    receive: async (received) => {
      const startedMs = deps.nowMs()
      return finished(await take(received, startedMs), startedMs, received.wait)
    },
    replay: async (messageId, { mapping, attempt }) => {
      const startedMs = deps.nowMs()
      return inPlace(async () => {
        const earlier = await usedMapping(messageId, mapping)
        return earlier.ok ? finished(await reopen(messageId, { mapping, attempt: attempt ?? deps.newId() }), startedMs, undefined) : earlier
      })
    },
    foresee: (message, mapping) => inPlace(async () => {
      const [giant, earlier] = [await deps.giantById(message.messageId), await usedMapping(message.messageId, mapping)]
      if (!earlier.ok) return earlier
      if (giant?.finished !== true) return stillRunning
      return places.inTurn(() => smallWhile(deps, () => foreseeGiant(deps, { message, giant, earlier: earlier.value }, isStopped)))
    }),
    resume: async () => {
      await deps.dropUnfinishedChunks()
      for (const messageId of await deps.adoptAll()) void answerOf(messageId)
    },
    stop: async () => {
      stopped = true
      await Promise.all([...runs.values()].map(({ ended }) => ended))
    },
  }
}

const smallWhile = async <T>({ keepSmall }: Pick<GiantsDeps, 'keepSmall'>, work: () => Promise<T>): Promise<T> => {
  const end = keepSmall()
  try {
    return await work()
  } finally {
    end()
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

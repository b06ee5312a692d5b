import { setTimeout as sleep } from 'node:timers/promises'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { ClaimedReplay, ReplayRow, ReplayToWrite } from '../central/replays.js'
import type { ReplayDiff, ReplayOptions } from './replay.js'
import type { FoundPage, MessageSearch } from './search-messages.js'

export interface ReplaySelectionsDeps {
  readonly search: (search: MessageSearch, page: { readonly before: string | undefined, readonly limit: number }) => Promise<FoundPage>
  readonly replay: (id: string, options: ReplayOptions) => Promise<Result<MessageAnswer>>
  readonly diff: (id: string, mapping: string | undefined) => Promise<Result<ReplayDiff>>
  readonly newId: () => string
  readonly store: {
    readonly insert: (replay: ReplayToWrite) => Promise<void>
    readonly byId: (id: string) => Promise<ReplayRow | undefined>
    readonly claim: (owner: string) => Promise<ClaimedReplay | undefined>
    readonly nextItems: (id: string, limit: number) => Promise<readonly { readonly messageId: string, readonly attempt: string }[]>
    /** Holds the claim while a message takes long. */
    readonly keep: (owner: string, id: string) => Promise<unknown>
    readonly finishItem: (owner: string, id: string, item: { readonly messageId: string, readonly outcome: string, readonly changes: unknown }) => Promise<boolean>
    readonly finish: (owner: string, id: string) => Promise<unknown>
    readonly release: (owner: string, id: string) => Promise<unknown>
  }
  readonly onError: (error: unknown) => void
}

interface Selection {
  /** These messages, or those that are found. */
  readonly ids?: readonly string[] | undefined
  readonly search?: MessageSearch | undefined
  /** As it was asked for, for whoever looks at it later. */
  readonly asked: unknown
  readonly mapping: string | undefined
  readonly dryRun: boolean
  readonly askedBy: string
}

export interface ReplaySelections {
  /** Fixes which messages are meant and begins to run them. Fails with request-invalid where they are none, or more than one replay takes. */
  readonly start: (selection: Selection) => Promise<Result<ReplayRow>>
  /** Runs what nobody else runs, until nothing is left; gives of how many messages that was. */
  readonly work: (isStopped: () => boolean) => Promise<number>
  readonly stop: () => Promise<void>
}

const mostMessages = 100_000
const page = 500
/** Between two signs that a claim is held, which lasts for a minute. */
const keepMs = 20_000
/** Between two looks whether a giant has a place; ten minutes together. */
const [awaitMs, mostLooks] = [500, 1200]

/** Replays of many messages, in the order in which they came, each once: whoever goes on with one that was left begins behind the last message that is done. */
export const makeReplaySelections = (deps: ReplaySelectionsDeps): ReplaySelections => {
  let stopped = false
  const working = new Set<Promise<unknown>>()
  const failed = new Set<string>()
  const select = async (search: MessageSearch): Promise<readonly string[]> => {
    const ids: string[] = []
    for (let before: string | undefined, more = true; more && ids.length <= mostMessages;) {
      const found = await deps.search(search, { before, limit: page })
      ids.push(...found.ids)
      before = found.next
      more = before !== undefined
    }
    return ids
  }
  /** Giants have places: one that finds none, or is being taken, is waited for, and passed over when that takes too long. */
  const inItsTurn = async <T>(work: () => Promise<Result<T>>): Promise<Result<T>> => {
    for (let looks = 1; ; looks++) {
      const result = await work()
      if (result.ok || !awaited.has(result.code) || looks === mostLooks || stopped) return result
      await sleep(awaitMs)
    }
  }
  const runOne = async (claimed: ClaimedReplay, { messageId, attempt }: { readonly messageId: string, readonly attempt: string }): Promise<{ readonly outcome: string, readonly changes: unknown }> => {
    const mapping = claimed.mapping ?? undefined
    if (claimed.dryRun) {
      const diff = await inItsTurn(() => deps.diff(messageId, mapping))
      if (!diff.ok && unavailable.has(diff.code)) throw new Error(diff.detail)
      return diff.ok ? { outcome: diff.value.outcome.after, changes: diff.value } : { outcome: diff.code, changes: { detail: diff.detail } }
    }
    const answer = await inItsTurn(() => deps.replay(messageId, { mapping, attempt }))
    if (!answer.ok && unavailable.has(answer.code)) throw new Error(answer.detail)
    return answer.ok ? { outcome: answer.value.outcome, changes: { documents: answer.value.documents, errors: answer.value.errors } } : { outcome: answer.code, changes: { detail: answer.detail } }
  }
  /** A message at which the hub fails twice, a minute apart, is passed over: it must not hold up those after it. */
  const runOrPassOver = async (claimed: ClaimedReplay, item: { readonly messageId: string, readonly attempt: string }): Promise<{ readonly outcome: string, readonly changes: unknown }> => {
    try {
      return await runOne(claimed, item)
    } catch (error) {
      if (!failed.has(item.attempt)) {
        failed.add(item.attempt)
        throw error
      }
      deps.onError(error)
      return { outcome: 'internal', changes: { detail: 'The hub failed at this message; the fault is in its log.' } }
    }
  }
  /** A giant takes longer than a claim lasts. */
  const keepingClaim = async <T>(owner: string, id: string, work: () => Promise<T>): Promise<T> => {
    const keeping = setInterval(() => { deps.store.keep(owner, id).catch(deps.onError) }, keepMs)
    try {
      return await work()
    } finally {
      clearInterval(keeping)
    }
  }
  const run = async (owner: string, claimed: ClaimedReplay, isStopped: () => boolean): Promise<number> => {
    let count = 0
    try {
      for (;;) {
        const items = await deps.store.nextItems(claimed.id, page)
        if (items.length === 0) break
        for (const item of items) {
          if (isStopped()) return count
          const { outcome, changes } = await keepingClaim(owner, claimed.id, () => runOrPassOver(claimed, item))
          if (!await deps.store.finishItem(owner, claimed.id, { messageId: item.messageId, outcome, changes })) return count
          count++
        }
      }
      await deps.store.finish(owner, claimed.id)
      return count
    } finally {
      await deps.store.release(owner, claimed.id)
    }
  }
  const work = async (isStopped: () => boolean): Promise<number> => {
    const owner = deps.newId()
    let count = 0
    for (;;) {
      const claimed = stopped || isStopped() ? undefined : await deps.store.claim(owner)
      if (claimed === undefined) return count
      count += await run(owner, claimed, () => stopped || isStopped())
    }
  }
  const workOn = (): void => {
    const round = work(() => stopped).catch(deps.onError)
    working.add(round)
    void round.finally(() => working.delete(round))
  }
  return {
    start: async ({ ids, search, asked, mapping, dryRun, askedBy }) => {
      const messageIds = ids ?? (search === undefined ? [] : await select(search))
      if (messageIds.length === 0) return fail('request-invalid', 'filter', 'No message is meant: the filter finds none.')
      if (messageIds.length > mostMessages) return fail('request-invalid', 'filter', `More than ${mostMessages} messages are meant; narrow the filter, with since and until for instance.`)
      const id = deps.newId()
      await deps.store.insert({ id, askedBy, selection: asked, mapping, dryRun, messageIds })
      workOn()
      const row = await deps.store.byId(id)
      return row === undefined ? fail('not-found', 'id', 'The replay is not kept.') : ok(row)
    },
    work,
    stop: async () => {
      stopped = true
      await Promise.all(working)
    },
  }
}

/** What has to do with the hub at this moment and not with the message. */
const unavailable: ReadonlySet<string> = new Set(['database-unavailable', 'schema-unavailable', 'shutting-down', 'busy'])
const awaited: ReadonlySet<string> = new Set(['giants-busy', 'still-running'])

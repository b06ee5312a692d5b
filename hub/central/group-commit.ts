import { setTimeout as sleep } from 'node:timers/promises'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { Database, Tx } from '../ops/database.js'
import { keyOf } from './claim-keys.js'
import { commitBatch } from './commit-batch.js'
import { commitFailureOf } from './commit-failure.js'
import { commitFresh, documentKeyOf } from './commit-fresh.js'
import type { CommitItem, Committed } from './commit-item.js'

export interface GroupCommitDeps {
  readonly database: Database
  /** The same database, for the statement that stores fresh messages; by default `database`. */
  readonly fresh?: Tx
  /** Told the last number after each commit that made the journal longer. */
  readonly onAppended: (last: number) => void
  readonly log: { readonly warn: (fields: object, text: string) => void, readonly error: (fields: object, text: string) => void }
}

export interface GroupCommit {
  /**
   * Stores a message, in one transaction with whatever else waits, and gives what is answered. Fails with database-unavailable (nothing was stored,
   * or nobody can tell: the same message may be sent again), not-storable and internal.
   */
  readonly commit: (item: CommitItem) => Promise<Result<Committed>>
  /** Resolves when nothing waits any more. */
  readonly drain: () => Promise<void>
}

interface Waiting {
  readonly item: CommitItem
  /** Its own, and those of its documents. */
  readonly keys: readonly string[]
  readonly done: (result: Result<Committed>) => void
}

/** Of one batch; `waitingBytes` of all that may wait before further messages are turned away. */
const most = { messages: 256, bytes: 32 * 1024 * 1024, batches: 2, retries: 5, waitingBytes: 256 * 1024 * 1024 } as const

/** Lets concurrent messages share transactions. */
export const makeGroupCommit = (deps: GroupCommitDeps): GroupCommit => {
  let waiting: Waiting[] = []
  let waitingBytes = 0
  const busyKeys = new Set<string>()
  let running = 0
  const crowd = makeCrowd()
  let planned = false
  let idle: (() => void)[] = []

  /** One message of a key, or of a document, at a time: the others of it wait until its answer is known. */
  const take = (): readonly Waiting[] => {
    const batch: Waiting[] = []
    const left: Waiting[] = []
    let bytes = 0
    for (const one of waiting) {
      const fits = batch.length < most.messages && (batch.length === 0 || bytes + sizeOf(one.item) <= most.bytes)
      if (!fits || one.keys.some((key) => busyKeys.has(key))) {
        left.push(one)
        continue
      }
      for (const key of one.keys) busyKeys.add(key)
      bytes += sizeOf(one.item)
      batch.push(one)
    }
    waiting = left
    waitingBytes -= bytes
    return batch
  }
  const run = (least: number): void => {
    while (running < most.batches && waiting.length >= (running === 0 ? least : crowd.half())) {
      const batch = take()
      if (batch.length === 0) break
      running++
      void settleBatch(deps, batch).finally(() => {
        for (const { keys } of batch) for (const key of keys) busyKeys.delete(key)
        running--
        crowd.left(batch.length)
        run(crowd.half())
        plan()
      })
    }
  }
  /** A batch that is not half a crowd goes once a whole turn of the event loop brought nobody else: then the hub has nothing better to do. */
  const plan = (): void => {
    if (planned) return
    planned = true
    setImmediate(() => {
      planned = false
      if (crowd.turn()) plan()
      else run(1)
      if (running === 0 && waiting.length === 0) {
        for (const resolve of idle) resolve()
        idle = []
      }
    })
  }
  return {
    commit: (item) => new Promise((done) => {
      if (waitingBytes > most.waitingBytes) {
        done(fail('database-unavailable', 'central', 'More messages wait to be stored than the hub may hold; send it again later.'))
        return
      }
      waitingBytes += sizeOf(item)
      waiting.push({ item, keys: keysOf(item), done })
      crowd.came()
      // PostgreSQL works on it while the hub reads the others of this turn.
      run(crowd.half())
      plan()
    }),
    drain: () => new Promise((resolve) => {
      idle.push(resolve)
      plan()
    }),
  }
}

/**
 * How many messages are under way at a time, wherever they are: those that wait or are in a batch, with those that were answered in the same turn of the event loop, since their senders send the next.
 * The hub reads one half while PostgreSQL stores the other: a statement costs it as much as several messages in it do, and one batch of all would let each wait for the other.
 */
const makeCrowd = () => {
  let here = 0
  let answered = 0
  let arrived = false
  let size = 0
  return {
    came: () => {
      here++
      arrived = true
    },
    left: (count: number) => {
      here -= count
      answered += count
    },
    /** At the end of a turn; whether anyone came in it. */
    turn: (): boolean => {
      size = Math.max(here + answered, size * 0.98)
      answered = 0
      const came = arrived
      arrived = false
      return came
    },
    half: (): number => Math.max(1, Math.ceil(size / 2)),
  }
}

const keysOf = (item: CommitItem): readonly string[] => {
  const own = `${item.channel}\0${item.sender}\0${keyOf(item)}`
  // The halving of a batch that fails must not meet a document of another one.
  return [own, ...item.parts.flatMap(({ documents }) => documents.map(documentKeyOf))]
}

/** Answers every message of the batch, whatever happens. */
const settleBatch = async (deps: GroupCommitDeps, batch: readonly Waiting[]): Promise<void> => {
  let left = batch
  const answer = (answers: (waiting: Waiting) => Committed | undefined): void => {
    const last = Math.max(0, ...left.map((one) => answers(one)?.entries?.last ?? 0))
    if (last > 0) deps.onAppended(last)
    left = left.filter((one) => {
      const committed = answers(one)
      if (committed !== undefined) one.done(ok(committed))
      return committed === undefined
    })
  }
  for (let attempt = 1; ; attempt++) {
    try {
      const fresh = await commitFresh(deps.fresh ?? deps.database, left.map(({ item }) => item))
      answer(({ item }) => fresh.get(item.messageId))
      if (left.length === 0) return
      const known = await commitBatch(deps.database, left.map(({ item }) => item))
      const answers = new Map(left.map((one, index) => [one, known[index]]))
      answer((one) => answers.get(one))
      return
    } catch (error) {
      const failure = commitFailureOf(error)
      const ids = left.map(({ item }) => item.messageId)
      // After a lost COMMIT the same attempt is run again: its first statement finds the key taken, and the message behind it says which attempt wrote it.
      if ((failure === 'busy' || failure === 'lost') && attempt < most.retries) {
        deps.log.warn({ err: error, messageIds: ids, attempt }, 'commit failed, trying again')
        await sleep(failure === 'busy' ? 5 * attempt : 50 * 2 ** attempt)
        continue
      }
      if (failure === 'busy' || failure === 'lost' || failure === 'unavailable') {
        deps.log.error({ err: error, messageIds: ids }, 'the central database is unavailable')
        for (const { done } of left) done(fail('database-unavailable', 'central', 'The message could not be stored; send it again later.'))
        return
      }
      deps.log.warn({ err: error, messageIds: ids }, 'a batch was refused')
      await settleRefused(deps, left, failure, error)
      return
    }
  }
}

const settleRefused = async (deps: GroupCommitDeps, batch: readonly Waiting[], failure: 'data' | 'fault', error: unknown): Promise<void> => {
  const [only] = batch
  if (only === undefined) return
  if (batch.length > 1) {
    const middle = Math.ceil(batch.length / 2)
    await settleBatch(deps, batch.slice(0, middle))
    await settleBatch(deps, batch.slice(middle))
    return
  }
  const words = error instanceof Error ? error.message : String(error)
  if (failure === 'fault') {
    only.done(fail('internal', 'central', 'The message could not be stored.'))
  } else if (isBare(only.item)) {
    only.done(fail('not-storable', '', words))
  } else {
    await settleBatch(deps, [{ ...only, item: bare(only.item, words) }])
  }
}

/** The message without what the database may have refused: its documents, and the envelope that they came in. */
const bare = (item: CommitItem, reason: string): CommitItem => ({
  ...item,
  parts: [{
    ordinal: 1, sender: undefined, receiver: undefined, controlNumber: undefined, test: false, ackWanted: false, format: undefined, mappingVersion: undefined,
    documents: [], issues: [{ code: 'not-storable', at: '', detail: `The database refuses the document: ${reason}.` }],
  }],
})

const sizeOf = ({ raw, attachments = [] }: CommitItem): number => attachments.reduce((sum, { bytes }) => sum + bytes.length, raw.length)

const isBare = ({ parts }: CommitItem): boolean => parts.every(({ documents, issues }) => documents.length === 0 && issues[0]?.code === 'not-storable')

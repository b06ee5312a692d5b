import { setTimeout as sleep } from 'node:timers/promises'
import { fail, ok, type Result } from '../../../schemas/result.js'
import type { Database } from '../../ops/database.js'
import { commitFailureOf } from '../commit-failure.js'
import type { CommitPart } from '../commit-item.js'
import { commitSlice, type Slice } from './commit-slice.js'
import { giantById } from './giant-rows.js'

export interface StoreSliceDeps {
  readonly database: Database
  /** Told the last number after each commit that made the journal longer. */
  readonly onAppended: (last: number) => void
  readonly log: { readonly warn: (fields: object, text: string) => void }
}

const mostRetries = 5

/**
 * Stores a slice of a giant once, whatever fails meanwhile. A slice that the database refuses is halved until the culprit stands alone, which is then
 * stored as refused. Fails with database-unavailable: the giant stands before the slice, or behind it.
 */
export const makeStoreSlice = (deps: StoreSliceDeps) => {
  const store = async (slice: Slice): Promise<Result<void>> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const committed = await commitSlice(deps.database, slice)
        if (committed === undefined) return await standsBehind(deps.database, slice)
        if (committed.last > 0) deps.onAppended(committed.last)
        return ok(undefined)
      } catch (error) {
        const failure = commitFailureOf(error)
        deps.log.warn({ err: error, messageId: slice.messageId, pieces: slice.pieces.length, attempt }, 'a slice was not committed')
        if (failure === 'data' || failure === 'fault') {
          const words = error instanceof Error ? error.message : String(error)
          return await storeRefused(slice, failure === 'data' ? words : undefined)
        }
        if (failure === 'unavailable' || attempt >= mostRetries) return fail('database-unavailable', 'central', 'The message is kept and goes on by itself once the database is back; send it again to hear its answer.')
        await sleep(failure === 'busy' ? 5 * attempt : 50 * 2 ** attempt)
      }
    }
  }
  const storeRefused = async (slice: Slice, reason: string | undefined): Promise<Result<void>> => {
    const middle = Math.ceil(slice.pieces.length / 2)
    if (slice.pieces.length > 1) {
      const first = await store({ ...slice, pieces: slice.pieces.slice(0, middle) })
      return first.ok ? store({ ...slice, from: slice.from + middle, pieces: slice.pieces.slice(middle) }) : first
    }
    if (slice.pieces.flat().every(isBare)) return fail('internal', 'central', reason ?? 'A part of the message could not be stored.')
    return store({ ...slice, pieces: slice.pieces.map((parts) => parts.map((part) => bare(part, reason))) })
  }
  return store
}

/** After a lost COMMIT that took place the giant stands behind the slice already. */
const standsBehind = async (database: Database, { messageId, attempt, from, pieces }: Slice): Promise<Result<void>> => {
  const giant = await giantById(database, messageId)
  if (giant?.attempt === attempt && giant.pieces >= from + pieces.length) return ok(undefined)
  throw new Error(`The giant ${messageId} stands at ${giant?.pieces ?? 'nothing'} and not at ${from}: another process runs it.`)
}

const isBare = ({ documents, issues, sender, controlNumber }: CommitPart): boolean => documents.length === 0 && issues.length === 1 && sender === undefined && controlNumber === undefined

/** The part without what the database may have refused. */
const bare = ({ ordinal }: CommitPart, reason: string | undefined): CommitPart => ({
  ordinal, sender: undefined, receiver: undefined, controlNumber: undefined, test: false, ackWanted: false, format: undefined, mappingVersion: undefined, documents: [],
  issues: [reason === undefined ? { code: 'internal', at: '', detail: 'The document could not be stored.' } : { code: 'not-storable', at: '', detail: `The database refuses the document: ${reason}.` }],
})

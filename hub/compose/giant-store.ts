import type { MessageAnswer, Outcome, PartCounts } from '../../schemas/message-answer.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { beginArrival, chunksOfMessage, dropChunks, dropUnfinishedChunks, insertChunk } from '../central/giants/chunks.js'
import { finishGiant } from '../central/giants/finish-giant.js'
import { makeForesight } from '../central/giants/foresee-slices.js'
import { answersOfParts, countParts, hasPartOf } from '../central/giants/giant-parts.js'
import { adoptGiant, adoptGiants, giantById } from '../central/giants/giant-rows.js'
import { openGiant, reopenGiant } from '../central/giants/open-giant.js'
import { makeStoreSlice, type StoreSliceDeps } from '../central/giants/store-slice.js'
import { messageById, type StoredMessage } from '../central/messages.js'
import type { PartFilter } from '../http/message-operations.js'
import type { Channel } from '../intake/channel.js'
import type { Enclosed } from '../intake/envelopes/envelope.js'
import { findPart, type FindPartDeps } from '../intake/giants/find-part.js'
import type { GiantsDeps } from '../intake/giants/giants.js'
import type { ReadTexts } from '../intake/read-message.js'
import type { Database } from '../ops/database.js'

type GiantStore = Pick<GiantsDeps, 'begin' | 'insertChunk' | 'dropChunks' | 'dropUnfinishedChunks' | 'open' | 'reopen' | 'adoptAll' | 'adopt' | 'giantById' | 'bytesOf' | 'storeSlice' | 'finish' | 'foresight' | 'hasPartOf'>

/** What giants ask of the central database. */
export const giantStore = (deps: StoreSliceDeps & { readonly owner: string }): GiantStore => {
  const { database, owner } = deps
  return {
    begin: (messageId) => beginArrival(database, messageId, owner),
    insertChunk: (messageId, ordinal, bytes) => insertChunk(database, messageId, ordinal, bytes),
    dropChunks: (messageId) => dropChunks(database, messageId),
    dropUnfinishedChunks: () => dropUnfinishedChunks(database),
    open: (item) => openGiant(database, { ...item, owner }),
    reopen: (messageId, reopening) => reopenGiant(database, messageId, reopening, owner),
    hasPartOf: (messageId, format) => hasPartOf(database, messageId, format),
    foresight: (messageId) => makeForesight(database, messageId),
    adoptAll: () => adoptGiants(database, owner),
    adopt: (messageId) => adoptGiant(database, messageId, owner),
    giantById: (messageId) => giantById(database, messageId),
    bytesOf: (messageId) => () => chunksOfMessage(database, messageId),
    storeSlice: makeStoreSlice(deps),
    finish: (messageId, attempt) => finishGiant(database, messageId, attempt),
  }
}

type ShownMessage = StoredMessage & { readonly progress?: { readonly pieces: number, readonly parts: number, readonly partCounts: PartCounts } }

/** A message with how far it has come while it is running. */
export const withProgress = async (database: Database, message: StoredMessage | undefined): Promise<ShownMessage | undefined> => {
  if (message?.outcome !== 'running') return message
  const [giant, partCounts] = await Promise.all([giantById(database, message.messageId), countParts(database, message.messageId)])
  return giant === undefined ? message : { ...message, progress: { pieces: giant.pieces, parts: giant.parts, partCounts } }
}

interface PartOfGiantDeps extends FindPartDeps {
  readonly central: Database
}

/** Cuts a part out of a giant that is kept. */
export const makePartOfGiant = (deps: PartOfGiantDeps) => async (message: StoredMessage, channel: Channel, part: number, texts: ReadTexts | undefined): Promise<Enclosed | undefined> => {
  const giant = await giantById(deps.central, message.messageId)
  if (giant === undefined) return undefined
  const { bytes, pieces, parts } = giant
  const source = () => chunksOfMessage(deps.central, message.messageId)
  return findPart(deps, channel, { source, bytes, pieces, parts, contentType: message.contentType ?? '', contentEncoding: message.contentEncoding ?? undefined }, part, texts)
}

const outcomes: readonly Outcome[] = ['accepted', 'duplicate', 'partial', 'rejected']

/** Lists the parts of a message; one that was no envelope is its own only part. */
export const makeListParts = (database: Database) => async (id: string, { outcome, limit, cursor }: PartFilter): Promise<Result<unknown>> => {
  const message = await messageById(database, id)
  if (message === undefined) return fail('not-found', 'id', `There is no message '${id}'.`)
  const wanted = outcomes.filter((one) => outcome === undefined || one === outcome)
  const after = Number(cursor ?? 0)
  const found = message.giant
    ? await answersOfParts(database, id, { outcomes: wanted, after, limit: limit + 1 })
    : partsOfAnswer(message.answer).filter((part) => wanted.includes(part.outcome) && part.part > after).slice(0, limit + 1)
  const items = found.slice(0, limit)
  return ok({ items, ...(found.length > limit ? { next: String(items.at(-1)?.part) } : {}) })
}

const partsOfAnswer = (answer: MessageAnswer | null) => (answer === null ? [] : answer.parts ?? [{ part: 1, outcome: answer.outcome, documents: answer.documents, errors: answer.errors }])

import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { isUuid } from '../../schemas/ids.js'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { decideMessage } from '../central/decide-message.js'
import { documentsOfMessage } from '../central/documents.js'
import { findMessages, passingMessages } from '../central/find-messages.js'
import { messageById, messagesByIds } from '../central/messages.js'
import { claimReplay, finishItem, finishReplay, insertReplay, itemsOfReplay, keepReplay, listReplays, nextItems, releaseReplay, replayById } from '../central/replays.js'
import { searchedWords } from '../crm/document-terms.js'
import { makeFindDocuments } from '../crm/search-queries.js'
import type { MessageDeps } from '../http/message-operations.js'
import type { ReplaysDeps } from '../http/replay-operations.js'
import { makeNewId } from '../intake/new-id.js'
import type { ReplayDiff, ReplayOptions } from '../intake/replay.js'
import { makeReplaySelections, type ReplaySelections } from '../intake/replay-selections.js'
import { makeSearchMessages } from '../intake/search-messages.js'
import type { Stores } from './open-stores.js'
import { orNotFound } from './or-not-found.js'

interface BrowserDeps extends Pick<Stores, 'central' | 'crm'> {
  readonly replay: (id: string, options: ReplayOptions) => Promise<Result<MessageAnswer>>
  readonly replayDiff: (id: string, mapping: string | undefined) => Promise<Result<ReplayDiff>>
  readonly log: Logger
}

interface Browser {
  readonly messages: Pick<MessageDeps, 'messages' | 'canonicalOf' | 'discard'>
  readonly replays: ReplaysDeps
  readonly selections: ReplaySelections
}

/** The message browser: what is looked for in both databases, what is decided, and replays of many messages. */
export const makeBrowser = ({ central, crm, replay, replayDiff, log }: BrowserDeps): Browser => {
  const search = makeSearchMessages({
    findMessages: (filter, page) => findMessages(central, filter, page),
    passingMessages: (filter, ids) => passingMessages(central, filter, ids),
    findDocuments: makeFindDocuments({ database: crm }), searchedWords,
  })
  const selections = makeReplaySelections({
    search, replay, diff: replayDiff, newId: makeNewId({ nowMs: Date.now, randomUuid: randomUUID }),
    store: {
      insert: (row) => insertReplay(central, row),
      byId: (id) => replayById(central, id),
      claim: (owner) => claimReplay(central, owner),
      nextItems: (id, limit) => nextItems(central, id, limit),
      keep: (owner, id) => keepReplay(central, owner, id),
      finishItem: (owner, id, item) => finishItem(central, owner, id, item),
      finish: (owner, id) => finishReplay(central, owner, id),
      release: (owner, id) => releaseReplay(central, owner, id),
    },
    onError: (err) => { log.error({ err }, 'a replay stands still; it goes on within a minute') },
  })
  return {
    selections,
    messages: {
      messages: async (asked, { cursor, limit }) => {
        const { ids, next } = await search(asked, { before: cursor, limit })
        return ok({ items: await messagesByIds(central, ids), ...(next === undefined ? {} : { next }) })
      },
      canonicalOf: async (id, { cursor, limit }) => {
        if (!isUuid(id) || await messageById(central, id) === undefined) return fail('not-found', 'id', `There is no message '${id}'.`)
        const items = await documentsOfMessage(central, id, { after: Number(cursor ?? 0), limit })
        const parts = new Set(items.map(({ part }) => part))
        return ok({ items, ...(parts.size < limit ? {} : { next: String(items.at(-1)?.part) }) })
      },
      discard: async (id, { reason, mendedBy }, by) => {
        const message = await messageById(central, id)
        if (message === undefined) return fail('not-found', 'id', `There is no message '${id}'.`)
        const mended = mendedBy === undefined ? undefined : await messageById(central, mendedBy)
        if (mendedBy !== undefined && (mended === undefined || mended.outcome === 'rejected')) return fail('request-invalid', 'mendedBy', `There is no message '${mendedBy}' that was taken.`)
        await decideMessage(central, { messageId: id, by, reason, mendedBy })
        const decided = await messageById(central, id)
        return ok({ messageId: id, outcome: decided?.outcome, decision: decided?.decision ?? null })
      },
    },
    replays: {
      start: (wish) => selections.start(wish),
      list: async (cursor, limit) => {
        const items = await listReplays(central, cursor, limit + 1)
        return ok({ items: items.slice(0, limit), ...(items.length > limit ? { next: items[limit - 1]?.id } : {}) })
      },
      byId: async (id) => orNotFound(await replayById(central, id), 'replay', id),
      items: async (id, cursor, limit) => {
        if (await replayById(central, id) === undefined) return fail('not-found', 'id', `There is no replay '${id}'.`)
        const items = await itemsOfReplay(central, id, cursor, limit + 1)
        return ok({ items: items.slice(0, limit), ...(items.length > limit ? { next: items[limit - 1]?.messageId } : {}) })
      },
    },
  }
}

import type { MessageId } from '../../../schemas/ids.js'
import type { MessageAnswer } from '../../../schemas/message-answer.js'
import type { Database, Tx } from '../../ops/database.js'
import { claimKeys, countRepeats, holdersOfKeys } from '../claim-keys.js'
import type { CommitItem, Committed } from '../commit-item.js'
import { answerRepeat, answerReusedKey, withJournalSeq } from '../compose-answer.js'
import { lockMessages } from '../earlier-messages.js'
import type { StoredOutcome } from '../messages.js'
import { insertMessages } from '../write-messages.js'
import { dropChunks, endArrival } from './chunks.js'
import { giantById } from './giant-rows.js'

/** A giant whose bytes have all come and are kept. */
export interface GiantItem extends Omit<CommitItem, 'raw' | 'parts'> {
  readonly bytes: number
  /** The process that took it. */
  readonly owner: string
}

/**
 * How a giant stands to what is stored already: it is to be run, under the id of an earlier message where that was not wholly taken; the same one
 * is running; its answer is known; or its bytes are gone, because the process that took them was taken for dead.
 */
export type OpenedGiant = ReopenedGiant | { readonly type: 'gone' }

export type ReopenedGiant =
  | { readonly type: 'run' | 'running', readonly messageId: MessageId }
  | { readonly type: 'answered', readonly committed: Committed }

/** Takes the giant's key and stores its message as a running one, in one transaction. The bytes of one that is known already are dropped. */
export const openGiant = (database: Database, item: GiantItem): Promise<OpenedGiant> =>
  database.transaction(async (tx) => {
    const claimed = await claimKeys(tx, [item])
    const isWhole = await endArrival(tx, item.messageId)
    if (claimed.has(item.messageId)) {
      if (!isWhole) return await giveBack(tx, item)
      await insertGiant(tx, item, stillRunning(item.messageId))
      return { type: 'run', messageId: item.messageId }
    }
    const [holder] = await holdersOfKeys(tx, [item])
    if (holder === undefined) throw new Error(`The key of the message ${item.messageId} could neither be taken nor found.`)
    await lockMessages(tx, [holder.messageId])
    const earlier = await earlierMessage(tx, holder.messageId)
    // The same transaction once more: its COMMIT took place and the reply was lost.
    if (earlier.attempt === item.attempt) return earlier.outcome === 'running' ? { type: 'run', messageId: earlier.messageId } : answered(earlier, earlier.answer)
    if (!isWhole) return { type: 'gone' }
    if (holder.contentSha256 !== item.rawSha256) {
      const answer = answerReusedKey(item, item.messageId, holder.messageId)
      await insertRefused(tx, item, answer)
      return { type: 'answered', committed: { answer, entries: undefined } }
    }
    await dropChunks(tx, item.messageId)
    if (earlier.outcome === 'running') return { type: 'running', messageId: earlier.messageId }
    if (earlier.outcome === 'rejected' || earlier.outcome === 'partial') {
      // The sender may have mended what the headers say of the same bytes.
      await tx.query('update message set content_type = $2, content_encoding = $3 where id = $1', [earlier.messageId, item.contentType ?? null, item.contentEncoding ?? null])
      await runAgain(tx, { messageId: earlier.messageId, attempt: item.attempt, owner: item.owner, mapping: undefined })
      return { type: 'run', messageId: earlier.messageId }
    }
    await countRepeats(tx, [item])
    return answered(earlier, answerRepeat(earlier.answer))
  })

/** The key was taken in this transaction, for a message that is not whole. */
const giveBack = async (tx: Tx, item: GiantItem): Promise<OpenedGiant> => {
  await tx.query('delete from idempotency_key where message_id = $1', [item.messageId])
  return { type: 'gone' }
}

/** How a stored message is to be run again. */
export interface Reopening {
  readonly attempt: string
  /** The version of one format's mapping that reads it, kept with the giant until the attempt ends; undefined for today's. */
  readonly mapping: string | undefined
  /** Of a giant that runs by this version and cannot go on: it is begun anew. */
  readonly insteadOf?: string | undefined
}

/** Makes a stored message a running giant once more. `running` where it is by another attempt; by the same one it goes on, or its answer is known. */
export const reopenGiant = (database: Database, messageId: MessageId, { attempt, mapping, insteadOf }: Reopening, owner: string): Promise<ReopenedGiant> =>
  database.transaction(async (tx) => {
    await lockMessages(tx, [messageId])
    const earlier = await earlierMessage(tx, messageId)
    if (earlier.attempt === attempt) return earlier.outcome === 'running' ? { type: 'run', messageId } : answered(earlier, earlier.answer)
    if (earlier.outcome === 'running' && (insteadOf === undefined || (await giantById(tx, messageId))?.mapping !== insteadOf)) return { type: 'running', messageId }
    await runAgain(tx, { messageId, attempt, owner, mapping })
    return { type: 'run', messageId }
  })

/** What stands for the answer until there is one. */
const stillRunning = (messageId: MessageId): MessageAnswer =>
  ({ messageId, outcome: 'partial', documents: [], errors: [{ code: 'still-running', at: '', detail: 'The message is kept and its parts are still being taken; ask for its state again later.' }] })

interface EarlierGiant {
  readonly messageId: MessageId
  readonly attempt: string
  readonly outcome: StoredOutcome
  readonly answer: MessageAnswer
  readonly first: number | null
  readonly last: number | null
}

const answered = ({ first, last }: EarlierGiant, answer: MessageAnswer): ReopenedGiant =>
  ({ type: 'answered', committed: { answer: withJournalSeq(answer, last ?? undefined), entries: first === null || last === null ? undefined : { first, last } } })

const earlierMessage = async (tx: Tx, messageId: string): Promise<EarlierGiant> => {
  const [row] = await tx.query<EarlierGiant>(`
    select id as "messageId", attempt, outcome, answer, entries.first, entries.last
    from message cross join lateral (select min(number) as first, max(number) as last from journal where message_id = message.id) entries
    where id = $1`, [messageId])
  if (row === undefined) throw new Error(`The message ${messageId} is not stored.`)
  return row
}

const insertGiant = async (tx: Tx, item: GiantItem, answer: MessageAnswer): Promise<void> => {
  await tx.query(`
    insert into message (id, attempt, channel, system, sender, caller, idempotency_key, received_at, content_type, content_encoding, raw, raw_sha256, outcome, status, test, answer)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', $11, 'running', 200, false, $12)`, [
    item.messageId, item.attempt, item.channel, item.system, item.sender, item.caller ?? null, item.idempotencyKey ?? null, item.receivedAt, item.contentType ?? null,
    item.contentEncoding ?? null, item.rawSha256, JSON.stringify(answer),
  ])
  await insertGiantRow(tx, item, false)
}

const insertRefused = async (tx: Tx, item: GiantItem, answer: MessageAnswer): Promise<void> => {
  await insertMessages(tx, [{ item: { ...item, raw: new Uint8Array(), parts: [] }, answer }])
  await insertGiantRow(tx, item, true)
}

const insertGiantRow = (tx: Tx, { messageId, attempt, bytes, owner }: GiantItem, finished: boolean): Promise<unknown> =>
  tx.query('insert into giant (message_id, attempt, bytes, again, finished, owner) values ($1, $2, $3, false, $4, $5)', [messageId, attempt, bytes, finished, owner])

const runAgain = async (tx: Tx, { messageId, attempt, owner, mapping }: { readonly messageId: string, readonly attempt: string, readonly owner: string, readonly mapping: string | undefined }): Promise<void> => {
  await tx.query('delete from schema_use where message_id = $1', [messageId])
  await tx.query('update message set outcome = \'running\', attempt = $2, attempts = attempts + 1 where id = $1', [messageId, attempt])
  await tx.query(`
    insert into giant (message_id, attempt, bytes, again, finished, owner, run_mapping) select id, $2, coalesce(raw_length, octet_length(coalesce(large_raw, raw))), true, false, $3, $4 from message where id = $1
    on conflict (message_id) do update
    set attempt = excluded.attempt, again = true, pieces = 0, parts = 0, taken = false, finished = false, owner = excluded.owner, run_mapping = excluded.run_mapping`, [messageId, attempt, owner, mapping ?? null])
}

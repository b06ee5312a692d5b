import type { MessageId } from '../../../schemas/ids.js'
import { statusOfAnswer, type AnsweredPart, type MessageAnswer, type Outcome, type PartCounts } from '../../../schemas/message-answer.js'
import type { Database, Tx } from '../../ops/database.js'
import type { Committed } from '../commit-item.js'
import { errorsOfPart, outcomeOfParts, withJournalSeq } from '../compose-answer.js'
import { answersOfParts, countParts } from './giant-parts.js'

/** Of the parts that were not taken, how many the answer names. */
const mostNamed = 100
/** Of their errors, how many. */
const mostErrors = 200

/** Gives a giant whose last slice is committed its answer, and its message the outcome. Undefined where it is another attempt's by now. */
export const finishGiant = (database: Database, messageId: MessageId, attempt: string): Promise<Committed | undefined> =>
  database.transaction(async (tx) => {
    if (!await close(tx, messageId, attempt)) return undefined
    await tx.query('delete from part where message_id = $1 and ordinal > (select parts from giant where message_id = $1)', [messageId])
    const counts = await countParts(tx, messageId)
    const named = await namedParts(tx, messageId, counts)
    const answer = answerGiant(messageId, counts, named)
    await writeOutcome(tx, answer)
    const [range] = await tx.query<{ first: number | null, last: number | null }>('select min(number) as first, max(number) as last from journal where message_id = $1', [messageId])
    const entries = range?.first == null || range.last === null ? undefined : { first: range.first, last: range.last }
    return { answer: withJournalSeq(answer, entries?.last), entries }
  })

const close = async (tx: Tx, messageId: string, attempt: string): Promise<boolean> =>
  (await tx.query('update giant set finished = true where message_id = $1 and attempt = $2 and not finished returning 1 as closed', [messageId, attempt])).length > 0

/** The part that stands alone, else the first of those that were not taken. */
const namedParts = (tx: Tx, messageId: string, counts: PartCounts): Promise<readonly AnsweredPart[]> =>
  answersOfParts(tx, messageId, { outcomes: sumOf(counts) === 1 ? outcomes : ['rejected', 'partial'], after: 0, limit: mostNamed })

const outcomes: readonly Outcome[] = ['accepted', 'duplicate', 'partial', 'rejected']
const sumOf = (counts: PartCounts): number => outcomes.reduce((sum, outcome) => sum + counts[outcome], 0)

const answerGiant = (messageId: MessageId, partCounts: PartCounts, parts: readonly AnsweredPart[]): MessageAnswer => {
  const [only] = parts
  if (only !== undefined && sumOf(partCounts) === 1) return { messageId, outcome: only.outcome, documents: only.documents, errors: only.errors }
  const outcome = outcomeOfParts(outcomes.filter((one) => partCounts[one] > 0))
  return { messageId, outcome, documents: [], partCounts, parts, errors: parts.flatMap(errorsOfPart).slice(0, mostErrors) }
}

const writeOutcome = (tx: Tx, answer: MessageAnswer): Promise<unknown> =>
  tx.query(`
    update message
    set outcome = $2, status = $3, answer = $4, test = own.test, format = own.format, mapping_version = own.mapping_version
    from (
      select coalesce(bool_and(test), false) as test, case when count(distinct format) = 1 then min(format) end as format,
        case when count(distinct mapping_version) = 1 then min(mapping_version) end as mapping_version
      from part where message_id = $1
    ) own
    where message.id = $1`, [answer.messageId, answer.outcome, statusOfAnswer(answer), JSON.stringify(answer)])

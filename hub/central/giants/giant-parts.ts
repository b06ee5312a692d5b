import type { AnsweredPart, Outcome, PartCounts } from '../../../schemas/message-answer.js'
import type { Tx } from '../../ops/database.js'

/** How many parts of a message have each outcome so far. */
export const countParts = async (tx: Tx, messageId: string): Promise<PartCounts> => {
  const rows = await tx.query<{ outcome: Outcome, count: number }>('select outcome, count(*) as count from part where message_id = $1 group by outcome', [messageId])
  const counts = new Map(rows.map(({ outcome, count }) => [outcome, count]))
  const count = (outcome: Outcome): number => counts.get(outcome) ?? 0
  return { accepted: count('accepted'), duplicate: count('duplicate'), partial: count('partial'), rejected: count('rejected') }
}

export interface PartFilter {
  readonly outcomes: readonly Outcome[]
  /** The ordinal of the last part of the page before; 0 for the first page. */
  readonly after: number
  readonly limit: number
}

/** What is told of a giant's parts, in their order. */
export const answersOfParts = async (tx: Tx, messageId: string, { outcomes, after, limit }: PartFilter): Promise<readonly AnsweredPart[]> =>
  (await tx.query<{ answer: AnsweredPart }>(`
    select answer from part where message_id = $1 and outcome = any($2::text[]) and ordinal > $3 and answer is not null order by ordinal limit $4`,
  [messageId, outcomes, after, limit])).map(({ answer }) => answer)

/** Whether a part of a message was recognised as of this format. */
export const hasPartOf = async (tx: Tx, messageId: string, format: string): Promise<boolean> =>
  (await tx.query('select 1 as one from part where message_id = $1 and format = $2 limit 1', [messageId, format])).length > 0

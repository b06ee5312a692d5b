import type { Tx } from '../ops/database.js'
import type { StoredOutcome } from './messages.js'

/** What messages are to have; all that is given holds together. */
export interface MessageFilter {
  readonly outcome?: StoredOutcome | undefined
  readonly channel?: string | undefined
  readonly sender?: string | undefined
  /** The id of a key. */
  readonly caller?: string | undefined
  /** One of the three. */
  readonly partner?: string | undefined
  /** Of an error or warning. */
  readonly code?: string | undefined
  readonly format?: string | undefined
  readonly test?: boolean | undefined
  /** From this instant on, and before that one; UTC. By the time in the id, which is when the message came. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** The beginnings of words that the errors of a refused message say. */
  readonly errorWords?: readonly string[] | undefined
}

export interface MessagePage {
  /** The id of the last message of the page before. */
  readonly before: string | undefined
  readonly limit: number
}

const quoted = (word: string): string => `'${word.replaceAll('\\', '\\\\').replaceAll('\'', '\'\'')}':*`

/** The conditions in SQL, with a parameter for each value. */
const conditionsOf = (filter: MessageFilter, place: (value: unknown) => string): readonly string[] => [
  ...filter.outcome === undefined ? [] : [`outcome = ${place(filter.outcome)}`],
  // Says to the planner that the index of those holds it.
  ...filter.outcome === undefined || filter.outcome === 'accepted' ? [] : ['outcome <> \'accepted\''],
  ...filter.channel === undefined ? [] : [`channel = ${place(filter.channel)}`],
  ...filter.sender === undefined ? [] : [`sender = ${place(filter.sender)}`],
  ...filter.caller === undefined ? [] : [`caller = ${place(filter.caller)}`],
  ...filter.partner === undefined ? [] : [`${place(filter.partner)} in (channel, sender, caller)`],
  ...filter.code === undefined ? [] : [`json_array_length(answer->'errors') > 0 and jsonb_path_query_array(answer::jsonb, '$.errors[*].code') ? ${place(filter.code)}`],
  ...filter.format === undefined ? [] : [`format = ${place(filter.format)}`],
  ...filter.test === undefined ? [] : [`test = ${place(filter.test)}`],
  ...filter.since === undefined ? [] : [`id >= first_id_at(${place(filter.since)}::timestamptz)`],
  ...filter.until === undefined ? [] : [`id < first_id_at(${place(filter.until)}::timestamptz)`],
  ...filter.errorWords === undefined ? [] : [`outcome in ('partial', 'rejected') and error_words(answer) @@ to_tsquery('simple', ${place(filter.errorWords.map(quoted).join(' & '))})`],
]

/** The ids of the messages that pass, the latest first. */
export const findMessages = async (tx: Tx, filter: MessageFilter, { before, limit }: MessagePage): Promise<readonly string[]> => {
  const values: unknown[] = []
  const place = (value: unknown): string => `$${values.push(value)}`
  const conditions = [...conditionsOf(filter, place), ...before === undefined ? [] : [`id < ${place(before)}`]]
  const rows = await tx.query<{ id: string }>(`select id from message ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`} order by id desc limit ${place(limit)}`, values)
  return rows.map(({ id }) => id)
}

/** Those of the messages that pass. */
export const passingMessages = async (tx: Tx, filter: MessageFilter, ids: readonly string[]): Promise<ReadonlySet<string>> => {
  const values: unknown[] = [ids]
  const conditions = conditionsOf(filter, (value) => `$${values.push(value)}`)
  const rows = await tx.query<{ id: string }>(`select id from message where ${['id = any($1::uuid[])', ...conditions].join(' and ')}`, values)
  return new Set(rows.map(({ id }) => id))
}

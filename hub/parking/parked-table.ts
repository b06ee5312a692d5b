import type { JournalNumber } from '../../schemas/ids.js'
import { shownOf, type ParkedRow, type ParkedState, type ParkedWish, type WaitingCounts, type WaitingEntry } from '../../schemas/parked-entry.js'
import { storableText } from '../../schemas/storable.js'
import type { Tx } from '../ops/database.js'

/** Where a follower on PostgreSQL writes down what it has parked and what waits for that. */
export interface ParkedTable {
  /** Whether any entry waits at all: mostly none does, and then none needs to be asked for what it holds. */
  readonly anyWaits: (tx: Tx) => Promise<boolean>
  /** Those that hold any of these keys. */
  readonly holdersOf: (tx: Tx, keys: readonly string[]) => Promise<readonly { readonly entry: JournalNumber, readonly keys: readonly string[] }[]>
  /** Of the entries those that wait or were skipped. */
  readonly statesOf: (tx: Tx, entries: readonly JournalNumber[]) => Promise<ReadonlyMap<JournalNumber, ParkedState>>
  readonly insert: (tx: Tx, waiting: readonly WaitingEntry[]) => Promise<unknown>
  readonly remove: (tx: Tx, entries: readonly JournalNumber[]) => Promise<unknown>
  readonly skip: (tx: Tx, entry: JournalNumber) => Promise<unknown>
  /** All that wait for this one, or for one that does, in journal order. */
  readonly heldFor: (tx: Tx, entry: JournalNumber) => Promise<readonly JournalNumber[]>
  readonly list: (tx: Tx, wish: ParkedWish) => Promise<readonly ParkedRow[]>
  readonly count: (tx: Tx) => Promise<WaitingCounts>
}

/** The statements of one of these tables: that of the CRM database or, of deliveries, that of the central one. */
export const makeParkedTable = (table: 'parked_entry' | 'delivery_parked_entry'): ParkedTable => ({
  anyWaits: async (tx) => (await tx.query(`select from ${table} where state <> 'skipped' limit 1`)).length > 0,
  holdersOf: (tx, keys) => tx.query(
    `select min(entry) as entry, array[key] as keys from ${table} cross join unnest(keys) key where state <> 'skipped' and keys && $1::text[] and key = any($1::text[]) group by key`, [keys]),
  statesOf: async (tx, entries) =>
    new Map((await tx.query<{ entry: JournalNumber, state: ParkedState }>(`select entry, state from ${table} where entry = any($1::bigint[])`, [entries])).map(({ entry, state }) => [entry, state])),
  insert: (tx, waiting) => tx.query(
    `insert into ${table} (entry, state, cause, detail, held_by, keys, document_id, message_id, system, kind, number)
     select entry, state, cause, detail, "heldBy", array(select jsonb_array_elements_text(keys)), "documentId", "messageId", system, kind, number
       from jsonb_to_recordset($1::jsonb) r(entry bigint, state text, cause text, detail text, "heldBy" bigint, keys jsonb, "documentId" uuid, "messageId" uuid, system text, kind text, number text)`,
    [JSON.stringify(waiting.map(({ entry, ...waits }) => ({ ...waits, ...shownOf(entry), entry: entry.number })), storableValue)]),
  remove: (tx, entries) => tx.query(`delete from ${table} where entry = any($1::bigint[])`, [entries]),
  skip: (tx, entry) => tx.query(`update ${table} set state = 'skipped' where entry = $1 and state = 'parked'`, [entry]),
  heldFor: async (tx, entry) =>
    (await tx.query<{ entry: JournalNumber }>(
      `with recursive behind as (
         select entry from ${table} where held_by = $1
         union
         select held.entry from behind join ${table} held on held.held_by = behind.entry
       )
       select entry from behind order by entry`, [entry])).map(({ entry: held }) => held),
  list: (tx, { states, after, limit }) => tx.query<ParkedRow>(
    `select entry, state, cause, detail, held_by as "heldBy", (select count(*) from ${table} held where held.held_by = parked.entry) as holds,
            document_id as "documentId", message_id as "messageId", system, kind, number
       from ${table} parked where entry > $1 and state = any($2::text[]) order by entry limit $3`, [after, states, limit]),
  count: async (tx) => {
    const [row] = await tx.query<WaitingCounts>(`select count(*) filter (where state = 'parked') as parked, count(*) filter (where state = 'held') as held from ${table}`)
    return row ?? { parked: 0, held: 0 }
  },
})

/** What PostgreSQL says of a refused value may quote what refused it. */
const storableValue = (_name: string, value: unknown): unknown => (typeof value === 'string' ? storableText(value) : value)

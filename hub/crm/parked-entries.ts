import type { JournalNumber } from '../../schemas/ids.js'
import { shownOf, type ParkedRow, type ParkedState, type ParkedWish, type WaitingCounts, type WaitingEntry } from '../../schemas/parked-entry.js'
import type { Tx } from '../ops/database.js'

/** Whether any entry waits at all: mostly none does, and then none needs to be asked for what it holds. */
export const anyWaits = async (tx: Tx): Promise<boolean> => (await tx.query(`select from parked_entry where state <> 'skipped' limit 1`)).length > 0

/** Those that hold any of these keys. */
export const holdersOf = (tx: Tx, keys: readonly string[]): Promise<readonly { readonly entry: JournalNumber, readonly keys: readonly string[] }[]> =>
  tx.query(`select entry, keys from parked_entry where state <> 'skipped' and keys && $1::text[] order by entry`, [keys])

/** Those of the entries that wait. */
export const waitingAmong = async (tx: Tx, entries: readonly JournalNumber[]): Promise<ReadonlySet<JournalNumber>> =>
  new Set((await tx.query<{ entry: JournalNumber }>(`select entry from parked_entry where state <> 'skipped' and entry = any($1::bigint[])`, [entries])).map(({ entry }) => entry))

export const insertParked = (tx: Tx, parked: readonly WaitingEntry[]): Promise<unknown> => tx.query(
  `insert into parked_entry (entry, state, cause, detail, held_by, keys, document_id, message_id, system, kind, number)
   select entry, state, cause, detail, "heldBy", array(select jsonb_array_elements_text(keys)), "documentId", "messageId", system, kind, number
     from jsonb_to_recordset($1::jsonb) r(entry bigint, state text, cause text, detail text, "heldBy" bigint, keys jsonb, "documentId" uuid, "messageId" uuid, system text, kind text, number text)`,
  [JSON.stringify(parked.map(({ entry, ...waits }) => ({ ...waits, ...shownOf(entry), entry: entry.number })))])

export const deleteParked = (tx: Tx, entries: readonly JournalNumber[]): Promise<unknown> => tx.query('delete from parked_entry where entry = any($1::bigint[])', [entries])

export const skipParked = (tx: Tx, entry: JournalNumber): Promise<unknown> => tx.query(`update parked_entry set state = 'skipped' where entry = $1 and state = 'parked'`, [entry])

export const stateOfParked = async (tx: Tx, entry: JournalNumber): Promise<{ readonly state: ParkedState, readonly heldBy: JournalNumber | null } | undefined> =>
  (await tx.query<{ state: ParkedState, heldBy: JournalNumber | null }>('select state, held_by as "heldBy" from parked_entry where entry = $1', [entry]))[0]

/** All that wait for this one, or for one that does, in journal order. */
export const heldFor = async (tx: Tx, entry: JournalNumber): Promise<readonly JournalNumber[]> =>
  (await tx.query<{ entry: JournalNumber }>(
    `with recursive behind as (
       select entry from parked_entry where held_by = $1
       union
       select held.entry from behind join parked_entry held on held.held_by = behind.entry
     )
     select entry from behind order by entry`, [entry])).map(({ entry: held }) => held)

export const listParked = (tx: Tx, { states, after, limit }: ParkedWish): Promise<readonly ParkedRow[]> => tx.query<ParkedRow>(
  `select entry, state, cause, detail, held_by as "heldBy", (select count(*) from parked_entry held where held.held_by = parked.entry) as holds,
          document_id as "documentId", message_id as "messageId", system, kind, number
     from parked_entry parked where entry > $1 and state = any($2::text[]) order by entry limit $3`, [after, states, limit])

export const countParked = async (tx: Tx): Promise<WaitingCounts> => {
  const [row] = await tx.query<WaitingCounts>(`select count(*) filter (where state = 'parked') as parked, count(*) filter (where state = 'held') as held from parked_entry`)
  return row ?? { parked: 0, held: 0 }
}

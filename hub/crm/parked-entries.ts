import type { JournalNumber } from '../../schemas/ids.js'
import type { FactEntry } from '../../schemas/journal-entry.js'
import type { Tx } from '../ops/database.js'

export type ParkedState = 'parked' | 'held' | 'skipped'

/** An entry that waits, or was skipped. */
export interface ParkedEntry {
  readonly entry: FactEntry
  readonly state: 'parked' | 'held'
  readonly cause: string | undefined
  readonly detail: string | undefined
  readonly heldBy: JournalNumber | undefined
  readonly keys: readonly string[]
}

/** As it is shown. */
export interface ParkedRow {
  readonly entry: JournalNumber
  readonly state: ParkedState
  readonly cause: string | null
  readonly detail: string | null
  readonly heldBy: JournalNumber | null
  /** How many entries wait for this one. */
  readonly holds: number
  readonly documentId: string | null
  readonly messageId: string | null
  readonly system: string | null
  readonly kind: string | null
  readonly number: string | null
}

/** Whether any entry waits at all: mostly none does, and then none needs to be asked for what it holds. */
export const anyWaits = async (tx: Tx): Promise<boolean> => (await tx.query(`select from parked_entry where state <> 'skipped' limit 1`)).length > 0

/** Those that hold any of these keys. */
export const holdersOf = (tx: Tx, keys: readonly string[]): Promise<readonly { readonly entry: JournalNumber, readonly keys: readonly string[] }[]> =>
  tx.query(`select entry, keys from parked_entry where state <> 'skipped' and keys && $1::text[] order by entry`, [keys])

/** Those of the entries that wait. */
export const waitingAmong = async (tx: Tx, entries: readonly JournalNumber[]): Promise<ReadonlySet<JournalNumber>> =>
  new Set((await tx.query<{ entry: JournalNumber }>(`select entry from parked_entry where state <> 'skipped' and entry = any($1::bigint[])`, [entries])).map(({ entry }) => entry))

export const insertParked = (tx: Tx, parked: readonly ParkedEntry[]): Promise<unknown> => tx.query(
  `insert into parked_entry (entry, state, cause, detail, held_by, keys, document_id, message_id, system, kind, number)
   select entry, state, cause, detail, held_by, array(select jsonb_array_elements_text(keys)), document_id, message_id, system, kind, number
     from jsonb_to_recordset($1::jsonb) r(entry bigint, state text, cause text, detail text, held_by bigint, keys jsonb, document_id uuid, message_id uuid, system text, kind text, number text)`,
  [JSON.stringify(parked.map(({ entry, state, cause, detail, heldBy, keys }) => ({ entry: entry.number, state, cause, detail, held_by: heldBy, keys, ...shownOf(entry) })))])

/** A number may itself be what PostgreSQL refuses. */
const shownOf = (entry: FactEntry) => (entry.type !== 'document.accepted' ? {} : {
  document_id: entry.documentId, message_id: entry.messageId, system: entry.system, kind: entry.document.kind, number: 'number' in entry.document ? entry.document.number.slice(0, mostShown) : undefined,
})
const mostShown = 200

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

/** In journal order, those after `after`; without a wish for a state those that are not decided. */
export const listParked = (tx: Tx, { state, after, limit }: { readonly state: ParkedState | undefined, readonly after: JournalNumber, readonly limit: number }): Promise<readonly ParkedRow[]> => tx.query<ParkedRow>(
  `select entry, state, cause, detail, held_by as "heldBy", (select count(*) from parked_entry held where held.held_by = parked.entry) as holds,
          document_id as "documentId", message_id as "messageId", system, kind, number
     from parked_entry parked where entry > $1 and (case when $2::text is null then state <> 'skipped' else state = $2 end) order by entry limit $3`, [after, state ?? null, limit])

export const countParked = async (tx: Tx): Promise<{ readonly parked: number, readonly held: number }> => {
  const [row] = await tx.query<{ parked: number, held: number }>(`select count(*) filter (where state = 'parked') as parked, count(*) filter (where state = 'held') as held from parked_entry`)
  return row ?? { parked: 0, held: 0 }
}

import type { JournalNumber } from '../../schemas/ids.js'
import { parkedStates, shownOf, type ParkedRow, type ParkedState, type ParkedWish, type WaitingCounts, type WaitingEntry } from '../../schemas/parked-entry.js'
import type { Cell, Reader, Row, Writer } from '../engines/engine.js'

interface Holder {
  readonly entry: JournalNumber
  readonly keys: readonly string[]
}

/** Those that hold any of these keys, each with the keys that are among them. */
export const holdersOf = async (tx: Reader, keys: readonly string[]): Promise<readonly Holder[]> => {
  const rows = await tx.rows('select entry, key from parked_key where key in (select unnest($1::varchar[]))', [keys])
  return rows.map(({ entry, key }) => ({ entry: Number(entry), keys: [String(key)] }))
}

export const insertParked = async (tx: Writer, waiting: readonly WaitingEntry[]): Promise<void> => {
  await tx.append('parked_entry', waiting.map(({ entry, state, cause, detail, heldBy }): readonly Cell[] => {
    const { documentId, messageId, system, kind, number } = shownOf(entry)
    return [entry.number, state, cause ?? null, detail ?? null, heldBy ?? null, documentId ?? null, messageId ?? null, system ?? null, kind ?? null, number ?? null]
  }))
  await tx.append('parked_key', waiting.flatMap(({ entry, keys }) => keys.map((key) => [key, entry.number])))
}

export const deleteParked = async (tx: Writer, entries: readonly JournalNumber[]): Promise<void> => {
  for (const table of ['parked_entry', 'parked_key']) await tx.run(`delete from ${table} where entry in (select unnest($1::bigint[]))`, [entries])
}

/** It stays to be seen, and holds nothing any more. */
export const skipParked = async (tx: Writer, entry: JournalNumber): Promise<void> => {
  await tx.run(`update parked_entry set state = 'skipped' where entry = $1`, [entry])
  await tx.run('delete from parked_key where entry = $1', [entry])
}

/** Whether the entry is parked for a cause of its own. */
export const isParked = async (tx: Reader, entry: JournalNumber): Promise<boolean> =>
  (await tx.rows(`select 1 as one from parked_entry where entry = $1 and state = 'parked'`, [entry])).length > 0

/** All that wait for this one, or for one that does, in journal order. */
export const heldFor = async (tx: Reader, entry: JournalNumber): Promise<readonly JournalNumber[]> => {
  const rows = await tx.rows(
    `with recursive behind as (
       select entry from parked_entry where held_by = $1
       union
       select held.entry from behind join parked_entry held on held.held_by = behind.entry
     )
     select entry from behind order by entry`, [entry])
  return rows.map(({ entry: held }) => Number(held))
}

export const listParked = async (tx: Reader, { states, after, limit }: ParkedWish): Promise<readonly ParkedRow[]> => {
  const rows = await tx.rows(
    `select parked.*, (select count(*) from parked_entry held where held.held_by = parked.entry) as holds
       from parked_entry parked where entry > $1 and state in (select unnest($2::varchar[])) order by entry limit $3`, [after, states, limit])
  return rows.map(rowOf)
}

const rowOf = (row: Row): ParkedRow => ({
  entry: Number(row['entry']), state: stateOf(row['state']), cause: textOf(row['cause']), detail: textOf(row['detail']), heldBy: row['held_by'] === null ? null : Number(row['held_by']), holds: Number(row['holds']),
  documentId: textOf(row['document_id']), messageId: textOf(row['message_id']), system: textOf(row['system']), kind: textOf(row['kind']), number: textOf(row['number']),
})

const textOf = (cell: Cell | undefined): string | null => (typeof cell === 'string' ? cell : null)

const stateOf = (cell: Cell | undefined): ParkedState => parkedStates.find((state) => state === cell) ?? 'parked'

export const countParked = async (tx: Reader): Promise<WaitingCounts> => {
  const [row] = await tx.rows(`select count(*) filter (where state = 'parked') as parked, count(*) filter (where state = 'held') as held from parked_entry`)
  return { parked: Number(row?.['parked'] ?? 0), held: Number(row?.['held'] ?? 0) }
}

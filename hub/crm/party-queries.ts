import type { Party } from '../../schemas/canonical/common.js'
import { isUuid, type JournalNumber, type PartyId, type SourceKey } from '../../schemas/ids.js'
import type { Database, Tx } from '../ops/database.js'
import { searchTextOf } from './search-terms.js'
import { readSnapshot } from './snapshot.js'
import { summariseParty, type PartySummary, type RecordExcerpt } from './summarise-party.js'

export interface PartySource {
  readonly key: SourceKey
  readonly system: string
  readonly name: string | null
  readonly test: boolean
  readonly firstEntry: JournalNumber
  readonly lastEntry: JournalNumber
  readonly party: Party
}

export interface PartyDetail extends PartySummary {
  readonly journalSeq: JournalNumber
  /** The id that was asked for, when that party was merged into this one. */
  readonly redirectedFrom?: PartyId
}

export interface PartyPage {
  readonly items: readonly PartySummary[]
  readonly next?: string
  readonly journalSeq: JournalNumber
}

interface PartyRow {
  readonly id: PartyId
  readonly founded_place: number
  readonly founder: SourceKey
  readonly records: readonly RecordExcerpt[]
}

const partyColumns = `
  golden.id, golden.founded_place, golden.founder, array(
    select jsonb_build_object('name', record.name, 'country', record.country, 'identifiers', record.party->'identifiers', 'test', record.test)
      from source_record record where record.party_id = golden.id
     order by record.test, record.key <> golden.founder, record.first_entry, record.key) as records`

const selectPage = (tx: Tx, { term, after, limit }: { readonly term: string, readonly after: number, readonly limit: number }) => tx.query<PartyRow>(
  `select ${partyColumns} from golden_party golden
    where golden.merged_into is null and golden.founded_place > $1::bigint
      and ($2 = '' or golden.id in (select record.party_id from source_term found join source_record record on record.key = found.source_key where found.term like $3))
    order by golden.founded_place limit $4`, [after, term, `${term.replace(/[\\%_]/g, '\\$&')}%`, limit])

const selectParty = (tx: Tx, id: PartyId) => tx.query<PartyRow>(`select ${partyColumns} from golden_party golden where golden.id = $1`, [id])

/** The id of the party that this one is part of today; undefined for an id that was never given. */
const selectSurvivor = (tx: Tx, id: string) => tx.query<{ id: PartyId }>('select coalesce(merged_into, id) as id from golden_party where id = $1', [id])

const selectSources = (tx: Tx, id: string) => tx.query<PartySource>(
  `select key, system, name, test, first_entry as "firstEntry", last_entry as "lastEntry", party from source_record where party_id = $1 order by first_entry, key`, [id])

const cursorOf = ({ founded_place }: PartyRow): string => String(founded_place)

const placeOf = (cursor: string | undefined): number => (/^\d{1,15}$/.test(cursor ?? '') ? Number(cursor) : -1)

/** The golden party of an id, whatever was merged since; undefined for an id that was never given. */
export const survivingParty = async (tx: Tx, id: string): Promise<PartyId | undefined> => (isUuid(id) ? (await selectSurvivor(tx, id))[0]?.id : undefined)

export const partySummary = async (tx: Tx, id: PartyId): Promise<PartySummary | undefined> => {
  const row = (await selectParty(tx, id))[0]
  return row === undefined ? undefined : summariseParty(row.id, row.records)
}

export const partySources = selectSources

/** Reads of golden parties, oldest first; `q` is the beginning of a word of a name or of an identifier. An unknown cursor starts again. */
export const makePartyQueries = ({ database }: { readonly database: Database }) => ({
  list: ({ q, cursor, limit }: { readonly q?: string, readonly cursor?: string, readonly limit: number }): Promise<PartyPage> => readSnapshot(database, async ({ tx, journalSeq }) => {
    const rows = await selectPage(tx, { term: searchTextOf(q ?? ''), after: placeOf(cursor), limit: limit + 1 })
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    return { items: shown.map(({ id, records }) => summariseParty(id, records)), ...(rows.length > limit && last !== undefined ? { next: cursorOf(last) } : {}), journalSeq }
  }),
  byId: (id: string): Promise<PartyDetail | undefined> => readSnapshot(database, async ({ tx, journalSeq }) => {
    const survivor = await survivingParty(tx, id)
    const summary = survivor === undefined ? undefined : await partySummary(tx, survivor)
    if (summary === undefined) return undefined
    return { ...summary, journalSeq, ...(summary.id === id ? {} : { redirectedFrom: id as PartyId }) }
  }),
  sourcesOf: (id: string): Promise<readonly PartySource[] | undefined> => readSnapshot(database, async ({ tx }) => {
    const survivor = await survivingParty(tx, id)
    return survivor === undefined ? undefined : selectSources(tx, survivor)
  }),
})

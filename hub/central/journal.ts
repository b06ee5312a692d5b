import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import type { DocumentId, JournalNumber, MessageId } from '../../schemas/ids.js'
import type { IdentityDecided, IdentityDraft, JournalEntry, ParkedDecision } from '../../schemas/journal-entry.js'
import type { Database, Tx } from '../ops/database.js'

interface JournalRow {
  readonly type: JournalEntry['type']
  readonly number: number
  readonly recordedAt: string
  readonly messageId: MessageId
  readonly documentId: DocumentId
  readonly system: string
  readonly channel: string
  readonly test: boolean
  readonly revision: number
  readonly replaces: DocumentId | null
  readonly document: CanonicalDocument
  readonly follower: string
  readonly cause: number
  readonly ordinal: number
  readonly body: Pick<IdentityDecided, 'ruleVersion' | 'decisions'> & Pick<ParkedDecision, 'entry' | 'action' | 'by'>
}

/**
 * The document of each entry, by the index: connections keep their plans, and one that was made while the tables were empty would read all documents for every batch
 * until PostgreSQL next looks at their size.
 */
const documentOfEntry = `left join lateral (
  select system, channel, test, revision, replaces, body from document where document.id = journal.document_id limit 1) document on true`

/** As stored, that is compressed: what one reading of entries may hold beyond its first. */
const mostBytes = 8 * 1024 * 1024

/** Entries after a number, in order and without a gap; fewer than `limit` where their documents are large, but one at least. */
export const entriesAfter = async (tx: Tx, after: JournalNumber, limit: number): Promise<readonly JournalEntry[]> => {
  const rows = await tx.query<JournalRow>(`
    select type, number, "recordedAt", "messageId", "documentId", system, channel, test, revision, replaces, document, follower, cause, ordinal, body
    from (
      select journal.type, journal.number, journal.recorded_at as "recordedAt", journal.message_id as "messageId", journal.document_id as "documentId",
        document.system, document.channel, document.test, document.revision, document.replaces, document.body as document, follower, cause, ordinal, journal.body,
        coalesce(sum(pg_column_size(document.body)) over (order by journal.number), 0) as bytes
      from (select * from journal where number > $1 order by number limit $2) journal ${documentOfEntry}
    ) listed
    where number = $1 + 1 or bytes <= ${mostBytes} order by number`, [after, limit])
  return rows.map(toEntry)
}

/** The entries of these numbers, in order; the first of them alone where their documents are large, but one at least. */
export const entriesNumbered = async (tx: Tx, numbers: readonly JournalNumber[]): Promise<readonly JournalEntry[]> => {
  const rows = await tx.query<JournalRow>(`
    select type, number, "recordedAt", "messageId", "documentId", system, channel, test, revision, replaces, document, follower, cause, ordinal, body
    from (
      select journal.type, journal.number, journal.recorded_at as "recordedAt", journal.message_id as "messageId", journal.document_id as "documentId",
        document.system, document.channel, document.test, document.revision, document.replaces, document.body as document, follower, cause, ordinal, journal.body,
        coalesce(sum(pg_column_size(document.body)) over (order by journal.number), 0) as bytes, row_number() over (order by journal.number) as place
      from journal ${documentOfEntry} where journal.number = any($1::bigint[])
    ) listed
    where place = 1 or bytes <= ${mostBytes} order by number`, [numbers])
  return rows.map(toEntry)
}

const toEntry = (row: JournalRow): JournalEntry => {
  const { type, number, recordedAt } = row
  switch (type) {
    case 'document.accepted': {
      const { messageId, documentId, system, channel, test, revision, document } = row
      return { type, number, recordedAt, messageId, documentId, system, channel, test, revision, replaces: row.replaces ?? undefined, document }
    }
    case 'identity.decided': {
      const { follower, cause, ordinal, body } = row
      return { type, number, recordedAt, follower, cause, ordinal, ruleVersion: body.ruleVersion, decisions: body.decisions }
    }
    case 'parked.decided': {
      const { follower, body: { entry, action, by } } = row
      return { type, number, recordedAt, follower, entry, action, by }
    }
    default: return type satisfies never
  }
}

/** The number of the last entry; 0 while there is none. */
export const journalHead = async (tx: Tx): Promise<JournalNumber> => {
  const [row] = await tx.query<{ number: number }>('select number from journal_head')
  if (row === undefined) throw new Error('The journal has no head.')
  return row.number
}

/** Enters each draft under its (follower, cause, ordinal), once; what is there already is left as it is and takes no number. Gives how many were entered. */
export const appendDecisions = (database: Database, drafts: readonly IdentityDraft[]): Promise<number> =>
  database.transactionEnding(async (tx) => {
    // Locked in a statement of its own: the next one then sees every decision that was entered before.
    await lockHead(tx)
    return { last: insertDecisions(tx, drafts) }
  })

const lockHead = (tx: Tx) => tx.query('select number from journal_head for update')

const insertDecisions = async (tx: Tx, drafts: readonly IdentityDraft[]): Promise<number> => {
  const rows = await tx.query<{ number: number }>(`
    with fresh as (
      select follower, cause, ordinal, body, row_number() over (order by position) as step
      from (
        select distinct on (follower, cause, ordinal) *
        from unnest($1::text[], $2::bigint[], $3::int[], $4::jsonb[]) with ordinality as given (follower, cause, ordinal, body, position)
        where not exists (select from journal known where (known.cause, known.follower, known.ordinal) = (given.cause, given.follower, given.ordinal))
        order by follower, cause, ordinal, position
      ) once
    ), head as (update journal_head set number = number + (select count(*) from fresh) returning number - (select count(*) from fresh) as base)
    insert into journal (number, type, recorded_at, follower, cause, ordinal, body)
    select head.base + fresh.step, 'identity.decided', clock_timestamp(), follower, cause, ordinal, body from head, fresh
    returning number`, [
    drafts.map(({ follower }) => follower), drafts.map(({ cause }) => cause), drafts.map(({ ordinal }) => ordinal),
    drafts.map(({ ruleVersion, decisions }) => JSON.stringify({ ruleVersion, decisions })),
  ])
  return rows.length
}

/** Enters what an operator decided about a parked entry; gives its number. */
export const appendParkedDecision = async (tx: Tx, { follower, entry, action, by }: ParkedDecision): Promise<JournalNumber> => {
  const [row] = await tx.query<{ number: JournalNumber }>(`
    with head as (update journal_head set number = number + 1 returning number)
    insert into journal (number, type, recorded_at, follower, body) select number, 'parked.decided', clock_timestamp(), $1, $2 from head returning number`,
  [follower, JSON.stringify({ entry, action, by })])
  if (row === undefined) throw new Error('The journal has no head.')
  return row.number
}

/** Those of the causes to which the journal holds a decision of the follower. */
export const answeredCauses = async (tx: Tx, follower: string, causes: readonly JournalNumber[]): Promise<ReadonlySet<JournalNumber>> => {
  const rows = await tx.query<{ cause: number }>('select distinct cause from journal where follower = $1 and cause = any($2::bigint[])', [follower, causes])
  return new Set(rows.map(({ cause }) => cause))
}

/** The last entry that followers added because of the entries `first` to `last`; undefined when they added none. */
export const lastCausedBy = async (tx: Tx, first: JournalNumber, last: JournalNumber): Promise<JournalNumber | undefined> => {
  const [row] = await tx.query<{ number: number | null }>('select max(number) as number from journal where cause between $1 and $2', [first, last])
  return row?.number ?? undefined
}

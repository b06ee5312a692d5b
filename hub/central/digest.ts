import { createHash } from 'node:crypto'
import type { Database, Tx } from '../ops/database.js'

interface DigestRow {
  /** Where the row stands; grows from row to row. */
  readonly place: number
  readonly line: string
}

const pageSize = 1000

/**
 * A SHA-256 in hex over messages with their parts, documents, references and journal, in order, without ids and times that another hub would have given otherwise:
 * two hubs with the same messages and the same journal give the same.
 */
export const digestCentral = async (database: Database): Promise<string> => {
  const hash = createHash('sha256')
  for (const read of [messageLines, journalLines, headLines]) {
    for (let after = 0; ;) {
      const rows = await read(database, after)
      for (const { line } of rows) hash.update(line).update('\n')
      const last = rows.at(-1)
      if (last === undefined) break
      after = last.place
    }
  }
  return hash.digest('hex')
}

const messageLines = (tx: Tx, after: number) => tx.query<DigestRow>(`
  select position as place, jsonb_build_array(channel, system, sender, idempotency_key, raw_sha256, outcome, format, test,
    (select md5(string_agg(concat_ws(' ', ordinal, outcome, format, test, sender, receiver, control_number), ',' order by ordinal)) from part where message_id = message.id),
    (select sum(coalesce(length, octet_length(bytes))) from message_chunk where message_id = message.id and message.raw_length is null and message.large_raw is null))::text as line
  from message where position > $1 order by position limit ${pageSize}`, [after])

const journalLines = (tx: Tx, after: number) => tx.query<DigestRow>(`
  select journal.number as place, jsonb_build_array(journal.number, journal.type, follower, cause, journal.ordinal, journal.body, document.channel, document.system,
    document.sender, document.kind, document.number, document.issuer_key, revision, document.test, document.body,
    (select jsonb_agg(jsonb_build_array(from_line, kind, number, issuer_key, to_line) order by ordinal) from document_reference where document_id = document.id))::text as line
  from journal left join document on document.id = journal.document_id
  where journal.number > $1 order by journal.number limit ${pageSize}`, [after])

/** By the journal's order of their documents, which no two have in common; empty where another revision took the place. Each is looked up by its key: a join has no index to go by. */
const headLines = (tx: Tx, after: number) => tx.query<DigestRow>(`
  select journal.number as place, coalesce((
    select jsonb_build_array(head.sender, head.kind, head.number, head.revision, head.content_sha256)::text from document_head head
    where (head.sender, head.kind, head.number) = (document.sender, document.kind, document.number) and head.document_id = document.id), '') as line
  from journal left join document on document.id = journal.document_id
  where journal.number > $1 order by journal.number limit ${pageSize}`, [after])

import type { Writer } from '../engines/engine.js'

/** The numbers of the documents that these golden parties issued, each named by the source that it began with. */
export const numbersIssuedBy = async (tx: Writer, golden: readonly string[]): Promise<readonly string[]> => {
  const rows = await tx.rows(
    `select distinct document.number from document join party issuer on issuer.key = document.issuer join party golden on golden.key = issuer.golden
      where golden.member in (select unnest($1::varchar[]))`, [golden])
  return rows.map(({ number }) => String(number))
}

/**
 * Where several systems sent the same document, the one that came first stands and the others are shadowed; here for all documents with these numbers. First is whose
 * chain of revisions began first, so that neither a later revision nor a merge of issuers chooses anew. Who names no issuer is never shadowed.
 */
export const shadowDocuments = async (tx: Writer, numbers: readonly string[]): Promise<void> => {
  if (numbers.length === 0) return
  await tx.run('delete from shadowed where document in (select key from document where number in (select unnest($1::varchar[])))', [numbers])
  await tx.run(
    `insert into shadowed select key from (
       select document.key, row_number() over (partition by issuer.golden, document.kind, document.number order by document.first_entry, document.entry) as place
         from document join party issuer on issuer.key = document.issuer
        where document.counts and document.number in (select unnest($1::varchar[]))
     ) where place > 1`, [numbers])
}

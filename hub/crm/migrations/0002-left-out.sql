-- Documents that PostgreSQL refuses, passed over so that those after them are followed; `reason` is the SQLSTATE.
create table left_out (
  entry bigint primary key,
  reason text not null
);

-- The entry with which a document first came, whatever its revision: of the same document from several systems the one that came first counts.
alter table trade_document add column first_entry bigint not null default 0;
with recursive revision as (
  select document_id, entry as first_entry from trade_document where replaces is null or replaces not in (select document_id from trade_document)
  union all
  select newer.document_id, revision.first_entry from revision join trade_document newer on newer.replaces = revision.document_id
)
update trade_document document set first_entry = revision.first_entry from revision where revision.document_id = document.document_id;
alter table trade_document alter column first_entry drop default;

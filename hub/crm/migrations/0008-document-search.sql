-- What documents are found by: their words, and under a # what they name..
create table document_search (
  entry bigint primary key,
  message_id uuid not null,
  terms tsvector not null
);
create index document_search_newest on document_search (message_id);
create index document_search_terms on document_search using gin (terms);

-- Entries that were followed before there was a search: `done` of them up to `upto` are entered by now.
create table search_backfill (
  only_row boolean primary key default true check (only_row),
  done bigint not null default 0,
  upto bigint not null
);
insert into search_backfill (upto) select position from follower_position;

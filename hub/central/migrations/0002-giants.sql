-- Giants: messages too large to be held whole. Their bytes are kept in pieces and their documents committed in slices.

-- The bytes of a giant in the order in which they came; its message.raw is empty. Pieces without a message are of one that did not come to its end.
create table message_chunk (
  message_id uuid not null,
  ordinal integer not null,
  bytes bytea not null,
  primary key (message_id, ordinal)
);

-- How far the splitting of a giant has come; moved by compare-and-set in the transaction of each slice.
create table giant (
  message_id uuid primary key,
  attempt uuid not null,
  -- Of the message as it was received.
  bytes bigint not null,
  -- Whether the message was processed before, so that its documents keep their places among the revisions.
  again boolean not null,
  -- What was cut out and committed so far, and the parts that it made.
  pieces integer not null default 0,
  parts integer not null default 0,
  -- Whether a document could be read in any of them.
  taken boolean not null default false,
  finished boolean not null
) with (fillfactor = 50);
create index giant_unfinished on giant (message_id) where not finished;

alter table message drop constraint message_outcome_check;
alter table message add constraint message_outcome_check check (outcome in ('accepted', 'duplicate', 'partial', 'rejected', 'running'));

-- What the sender is told of the part; null where the message's own answer says it.
alter table part add column answer json;

-- By the part too: a giant's parts are asked for one by one.
drop index document_message;
create index document_message on document (message_id, part);

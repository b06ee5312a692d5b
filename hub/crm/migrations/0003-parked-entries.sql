-- Entries that could not be followed, each with its cause, and those that have to wait for them. What is decided about them is in the journal.
create table parked_entry (
  entry bigint primary key,
  -- parked: its own cause keeps it; held: one before it does; skipped: decided to be left out for good.
  state text not null check (state in ('parked', 'held', 'skipped')),
  -- SQLSTATE of the refusal; null where it is held.
  cause text,
  -- What PostgreSQL said, for people; no part of the digest.
  detail text,
  -- The first parked or held entry before it that has a thread or the customer in common with it.
  held_by bigint,
  -- The threads and the customer that it holds.
  keys text[] not null,
  document_id uuid,
  message_id uuid,
  system text,
  kind text,
  number text
);
create index parked_entry_keys on parked_entry using gin (keys) where state <> 'skipped';
create index parked_entry_held_by on parked_entry (held_by) where held_by is not null;

-- What was passed over until now can be tried again.
insert into parked_entry (entry, state, cause, keys) select entry, 'parked', reason, '{}' from left_out;
drop table left_out;

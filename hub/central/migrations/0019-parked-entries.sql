-- Entries that the follower of deliveries could not follow, each with its cause, and those that have to wait for them. What is decided about them is in the journal.
create table delivery_parked_entry (
  entry bigint primary key,
  -- parked: its own cause keeps it; held: one before it does; skipped: decided to be left out for good.
  state text not null check (state in ('parked', 'held', 'skipped')),
  -- SQLSTATE of the refusal, or fold-error; null where it is held.
  cause text,
  -- What PostgreSQL said, for people.
  detail text,
  -- The first parked or held entry before it that has a key in common with it.
  held_by bigint,
  -- What it holds.
  keys text[] not null,
  document_id uuid,
  message_id uuid,
  system text,
  kind text,
  number text
);
create index delivery_parked_entry_keys on delivery_parked_entry using gin (keys) where state <> 'skipped';
-- Every batch asks whether any waits, however many were skipped before.
create index delivery_parked_entry_waiting on delivery_parked_entry (entry) where state <> 'skipped';
create index delivery_parked_entry_held_by on delivery_parked_entry (held_by) where held_by is not null;

-- What of an entry that waits is yet to be done: the delivery to each subscription that has come past it, and, where the subscription is null, all that hangs on none (acknowledgements, and the
-- answers that it is). Gone once it is followed; of one that was skipped it says who went without.
create table delivery_owed (
  entry bigint not null,
  subscription text references subscription on delete cascade
);
create unique index delivery_owed_once on delivery_owed (entry, coalesce(subscription, ''));
create index delivery_owed_subscription on delivery_owed (subscription);

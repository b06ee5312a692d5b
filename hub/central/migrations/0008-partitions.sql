-- Messages stand in tables by time: their ids are UUIDs of version 7, so that a range of ids is a range of time, a look-up by id goes to one table and the primary key
-- stays possible. What was stored before becomes the first of these tables as it is, and takes what still comes in this week.

alter table message rename to message_first;
alter table message_first drop constraint message_pkey;
drop index message_not_accepted;
alter table message_first rename constraint message_outcome_check to message_first_outcome_check;
alter table message_chunk rename to message_chunk_first;
alter index message_chunk_pkey rename to message_chunk_first_pkey;

-- The bytes of messages that were packed when their table became old: those of many together, compressed. A block whose bytes were dropped says when, and by which rule.
create table raw_block (
  id bigint generated always as identity primary key,
  channel text not null,
  outcome text not null,
  -- Of its messages, which are those between that say so.
  first_id uuid not null,
  last_id uuid not null,
  last_received_at timestamptz not null,
  messages integer not null,
  -- Before they were compressed.
  raw_bytes bigint not null,
  bytes bytea,
  dropped_at timestamptz,
  rule text
);
-- They are compressed already.
alter table raw_block alter column bytes set storage external;
create index raw_block_held on raw_block (channel, outcome, last_received_at) where dropped_at is null;

-- Where in a block the bytes of the message stand, from 0; its raw is empty then.
alter table message_first add column raw_block bigint, add column raw_start integer, add column raw_length integer;

create table message (like message_first including defaults including constraints including storage) partition by range (id);
-- Whoever looks for a partner's messages reads this index alone; an index for each of the three columns would cost the intake 6 µs a message each (docs/adr/0015).
alter table message add primary key (id) include (channel, sender, caller);
create index message_not_accepted on message (id) where outcome <> 'accepted';
create index message_error_words on message using gin (to_tsvector('simple', answer)) where outcome in ('partial', 'rejected');
create table message_default partition of message default;

create table message_chunk (like message_chunk_first including defaults including constraints including storage) partition by range (message_id);
alter table message_chunk add primary key (message_id, ordinal);
create table message_chunk_default partition of message_chunk default;

-- The tables of messages and of the pieces of giants, each pair for a time, in UTC.
create table message_partition (
  -- Of the table of messages; that of the pieces has chunk in it.
  name text primary key,
  -- Null: whatever is older.
  from_at timestamptz,
  to_at timestamptz not null unique,
  packed_at timestamptz
);

-- The first id of a time.
create function first_id_at(at timestamptz) returns uuid language sql immutable as $$
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

do $$
declare
  -- Ids may run ahead of the clock, and the clock may have been set back.
  newest timestamptz := greatest(now(), (
    select to_timestamp(('x' || lpad(left(replace(id::text, '-', ''), 12), 16, '0'))::bit(64)::bigint / 1000.0)
    from message_first where substr(id::text, 15, 1) = '7' order by id desc limit 1));
  upto timestamptz := date_trunc('week', newest at time zone 'UTC') at time zone 'UTC' + interval '7 days';
begin
  -- Ids that are of no time stay apart.
  insert into message_default select * from message_first where id >= first_id_at(upto);
  delete from message_first where id >= first_id_at(upto);
  insert into message_chunk_default select * from message_chunk_first where message_id >= first_id_at(upto);
  delete from message_chunk_first where message_id >= first_id_at(upto);
  execute format('alter table message attach partition message_first for values from (minvalue) to (%L)', first_id_at(upto));
  execute format('alter table message_chunk attach partition message_chunk_first for values from (minvalue) to (%L)', first_id_at(upto));
  insert into message_partition (name, from_at, to_at) values ('message_first', null, upto);
end $$;

-- The pieces of a giant are 1 MiB each: compressing one takes PostgreSQL 30 ms, while the giant's sender waits.
alter table message_chunk alter column bytes set storage external;
alter table message_chunk_first alter column bytes set storage external;
alter table message_chunk_default alter column bytes set storage external;

-- What became of a message that could not be taken, or not wholly: nothing of it is dropped before.
create table message_decision (
  message_id uuid primary key,
  decided_at timestamptz not null default clock_timestamp(),
  decided_by text not null,
  reason text not null,
  -- The message that said it rightly.
  mended_by uuid
);

-- Messages of packed tables whose bytes were left as they are, because nobody had decided on them or they changed meanwhile.
create table message_kept (
  message_id uuid primary key
);

-- What changes in a table of messages while it is being packed. Only such a table has the trigger: what comes in is not concerned.
create table message_touched (
  partition text not null,
  message_id uuid not null,
  primary key (partition, message_id)
);
create function note_touched_message() returns trigger language plpgsql as $$
begin
  execute format('insert into %I.message_touched (partition, message_id) values ($1, $2) on conflict do nothing', tg_table_schema) using tg_table_name, new.id;
  return null;
end $$;

-- A file that came with messages is kept as long as the bytes of one of them are.
alter table message_attachment alter column sha256 drop not null, add column dropped_sha256 text;
create index message_attachment_content on message_attachment (sha256);

-- Scheduled work, and each time at which it was due.
create table job (
  name text primary key,
  cron text not null,
  known_since timestamptz not null default clock_timestamp()
);
create table job_run (
  job text not null,
  fire_at timestamptz not null,
  -- The run of one process; who writes the row runs, and whoever finds lease_until in the past takes the run over.
  owner uuid not null,
  attempts integer not null default 1,
  started_at timestamptz not null default clock_timestamp(),
  lease_until timestamptz not null,
  finished_at timestamptz,
  failed boolean not null default false,
  detail json,
  primary key (job, fire_at)
) with (fillfactor = 80);
create index job_run_open on job_run (job) where finished_at is null;

-- Replays of selections. Which messages are meant is fixed when it is asked for.
create table replay (
  id uuid primary key,
  asked_at timestamptz not null default clock_timestamp(),
  asked_by text not null,
  -- As it was asked for.
  selection json not null,
  mapping_version text,
  dry_run boolean not null,
  -- Of the process that works on it.
  owner uuid,
  lease_until timestamptz not null default '-infinity',
  finished_at timestamptz
);
create index replay_open on replay (asked_at) where finished_at is null;
create table replay_item (
  replay_id uuid not null references replay on delete cascade,
  message_id uuid not null,
  -- The attempt at processing: a commit whose reply was lost is known by it.
  attempt uuid not null,
  done boolean not null default false,
  -- What became of it: an outcome or an error code; in a dry run what would.
  outcome text,
  changes json,
  primary key (replay_id, message_id)
) with (fillfactor = 80);
create index replay_item_open on replay_item (replay_id, message_id) where not done;

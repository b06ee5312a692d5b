-- The processes of the hub, each with the roles that it runs. One whose heartbeat has stopped is gone, or paused.
create table process (
  id uuid primary key,
  roles text[] not null,
  -- Where the others reach it.
  url text,
  version text not null,
  host text not null,
  pid integer not null,
  started_at timestamptz not null default clock_timestamp(),
  heartbeat_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);

-- Who keeps each follower. All instants are of this database's clock. The epoch grows with each owner; `position` and `failing` are what the owner last said.
create table lease (
  name text primary key,
  owner uuid,
  epoch bigint not null,
  expires_at timestamptz not null,
  position bigint not null default 0,
  failing jsonb
) with (fillfactor = 50);

-- What operators decide about entries that a follower has parked.
alter table journal drop constraint journal_type_check;
alter table journal add constraint journal_type_check check (type in ('document.accepted', 'identity.decided', 'parked.decided')) not valid;

-- Giants of which the bytes are still coming, each with the process that takes them.
create table giant_arrival (
  message_id uuid primary key,
  owner uuid
);
insert into giant_arrival (message_id) select distinct message_id from message_chunk where not exists (select from message where id = message_id);

-- Which process cuts a giant up.
alter table giant add column owner uuid;

-- Followers whose effect stands in this database, each moved by compare-and-set on position and epoch in the transaction that writes its effect.
create table follower_position (
  follower text primary key,
  position bigint not null,
  epoch bigint not null default 0
) with (fillfactor = 10);
-- What was there before anybody could subscribe need not be read.
insert into follower_position (follower, position) select 'deliveries', number from journal_head;

create table subscription (
  id text primary key,
  endpoint text not null,
  -- As it was put.
  wish jsonb not null,
  paused boolean not null,
  -- The last entry looked at, while it catches up or is paused; null where it goes along with the follower.
  reached bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  updated_by text not null
);

-- The queue of an endpoint and business key. Keys compare bytewise: whoever locks several locks them in this order.
create table delivery_lane (
  id bigint generated always as identity primary key,
  endpoint text collate "C" not null,
  key text collate "C" not null,
  -- Of the delivery that was put in last, and of the first that is not done.
  last_sequence bigint not null,
  next_sequence bigint not null,
  -- When its first delivery may be tried; null while none waits or the first is parked.
  due_at timestamptz,
  -- Whose claim holds: counted up at each, and compared before anything of it is written.
  lease bigint not null default 0,
  leased_until timestamptz,
  -- Claims in a row that nobody brought to an end.
  lost integer not null default 0,
  unique (endpoint, key)
) with (fillfactor = 70);
create index delivery_lane_due on delivery_lane (endpoint, due_at) where due_at is not null;

create index delivery_lane_key on delivery_lane (key);

create sequence delivery_control;

create table delivery (
  id uuid primary key,
  lane bigint not null references delivery_lane,
  sequence bigint not null,
  endpoint text not null,
  key text not null,
  -- The subscription, or acknowledge:ENDPOINT or alerts:ENDPOINT; with the number of the entry, or of the alert's event, that caused it.
  source text not null,
  cause bigint not null,
  position bigint generated always as identity,
  message_id uuid,
  document_id uuid,
  -- The document where it is ours and no message brought it.
  own_document jsonb,
  kind text,
  number text,
  issuer_key text,
  test boolean not null,
  state text not null default 'waiting' check (state in ('waiting', 'parked', 'sent', 'skipped')),
  created_at timestamptz not null default clock_timestamp(),
  control bigint not null default nextval('delivery_control'),
  control_number text,
  -- What leaves, compressed with gzip, from the first attempt on.
  payload bytea,
  payload_type text,
  format text,
  mapping_version text,
  edited_by text,
  -- Since it was resumed last.
  attempts integer not null default 0,
  -- Of all times.
  tries integer not null default 0,
  first_attempt_at timestamptz,
  -- Why the last attempt failed, or why it is parked.
  failure jsonb,
  sent_at timestamptz,
  received_at timestamptz,
  understood_at timestamptz,
  answered_at timestamptz,
  rejected boolean not null default false,
  understood_by uuid,
  answered_by uuid,
  -- Of the subscription, in ms.
  expect_understood_ms bigint,
  expect_answered_ms bigint,
  -- When the next stage that is expected is overdue; null where none is, or it was told.
  overdue_at timestamptz,
  unique (source, cause),
  unique (lane, sequence)
) with (fillfactor = 80);
alter table delivery alter column payload set storage external;
create index delivery_position on delivery (position);
create index delivery_parked on delivery (endpoint, position) where state = 'parked';
create index delivery_message on delivery (message_id);
create index delivery_document on delivery (document_id);
create index delivery_number on delivery (number, kind);
create index delivery_control_number on delivery (control_number) where control_number is not null;
create index delivery_overdue on delivery (overdue_at) where overdue_at is not null;

create table delivery_attempt (
  delivery_id uuid not null,
  ordinal integer not null,
  ended_at timestamptz not null default clock_timestamp(),
  took_ms integer not null,
  -- Of HTTP.
  status integer,
  -- Null where it succeeded.
  code text,
  at text,
  detail text,
  -- The beginning of what came back.
  answer text,
  retry_at timestamptz,
  primary key (delivery_id, ordinal)
);

create table endpoint_state (
  endpoint text primary key,
  -- Attempts in a row that failed for reasons of the endpoint.
  failures integer not null default 0,
  -- The breaker: nothing but a probe goes out while it is open.
  open boolean not null default false,
  probe_at timestamptz,
  -- The endpoint asked not to be called before (Retry-After).
  held_until timestamptz,
  bad_since timestamptz
) with (fillfactor = 50);

-- Opened once and closed once.
create table alert (
  id bigint generated always as identity primary key,
  kind text not null,
  subject text not null,
  detail text not null,
  opened_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz,
  -- Whether its opening and its closing were told outside of the database.
  opening_told boolean not null default false,
  closing_told boolean not null default false
);
create unique index alert_open on alert (kind, subject) where closed_at is null;
create index alert_untold on alert (id) where not opening_told or (closed_at is not null and not closing_told);

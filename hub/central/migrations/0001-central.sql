-- Drawn for each message and for each revision of a document: which of two that meet at one document is the later.
create sequence message_position;

-- One thing received: its bytes as they came, and what was answered. Kept whatever the outcome.
create table message (
  id uuid primary key,
  position bigint not null default nextval('message_position'),
  -- Which attempt at processing wrote this last; tells whether a commit whose reply was lost took place.
  attempt uuid not null,
  attempts integer not null default 1,
  channel text not null,
  system text not null,
  sender text not null,
  caller text,
  -- As the sender gave it; without one the content is the key.
  idempotency_key text,
  received_at timestamptz not null,
  content_type text,
  content_encoding text,
  raw bytea not null,
  raw_sha256 text not null,
  outcome text not null check (outcome in ('accepted', 'duplicate', 'partial', 'rejected')),
  status smallint not null,
  format text,
  mapping_version text,
  test boolean not null,
  -- json and not jsonb: the very answer, its members in the order given. The journal number is read from the journal.
  answer json not null
);
create index message_not_accepted on message (id) where outcome in ('partial', 'rejected');

-- Which message a sender's key belongs to. Has a table of its own so that messages can be partitioned by time; a key is taken again after expires_at.
create table idempotency_key (
  channel text not null,
  sender text not null,
  key text not null,
  content_sha256 text not null,
  message_id uuid not null,
  expires_at timestamptz not null,
  repeats integer not null default 0,
  last_repeat_at timestamptz,
  primary key (channel, sender, key)
) with (fillfactor = 90);

-- The parts of messages that were envelopes; a message that was one bare document has none.
create table part (
  message_id uuid not null,
  ordinal integer not null,
  sender text,
  receiver text,
  control_number text,
  test boolean not null,
  ack_wanted boolean not null,
  outcome text not null,
  format text,
  mapping_version text,
  primary key (message_id, ordinal)
);

-- A canonical document, never changed once it is written.
create table document (
  id uuid primary key,
  message_id uuid not null,
  part integer not null,
  position bigint not null,
  channel text not null,
  system text not null,
  sender text not null,
  kind text not null,
  number text not null,
  issuer_key text,
  revision integer not null,
  replaces uuid,
  function text not null,
  thread_ids uuid[] not null,
  content_sha256 text not null,
  format text not null,
  mapping_version text not null,
  test boolean not null,
  body jsonb not null
);
create index document_message on document (message_id);

-- The current revision of each document of a sender.
create table document_head (
  sender text not null,
  kind text not null,
  number text not null,
  document_id uuid not null,
  revision integer not null,
  replaces uuid,
  content_sha256 text not null,
  position bigint not null,
  primary key (sender, kind, number)
) with (fillfactor = 90);

-- References as given, on head and lines.
create table document_reference (
  document_id uuid not null,
  ordinal integer not null,
  from_line text,
  kind text not null,
  number text not null,
  issuer_key text,
  to_line text,
  primary key (document_id, ordinal)
);

-- The number of the last journal entry. Its row lock puts commits in order.
create table journal_head (
  single boolean primary key default true check (single),
  number bigint not null
) with (fillfactor = 10);
insert into journal_head (number) values (0);

create table journal (
  number bigint primary key,
  type text not null check (type in ('document.accepted', 'identity.decided')),
  recorded_at timestamptz not null,
  message_id uuid,
  document_id uuid,
  follower text,
  cause bigint,
  ordinal integer,
  body jsonb
);
create unique index journal_decision on journal (cause, follower, ordinal) where cause is not null;
create index journal_message on journal (message_id) where message_id is not null;

-- The mapping files behind every version that was used, so that a lineage can be recomputed.
create table mapping_version (
  format text not null,
  version text not null,
  files jsonb not null,
  first_used_at timestamptz not null default now(),
  primary key (format, version)
);

create table api_key (
  id text primary key,
  sha256 text not null unique,
  role text not null,
  party text,
  channel text,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

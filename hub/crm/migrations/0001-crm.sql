-- Keys compare bytewise, whatever the locale of the database: the digest and the choice of the oldest record hang on it.

create table follower_position (
  only_row boolean primary key default true check (only_row),
  position bigint not null default 0,
  owner_epoch bigint not null default 0
);
insert into follower_position default values;

create table golden_party (
  id uuid primary key,
  founded_place bigint not null,
  founder text collate "C" not null,
  merged_into uuid
);
create index golden_party_listed on golden_party (founded_place) where merged_into is null;
create index golden_party_merged on golden_party (merged_into) where merged_into is not null;

create table source_record (
  key text collate "C" primary key,
  system text not null,
  first_entry bigint not null,
  last_entry bigint not null,
  test boolean not null,
  name text,
  country text,
  party jsonb not null,
  party_id uuid
);
create index source_record_of_party on source_record (party_id, first_entry);

create table source_match_key (
  match_key text collate "C" not null,
  first_entry bigint not null,
  source_key text collate "C" not null,
  primary key (match_key, first_entry, source_key)
);
create index source_match_key_of_source on source_match_key (source_key);

create table source_term (
  source_key text collate "C" not null,
  term text collate "C" not null,
  primary key (source_key, term)
);
create index source_term_prefix on source_term (term text_pattern_ops);

create table trade_document (
  document_id uuid primary key,
  entry bigint not null,
  message_id uuid not null,
  system text not null,
  kind text not null,
  number text collate "C" not null,
  function text not null,
  revision integer not null,
  replaces uuid,
  current boolean not null,
  test boolean not null,
  issuer_key text collate "C",
  buyer_key text collate "C",
  debtor_key text collate "C",
  issued_on date not null,
  due_on date,
  currency text,
  payable numeric
);
create index trade_document_numbered on trade_document (kind, number);
create index trade_document_of_buyer on trade_document (buyer_key, kind, issued_on);
create index trade_document_of_debtor on trade_document (debtor_key, kind);

create table document_party (
  document_id uuid not null,
  role text not null,
  line text collate "C" not null,
  source_key text collate "C" not null,
  primary key (document_id, role, line, source_key)
);

create table trade_reference (
  document_id uuid not null,
  ordinal integer not null,
  reference_no integer not null,
  from_line text,
  to_line text,
  kind text not null,
  number text collate "C" not null,
  issuer_key text collate "C",
  primary key (document_id, ordinal)
);
create index trade_reference_to on trade_reference (kind, number);

create table thread_anchor (
  thread_id uuid primary key,
  system text not null,
  issuer_key text collate "C",
  kind text not null,
  number text collate "C" not null,
  first_entry bigint not null
);
create index thread_anchor_numbered on thread_anchor (kind, number);

create table outbox (
  cause bigint not null,
  ordinal integer not null,
  draft jsonb not null,
  primary key (cause, ordinal)
);

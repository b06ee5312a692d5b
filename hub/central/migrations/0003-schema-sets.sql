-- XSDs and JSON Schemas that an integrator registered, by content. A version is kept for ever: messages say which they were held against.
create table schema_set_version (
  name text not null,
  version text not null,
  -- [{path, text}]
  files jsonb not null,
  -- The JSON Schema that was named for documents.
  root text,
  -- Global elements of the XSDs, as {namespace}name.
  elements text[] not null,
  json_root text,
  registered_at timestamptz not null default now(),
  primary key (name, version)
);

-- The sets in force.
create table schema_set (
  name text primary key,
  version text not null,
  mode text not null check (mode in ('refuse', 'warn')),
  -- Empty means all channels.
  channels text[] not null,
  format text,
  registered_at timestamptz not null default now(),
  registered_by text not null,
  foreign key (name, version) references schema_set_version (name, version)
);

-- Which version a part of a message was held against when it was processed last.
create table schema_use (
  message_id uuid not null,
  part integer not null,
  name text not null,
  version text not null,
  primary key (message_id, part, name)
);

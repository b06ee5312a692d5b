-- WS-Security: a key may have a user name and a password that SOAP clients make digests of. The password can be read again by the hub
-- alone, for a digest can be checked in no other way: it is sealed under a key that is not in this database.
alter table api_key add column soap_user text unique, add column soap_password bytea;

-- What may be used once and was: nonces and signatures, by their SHA-256, for longer than any of them is young enough to be taken.
create table used_nonce (
  sha256 bytea primary key,
  expires_at timestamptz not null
);
create index used_nonce_expires on used_nonce (expires_at);

-- Files that came with messages, each content once, by the SHA-256 of its bytes in hex.
create table attachment (
  sha256 text primary key,
  bytes bytea not null
);

create table message_attachment (
  message_id uuid not null,
  ordinal integer not null,
  name text,
  content_type text,
  sha256 text not null references attachment,
  primary key (message_id, ordinal)
);

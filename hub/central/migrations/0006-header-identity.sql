-- A key may be shown in the header of documents, as the secret of this name (`NetworkID:AN01000000017`): then documents in whose header
-- they stand together are taken without an Authorization header. Only the key's hash is kept, as of every key.
alter table api_key add column header_identity text;

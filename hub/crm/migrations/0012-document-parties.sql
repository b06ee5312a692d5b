-- Looked for by document only, and a document comes once: the key of four columns made an index as large as the table.
alter table document_party drop constraint document_party_pkey;
create index document_party_of_document on document_party (document_id);

-- Looked for by document only, and a document comes once: an index of half the size, of which the follower writes half as much.
alter table document_party drop constraint document_party_pkey;
create index document_party_of_document on document_party (document_id);

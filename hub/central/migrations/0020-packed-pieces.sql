-- How many bytes a piece has that is kept compressed (DEFLATE, RFC 1951); null where it stands as it came.
alter table message_chunk add column length int;

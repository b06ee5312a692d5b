-- Keys are taken in the order of time, so that a few pages of this index find the expired ones; it costs the commit next to nothing.
create index idempotency_key_expiry on idempotency_key using brin (expires_at) with (pages_per_range = 16, autosummarize = on);

-- When the bytes and the attempts of a delivery that is done were dropped. The delivery itself stays: its number, its stages and what was answered.
alter table delivery add column dropped_at timestamptz;
create index delivery_kept on delivery (coalesce(sent_at, created_at)) where state in ('sent', 'skipped') and dropped_at is null;

-- Control numbers of the interchanges that leave: counted for each partner without a gap, drawn when a delivery is first written and kept with it.
create table interchange_count (
  counter text primary key,
  last bigint not null
) with (fillfactor = 50);
alter table delivery add column interchange_number bigint;

-- What was said to a delivery: by a document, or by a receipt, which is none.
create table delivery_answer (
  id bigint generated always as identity primary key,
  delivery_id uuid not null,
  document_id uuid,
  -- Of the entry, or of the arrival.
  at timestamptz not null,
  stage text not null check (stage in ('received', 'understood', 'answered')),
  rejected boolean not null,
  reasons jsonb not null,
  unique (delivery_id, document_id)
);

-- Messages in which a part asks for an acknowledgement, until it is looked what is said of them: noted with the part, whoever writes it.
create table acknowledgement_due (
  message_id uuid primary key
);
create function note_wished_acknowledgement() returns trigger language plpgsql as $$
begin
  execute format('insert into %I.acknowledgement_due (message_id) values ($1) on conflict do nothing', tg_table_schema) using new.message_id;
  return null;
end $$;
create trigger acknowledgement_wished after insert or update of ack_wanted on part for each row when (new.ack_wanted) execute function note_wished_acknowledgement();

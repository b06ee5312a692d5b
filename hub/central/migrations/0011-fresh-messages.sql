-- Messages of which nothing is known yet are stored in one statement (docs/adr/0013). Where another process takes one of their documents between the
-- statement's snapshot and its insert, all of it is undone by this and tried again, as PostgreSQL itself asks for after a serialization failure.
create function met_another_writer() returns bigint language plpgsql as $$
begin
  raise exception using errcode = 'serialization_failure', message = 'Another transaction took a document of this batch first.';
end $$;

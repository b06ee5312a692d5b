-- The version of one format's mapping by which a giant is run again; null where it is today's.
alter table giant add column run_mapping text;

-- How many entries of a follower are parked and held, as its owner last said; null where every process can look for itself.
alter table lease add column waiting jsonb;

-- Every batch asks whether any waits, however many were skipped before.
create index parked_entry_waiting on parked_entry (entry) where state <> 'skipped';

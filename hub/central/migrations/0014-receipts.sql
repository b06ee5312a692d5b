-- A receipt may come later than the partner's system takes a delivery: how long it is waited for, of the subscription, in ms.
alter table delivery add column expect_received_ms bigint;

-- Each change is a row of its own, so that nobody who notes one waits for who wakes those that wait, or is
-- forgotten because the pool was noted already.
alter table changed_pools drop constraint changed_pools_pkey;
alter table changed_pools add column number bigint generated always as identity primary key;

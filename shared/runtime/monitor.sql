-- Queries that measure the metrics at intervals.

-- outbox_rows
-- The number of events waiting to be published, counted up to 100,000.
select count(*) from (select from outbox limit 100000) as waiting;

-- outbox_oldest
-- For how many seconds the first of them has been waiting; nothing if there is none.
select extract(epoch from clock_timestamp() - written)::float8 from outbox order by id limit 1;

-- backup
-- When the last backup was finished, in seconds since the epoch; 0 if none was recorded.
select coalesce(extract(epoch from max(finished)), 0)::float8 from backups;

-- writable
-- Can this server write? A standby, and a server that only reads, cannot.
select not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off';

-- behind
-- How many partitions must still be read, and how many cases have lost events, after the database went back.
select (select count(*) from catch_up) as partitions, (select count(distinct subject) from lost_events) as cases;

-- dead_letters
-- Open dead letters by reason.
select reason, count(*) as number from dead_letters where status = 'open' group by reason;

-- gaps
-- Open dead letters that stand for messages that can no longer be read: the first few.
select number, topic || '/' || partition as place, explanation from dead_letters
where status = 'open' and reason = any($1) order by number limit 3;

-- quarantined
-- Cases that could not be assessed.
select count(*) from cases where quarantined is not null;

-- overdue
-- How many days the sweep is behind: 0 if no case is due. What is due since ever was not assessed yet.
select coalesce((select day from clock) - (
    select wake_on from cases
    where wake_on > '-infinity' and wake_on <= (select day from clock)
        and quarantined is null and merged_into is null
    order by wake_on limit 1), 0);

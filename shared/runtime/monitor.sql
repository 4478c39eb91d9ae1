-- Queries that measure the metrics at intervals.

-- outbox_rows
-- The number of events waiting to be published, counted up to 100,000.
select count(*) from (select from outbox limit 100000) as waiting;

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
-- How many days the sweep is behind: 0 if no case is due.
select coalesce((select day from clock) - min(wake_on), 0) from cases
where wake_on <= (select day from clock) and quarantined is null and merged_into is null;

-- What is counted now and then for the metrics.

-- outbox_rows
-- How many events wait to be published; counts no further than 100,000.
select count(*) from (select from outbox limit 100000) as waiting;

-- dead_letters
-- Open dead letters by reason.
select reason, count(*) as number from dead_letters where status = 'open' group by reason;

-- quarantined
-- Cases that could not be assessed.
select count(*) from cases where quarantined is not null;

-- overdue
-- By how many days the sweep is behind: 0 when nothing due is left.
select coalesce((select day from clock) - min(wake_on), 0) from cases
where wake_on <= (select day from clock) and quarantined is null and merged_into is null;

-- What a service's database tells of its state.

-- state
-- The clock, what is at work, and what is left to do.
select
    clock.day,
    clock.release,
    clock.digest,
    array(select announced_days.day from announced_days order by 1) as announced,
    (select count(*) from cases where quarantined is not null) as quarantined,
    (select count(*) from warnings) as warnings,
    (select count(*) from pg_stat_activity
        where datname = current_database() and application_name = $1) as connections,
    exists (
        select from pg_locks
        where locktype = 'advisory' and granted and objsubid = 1
            and database = (select oid from pg_database where datname = current_database())
            and (classid::bigint << 32 | objid::bigint) = hashtext('outbox relay')
    ) as publishes
from clock;

-- letters
-- Open dead letters by reason.
select reason, count(*) as number, min(received) as since from dead_letters
where status = 'open' group by reason order by reason;

-- offsets
-- Where the service reads on.
select topic, partition, next_offset from offsets;

-- sources
-- The feeds from which there are facts, with one of them.
with recursive sources(source) as (
    (select source from journal order by source limit 1)
    union all
    select (select j.source from journal j where j.source > s.source order by j.source limit 1)
    from sources s where s.source is not null)
select source, (select body from journal j where j.source = s.source limit 1) as body
from sources s where source like '/feeds/%';

-- numbers
-- The numbers that a source gave its events.
select substring(convert_from(body, 'UTF8') from '"sequence" *: *"([0-9]{1,18})"')::bigint as number
from journal where source = $1;

-- waits
-- What the messages of feeds wait for: what comes before the first colon of each key.
select feed, split_part(wait ->> 'key', ':', 1) as what, count(distinct number) as number
from messages, jsonb_array_elements(waits::jsonb) as wait
where status = 'waiting' group by 1, 2 order by 1, 2;

-- late
-- How many messages have waited for longer than the feed allows.
select count(*) from messages where alarmed and status in ('new', 'waiting');

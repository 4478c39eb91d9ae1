-- The statements of the feeds; see `postgres.py`.

-- one_at_a_time
-- Feeds share people and links, so their transactions follow one another.
select pg_advisory_xact_lock(hashtext('feeds'));

-- keep
insert into messages (feed, digest, origin, received, attributes, body, detail, fetched)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (feed, digest) do nothing
returning number;

-- message
select feed, origin, received, attributes, body, detail, fetched from messages where number = $1;

-- add_detail
update messages set detail = $2, fetched = $3 where number = $1;

-- settle
update messages set
    status = $2,
    waits = $3,
    letters = $4,
    release = $5,
    depends = $6,
    subjects = $7,
    waiting_since = case when $2 = 'waiting' then coalesce(waiting_since, $8) end,
    alarmed = alarmed and $2 = 'waiting'
where number = $1 and status <> 'discarded';

-- depending_on
select number from messages where depends && $1::text[] and status <> 'discarded' order by number;

-- known
select key, subject, data from facts
where type = 'identity' and key = any($1::text[]) and data is not null;

-- facts
select subject, type, key, data from facts
where subject = any($1::text[]) and type = any($2::text[]) and data is not null
order by subject, type, key;

-- holders
select distinct on (key) key, subject from facts
where type = 'holder' and key = any($1::text[]) and data is not null
order by key, recorded desc;

-- erased
select hash from erased where hash = any($1::bytea[]);

-- version
select max(recorded) from versions where feed = $1 and record = $2 and part in ($3, '*');

-- stated
select part, about, subject, type, key, data, happened, recorded from stated
where feed = $1 and record = $2;

-- clear_record
delete from stated where feed = $1 and record = $2;

-- add_stated
insert into stated (feed, record, part, about, subject, type, key, data, happened, recorded)
select $1, $2, x.* from unnest(
    $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[]
) as x(part, about, subject, type, key, data, happened, recorded);

-- set_version
insert into versions (feed, record, part, recorded) values ($1, $2, $3, $4)
on conflict (feed, record, part) do update set recorded = excluded.recorded;

-- rows
select record, part, about, subject, type, key, data, happened, s.recorded from stated s
join unnest($1::text[], $2::text[], $3::text[]) as x(subject, type, key) using (subject, type, key);

-- effective
select subject, type, key, data, happened, recorded from facts
join unnest($1::text[], $2::text[], $3::text[]) as x(subject, type, key) using (subject, type, key);

-- save_facts
insert into facts (subject, type, key, data, happened, recorded)
select * from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[]
)
on conflict (subject, type, key) do update set
    data = excluded.data, happened = excluded.happened, recorded = excluded.recorded;

-- add_events
insert into outbox (topic, key, event_id, value, headers)
select * from unnest($1::text[], $2::bytea[], $3::text[], $4::bytea[], $5::bytea[]);

-- erase_facts
with s as (delete from stated where subject = $1)
delete from facts where subject = $1;

-- erase_messages
-- A message that others still wait for is emptied once they do not (`empty_erased`).
delete from messages where subjects = array[$1];

-- empty_erased
update messages set body = '', detail = null, attributes = '{}', origin = ''
where subjects @> array[$1]::text[] and status = 'done';

-- last_event
-- The event that says that a person is erased.
select event_id from outbox where key = $1 order by id desc limit 1;

-- erase_events
delete from outbox where key = $1 and event_id <> $2;

-- add_erased
insert into erased (hash) select unnest($1::bytea[]) on conflict do nothing;

-- offsets
select partition, next_offset from offsets where topic = $1 and incarnation = $2;

-- set_offset
insert into offsets (topic, partition, next_offset, incarnation) values ($1, $2, $3, $4)
on conflict (topic, partition) do update set
    next_offset = excluded.next_offset, incarnation = excluded.incarnation;

-- outdated
-- Messages to be read again: those never read, those read by other code tables than ours, and, if $5, those whose
-- detail could not be fetched from the addresses that were set when they came.
select number from messages
where feed = $1 and (
        status = 'new'
        or (status in ('waiting', 'dead') and release <> $2)
        or ($5 and status = 'dead' and detail is null and letters like '%"detailUrl"%')
    )
    and number > $3
order by number limit $4;

-- late
-- Messages that have waited for longer than so many hours and were not alarmed yet.
update messages set alarmed = true
where status in ('new', 'waiting') and not alarmed 
    and coalesce(waiting_since, received) < $1::timestamptz - $2::int * interval '1 hour'
returning number, feed, waits;

-- counts
select feed, status, count(*) from messages where status in ('new', 'waiting', 'dead') group by feed, status;

-- open
select number, feed, received, status, waiting_since, alarmed, waits, letters from messages
where ($1::text is null or feed = $1) and status in ('new', 'waiting', 'dead')
order by number;

-- outbox_rows
-- The number of events waiting to be published, counted up to 100,000.
select count(*) from (select from outbox limit 100000) as waiting;

-- outbox_oldest
-- For how many seconds the first of them has been waiting; nothing if there is none.
select extract(epoch from clock_timestamp() - written)::float8 from outbox order by id limit 1;

-- backup
-- When the last backup was finished, in seconds since the epoch; 0 if none was recorded.
select coalesce(extract(epoch from max(finished)), 0)::float8 from backups;

-- discard
update messages set status = 'discarded', closed_because = $2
where number = $1 and status in ('new', 'waiting', 'dead') returning number;

-- The engine's statements. Each is set-based: their number per batch does not depend on its size.
-- `-- name` begins a statement; the next comment says what it does.

-- clock
-- The day reached and the newest release. Read after the cases are locked: a sweep may have been there.
select day, release, digest from clock;

-- add_cases
-- A row for each subject that has none, in sorted order.
insert into cases (subject, kind)
select * from unnest($1::text[], $2::text[]) as u(subject, kind) order by subject
on conflict do nothing;

-- lock_cases
-- Lock cases, in sorted order, so that no two batches wait for each other.
select subject, kind, sequence, release, assessed_on, wake_on, merged_into, pools, quarantined, state
from cases where subject = any($1::text[]) order by subject for update;

-- lock_entities
-- Lock the entities of those names and those that offer themselves in those pools.
select subject, kind, sequence, release, assessed_on, wake_on, merged_into, pools, quarantined, state
from cases where subject = any($1::text[]) or (pools <> '{}' and pools && $2::text[])
order by subject for update;

-- due
-- Is there anything to sweep: cases whose day has come or of an older release, changed pools?
select exists (select from cases where wake_on <= (select day from clock)
        and quarantined is null and merged_into is null)
    or exists (select from cases where release < $1 and assessed_on is not null
        and quarantined is null and merged_into is null) as cases,
    exists (select from changed_pools) as pools;

-- lock_due
-- Lock cases whose day has come, or that an older release assessed; pass over those that a batch holds.
select subject, kind, sequence, release, assessed_on, wake_on, merged_into, pools, quarantined, state
from cases where subject in (
    (select subject from cases
     where wake_on <= (select day from clock) and kind = any($1::text[]) and quarantined is null
        and merged_into is null
     order by wake_on limit $3)
    union all
    (select subject from cases
     where release < $2 and assessed_on is not null and kind = any($1::text[]) and quarantined is null
        and merged_into is null
     limit $3))
order by subject limit $3 for update skip locked;

-- wait_for_due
-- The same, waiting for those that are locked: a sweep is complete when this finds none.
select subject, kind, sequence, release, assessed_on, wake_on, merged_into, pools, quarantined, state
from cases where ((wake_on <= (select day from clock)) or (release < $2 and assessed_on is not null))
    and kind = any($1::text[]) and quarantined is null and merged_into is null
order by subject limit $3 for update;

-- journal
-- Add the facts that are new, and return those that are not. The only deduplication there is.
with added as (
    insert into journal (source, id, subject, type, key, month, recorded, day, body)
    select source, id, subject, type, key, month, recorded, $9::date, body
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::timestamptz[],
        $8::bytea[]) as x(source, id, subject, type, key, month, recorded, body)
    on conflict do nothing returning source, id)
select x.source, x.id from unnest($1::text[], $2::text[]) as x(source, id)
where (select count(*) from added) < cardinality($1::text[])
    and not exists (select from added a where a.source = x.source and a.id = x.id);

-- altered
-- How many duplicates have another body than the fact that came first.
select count(*) from journal j
join unnest($1::text[], $2::text[], $3::bytea[]) as x(source, id, body) using (source, id)
where j.body <> x.body;

-- load_months
-- Months with their neighbours, months in which a journal key is known already, and all months of some cases.
-- A key may be known under another name of the person; in no month, if its fact could not be read at first.
with known as (
    select * from unnest($3::text[], $4::text[]) as t(subject, key)),
touched as (
    select subject, month from unnest($1::text[], $2::int[]) as w(subject, month)
    union
    select t.subject, j.month from known t join journal j using (subject, key)
    union
    select t.subject, j.month from known t
    join cases c on c.merged_into = t.subject
    join journal j on j.subject = c.subject and j.key = t.key)
select m.subject, m.month, m.state from months m where m.subject = any($5::text[])
union
select m.subject, m.month, m.state from touched t join months m
    on m.subject = t.subject and (t.month is null or m.month between t.month - 1 and t.month + 1);

-- save_states
-- Write back cases of which only months were assessed: the common case.
update cases c set
    sequence = x.sequence, release = $6, assessed_on = x.assessed_on, wake_on = x.wake_on, state = x.state
from unnest($1::text[], $2::bigint[], $3::date[], $4::date[], $5::bytea[])
    as x(subject, sequence, assessed_on, wake_on, state)
where c.subject = x.subject;

-- save_cases
-- Write back cases; a null status says that only months were assessed, which leaves the columns as they are.
update cases c set
    sequence = x.sequence, release = $12, assessed_on = x.assessed_on, wake_on = x.wake_on, state = x.state,
    status = coalesce(x.status, c.status),
    pools = coalesce(string_to_array(x.pools, $13), c.pools),
    region = case when x.status is null then c.region else x.region end,
    practitioner = case when x.status is null then c.practitioner else x.practitioner end,
    waiting = case when x.status is null then c.waiting else string_to_array(x.waiting, $13) end,
    shown = case when x.status is null then c.shown else x.shown::jsonb end
from unnest($1::text[], $2::bigint[], $3::date[], $4::date[], $5::bytea[],
    $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
    as x(subject, sequence, assessed_on, wake_on, state, status, pools, region, practitioner, waiting, shown)
where c.subject = x.subject;

-- save_months
-- Write back months that changed.
insert into months (subject, month, state, shown)
select subject, month, state, shown::jsonb
from unnest($1::text[], $2::int[], $3::bytea[], $4::text[]) as x(subject, month, state, shown)
on conflict (subject, month) do update set state = excluded.state, shown = excluded.shown;

-- drop_months
-- Drop months in which nothing is left.
delete from months m using unnest($1::text[], $2::int[]) as x(subject, month)
where m.subject = x.subject and m.month = x.month;

-- quarantine
-- Mark cases that could not be assessed, and why.
update cases c set quarantined = x.why from unnest($1::text[], $2::text[]) as x(subject, why)
where c.subject = x.subject;

-- send
-- Put events into the outbox, in order.
insert into outbox (topic, key, event_id, value, headers)
select topic, key, event_id, value, headers
from unnest($1::text[], $2::bytea[], $3::text[], $4::bytea[], $5::bytea[])
    as x(topic, key, event_id, value, headers);

-- dead_letters
-- Keep refused messages and publish each once, as it came, to the dead-letter topic.
with fresh as (
    insert into dead_letters
        (topic, partition, "offset", incarnation, reason, explanation, key, value, headers, received)
    select * from unnest($2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::text[],
        $8::bytea[], $9::bytea[], $10::bytea[], $11::timestamptz[])
    on conflict do nothing returning *)
insert into outbox (topic, key, event_id, value, headers)
select $1, key, topic || '/' || partition || '/' || "offset", value, headers from fresh order by number;

-- save_offsets
-- Where to read on. A topic that was made anew starts again; else the greatest offset stands.
insert into offsets as o (topic, partition, incarnation, next_offset)
select * from unnest($1::text[], $2::int[], $3::text[], $4::bigint[]) order by 1, 2
on conflict (topic, partition) do update set
    incarnation = excluded.incarnation,
    next_offset = case when o.incarnation = excluded.incarnation
        then greatest(o.next_offset, excluded.next_offset) else excluded.next_offset end;

-- load_offsets
-- Where to read on, for all partitions.
select topic, partition, incarnation, next_offset from offsets;

-- note_pools
-- Remember pools in which something changed, until those who wait for them are woken.
insert into changed_pools select unnest($1::text[]) on conflict do nothing;

-- note_unseen
-- Remember those of the pools in which something offers itself beside what was seen there.
insert into changed_pools
select distinct pool from cases, unnest(pools) as pool
where pools && $1::text[] and pool = any($1::text[]) and not subject = any($2::text[]) and quarantined is null
on conflict do nothing returning pool;

-- waiting_cases
-- Forget the changed pools, and lock the cases that wait for one of them.
with changed as (delete from changed_pools returning pool)
select subject, kind, sequence, release, assessed_on, wake_on, merged_into, pools, quarantined, state
from cases where waiting && (select coalesce(array_agg(pool), '{}') from changed) and quarantined is null
order by subject for update;

-- set_day
-- Let the next day begin, unless it is not the day after the one reached; forget what was announced up to it.
with begun as (update clock set day = $1 where day is null or day + 1 = $1 returning day)
delete from announced_days where day <= (select day from begun);

-- announced_days
-- The days that were announced and have not begun.
select day from announced_days;

-- announce_day
-- Keep a day until it begins.
insert into announced_days values ($1) on conflict do nothing;

-- begin_release
-- Make this release of rules and policy the newest, unless it is already.
update clock set release = release + case when digest = $1 then 0 else 1 end, digest = $1 returning release;

-- known_facts
-- All facts of some subjects, in the order joined.
select number, source, id, subject, type, day, body from journal where subject = any($1::text[]) order by number;

-- claims
-- The states of the cases that may claim something of an entity ($2: its name as bytes and a space).
select state from cases where kind = $1 and position($2::bytea in state) > 0;

-- merge_group
-- Everyone whom merges connect with these subjects, directly or through others.
with recursive person(subject) as (
    select unnest($1::text[]) collate "C"
    union
    select case when j.subject = p.subject then substr(j.key, 8) else j.subject end collate "C"
    from person p join journal j
        on (j.subject = p.subject and j.key like 'merged/%')
        or (j.key = 'merged/' || p.subject and j.key like 'merged/%'))
select subject from person order by subject;

-- set_merged
-- Say into whose case each was merged (null: into nobody's).
update cases c set merged_into = x.into_subject
from unnest($1::text[], $2::text[]) as x(subject, into_subject) where c.subject = x.subject;

-- release_quarantine
-- Cases that were assessed after all are no longer in quarantine.
update cases set quarantined = null where subject = any($1::text[]);

-- quarantined
-- The cases in quarantine, and why.
select subject, quarantined as why from cases where quarantined is not null order by subject;

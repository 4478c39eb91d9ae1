-- The engine's statements. Each is set-based: their number per batch does not depend on its size.
-- `-- name` begins a statement; the next comment says what it does.

-- clock
-- The day reached, the newest release, whether the service catches up after its database went back, what entities
-- tell every case, which announced days have not begun, and which of these hashes are those of erased people. Read
-- after the cases are locked: a sweep or an erasure may have been there.
select day, release, exists (select from catch_up)
    or exists (select from lost_events left join cases using (subject) where quarantined is null) as behind,
    digest, rules_since, (select json_object_agg(subject, notice) from notices) as notices,
    array(select day from announced_days) as announced,
    array(select hash from erased where hash = any($1::bytea[])) as erased
from clock;

-- add_cases
-- A row for each subject that has none, in sorted order.
insert into cases (subject, kind)
select * from unnest($1::text[], $2::text[]) as u(subject, kind) order by subject
on conflict do nothing;

-- add_cases_of
-- The same for the subjects of facts, without those that the journal has already, under whatever name.
insert into cases (subject, kind)
select distinct subject, kind from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as u(source, id, subject, kind)
where not exists (select from journal j where j.source = u.source and j.id = u.id)
order by subject on conflict do nothing;

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
-- Is there anything to sweep: cases of some kinds ($3) whose day has come or of an older release, changed pools?
-- First a case that has lost events to take over, or is to be joined again; nothing while topics are still to
-- be read. People come before the entities of which they claim something, those before the ones of which they
-- do ($2). In order of an index: else PostgreSQL would read all cases to find that none is due.
select lost, personal, array(
        select kind from unnest($3::text[]) as u(kind) where lost is null and not reading and (
            (select true from cases c where c.kind = u.kind and wake_on <= (select day from clock)
                and quarantined is null and merged_into is null order by wake_on limit 1)
            or (select true from cases c where c.kind = u.kind and release < $1 and assessed_on is not null
                and quarantined is null and merged_into is null order by release limit 1))) as cases,
    lost is null and not reading and exists (select from changed_pools) as pools
from (select exists (select from catch_up) as reading) as r left join lateral (
    select subject as lost, personal from lost_events left join cases using (subject)
    where quarantined is null and not reading
    order by personal desc, subject = any($2::text[]), subject limit 1) as l on true;

-- lock_due
-- Lock cases whose day has come, or that an older release assessed: once those that are locked are free, or only
-- those that are (`skip locked` is added). An array of those that are chosen, since else they would be chosen again
-- for each case that somebody changes meanwhile.
select subject, kind, sequence, release, assessed_on, wake_on, merged_into, pools, quarantined, state
from cases
where subject = any(array(
        (select subject from cases
         where wake_on <= (select day from clock) and kind = $1 and quarantined is null and merged_into is null
         order by wake_on limit $3)
        union all
        (select subject from cases
         where release < $2 and assessed_on is not null and kind = $1 and quarantined is null
            and merged_into is null
         order by release limit $3)))
    and (wake_on <= (select day from clock) or (release < $2 and assessed_on is not null))
    and quarantined is null and merged_into is null
order by subject limit $3 for update;

-- journal
-- Add the facts that are new, and return those that are not. The only deduplication there is.
with added as (
    insert into journal (source, id, subject, type, key, month, recorded, day, body, place)
    select source, id, subject, type, key, month, recorded, $9::date, body, place
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::timestamptz[],
        $8::bytea[], $10::text[]) as x(source, id, subject, type, key, month, recorded, body, place)
    on conflict do nothing returning source, id)
select x.source, x.id from unnest($1::text[], $2::text[]) as x(source, id)
where (select count(*) from added) < cardinality($1::text[])
    and not exists (select from added a where a.source = x.source and a.id = x.id);

-- altered
-- The duplicates (by number, from 1) that have another body than the fact that came first, with that one's.
select x.n, j.body, j.place from journal j
join unnest($1::text[], $2::text[], $3::bytea[]) with ordinality as x(source, id, body, n) using (source, id)
where j.body <> x.body order by x.n;

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
    join journal j on j.subject = c.subject and j.key = t.key),
near as (
    select distinct subject, month + apart as month from touched, unnest('{-1, 0, 1}'::int[]) as apart)
select subject, month, state from near join months using (subject, month)
union all
select subject, month, state from months
where subject = any($5::text[] || array(select subject from touched where month is null));

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

-- warnings
-- Keep warnings and publish each once.
with told as (
    select * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::int[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::timestamptz[], $15::bytea[],
        $16::bytea[]) with ordinality
    as x(id, kind, source, event_id, type, subject, topic, partition, "offset", field, meant, explanation,
        received, value, headers, n)),
fresh as (
    insert into warnings
        (id, kind, source, event_id, type, subject, topic, partition, "offset", field, meant, explanation, received)
    select id, kind, source, event_id, type, subject, topic, partition, "offset", field, meant, explanation, received
    from told order by n
    on conflict do nothing returning id)
insert into outbox (topic, key, event_id, value, headers)
select $1, convert_to(subject, 'UTF8'), id, value, headers from told join fresh using (id) order by n;

-- save_offsets
-- Where to read on, and the last message read of each partition ($5 to $9), by which its log is recognised; returns
-- where it was until now. A topic that was made anew starts again; else the greatest offset stands.
with before as (
    select topic, partition, incarnation, next_offset from offsets
    where (topic, partition) in (select * from unnest($1::text[], $2::int[]))
    order by topic, partition for update),
saved as (
    insert into offsets as o (topic, partition, incarnation, next_offset)
    select * from unnest($1::text[], $2::int[], $3::text[], $4::bigint[]) order by 1, 2
    on conflict (topic, partition) do update set
        incarnation = excluded.incarnation,
        next_offset = case when o.incarnation = excluded.incarnation
            then greatest(o.next_offset, excluded.next_offset) else excluded.next_offset end),
read as (
    insert into last_read select * from unnest($5::text[], $6::int[], $7::text[], $8::bigint[], $9::bytea[])
    order by 1, 2
    on conflict (topic, partition) do update set
        incarnation = excluded.incarnation, "offset" = excluded."offset", digest = excluded.digest)
select topic, partition, incarnation, next_offset from before;

-- go_back
-- Read a partition again from an earlier offset, as another log.
update offsets set incarnation = $3, next_offset = $4 where topic = $1 and partition = $2;

-- load_last_read
-- The last message read of each partition.
select topic, partition, incarnation, "offset", digest from last_read;

-- know_topics
-- The topics that are read, with their incarnations and numbers of partitions.
insert into topics select * from unnest($1::text[], $2::text[], $3::int[]) order by 1
on conflict (topic) do update set incarnation = excluded.incarnation, partitions = excluded.partitions;

-- known_topics
-- The topics as they were when they were read first.
select topic, incarnation, partitions from topics;

-- load_offsets
-- Where to read on, for all partitions.
select topic, partition, incarnation, next_offset from offsets;

-- all_offered
-- Does anything offer itself in each of these pools?
select not exists (
    select from unnest($1::text[]) as asked(pool)
    where not exists (select from cases where pools <> '{}' and pools @> array[asked.pool]));

-- pools_offered
-- All pools in which anything offers itself.
select distinct pool from cases, unnest(pools) as pool where pools <> '{}' order by pool;

-- history
-- Which database this is and which of its histories: both change with a restore and with a fail-over.
select system_identifier || '/' || (select oid from pg_database where datname = current_database()) || '/'
    || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) from pg_control_system();

-- known_history
-- In which history the service last knew all that it had published.
select history from clock;

-- keep_history
-- In this one it does.
update clock set history = $1;

-- own_offsets
-- Up to where the service's own topic is known.
select partition, incarnation, next_offset from own_offsets;

-- know_own_topic
-- The service's own topic is known up to here.
insert into own_offsets as o select * from unnest($1::int[], $2::text[], $3::bigint[])
on conflict (partition) do update set
    incarnation = excluded.incarnation,
    next_offset = case when o.incarnation = excluded.incarnation
        then greatest(o.next_offset, excluded.next_offset) else excluded.next_offset end;

-- note_lost
-- Keep the events that are not known: those whose sequence their case has not reached. Returns how many.
with unknown as (
    insert into lost_events (subject, sequence, personal, key, decision, value, moved)
    select x.* from unnest($1::text[], $2::bigint[], $3::bool[], $4::text[], $5::bool[], $6::bytea[], $7::bool[])
        as x(subject, sequence, personal, key, decision, value, moved)
    left join cases c using (subject) where x.sequence > coalesce(c.sequence, 0)
    on conflict do nothing returning subject)
select count(*) from unknown;

-- keep_published
-- Keep events that the service's own topic holds, where they are not kept yet.
insert into published (subject, sequence, value, headers)
select * from unnest($1::text[], $2::bigint[], $3::bytea[], $4::bytea[]) on conflict do nothing;

-- note_catch_up
-- Conclude nothing until these topics have been read up to here.
insert into catch_up as c select * from unnest($1::text[], $2::int[], $3::text[], $4::bigint[])
on conflict (topic, partition) do update set incarnation = excluded.incarnation,
    until_offset = case when c.incarnation = excluded.incarnation
        then greatest(c.until_offset, excluded.until_offset) else excluded.until_offset end;

-- catch_up
-- Up to where topics must still be read; one instance after the other looks.
select topic, partition, incarnation, until_offset from catch_up order by 1, 2 for update;

-- caught_up
-- These were read up to there, or their topic is another one now.
delete from catch_up c using unnest($1::text[], $2::int[], $3::text[], $4::bigint[])
    as x(topic, partition, incarnation, next_offset)
where c.topic = x.topic and c.partition = x.partition
    and (c.incarnation <> x.incarnation or c.until_offset <= x.next_offset);

-- take_over_due
-- If entities have lost events, cases that are due are to be joined again as well ($1: the kind of people): what
-- they claim may have changed without a word, and who is claimed takes over after them.
insert into lost_events (subject, sequence, personal, decision)
select subject, 0, kind = $1, false from cases
where wake_on <= (select day from clock) and quarantined is null and merged_into is null
    and exists (select from lost_events where not personal)
on conflict do nothing;

-- lost_events
-- The lost events of some cases, in order.
select subject, sequence, personal, key, decision, value, moved from lost_events
where subject = any($1::text[]) and value is not null order by subject, sequence;

-- take_over_later
-- These cases are to be joined again when the service has caught up.
insert into lost_events (subject, sequence, personal, decision)
select subject, 0, personal, false from unnest($1::text[], $2::bool[]) as x(subject, personal)
on conflict do nothing;

-- taken_over
-- These cases have taken over their lost events. What these change of the events that stand ($2: the topic) is
-- published again: it may not have come so far when the database went back.
with taken as (delete from lost_events where subject = any($1::text[]) returning *),
events as (
    select subject, sequence, value, event ->> 'id' as id, event -> 'data' ->> 'withdraws' as withdraws
    from taken, lateral (select convert_from(value, 'UTF8')::jsonb as event) as read where value is not null)
insert into outbox (topic, key, event_id, value, headers)
select $2, convert_to(coalesce(withdraws, id), 'UTF8'), '', case when withdraws is null then value end, $3
from events order by subject, sequence;

-- note_pools
-- Remember pools in which something changed, until those who wait for them are woken.
insert into changed_pools (pool) select unnest($1::text[]);

-- give_notice
-- Keep what entities tell every case. That makes a release: all cases are to be assessed again.
with given as (
    insert into notices as n select * from unnest($1::text[], $2::text[]) order by 1
    on conflict (subject) do update set notice = excluded.notice)
update clock set release = release + 1 returning release;

-- note_unseen
-- Remember those of the pools in which something offers itself beside what was seen there.
insert into changed_pools (pool)
select distinct pool from cases, unnest(pools) as pool
where pools <> '{}' and pools && $1::text[] and pool = any($1::text[]) and not subject = any($2::text[])
    and quarantined is null
returning pool;

-- waiting_cases
-- Forget the changes of pools, and lock the cases that wait for one. What others note meanwhile stays.
with changed as (delete from changed_pools returning pool)
select subject, kind, sequence, release, assessed_on, wake_on, merged_into, pools, quarantined, state
from cases where waiting && (select coalesce(array_agg(pool), '{}') from changed) and quarantined is null
order by subject for update;

-- set_day
-- Let the next day begin, unless it is not the day after the one reached; forget what was announced up to it.
with begun as (update clock set day = $1 where day is null or day + 1 = $1 returning day)
delete from announced_days where day <= (select day from begun);

-- announce_day
-- Keep a day until it begins.
insert into announced_days values ($1) on conflict do nothing;

-- begin_release
-- Make this release of rules and policy the newest, unless it is already.
update clock set release = release + case when digest = $1 then 0 else 1 end,
    rules_since = case when digest = $1 then rules_since else release + 1 end, digest = $1
returning release;

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

-- erased
-- Which of these hashes are those of erased people.
select hash from erased where hash = any($1::bytea[]);

-- erasure_key
-- Was anybody erased, and is this the hash of no name by the key that was used?
select exists (select from erased) as used, exists (select from erased where hash = $1) as known;

-- erase
-- Delete all that is held about these people, and keep these hashes.
select erase_people($1::text[], $2::bytea[]);

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

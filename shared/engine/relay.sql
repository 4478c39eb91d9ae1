-- The relay's statements; see `relay.py`.

-- lead
-- Become the one relay of this database, if none is; held as long as the connection lives.
select pg_try_advisory_lock(hashtext('outbox relay'));

-- depose
-- End the connection of a leader that has shown no sign of life for so many seconds: its program is frozen,
-- or its machine is gone. What it does not wait for in the database ('Client') is its own affair.
select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)
where locktype = 'advisory' and granted and objsubid = 1
    and database = (select oid from pg_database where datname = current_database())
    and (classid::bigint << 32 | objid::bigint) = hashtext('outbox relay')
    and wait_event_type = 'Client' and state_change < clock_timestamp() - $1 * interval '1 second';

-- alive
-- Show a sign of life.
select;

-- next
-- The lowest rows. Never "above the last id": ids are committed out of order, and some would be passed over.
select id, topic, key, value, headers from outbox order by id limit $1;

-- published
-- These are with the broker. Nothing but the relay writes to the service's own topic: where its first record
-- ($4) follows what is known of a partition, all is known up to the last ($3).
with gone as (delete from outbox where id = any($1::bigint[]))
update own_offsets o set next_offset = x.last + 1
from unnest($2::int[], $3::bigint[], $4::bigint[]) as x(partition, last, first)
where o.partition = x.partition and o.next_offset >= x.first;

-- refuse
-- Set aside a row that the broker will never take. A dead letter is kept as such already.
with refused as (delete from outbox where id = $1 returning *)
insert into dead_letters
    (topic, partition, "offset", incarnation, reason, explanation, key, value, headers, received)
select topic, -1, id, 'outbox', 'refused_by_kafka', $2, key, value, headers, now()
from refused where topic not like '%.dead-letter'
on conflict do nothing;

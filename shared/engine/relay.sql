-- The relay's statements; see `relay.py`.

-- lead
-- Become the one relay of this database, if none is; held as long as the connection lives.
select pg_try_advisory_lock(hashtext('outbox relay'));

-- next
-- The lowest rows. Never "above the last id": ids are committed out of order, and some would be passed over.
select id, topic, key, value, headers from outbox order by id limit $1;

-- published
-- These are with the broker.
delete from outbox where id = any($1::bigint[]);

-- refuse
-- Set aside a row that the broker will never take. A dead letter is kept as such already.
with refused as (delete from outbox where id = $1 returning *)
insert into dead_letters
    (topic, partition, "offset", incarnation, reason, explanation, key, value, headers, received)
select topic, -1, id, 'outbox', 'refused_by_kafka', $2, key, value, headers, now()
from refused where topic not like '%.dead-letter'
on conflict do nothing;

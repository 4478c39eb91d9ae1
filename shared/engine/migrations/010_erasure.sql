-- Erasing a person. It is the one way in which the service's role deletes facts, and it deletes nothing else.

create table erased (
    hash bytea primary key
);
comment on table erased is 'A keyed hash of each person who was erased, so that late facts are refused; one of no name, to know the key by.';

create function erase_people(people text[], hashes bytea[]) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    held text;
    who text := (
        select string_agg(regexp_replace(person, '([^A-Za-z0-9])', '\\\1', 'g'), '|') from unnest(people) as person);
    -- A number as a word of its own, also after a byte that is not ASCII (which encode writes as \377).
    named text := '(^|[^A-Za-z0-9-]|\\[0-7]{3})(' || who || ')([^A-Za-z0-9-]|$)';
begin
    insert into erased select unnest(hashes) on conflict do nothing;
    -- Every table that holds something about a person has a column `subject`.
    for held in
        select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'subject'
    loop
        execute format('delete from %I where subject = any($1)', held) using people;
    end loop;
    delete from journal where key in (select 'merged/' || person from unnest(people) as person);
    delete from dead_letters
    where encode(key, 'escape') ~ named or encode(value, 'escape') ~ named or encode(headers, 'escape') ~ named;
    -- What is published of others may have an event about the person as its cause, and stays.
    delete from outbox
    where key in (select convert_to(person, 'UTF8') from unnest(people) as person)
        or encode(value, 'escape') ~ ('"subject":"(' || who || ')"')
        or topic ~ '[.](dead-letter|warning)$' and (encode(key, 'escape') ~ named
            or encode(value, 'escape') ~ named or encode(headers, 'escape') ~ named);
end
$$;
comment on function erase_people is 'Deletes all that is held about these people, what is not published yet too, and keeps the hashes.';
revoke execute on function erase_people from public;

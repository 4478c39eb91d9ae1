-- All that the service published, so that its topics can be filled again when Kafka has lost them.

create table published (
    subject text collate "C" not null,
    sequence bigint not null,
    value bytea not null,
    headers bytea not null,
    primary key (subject, sequence)
);
comment on table published is 'Every event that the service published, as it was published. Never changed.';

-- A trigger, so that what an instance of the release before publishes is kept too.
create function keep_published() returns trigger language plpgsql as $$
begin
    insert into published (subject, sequence, value, headers)
    select convert_from(key, 'UTF8'),
        -- The attribute stands before the data, and a quotation mark within another attribute is escaped.
        convert_from(substring(value from position('"sequence":"'::bytea in value) + 12 for 10), 'UTF8')::bigint,
        value, headers
    from added
    where topic !~ '[.]' and position('"sequence":"'::bytea in value) > 0
    on conflict do nothing;
    return null;
end
$$;
comment on function keep_published is 'Keeps what goes to the service''s own topic; the others have a dot in their names.';

create trigger keep_published after insert on outbox
referencing new table as added for each statement execute function keep_published();

-- What was published before is on the service's own topic: the next start reads it from its beginning.
delete from own_offsets;

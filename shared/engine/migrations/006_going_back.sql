-- A database that goes back (a restored backup, a standby that lagged) knows again what was published.
create table own_offsets (
    partition integer primary key,
    incarnation text not null,
    next_offset bigint not null
);
comment on table own_offsets is 'Up to where everything on the service''s own topic is known to be in this database.';

create table catch_up (
    topic text not null,
    partition integer not null,
    incarnation text not null,
    until_offset bigint not null,
    primary key (topic, partition)
);
comment on table catch_up is 'Up to where topics must be read before anything is concluded: the database went back.';

create table lost_events (
    subject text collate "C" not null,
    sequence bigint not null,
    personal boolean not null,
    key text,
    decision boolean not null,
    value bytea,
    primary key (subject, sequence)
);
comment on table lost_events is 'What the service''s own topic holds and this database lost; each case takes over its own.';
comment on column lost_events.value is 'The event. Null: nothing was lost, but the case is to be joined again too.';

alter table outbox add column written timestamptz not null default now();
comment on column outbox.written is 'Since when the event has been waiting.';
